"""Repeated activities."""

from __future__ import annotations

import pytest

from tests.processes.drawing import boundary, bpmn, call, end, flows, io, many, node, service, start, sub, timer, user
from tests.processes.driving import Drive, every_way

MAKERS = {"user": user, "service": service, "call": lambda id, inner: call(id, "child", inner)}


def plain_loop(condition: str, marks: str) -> str:
    tag = "bpmn:standardLoopCharacteristics"
    return f"<{tag} {marks}><bpmn:loopCondition>{condition}</bpmn:loopCondition></{tag}>"


def repeated(kind: str, inner: str) -> bytes:
    return bpmn(start(), MAKERS[kind]("a", inner), user("z"), end(), flows("s>a a>z z>e"))


@every_way
@pytest.mark.parametrize("kind", MAKERS)
def test_results_are_collected_in_the_order_of_the_items(mode, kind):
    inner = io({"item": "it", "place": "loopCounter"}, {"r": "concat(it, result.v)"}) + many(
        "names", "it", collect="all", output="r"
    )
    run = Drive.begin(mode, repeated(kind, inner), {"names": ["a", "b", "c"]})
    assert [(wait.loop_index, wait.inputs) for wait in run.opened] == [
        (n, {"item": x, "place": n}) for n, x in enumerate("abc")
    ]
    for index in (2, 0, 1):
        run.complete("a", {"v": str(index)}, index=index)
    assert run.data == {"names": ["a", "b", "c"], "all": ["a0", "b1", "c2"]}
    assert run.at == ["z"]


@every_way
@pytest.mark.parametrize("kind", MAKERS)
def test_one_after_the_other(mode, kind):
    inner = io({"item": "it"}, {"r": "result.v"}) + many("names", "it", collect="all", output="r", sequential=True)
    run = Drive.begin(mode, repeated(kind, inner), {"names": ["a", "b", "c"]})
    for index in range(3):
        assert [wait.loop_index for wait in run.waiting("a")] == [index]
        run.complete("a", {"v": index})
    assert run.data["all"] == [0, 1, 2]
    assert run.complete("z").done
    assert run.most_tokens == 2


@every_way
@pytest.mark.parametrize("sequential", [True, False])
def test_nothing_to_repeat(mode, sequential):
    inner = io(outputs={"r": "result.v"}) + many("names", "it", collect="all", output="r", sequential=sequential)
    run = Drive.begin(mode, repeated("user", inner), {"names": []})
    assert run.at == ["z"]
    assert run.data == {"names": [], "all": []}


@every_way
@pytest.mark.parametrize("sequential", [True, False])
def test_a_condition_ends_it_early(mode, sequential):
    inner = io(outputs={"ok": "result.ok"}) + many(
        "names",
        "it",
        collect="all",
        output="ok",
        sequential=sequential,
        until="numberOfCompletedInstances == 2 or ok == False",
    )
    run = Drive.begin(mode, repeated("user", inner), {"names": [1, 2, 3, 4]})
    run.complete("a", {"ok": True}, index=0)
    run.complete("a", {"ok": True}, index=1)
    assert run.at == ["z"]
    assert run.data["all"] == [True, True]
    assert len([how for _, how in run.closed if how == "cancelled"]) == (0 if sequential else 2)
    early = Drive.begin(mode, repeated("user", inner), {"names": [1, 2, 3]}).complete("a", {"ok": False})
    assert early.at == ["z"]


@every_way
def test_a_condition_that_fails_waits_for_a_retry(mode):
    inner = many("names", "it", until="numberOfCompletedInstances == enough")
    run = Drive.begin(mode, repeated("user", inner), {"names": [1, 2, 3]}).complete("a", index=0)
    [failure] = run.execution.failed_tasks
    run.execution.retry(failure.task_id, {"enough": 1})
    assert run.settle().at == ["z"]


@every_way
def test_a_number_of_instances(mode):
    inner = io({"n": "loopCounter"}) + many(cardinality="size + 1")
    run = Drive.begin(mode, repeated("user", inner), {"size": 2})
    assert [wait.inputs["n"] for wait in run.opened] == [0, 1, 2]


@every_way
@pytest.mark.parametrize(
    ("data", "code"),
    [({"size": -1}, "expression-error"), ({"size": "x"}, "expression-error"), ({"size": 5000}, "too-many-instances")],
)
def test_numbers_that_make_no_sense_are_failures(mode, data, code):
    run = Drive.begin(mode, repeated("user", many(cardinality="size")), data)
    assert [failure.code for failure in run.failures] == [code]


@every_way
def test_without_collecting_the_last_write_stays_and_the_item_goes(mode):
    inner = io(outputs={"r": "it"}) + many("names", "it")
    run = Drive.begin(mode, repeated("user", inner), {"names": ["a", "b"]})
    run.complete("a", index=1).complete("a", index=0)
    assert run.data == {"names": ["a", "b"], "r": "a"}


