"""Going back and forward: what is left is closed, what is done again is undone first, and history says who and why."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.errors import Unreachable
from adapters.ports import Answer, OperationCall
from processes import queries
from processes.errors import CannotMove, PlanChanged
from processes.moving import MoveOrder
from processes.repairs import Why
from processes.store.bulk import Move, Repair
from processes.store.instances import MessageSubscription, Timer
from tests.engine.diagrams import call, end, hear, node, on_timer, process, service, start, user, wait_for
from tests.engine.far_side import refuse
from tests.engine.rig import Rig

WHY = Why(actor="ops", reason="the wrong port was reserved")

STEPS = process(
    "steps",
    start(),
    service("reserve", "net.reserve", {"what": "'A'"}, {"port": "result.id"}),
    service("second", "net.reserve", {"what": "'B'"}),
    user("install"),
    on_timer("late", "install", "PT4H"),
    user("hurry"),
    end(),
    end("missed"),
    flows="begin > reserve > second > install > done; late > hurry > missed",
)


def move(rig: Rig, instance_id: str, to: str, **more: Any) -> Any:
    with rig.work() as session:
        moved, plan = rig.engine.move(session, instance_id, MoveOrder(to=to, **more), why=WHY, now=rig.clock.at)
        assert moved.task_id
    rig.drain()
    return plan


def undone(rig: Rig) -> list[str]:
    return [row["inputs"]["id"] for row in rig.far.effects() if row["operation"] == "net.release"]


def in_force(rig: Rig, root: str) -> list[str]:
    return [effect.outputs["id"] for effect in rig.effects(root) if effect.state == "confirmed"]


def open_places(rig: Rig, root: str) -> list[str]:
    with rig.sessions() as session:
        return sorted(f"{wait.kind}:{wait.element_id}" for wait in queries.waiting_summary(session, root))


def test_back_two_steps_undoes_what_is_done_again_and_begins_afresh(rig: Rig) -> None:
    rig.deploy(STEPS)
    root = rig.start("steps")
    before = {effect.operation_id for effect in rig.effects(root)}
    plan = move(rig, root, "reserve")
    assert [(line.element_id, line.undo) for line in plan.effects] == [("second", True), ("reserve", True)]
    assert sorted(plan.closes) == [("timer", "late"), ("user", "install")]
    assert undone(rig) == ["net.reserve:B", "net.reserve:A"]  # newest first, each once
    assert in_force(rig, root) == ["net.reserve:A", "net.reserve:B"]
    assert before.isdisjoint(effect.operation_id for effect in rig.effects(root) if effect.state == "confirmed")
    assert open_places(rig, root) == ["timer:late", "user:install"]
    with rig.sessions() as session:
        assert sorted(session.scalars(Timer.__table__.select().with_only_columns(Timer.state))) == [
            "cancelled",
            "waiting",
        ]
        lines = queries.history(session, root)
        moved = next(line for line in lines if line.event == "moved")
        assert (moved.element_id, moved.actor, moved.detail["from"]) == ("reserve", "ops", ["install"])
        assert moved.detail["reason"] == WHY.reason
        left = next(line for line in lines if line.event == "cancelled" and line.element_id == "install")
        assert left.detail["moved_to"] == "reserve"
        (repair,) = session.query(Repair).all()
        assert (repair.actor, repair.action, repair.reason) == ("ops", "move", WHY.reason)
    rig.check()
    rig.complete(root, "install")
    assert rig.instance(root).state == "completed"
    rig.check()


def test_the_timer_of_what_was_left_does_not_fire(rig: Rig) -> None:
    rig.deploy(STEPS)
    root = rig.start("steps")
    rig.later(hours=1)
    move(rig, root, "second")
    rig.later(hours=3, minutes=30)  # the old one would be due, the new one is not
    assert open_places(rig, root) == ["timer:late", "user:install"]
    rig.later(minutes=31)
    assert open_places(rig, root) == ["user:hurry"]
    rig.check()


def test_forward_needs_the_data_and_undoes_nothing(rig: Rig) -> None:
    rig.deploy(
        process(
            "forward",
            start(),
            service("reserve", "net.reserve", {"what": "'A'"}),
            user("ask", {"line": "result.line"}),
            service("use", "net.reserve", {"what": "line"}),
            user("check"),
            end(),
            flows="begin > reserve > ask > use > check > done",
        )
    )
    root = rig.start("forward")
    with pytest.raises(CannotMove, match="could not begin"):
        move(rig, root, "use")
    plan = move(rig, root, "use", data={"line": "L7"})
    assert [line.undo for line in plan.effects] == []
    assert undone(rig) == []
    assert in_force(rig, root) == ["net.reserve:A", "net.reserve:L7"]
    assert open_places(rig, root) == ["user:check"]
    rig.check()


FORKED = process(
    "forked",
    start(),
    node("parallelGateway", "fork"),
    service("left", "net.reserve", {"what": "'left'"}),
    user("left_check"),
    service("right", "net.reserve", {"what": "'right'"}),
    hear("line_ready", "'k'"),
    node("parallelGateway", "join"),
    user("after"),
    end(),
    flows="begin > fork > left > left_check > join > after > done; fork > right > line_ready > join",
)


def test_out_of_one_parallel_branch_leaves_the_other_alone(rig: Rig) -> None:
    rig.deploy(FORKED)
    root = rig.start("forked")
    with pytest.raises(CannotMove, match="say which token"):
        move(rig, root, "left")
    plan = move(rig, root, "left", element_id="left_check")
    assert [line.element_id for line in plan.effects if line.undo] == ["left"]
    assert undone(rig) == ["net.reserve:left"]
    assert open_places(rig, root) == ["message:line_ready", "user:left_check"]
    move(rig, root, "join", element_id="line_ready")  # forward, past the wait
    with rig.sessions() as session:
        assert [row.state for row in session.query(MessageSubscription)] == ["cancelled"]
    rig.complete(root, "left_check")
    assert open_places(rig, root) == ["user:after"]  # the join took one token from each branch
    rig.check()


def sub(name: str, *elements: str, flows: str) -> str:
    whole = process(name, *elements, flows=flows).decode()
    body = whole.partition("<bpmn:process")[2].partition(">")[2].partition("</bpmn:process>")[0]
    return node("subProcess", name, body)


NESTED = process(
    "nested",
    start(),
    user("prepare"),
    sub(
        "visit",
        start("v_begin"),
        service("v_reserve", "net.reserve", {"what": "'V'"}),
        user("v_work"),
        user("v_sign"),
        end("v_end"),
        flows="v_begin > v_reserve > v_work > v_sign > v_end",
    ),
    on_timer("v_late", "visit", "PT8H"),
    user("bill"),
    end(),
    end("missed"),
    flows="begin > prepare > visit > bill > done; v_late > missed",
)


def test_into_a_sub_process_arms_what_is_at_its_edge_and_out_of_it_closes_that(rig: Rig) -> None:
    rig.deploy(NESTED)
    root = rig.start("nested")
    move(rig, root, "v_sign")
    assert open_places(rig, root) == ["timer:v_late", "user:v_sign"]
    rig.check()
    move(rig, root, "v_reserve")
    assert open_places(rig, root) == ["timer:v_late", "user:v_work"]
    plan = move(rig, root, "prepare")
    assert {one.element_id for one in plan.left} == {"visit", "v_work"}
    assert open_places(rig, root) == ["user:prepare"]
    assert in_force(rig, root) == []  # the way goes through the sub-process once more
    rig.check()


def test_back_over_a_sub_process_undoes_what_was_done_inside(rig: Rig) -> None:
    rig.deploy(NESTED)
    root = rig.start("nested")
    for element in ("prepare", "v_work", "v_sign"):
        rig.complete(root, element)
    plan = move(rig, root, "prepare")
    assert [line.element_id for line in plan.effects if line.undo] == ["v_reserve"]
    assert undone(rig) == ["net.reserve:V"]
    for element in ("prepare", "v_work", "v_sign", "bill"):
        rig.complete(root, element)
    assert rig.instance(root).state == "completed"
    rig.check()


def test_back_over_a_linked_call_undoes_the_whole_child_and_calls_a_new_one(rig: Rig) -> None:
    rig.deploy(
        process(
            "inner",
            start(),
            service("in", "net.reserve", {"what": "'in'"}),
            user("inside"),
            end(),
            flows="begin > in > inside > done",
        ),
        process(
            "outer",
            start(),
            user("first"),
            call("calls", "inner", {}),
            user("last"),
            end(),
            flows="begin > first > calls > last > done",
        ),
    )
    root = rig.start("outer")
    rig.complete(root, "first")
    plan = move(rig, root, "first")  # while the child is at work
    assert [line.element_id for line in plan.effects if line.undo] == ["in"]
    assert undone(rig) == ["net.reserve:in"]
    assert open_places(rig, root) == ["user:first"]
    rig.complete(root, "first")
    rig.complete(root, "inside")
    move(rig, root, "calls")  # after it has ended
    assert undone(rig) == ["net.reserve:in", "net.reserve:in"]
    rig.complete(root, "inside")
    rig.complete(root, "last")
    assert rig.instance(root).state == "completed"
    assert len(in_force(rig, root)) == 1
    rig.check()


def test_a_call_with_unknown_outcome_is_asked_about_and_undone_before_it_is_made_again(rig: Rig) -> None:
    def done_but_dropped(made: OperationCall) -> Answer:
        rig.far.take_effect(made)
        raise Unreachable("dropped")

    rig.deploy(STEPS)
    rig.far.script("net.reserve", done_but_dropped)
    root = rig.start("steps")
    assert rig.effects(root) == []
    move(rig, root, "reserve", element_id="reserve")
    assert undone(rig) == ["net.reserve:A"]
    assert in_force(rig, root) == ["net.reserve:A", "net.reserve:B"]
    assert open_places(rig, root) == ["timer:late", "user:install"]
    rig.check()


def test_an_undo_that_is_stuck_holds_the_move_until_somebody_mends_it(rig: Rig) -> None:
    rig.deploy(STEPS)
    rig.far.script("net.release", refuse("resource-conflict"))
    root = rig.start("steps")
    move(rig, root, "reserve")
    assert undone(rig) == ["net.reserve:A"]  # the other one goes on
    (incident,) = rig.incidents(root)
    assert rig.user_tasks(root) == []
    rig.check()
    rig.retry(incident.id)
    assert undone(rig) == ["net.reserve:A", "net.reserve:B"]
    assert open_places(rig, root) == ["timer:late", "user:install"]
    rig.check()


def test_a_cancel_in_the_middle_of_a_move_ends_it(rig: Rig) -> None:
    rig.deploy(STEPS)
    rig.far.script("net.release", refuse("resource-conflict"))
    root = rig.start("steps")
    move(rig, root, "reserve")
    rig.cancel(root)
    rig.drain()
    rig.retry(rig.incidents(root)[0].id)
    assert rig.instance(root).state == "cancelled"
    assert sorted(undone(rig)) == ["net.reserve:A", "net.reserve:B"]
    with rig.sessions() as session:
        assert [row.state for row in session.query(Move)] == ["cancelled"]
    rig.check()


def test_a_failed_step_is_left_like_any_other_and_its_incident_ends(rig: Rig) -> None:
    rig.deploy(STEPS)
    rig.far.script("net.reserve", lambda call: None, refuse("no-free-port"))
    root = rig.start("steps")
    assert [incident.element_id for incident in rig.incidents(root)] == ["second"]
    move(rig, root, "reserve")
    assert rig.incidents(root) == []
    assert undone(rig) == ["net.reserve:A"]
    assert open_places(rig, root) == ["timer:late", "user:install"]
    rig.check()


def test_the_plan_shown_is_the_plan_carried_out_or_refused(rig: Rig) -> None:
    rig.deploy(STEPS)
    root = rig.start("steps")
    with rig.sessions() as session:
        plan = rig.engine.plan_move(session, root, MoveOrder(to="reserve"), now=rig.clock.at)
    assert open_places(rig, root) == ["timer:late", "user:install"]  # nothing has changed
    rig.later(hours=5)
    with pytest.raises(PlanChanged):
        move(rig, root, "reserve", digest=plan.digest)
    with pytest.raises(CannotMove, match="beside a step"):
        move(rig, root, "late")
    with pytest.raises(CannotMove, match="no element"):
        move(rig, root, "nowhere")
    keep = [line.seq for line in plan.effects if line.element_id == "second"]
    move(rig, root, "reserve", undo=keep)
    assert undone(rig) == ["net.reserve:B"]
    rig.check()


def test_out_of_a_race_takes_all_its_runners_away(rig: Rig) -> None:
    rig.deploy(
        process(
            "race",
            start(),
            user("ask"),
            node("eventBasedGateway", "which"),
            hear("line_ready", "'k'"),
            wait_for("enough", "PT1H"),
            end(),
            end("timed_out"),
            flows="begin > ask > which > line_ready > done; which > enough > timed_out",
        )
    )
    root = rig.start("race")
    rig.complete(root, "ask")
    move(rig, root, "ask", element_id="enough")
    assert open_places(rig, root) == ["user:ask"]
    rig.check()
