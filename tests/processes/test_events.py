"""Boundary events, errors, messages, signals, races, event sub-processes, ends."""

from __future__ import annotations

import pytest

from processes.errors import StaleTask
from tests.processes.drawing import (
    boundary,
    bpmn,
    call,
    catch,
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

TERMINATE = "<bpmn:terminateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"


def fork(id: str = "f") -> str:
    return node("parallelGateway", id)


@every_way
@pytest.mark.parametrize("kind", ["user", "service", "call"])
def test_an_error_hits_only_the_activity_that_failed(mode, kind):
    make = {"user": user, "service": service, "call": lambda id: call(id, "child")}[kind]
    drawing = bpmn(
        start(),
        fork(),
        make("a"),
        make("b"),
        boundary("ea", "a", event("error", "bad")),
        boundary("eb", "b", event("error", "bad")),
        user("fix_a", io({"code": "error.code", "text": "error.message", "at": "error.element"})),
        user("fix_b"),
        flows("s>f f>a f>b ea>fix_a eb>fix_b"),
    )
    run = Drive.begin(mode, drawing)
    task_id = run.task("a")
    assert run.error("a", "bad")
    assert run.at == ["b", "fix_a"]
    assert run.inputs("fix_a") == {"code": "bad", "text": "bad happened", "at": "a"}
    assert run.closed == [(task_id, "cancelled")]
    assert run.events("a") == ["entered", "failed"]


@every_way
def test_an_error_nobody_catches_changes_nothing(mode):
    run = Drive.begin(
        mode, bpmn(start(), service("a"), boundary("ea", "a", event("error", "other")), end(), flows("s>a ea>e"))
    )
    before = run.execution.dump()
    assert not run.error("a", "bad")
    assert run.execution.dump() == before
    assert run.at == ["a"]


@every_way
def test_the_exact_code_goes_before_any_code(mode):
    drawing = bpmn(
        start(),
        service("a"),
        boundary("any", "a", event("error")),
        boundary("exact", "a", event("error", "bad")),
        user("x"),
        user("y"),
        flows("s>a any>x exact>y"),
    )
    for code, reached in (("bad", "y"), ("else", "x")):
        run = Drive.begin(mode, drawing)
        assert run.error("a", code)
        assert run.at == [reached]


@every_way
def test_the_nearest_boundary_catches(mode):
    inner = start("s2") + service("a") + boundary("near", "a", event("error", "one")) + user("x") + flows("s2>a near>x")
    drawing = bpmn(
        start(),
        sub("u", inner),
        boundary("far1", "u", event("error", "one")),
        boundary("far2", "u", event("error", "two")),
        user("y"),
        user("z"),
        flows("s>u far1>y far2>z"),
    )
    run = Drive.begin(mode, drawing)
    assert run.error("a", "one")
    assert run.at == ["x"]
    run = Drive.begin(mode, drawing)
    assert run.error("a", "two")
    assert run.at == ["z"]
    assert run.events("u") == ["entered", "cancelled"]


@every_way
def test_an_error_end_leaves_the_sub_process_with_what_was_done_in_it(mode):
    inner = (
        start("s2")
        + user("a", io(outputs={"port": "result.port"}))
        + end("bad", event("error", "no-port") + io({"message": "concat('port ', port)"}))
        + flows("s2>a a>bad")
    )
    drawing = bpmn(
        start(),
        sub("u", inner),
        boundary("be", "u", event("error", "no-port")),
        user("x", io({"p": "port", "m": "error.message"})),
        flows("s>u be>x"),
    )
    run = Drive.begin(mode, drawing).complete("a", {"port": "P7"})
    assert run.at == ["x"]
    assert run.inputs("x") == {"p": "P7", "m": "port P7"}


@every_way
def test_an_error_end_nobody_catches_ends_the_instance(mode):
    drawing = bpmn(
        start(), fork(), user("a"), user("b"), end("bad", event("error", "no-port")), flows("s>f f>a f>b a>bad")
    )
    run = Drive.begin(mode, drawing)
    other = run.task("b")
    run.complete("a")
    assert run.done
    assert run.execution.outcome == "error"
    assert [(item.kind, item.code, item.element_id) for item in run.thrown] == [("error", "no-port", "bad")]
    assert (other, "cancelled") in run.closed


@every_way
def test_a_boundary_timer_interrupts_or_only_reminds(mode):
    def drawing(interrupting: bool) -> bytes:
        return bpmn(
            start(), user("a"), boundary("late", "a", timer("PT4H"), interrupting), user("x"), flows("s>a late>x")
        )

    run = Drive.begin(mode, drawing(True))
    task_id = run.task("a")
    assert run.fire("late").at == ["x"]
    assert (task_id, "cancelled") in run.closed
    with pytest.raises(StaleTask):
        run.execution.complete(task_id, {})
    reminded = Drive.begin(mode, drawing(False)).fire("late")
    assert reminded.at == ["a", "x"]
    assert reminded.complete("a").complete("x").done


@every_way
def test_completing_an_activity_takes_its_timers_down(mode):
    run = Drive.begin(
        mode,
        bpmn(start(), user("a"), boundary("late", "a", timer("PT4H")), user("x"), user("z"), flows("s>a late>x a>z")),
    )
    timer_id = run.task("late")
    assert run.complete("a").at == ["z"]
    assert (timer_id, "cancelled") in run.closed


@every_way
def test_an_interrupted_sub_process_takes_all_its_waits_with_it(mode):
    deep = start("s3") + user("c") + boundary("lc", "c", timer("PT1H")) + end("e3") + flows("s3>c lc>e3")
    inner = start("s2") + fork("f2") + user("a") + sub("v", deep) + flows("s2>f2 f2>a f2>v")
    drawing = bpmn(start(), sub("u", inner), boundary("late", "u", timer("PT9H")), user("x"), flows("s>u late>x"))
    run = Drive.begin(mode, drawing)
    waits = {wait.task_id for wait in run.waiting() if wait.element_id != "late"}
    assert len(waits) == 3
    run.fire("late")
    assert run.at == ["x"]
    assert {task_id for task_id, how in run.closed if how == "cancelled"} == waits
    assert run.execution.size == 1


@every_way
def test_message_boundary_events(mode):
    body = (
        start()
        + user("a")
        + boundary(
            "m", "a", event("message", "note") + io(outputs={"notes": "concat(get(seen, 'n', ''), result.text)"}), False
        )
    )
    run = Drive.begin(mode, bpmn(body, user("x"), flows("s>a m>x")), {"seen": {}})
    first = run.task("m")
    run.deliver("m", {"text": "one"})
    assert run.at == ["a", "m", "x"]
    assert run.task("m") != first
    run.deliver("m", {"text": "two"})
    assert run.at == ["a", "m", "x", "x"]
    assert run.data["notes"] == "two"


@every_way
def test_message_catch_and_receive_task_wait_for_a_key(mode):
    drawing = bpmn(
        start(),
        catch("m", event("message", "answer") + io(outputs={"got": "result.v"}), yz_messageKey="order.id"),
        node(
            "receiveTask",
            "r",
            io(outputs={"more": None}),
            messageRef="message_answer",
            yz_messageKey="concat('k', order.id)",
        ),
        flows("s>m m>r"),
    )
    run = Drive.begin(mode, drawing, {"order": {"id": 7}})
    [wait] = run.waiting("m")
    assert (wait.kind, wait.message, wait.message_key) == ("message", "answer", "7")
    run.deliver("m", {"v": 1})
    [wait] = run.waiting("r")
    assert (wait.message, wait.message_key) == ("answer", "k7")
    run.deliver("r", {"w": 2})
    assert run.done
    assert run.data == {"order": {"id": 7}, "got": 1, "more": {"w": 2}}


@every_way
def test_an_event_gateway_takes_the_first_and_any_number_of_timers(mode):
    drawing = bpmn(
        start(),
        node("eventBasedGateway", "g"),
        catch("t1", timer("PT1H")),
        catch("t2", timer("PT0S")),
        catch("m", event("message", "go")),
        node("receiveTask", "r", messageRef="message_stop"),
        user("x"),
        user("y"),
        user("z"),
        user("w"),
        '<bpmn:dataObject id="ignored"/>',
        flows("s>g g>t1 g>t2 g>m g>r t1>x t2>y m>z r>w"),
        root='<bpmn:message id="message_stop" name="stop"/>',
    )
    run = Drive.begin(mode, drawing)
    assert run.at == ["m", "r", "t1", "t2"]
    assert run.fire("t2").at == ["y"]
    assert Drive.begin(mode, drawing).fire("t1").at == ["x"]
    assert Drive.begin(mode, drawing).deliver("m").at == ["z"]
    assert Drive.begin(mode, drawing).deliver("r").at == ["w"]
    assert len(run.closed) == 4


@every_way
def test_signals_reach_all_who_wait_in_the_instance(mode):
    inner = start("s2") + catch("c2", event("signal", "go")) + user("y") + flows("s2>c2 c2>y")
    drawing = bpmn(
        start(),
        fork(),
        user("a"),
        end("go", event("signal", "go")),
        catch("c1", event("signal", "go")),
        user("x"),
        sub("u", inner),
        user("b"),
        boundary("sb", "b", event("signal", "go"), False),
        user("z"),
        flows("s>f f>a a>go f>c1 c1>x f>u f>b sb>z"),
    )
    run = Drive.begin(mode, drawing)
    assert run.at == ["a", "b", "c1", "c2", "sb"]
    assert [(wait.kind, wait.message) for wait in run.waiting("sb")] == [("signal", "go")]
    run.complete("a")
    assert run.at == ["b", "sb", "x", "y", "z"]
    assert [(item.kind, item.code) for item in run.thrown] == [("signal", "go")]
    assert run.execution.signal("go") == 1
    assert run.settle().at == ["b", "sb", "x", "y", "z", "z"]
    assert run.deliver("sb").at == ["b", "sb", "x", "y", "z", "z", "z"]


@every_way
def test_escalations_go_outwards_and_on(mode):
    inner = start("s2") + throw("up", event("escalation", "late") + io({"n": "5"})) + user("a") + flows("s2>up up>a")
    drawing = bpmn(
        start(),
        sub("u", inner),
        boundary("esc", "u", event("escalation", "late"), False),
        user("x", io({"c": "escalation.code", "n": "escalation.n"})),
        flows("s>u esc>x"),
    )
    run = Drive.begin(mode, drawing)
    assert run.at == ["a", "x"]
    assert run.inputs("x") == {"c": "late", "n": 5}
    assert not run.thrown
    alone = Drive.begin(mode, bpmn(start(), throw("up", event("escalation", "late")), user("a"), flows("s>up up>a")))
    assert alone.at == ["a"]
    assert [(item.kind, item.code) for item in alone.thrown] == [("escalation", "late")]


@every_way
def test_a_called_process_escalates_through_its_call(mode):
    run = Drive.begin(
        mode,
        bpmn(
            start(),
            call("a", "child"),
            boundary("esc", "a", event("escalation", "late"), False),
            user("x"),
            flows("s>a esc>x"),
        ),
    )
    assert run.execution.throw_escalation(run.task("a"), "late", {"by": 3})
    assert run.settle().at == ["a", "x"]
    assert run.data["escalation"]["by"] == 3
    assert not run.execution.throw_escalation(run.task("a"), "other")


@every_way
def test_terminate_ends_its_own_scope_only(mode):
    inner = start("s2") + fork("f2") + user("a") + user("b") + end("stop", TERMINATE) + flows("s2>f2 f2>a f2>b a>stop")
    run = Drive.begin(mode, bpmn(start(), fork(), sub("u", inner), user("c"), user("z"), flows("s>f f>u f>c u>z")))
    run.complete("a")
    assert run.at == ["c", "z"]
    whole = Drive.begin(
        mode, bpmn(start(), fork(), user("a"), user("b"), end("stop", TERMINATE), flows("s>f f>a f>b a>stop"))
    ).complete("a")
    assert whole.done
    assert whole.execution.outcome == "terminated"


@every_way
def test_a_cancelled_transaction_leaves_by_its_cancel_boundary(mode):
    inner = start("s2") + fork("f2") + user("a") + user("b") + end("stop", CANCEL) + flows("s2>f2 f2>a f2>b a>stop")
    drawing = bpmn(
        start(),
        fork(),
        node("transaction", "u", inner),
        boundary("bu", "u", CANCEL),
        user("x"),
        node("transaction", "v", start("s3") + user("c") + end("e3", CANCEL) + flows("s3>c c>e3")),
        boundary("bv", "v", CANCEL),
        user("y"),
        flows("s>f f>u f>v bu>x bv>y"),
    )
    run = Drive.begin(mode, drawing).complete("a")
    assert run.at == ["c", "x"]
    assert run.complete("c").at == ["x", "y"]


def handler(id: str, definition: str, interrupting: bool, body: str = "", inner_start: str = "") -> str:
    begin = start(f"{id}_s", definition + inner_start, isInterrupting=str(interrupting).lower())
    return sub(id, begin + (body or user(f"{id}_t") + flows(f"{id}_s>{id}_t")), triggeredByEvent="true")


@every_way
def test_event_sub_processes_catch_errors_of_their_scope(mode):
    body = user("h_t", io({"port": "port", "code": "error.code"})) + flows("h_s>h_t")
    inner = (
        start("s2")
        + user("a", io(outputs={"port": "result.port"}))
        + service("b")
        + flows("s2>a a>b")
        + handler("h", event("error", "bad"), True, body)
    )
    run = Drive.begin(mode, bpmn(start(), sub("u", inner), user("z"), flows("s>u u>z"))).complete("a", {"port": 1})
    assert run.error("b", "bad")
    assert run.at == ["h_t"]
    assert run.inputs("h_t") == {"port": 1, "code": "bad"}
    assert run.complete("h_t").at == ["z"]


@every_way
def test_a_message_may_start_a_handler_again_and_again_without_growing(mode):
    times = 25 if mode == "plain" else 5
    body = service("h_t", io(outputs={"n": "n + 1"})) + flows("h_s>h_t")
    run = Drive.begin(
        mode, bpmn(start(), user("a"), handler("h", event("message", "news"), False, body), flows("s>a")), {"n": 0}
    )
    for count in range(1, times + 1):
        run.deliver("h_s", {}).complete("h_t")
        assert run.data["n"] == count
    assert run.execution.size == 2
    assert run.complete("a").done
    assert [how for _, how in run.closed][-1] == "cancelled"


@every_way
def test_the_scope_waits_for_a_running_handler(mode):
    run = Drive.begin(mode, bpmn(start(), user("a"), handler("h", timer("PT1H"), False), flows("s>a")))
    run.fire("h_s").complete("a")
    assert not run.done
    assert run.complete("h_t").done


@every_way
def test_an_interrupting_handler_takes_the_place_of_its_scope(mode):
    run = Drive.begin(
        mode,
        bpmn(start(), fork(), user("a"), user("b"), handler("h", event("message", "stop"), True), flows("s>f f>a f>b")),
    )
    run.deliver("h_s")
    assert run.at == ["h_t"]
    assert run.complete("h_t").done


@every_way
def test_every_instance_of_a_repeated_sub_process_has_its_own_handler(mode):
    inner = (
        start("s2")
        + user("a")
        + flows("s2>a")
        + handler("h", event("message", "stop"), True, user("h_t") + flows("h_s>h_t"))
    )
    run = Drive.begin(mode, bpmn(start(), sub("u", many("[1, 2]", "i") + inner), user("z"), flows("s>u u>z")))
    second = next(wait for wait in run.waiting("h_s") if wait.loop_index == 1)
    run.execution.deliver(second.task_id, {})
    run.settle()
    assert [(wait.element_id, wait.loop_index) for wait in run.waiting() if wait.element_id != "h_s"] == [
        ("a", 0),
        ("h_t", 1),
    ]
    run.complete("h_t", index=1).complete("a", index=0)
    assert run.at == ["z"]


@every_way
def test_an_error_inside_a_repeated_call_leaves_by_the_boundary_of_the_whole(mode):
    drawing = bpmn(
        start(),
        call("a", "child", many("[1, 2, 3]", "i")),
        boundary("ea", "a", event("error", "bad")),
        user("x"),
        flows("s>a ea>x"),
    )
    run = Drive.begin(mode, drawing)
    assert run.error("a", "bad", index=1)
    assert run.at == ["x"]
    assert [how for _, how in run.closed] == ["cancelled"] * 3
