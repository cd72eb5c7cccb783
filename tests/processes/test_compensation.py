"""Compensation: what was completed is made good again, the newest first, each once."""

from __future__ import annotations

from typing import Any

import pytest

from processes.spiff.compile import compile_files
from tests.processes.drawing import (
    boundary,
    bpmn,
    call,
    end,
    event,
    flows,
    io,
    many,
    node,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.processes.driving import Drive, every_way

CANCEL = "<bpmn:cancelEventDefinition/>"


def comp(ref: str = "", wait: bool = True) -> str:
    named = f' activityRef="{ref}"' if ref else ""
    return f'<bpmn:compensateEventDefinition{named} waitForCompletion="{str(wait).lower()}"/>'


def undo(host: str, handler: str) -> str:
    """A compensation boundary event and the association to its handler."""
    tie = f'<bpmn:association id="{host}_tie" sourceRef="{host}_undo" targetRef="{handler}"/>'
    return boundary(f"{host}_undo", host, comp()) + tie


def undoing_user(id: str, inner: str = "") -> str:
    return user(id, inner, isForCompensation="true")


THREE = (
    start(),
    user("a", io(outputs={"x": "result.x"})),
    user("b", io(outputs={"x": "result.x"})),
    user("c"),
    undo("a", "ua"),
    undo("b", "ub"),
    undoing_user("ua", io({"x": "x"}, {"back": "result.ok"})),
    undoing_user("ub", io({"x": "x"})),
    user("z"),
)


@every_way
def test_handlers_run_newest_first_with_the_data_of_that_time(mode):
    drawing = bpmn(*THREE, throw("t", comp()), flows("s>a a>b b>c c>t t>z"))
    run = Drive.begin(mode, drawing).complete("a", {"x": 1}).complete("b", {"x": 2}).complete("c")
    assert run.at == ["ub"]
    assert run.inputs("ub") == {"x": 2}
    run.complete("ub")
    assert run.at == ["ua"]
    assert run.inputs("ua") == {"x": 1}
    run.complete("ua", {"ok": True})
    assert run.at == ["z"]
    assert run.data == {"x": 2, "back": True}
    assert [entry for entry in run.log if entry[1] == "compensated"] == [("b", "compensated"), ("a", "compensated")]
    assert run.events("t") == ["completed"]
    assert run.complete("z").done


@every_way
def test_one_activity_by_name_and_only_once(mode):
    drawing = bpmn(
        *THREE,
        throw("t", comp("a")),
        throw("t2", comp("a")),
        throw("t3", comp()),
        flows("s>a a>b b>c c>t t>t2 t2>t3 t3>z"),
    )
    run = Drive.begin(mode, drawing).complete("a", {"x": 1}).complete("b", {"x": 2}).complete("c")
    assert run.at == ["ua"]
    assert run.complete("ua", {"ok": 1}).at == ["ub"]
    assert run.complete("ub").at == ["z"]


@every_way
def test_what_was_not_completed_is_not_compensated(mode):
    drawing = bpmn(
        *THREE,
        node("parallelGateway", "f"),
        end("t", comp()),
        flows("s>f f>a f>c a>b b>z c>t"),
    )
    run = Drive.begin(mode, drawing).complete("c")
    assert run.at == ["a"]
    run = Drive.begin(mode, drawing).complete("a", {"x": 1}).complete("c")
    assert run.at == ["b", "ua"]
    assert run.complete("ua", {"ok": 1}).at == ["b"]


@every_way
def test_a_loop_is_compensated_as_often_as_it_went_round(mode):
    drawing = bpmn(
        *THREE,
        node("exclusiveGateway", "g", default="g_t"),
        throw("t", comp()),
        flows("s>a a>b b>g g>a g>t t>c c>z", g_a="x < 3"),
    )
    run = Drive.begin(mode, drawing)
    for x in (1, 2, 3):
        run.complete("a", {"x": x * 10}).complete("b", {"x": x})
    seen = []
    while run.at[0] in ("ua", "ub"):
        seen.append((run.at[0], run.inputs(run.at[0])["x"]))
        run.complete(run.at[0], {"ok": 1})
    assert seen == [("ub", 3), ("ua", 30), ("ub", 2), ("ua", 20), ("ub", 1), ("ua", 10)]
    assert run.at == ["c"]


@every_way
@pytest.mark.parametrize("sequential", [True, False])
def test_every_instance_of_a_repeated_activity_has_its_handler_run(mode, sequential):
    drawing = bpmn(
        start(),
        user("a", io(outputs={"port": "result.port"}) + many("items", "it", sequential=sequential)),
        undo("a", "ua"),
        undoing_user("ua", io({"it": "it", "n": "loopCounter"})),
        throw("t", comp()),
        user("z"),
        flows("s>a a>t t>z"),
    )
    run = Drive.begin(mode, drawing, {"items": ["p", "q", "r"]})
    for _ in range(3):
        run.complete("a", {"port": 1})
    seen = []
    while run.at == ["ua"]:
        seen.append(run.inputs("ua"))
        assert run.waiting("ua")[0].loop_index == seen[-1]["n"]
        run.complete("ua")
    assert seen == [{"it": it, "n": n} for n, it in reversed(list(enumerate(["p", "q", "r"])))]
    assert run.at == ["z"]


NESTED = (
    start(),
    sub(
        "u",
        start("s2")
        + user("a")
        + user("b")
        + undo("a", "ua")
        + undo("b", "ub")
        + undoing_user("ua")
        + undoing_user("ub")
        + flows("s2>a a>b"),
    ),
    user("c"),
    undo("c", "uc"),
    undoing_user("uc"),
    throw("t", comp()),
    user("z"),
)


@every_way
def test_a_completed_sub_process_is_undone_from_inside(mode):
    run = Drive.begin(mode, bpmn(*NESTED, flows("s>u u>c c>t t>z"))).complete("a").complete("b").complete("c")
    order = []
    while run.at != ["z"]:
        order.append(run.at[0])
        run.complete(run.at[0])
    assert order == ["uc", "ub", "ua"]
    assert [name for name, what in run.log if what == "compensated"] == ["c", "b", "a"]


@every_way
def test_a_handler_of_the_sub_process_stands_for_all_that_is_in_it(mode):
    run = Drive.begin(mode, bpmn(*NESTED, undo("u", "uu"), undoing_user("uu"), flows("s>u u>c c>t t>z")))
    run.complete("a").complete("b").complete("c").complete("uc")
    assert run.at == ["uu"]
    assert run.complete("uu").at == ["z"]


@every_way
def test_an_interrupted_sub_process_was_not_completed(mode):
    drawing = bpmn(*NESTED, boundary("late", "u", timer("PT1H")), flows("s>u u>c c>t t>z late>t"))
    run = Drive.begin(mode, drawing).complete("a").fire("late")
    assert run.at == ["z"]


OWN = sub(
    "u",
    start("s2")
    + user("a", io(outputs={"x": "result.x"}))
    + undo("a", "ua")
    + undoing_user("ua", io({"x": "x"}))
    + flows("s2>a")
    + sub(
        "h",
        start("s3", comp())
        + user("before", io({"x": "x"}))
        + throw("t3", comp("a"))
        + user("after")
        + flows("s3>before before>t3 t3>after"),
        triggeredByEvent="true",
    ),
)


@every_way
def test_an_event_sub_process_compensates_the_one_it_is_in(mode):
    drawing = bpmn(
        start(), OWN, user("c", io(outputs={"x": "5"})), throw("t", comp("u")), user("z"), flows("s>u u>c c>t t>z")
    )
    run = Drive.begin(mode, drawing).complete("a", {"x": 1}).complete("c")
    assert run.at == ["before"]
    assert run.inputs("before") == {"x": 1}
    assert run.complete("before").at == ["ua"]
    assert run.inputs("ua") == {"x": 1}
    assert run.complete("ua").at == ["after"]
    assert run.complete("after").at == ["z"]
    assert run.data == {"x": 5}


@every_way
def test_an_error_handler_inside_can_compensate_what_was_done_before_the_error(mode):
    handler = sub(
        "h", start("s3", event("error")) + throw("t", comp()) + user("z") + flows("s3>t t>z"), triggeredByEvent="true"
    )
    drawing = bpmn(start(), user("a"), service("b"), undo("a", "ua"), undoing_user("ua"), handler, flows("s>a a>b"))
    run = Drive.begin(mode, drawing).complete("a")
    assert run.error("b", "no-port")
    assert run.at == ["ua"]
    assert run.complete("ua").at == ["z"]


TRANSACTION = node(
    "transaction",
    "u",
    start("s2")
    + node("parallelGateway", "f")
    + user("a")
    + user("b")
    + user("c")
    + undo("a", "ua")
    + undo("b", "ub")
    + undoing_user("ua")
    + undoing_user("ub")
    + end("no", CANCEL)
    + flows("s2>f f>a a>b f>c c>no"),
)


@every_way
def test_a_cancelled_transaction_undoes_itself_and_leaves_by_the_cancel_event(mode):
    drawing = bpmn(start(), TRANSACTION, boundary("can", "u", CANCEL), user("y"), user("z"), flows("s>u u>y can>z"))
    run = Drive.begin(mode, drawing).complete("a").complete("c")
    assert run.at == ["ua"]
    assert run.events("b") == ["entered", "cancelled"]
    run.complete("ua")
    assert run.at == ["z"]
    assert run.events("u") == ["entered", "cancelled"]


@every_way
def test_of_two_transactions_only_the_cancelled_one_is_undone(mode):
    drawing = bpmn(
        start(),
        sub(
            "w",
            start("sw")
            + TRANSACTION
            + boundary("can", "u", CANCEL)
            + user("z")
            + flows("sw>u can>z")
            + many(cardinality="2"),
        ),
        flows("s>w"),
    )
    run = Drive.begin(mode, drawing)
    for index in (0, 1):
        run.complete("a", index=index)
    run.complete("c", index=1)
    assert run.at == ["b", "c", "ua"]
    assert run.waiting("ua")[0].loop_index == 1
    run.complete("ua")
    assert run.at == ["b", "c", "z"]


@every_way
def test_effects_without_a_handler_are_undone_by_the_ledger(mode):
    drawing = bpmn(
        start(),
        service("a"),
        user("b"),
        undo("b", "ub"),
        undoing_user("ub"),
        service("c"),
        call("d", "child"),
        throw("t", comp()),
        user("z"),
        flows("s>a a>b b>c c>d d>t t>z"),
    )
    run = Drive.begin(mode, drawing)
    ids: dict[str, str] = {}
    for name in ("a", "b", "c", "d"):
        ids[name] = run.task(name)
        run.complete(name)
    [wait] = run.waiting("t")
    assert wait.kind == "undo"
    assert run.inputs("t") == {"tasks": [ids["d"], ids["c"]]}
    assert run.execution.undoing == {wait.task_id: [ids["d"], ids["c"]]}
    run.complete("t")
    assert run.at == ["ub"]
    run.complete("ub")
    assert run.inputs("t") == {"tasks": [ids["a"]]}
    assert run.complete("t").at == ["z"]
    assert [name for name, what in run.log if what == "compensated"] == ["d", "c", "b", "a"]


@every_way
def test_a_handler_says_what_it_makes_good_for(mode):
    drawing = bpmn(
        start(),
        service("a"),
        undo("a", "ua"),
        service("ua", isForCompensation="true", operation="resource.release"),
        throw("t", comp()),
        user("z"),
        flows("s>a a>t t>z"),
    )
    run = Drive.begin(mode, drawing)
    task_id = run.task("a")
    run.complete("a")
    [wait] = [wait for wait in run.opened if wait.element_id == "ua"]
    assert wait.compensates == (task_id,)
    run.execution.complete(run.task("ua"), {})
    run.execution.advance()
    assert run.execution.changes.compensated == [task_id]


@every_way
def test_an_error_in_a_handler_goes_to_the_scope_that_compensates(mode):
    drawing = bpmn(
        start(),
        sub(
            "u",
            start("s2")
            + user("a")
            + undo("a", "ua")
            + service("ua", isForCompensation="true")
            + throw("t", comp())
            + user("x")
            + flows("s2>a a>t t>x"),
        ),
        boundary("bad", "u", event("error")),
        user("z"),
        flows("s>u bad>z"),
    )
    run = Drive.begin(mode, drawing).complete("a")
    assert run.error("ua", "stuck")
    assert run.at == ["z"]


@every_way
def test_an_interrupted_compensation_leaves_the_rest_to_be_compensated_later(mode):
    handler = sub(
        "h",
        start("s3", event("message", "stop")) + throw("t2", comp()) + user("zz") + flows("s3>t2 t2>zz"),
        triggeredByEvent="true",
    )
    drawing = bpmn(*THREE, throw("t", comp()), handler, flows("s>a a>b b>c c>t t>z"))
    run = Drive.begin(mode, drawing).complete("a", {"x": 1}).complete("b", {"x": 2}).complete("c")
    run.complete("ub")
    assert run.at == ["s3", "ua"]
    run.deliver("s3")
    assert run.at == ["ua"]
    assert run.inputs("ua") == {"x": 1}
    assert run.complete("ua", {"ok": 1}).at == ["zz"]


@every_way
def test_without_waiting_the_thrower_goes_on_and_the_scope_stays(mode):
    drawing = bpmn(*THREE, throw("t", comp(wait=False)), flows("s>a a>b b>c c>t t>z"))
    run = Drive.begin(mode, drawing).complete("a", {"x": 1}).complete("b", {"x": 2}).complete("c")
    assert run.at == ["ub", "z"]
    run.complete("z").complete("ub")
    assert run.at == ["ua"]
    assert run.complete("ua", {"ok": 1}).done


@every_way
def test_a_scope_without_compensation_remembers_nothing(mode):
    loop = bpmn(
        start(), service("a"), node("exclusiveGateway", "g", default="g_e"), end(), flows("s>a a>g g>a g>e", g_a="True")
    )
    run = Drive.begin(mode, loop).complete("a")
    before = len(run.execution.dump())
    for _ in range(20):
        run.complete("a")
    assert abs(len(run.execution.dump()) - before) < 20


def broken(*body: str) -> set[str]:
    return {row.rule for row in compile_files({"f": bpmn(start(), *body)})[2] if row.severity == "error"}


REFUSED: dict[str, tuple[str, tuple[Any, ...]]] = {
    "no handler": ("compensation-handler", (user("a"), boundary("c", "a", comp()), flows("s>a"))),
    "handler of nobody": ("compensation-handler", (user("a"), undoing_user("u"), flows("s>a"))),
    "handler in the flow": ("compensation-handler", (user("a"), undo("a", "u"), undoing_user("u"), flows("s>a a>u"))),
    "not marked": ("compensation-handler", (user("a"), undo("a", "u"), user("u"), flows("s>a a>u"))),
    "flow out of the event": (
        "compensation-handler",
        (user("a"), undo("a", "u"), undoing_user("u"), user("b"), flows("s>a a_undo>b")),
    ),
    "two handlers": (
        "compensation-twice",
        (
            user("a"),
            undo("a", "u"),
            undo("a", "v")
            .replace('id="a_undo"', 'id="a_d"')
            .replace('"a_tie" sourceRef="a_undo"', '"a_t2" sourceRef="a_d"'),
            undoing_user("u"),
            undoing_user("v"),
            flows("s>a"),
        ),
    ),
    "not in this scope": (
        "compensation-ref",
        (sub("u", start("s2") + user("a") + flows("s2>a")), throw("t", comp("a")), flows("s>u u>t")),
    ),
    "unknown": ("compensation-ref", (user("a"), throw("t", comp("no")), flows("s>a a>t"))),
    "nobody can ask": (
        "compensation-nowhere",
        (user("a"), sub("h", start("s2", comp()) + user("b") + flows("s2>b"), triggeredByEvent="true"), flows("s>a")),
    ),
    "caught in the flow": ("unsupported-event", (node("intermediateCatchEvent", "c", comp()), flows("s>c"))),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    rule, body = REFUSED[case]
    assert rule in broken(*body)
