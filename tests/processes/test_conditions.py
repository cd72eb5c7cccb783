"""Conditional events fire when their condition becomes true, once each time it does."""

from __future__ import annotations

from tests.processes.drawing import (
    boundary,
    bpmn,
    catch,
    condition,
    end,
    event,
    flows,
    io,
    many,
    node,
    start,
    sub,
    user,
)
from tests.processes.driving import Drive, every_way


@every_way
def test_a_token_waits_until_another_branch_makes_it_true(mode):
    drawing = bpmn(
        start(),
        node("parallelGateway", "f"),
        user("a", io(outputs={"n": "result.n"})),
        catch("c", condition("n > 3")),
        user("x"),
        node("exclusiveGateway", "m"),
        flows("s>f f>m m>a a>m f>c c>x"),
    )
    run = Drive.begin(mode, drawing, {"n": 1})
    assert run.at == ["a"]
    assert run.complete("a", {"n": 2}).at == ["a"]
    assert run.complete("a", {"n": 5}).at == ["a", "x"]
    assert run.complete("a", {"n": 6}).at == ["a", "x"]
    assert run.events("c") == ["completed"]


@every_way
def test_what_is_true_already_is_not_waited_for(mode):
    run = Drive.begin(mode, bpmn(start(), catch("c", condition("n > 3")), user("x"), flows("s>c c>x")), {"n": 4})
    assert run.at == ["x"]


@every_way
def test_a_name_that_is_not_there_yet_is_not_true(mode):
    drawing = bpmn(
        start(),
        node("parallelGateway", "f"),
        user("a", io(outputs={"credit": "result"})),
        catch("c", condition("credit.ok")),
        user("x"),
        flows("s>f f>a f>c c>x"),
    )
    run = Drive.begin(mode, drawing)
    assert run.at == ["a"]
    assert run.complete("a", {"ok": True}).at == ["x"]


INSIDE = sub(
    "u",
    start("s2") + user("a", io(outputs={"n": "result.n"})) + user("b") + flows("s2>a a>b"),
)


@every_way
def test_an_interrupting_one_stops_the_sub_process_before_its_next_step(mode):
    drawing = bpmn(start(), INSIDE, boundary("c", "u", condition("n > 3")), user("x", io({"n": "n"})), flows("s>u c>x"))
    run = Drive.begin(mode, drawing).complete("a", {"n": 9})
    assert run.at == ["x"]
    assert run.inputs("x") == {"n": 9}
    assert "entered" not in run.events("b")
    assert run.events("u") == ["entered", "cancelled"]
    assert Drive.begin(mode, drawing).complete("a", {"n": 1}).at == ["b"]


@every_way
def test_the_other_kind_fires_each_time_it_becomes_true(mode):
    drawing = bpmn(
        start(),
        sub(
            "u",
            start("s2")
            + node("exclusiveGateway", "g")
            + user("a", io(outputs={"n": "result.n"}))
            + flows("s2>g g>a a>g"),
        ),
        boundary("c", "u", condition("n > 3"), False),
        end("seen"),
        flows("s>u c>seen"),
    )
    run = Drive.begin(mode, drawing)
    for n in (5, 6, 1, 7, 2, 2, 9):
        run.complete("a", {"n": n})
    assert run.events("c") == ["completed"] * 3
    assert run.most_tokens <= 5


@every_way
def test_an_event_sub_process_begins_when_its_condition_comes_true(mode):
    handler = sub(
        "h",
        start("s3", condition("len(faults) > 1"), isInterrupting="false")
        + user("x", io({"f": "faults"}))
        + flows("s3>x"),
        triggeredByEvent="true",
    )
    drawing = bpmn(
        start(), user("a", io(outputs={"faults": "result.faults"}) + many(cardinality="3")), handler, flows("s>a")
    )
    run = Drive.begin(mode, drawing, {"faults": []})
    assert run.complete("a", {"faults": ["p"]}).at == ["a", "a"]
    run.complete("a", {"faults": ["p", "q"]})
    assert run.at == ["a", "x"]
    assert run.inputs("x") == {"f": ["p", "q"]}
    assert run.complete("x").complete("a", {"faults": []}).done


@every_way
def test_of_a_condition_and_a_message_the_first_wins(mode):
    drawing = bpmn(
        start(),
        node("parallelGateway", "f"),
        user("a", io(outputs={"n": "result.n"})),
        node("eventBasedGateway", "g"),
        catch("c", condition("n > 3")),
        catch("m", event("message", "go")),
        user("x"),
        user("y"),
        flows("s>f f>a f>g g>c g>m c>x m>y"),
    )
    run = Drive.begin(mode, drawing, {"n": 0})
    assert run.at == ["a", "m"]
    assert run.complete("a", {"n": 4}).at == ["x"]
    assert Drive.begin(mode, drawing, {"n": 0}).deliver("m").complete("a", {"n": 4}).at == ["y"]


@every_way
def test_a_correction_by_a_person_is_seen(mode):
    drawing = bpmn(
        start(),
        node("parallelGateway", "f"),
        user("a", io(outputs={"x": "missing + 1"})),
        catch("c", condition("missing > 3")),
        user("x"),
        flows("s>f f>a f>c c>x"),
    )
    run = Drive.begin(mode, drawing).complete("a")
    [failure] = run.failures
    run.execution.retry(failure.task_id, {"missing": 7})
    assert run.settle().at == ["x"]


@every_way
def test_a_process_may_begin_when_a_condition_is_true(mode):
    drawing = bpmn(start(), start("cs", condition("stock < 5")), user("a"), user("b"), flows("s>a cs>b"))
    assert Drive.begin(mode, drawing).at == ["a"]
    assert Drive.begin(mode, drawing, {"stock": 3}, at="cs").at == ["b"]