@every_way
@pytest.mark.parametrize("sequential", [True, False])
def test_repeated_sub_process_with_its_own_names(mode, sequential):
    body = (
        start("s2")
        + user("a", io({"it": "it"}, {"r": "concat(it, '!')"}))
        + user("b", io({"r": "r"}, {"r": "concat(r, '?')"}))
        + flows("s2>a a>b")
    )
    drawing = bpmn(
        start(),
        sub("u", many("names", "it", collect="all", output="r", sequential=sequential) + body),
        user("z"),
        flows("s>u u>z"),
    )
    run = Drive.begin(mode, drawing, {"names": ["x", "y"]})
    if sequential:
        for index in (0, 1):
            run.complete("a", index=index).complete("b", index=index)
    else:
        run.complete("a", index=1).complete("a", index=0).complete("b", index=1)
        assert "r" not in run.data
        run.complete("b", index=0)
    assert run.at == ["z"]
    assert run.data == {"names": ["x", "y"], "all": ["x!?", "y!?"]}


@every_way
def test_loops_inside_loops(mode):
    inner = (
        start("s2")
        + user("a", io({"x": "concat(o, i)"}, {"r": "concat(o, i)"}) + many("inner", "i", collect="rs", output="r"))
        + flows("s2>a")
    )
    drawing = bpmn(
        start(), sub("u", many("outer", "o", collect="all", output="rs") + inner), user("z"), flows("s>u u>z")
    )
    run = Drive.begin(mode, drawing, {"outer": ["A", "B"], "inner": ["1", "2"]})
    while run.waiting("a"):
        run.execution.complete(run.waiting("a")[-1].task_id, {})
        run.settle()
    assert run.data["all"] == [["A1", "A2"], ["B1", "B2"]]
    assert sorted(wait.inputs["x"] for wait in run.opened if wait.element_id == "a") == ["A1", "A2", "B1", "B2"]


@every_way
def test_business_rules_are_repeated_too(mode):
    drawing = bpmn(
        start(),
        node(
            "businessRuleTask",
            "d",
            io({"n": "it"}, {"r": "result.r"}) + many("[1, 2, 3]", "it", collect="rs", output="r"),
            yz_decision="k",
        ),
        user("z"),
        flows("s>d d>z"),
    )
    run = Drive.begin(mode, drawing, decide=lambda key, inputs, _pinned: {"r": inputs["n"] * 10})
    assert run.data["rs"] == [10, 20, 30]


@every_way
def test_an_interrupting_timer_ends_all_instances(mode):
    drawing = bpmn(
        start(),
        user("a", many("[1, 2, 3]", "it")),
        boundary("late", "a", timer("PT1H")),
        user("x"),
        flows("s>a late>x"),
    )
    run = Drive.begin(mode, drawing).complete("a", index=1)
    run.fire("late")
    assert run.at == ["x"]
    assert len([how for _, how in run.closed if how == "cancelled"]) == 2


@every_way
@pytest.mark.parametrize(("marks", "times"), [('testBefore="true"', 3), ("", 3)])
def test_standard_loop(mode, marks, times):
    loop = plain_loop("n &lt; 3", marks)
    run = Drive.begin(mode, repeated("user", loop + io(outputs={"n": "n + 1"})), {"n": 0})
    for _ in range(times):
        run.complete("a")
    assert run.at == ["z"]
    before = Drive.begin(mode, repeated("user", loop + io(outputs={"n": "n + 1"})), {"n": 9})
    assert before.at == (["z"] if marks else ["a"])


@every_way
def test_standard_loop_with_a_maximum(mode):
    loop = plain_loop("True", 'loopMaximum="2"')
    assert Drive.begin(mode, repeated("user", loop)).complete("a").complete("a").at == ["z"]


@every_way
def test_calls_carry_key_and_name_of_each_item(mode):
    drawing = bpmn(
        start(),
        node(
            "callActivity",
            "a",
            io({"item": "it"}) + many("items", "it"),
            yz_calledExpression="it['plan']",
            yz_businessKey="concat('order:', no, '/item:', it.id)",
        ),
        flows("s>a"),
    )
    run = Drive.begin(mode, drawing, {"no": 7, "items": [{"plan": "p1", "id": "1"}, {"plan": "p2", "id": "2"}]})
    assert [(w.kind, w.called_key, w.business_key, w.inputs) for w in run.opened] == [
        ("call", "p1", "order:7/item:1", {"item": {"plan": "p1", "id": "1"}}),
        ("call", "p2", "order:7/item:2", {"item": {"plan": "p2", "id": "2"}}),
    ]


def test_a_thousand_instances():
    run = Drive.begin("plain", repeated("user", many(cardinality="1000")), {"big": "x" * 10_000}, budget=3000)
    assert len(run.waiting("a")) == 1000
    assert len(run.execution.dump()) < 60_000
    for wait in list(run.waiting("a")):
        run.execution.complete(wait.task_id, {})
    assert run.settle().at == ["z"]
