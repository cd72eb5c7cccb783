"""Suspended: nothing is sent, fired, taken or handed in; what is under way comes to its next wait; then all goes on."""

from __future__ import annotations

import pytest

from adapters.errors import Unreachable
from adapters.ports import Answer, OperationCall
from processes import suspending
from processes.errors import InstanceNotRunning
from processes.repairs import Why
from tests.engine.diagrams import call, end, hear, node, on_timer, process, service, start, user
from tests.engine.rig import Rig

WHY = Why(actor="ops", reason="look into it")

ALL = process(
    "all",
    start(),
    node("parallelGateway", "fork"),
    user("work"),
    on_timer("late", "work", "PT1H"),
    hear("line_ready", "'k'"),
    node("parallelGateway", "join"),
    service("tell", "net.reserve", {"what": "'T'"}),
    end(),
    end("missed"),
    flows="begin > fork > work > join > tell > done; fork > line_ready > join; late > missed",
)
ABOVE = process("above", start(), call("go", "all", {}), user("last"), end(), flows="begin > go > last > done")


def suspend(rig: Rig, root: str) -> int:
    with rig.work() as session:
        return rig.engine.suspend(session, root, why=WHY, now=rig.clock.at)


def resume(rig: Rig, root: str) -> int:
    with rig.work() as session:
        count = rig.engine.resume(session, root, why=WHY, now=rig.clock.at)
    rig.worker.sweep()  # news that came early is looked at again
    rig.drain()
    return count


def news(rig: Rig) -> None:
    with rig.work() as session:
        rig.engine.receive_message(
            session, source="net", event_id="e", name="line_ready", key="k", payload={}, now=rig.clock.at
        )
    rig.drain()


def test_nothing_moves_until_it_is_resumed_and_then_everything_does(rig: Rig) -> None:
    rig.deploy(ALL, ABOVE)
    root = rig.start("above")
    assert suspend(rig, root) == 2  # what it has called as well
    assert suspend(rig, root) == 0
    news(rig)
    rig.later(hours=2)
    with pytest.raises(InstanceNotRunning, match="suspended"):
        rig.complete(root, "work")
    assert [task.element_id for task in rig.user_tasks(root)] == ["work"]
    rig.check()
    assert resume(rig, root) == 2
    assert rig.user_tasks(root) == []  # the timer that came due meanwhile has fired, once
    assert [event.element.id for event in rig.events if event.kind == "element_completed" and event.element].count(
        "line_ready"
    ) == 1
    rig.check()


def test_a_call_that_is_out_is_finished_and_the_next_step_waits(rig: Rig) -> None:
    def suspended_meanwhile(made: OperationCall) -> Answer:
        suspend(rig, rig.events[0].root_instance_id)
        return rig.far.take_effect(made)

    rig.deploy(
        process(
            "two",
            start(),
            service("first", "net.reserve", {"what": "'A'"}),
            service("second", "net.reserve", {"what": "'B'"}),
            end(),
            flows="begin > first > second > done",
        )
    )
    rig.far.script("net.reserve", suspended_meanwhile)
    root = rig.start("two")
    rig.later(hours=1)
    assert [effect.state for effect in rig.effects(root)] == ["confirmed"]
    assert len(rig.far.calls) == 1
    rig.check()
    resume(rig, root)
    assert rig.instance(root).state == "completed"
    assert len(rig.far.calls) == 2
    rig.check()


def test_a_try_that_failed_meanwhile_stays_parked(rig: Rig) -> None:
    def gone(made: OperationCall) -> Answer:
        suspend(rig, rig.events[0].root_instance_id)
        raise Unreachable("down", maybe_done=False)

    rig.deploy(process("one", start(), service("s", "net.reserve", {"what": "'A'"}), end(), flows="begin > s > done"))
    rig.far.script("net.reserve", gone)
    root = rig.start("one")
    rig.later(hours=1)
    assert [job.state for job in rig.jobs(root)] == ["suspended"]
    resume(rig, root)
    assert rig.instance(root).state == "completed"
    rig.check()


def test_a_callback_is_taken_while_suspended(rig: Rig) -> None:
    rig.deploy(
        process(
            "act",
            start(),
            service("a", "net.activate", {"what": "'A'"}),
            service("b", "net.reserve", {"what": "'B'"}),
            end(),
            flows="begin > a > b > done",
        )
    )
    root = rig.start("act")
    (job,) = rig.jobs(root)
    suspend(rig, root)
    rig.later(hours=5)  # its deadline passes and nobody asks
    assert len(rig.far.calls) == 1
    rig.answer(job.operation_id, outputs=rig.far.settle(job.operation_id))
    rig.drain()
    assert [effect.operation for effect in rig.effects(root)] == ["net.activate"]
    assert len(rig.far.calls) == 1
    rig.check()
    resume(rig, root)
    assert rig.instance(root).state == "completed"
    rig.check()


def test_a_suspended_tree_can_be_cancelled(rig: Rig) -> None:
    rig.deploy(ALL, ABOVE)
    root = rig.start("above")
    suspend(rig, root)
    assert rig.cancel(root).state == "cancelled"
    rig.later(hours=2)
    rig.check()


def test_what_begins_under_a_held_definition_waits_with_its_first_step(rig: Rig) -> None:
    rig.deploy(ALL, ABOVE)
    with rig.work() as session:
        suspending.hold_definition(session, "all", None, now=rig.clock.at, suspended=True)
    root = rig.start("above")
    alone = rig.start("all")
    assert rig.user_tasks(root) == rig.user_tasks(alone) == []
    assert rig.instance(root).suspended_at is None  # only what it calls stands still
    assert rig.instance(alone).suspended_at is not None
    rig.check()
    with rig.work() as session:
        suspending.hold_definition(session, "all", None, now=rig.clock.at, suspended=False)
    resume(rig, root)
    resume(rig, alone)
    assert [task.element_id for task in rig.user_tasks(root)] == ["work"]
    assert [task.element_id for task in rig.user_tasks(alone)] == ["work"]
    rig.check()
