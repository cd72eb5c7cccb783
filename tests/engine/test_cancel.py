"""Cancelling: freeze, wait for what is out, undo in reverse order, each effect once."""

from __future__ import annotations

import threading

from sqlalchemy import text

from adapters.errors import Unreachable
from adapters.ports import Answer, OperationCall
from tests.engine.diagrams import call, end, hear, process, service, start, user, wait_for
from tests.engine.far_side import refuse
from tests.engine.rig import Rig

INNER = process(
    "inner",
    start(),
    service("second", "net.reserve", {"what": "'B'"}),
    user("install"),
    end(),
    flows="begin > second > install > done",
)
OUTER = process(
    "outer",
    start(),
    service("first", "net.reserve", {"what": "'A'"}),
    service("tell", "net.announce", {"what": "'hello'"}),
    call("inside", "inner", {}),
    end(),
    flows="begin > first > tell > inside > done",
)


def undone(rig: Rig) -> list[str]:
    return [row["inputs"]["id"] for row in rig.far.effects() if row["operation"] == "net.release"]


def test_effects_are_undone_in_reverse_order_once_each(rig: Rig) -> None:
    rig.deploy(INNER, OUTER)
    root = rig.start("outer")
    outcome = rig.cancel(root)
    assert (outcome.state, outcome.effects, outcome.outstanding) == ("cancelling", 2, 0)
    assert rig.user_tasks(root) == []
    rig.drain()
    assert undone(rig) == ["net.reserve:B", "net.reserve:A"]
    assert [effect.state for effect in rig.effects(root)] == ["undone", "irreversible", "undone"]
    assert {job.state for job in rig.jobs(root)} == {"done"}
    assert rig.kinds()[-1] == "undo_completed"
    assert rig.kinds().count("instance_cancelled") == 2
    assert rig.instance(root).state == "cancelled"
    undo_ids = {job.operation_id for job in rig.jobs(root, kind="undo")}
    assert len(undo_ids) == 2
    assert undo_ids.isdisjoint(effect.operation_id for effect in rig.effects(root))
    assert rig.cancel(root).state == "cancelled"
    rig.drain()
    assert len(undone(rig)) == 2
    rig.check()


def test_nothing_done_means_cancelled_at_once(rig: Rig) -> None:
    rig.deploy(process("waits", start(), wait_for("pause", "PT1H"), end(), flows="begin > pause > done"))
    root = rig.start("waits")
    assert rig.cancel(root).state == "cancelled"
    rig.later(hours=2)
    assert rig.instance(root).state == "cancelled"
    rig.check()


def test_an_instance_that_has_not_taken_a_step_can_be_cancelled(rig: Rig) -> None:
    rig.deploy(INNER)
    with rig.work() as session:
        root = rig.engine.start(
            session, "inner", business_key="k", area="SH", data={}, now=rig.clock.at, actor="front"
        ).id
    assert rig.cancel(root).state == "cancelled"
    rig.drain()
    assert rig.far.calls == []
    rig.check()


def test_every_kind_of_wait_is_closed(rig: Rig) -> None:
    rig.deploy(process("hears", start(), hear("line_ready", "'k'"), end(), flows="begin > line_ready > done"))
    root = rig.start("hears")
    rig.cancel(root)
    with rig.work() as session:
        rig.engine.receive_message(
            session, source="net", event_id="e", name="line_ready", key="k", payload={}, now=rig.clock.at
        )
    rig.drain()
    assert rig.instance(root).state == "cancelled"
    rig.check()


ACTIVATES = process(
    "activates",
    start(),
    service("first", "net.reserve", {"what": "'A'"}),
    service("activate", "net.activate", {"what": "'B'"}),
    user("install"),
    end(),
    flows="begin > first > activate > install > done",
)


def test_an_outstanding_answer_is_waited_for_and_then_undone(rig: Rig) -> None:
    rig.deploy(ACTIVATES)
    root = rig.start("activates")
    outcome = rig.cancel(root)
    assert (outcome.state, outcome.outstanding) == ("cancelling", 1)
    rig.drain()
    assert undone(rig) == []
    job = rig.jobs(root, operation="net.activate")[0]
    rig.answer(job.operation_id, outputs=rig.far.settle(job.operation_id))
    rig.drain()
    assert rig.user_tasks(root) == []  # its effect is recorded, but nothing steps on
    undo = rig.jobs(root, kind="undo", state="waiting_answer")[0]
    assert undo.operation == "net.deactivate"
    assert undone(rig) == []  # one after another
    rig.answer(undo.operation_id, outputs=rig.far.settle(undo.operation_id))
    rig.drain()
    assert undone(rig) == ["net.reserve:A"]
    assert rig.instance(root).state == "cancelled"
    rig.check()


def test_an_outstanding_call_that_was_refused_leaves_nothing_to_undo(rig: Rig) -> None:
    rig.deploy(ACTIVATES)
    root = rig.start("activates")
    rig.cancel(root)
    job = rig.jobs(root, operation="net.activate")[0]
    rig.answer(job.operation_id, status="rejected", code="profile-unknown", message="no")
    rig.drain()
    assert undone(rig) == ["net.reserve:A"]
    assert rig.instance(root).state == "cancelled"


def test_a_call_with_unknown_outcome_is_asked_about_before_undoing(rig: Rig) -> None:
    def done_but_dropped(made: OperationCall) -> Answer:
        rig.far.take_effect(made)
        raise Unreachable("dropped")

    rig.deploy(INNER, OUTER)
    rig.far.script("net.reserve", done_but_dropped)
    root = rig.start("outer")
    assert rig.cancel(root).outstanding == 1
    rig.drain()
    assert undone(rig) == ["net.reserve:A"]
    assert rig.instance(root).state == "cancelled"
    rig.check()


def test_cancelling_while_the_call_is_out_adopts_its_answer(rig: Rig) -> None:
    def cancelled_meanwhile(made: OperationCall) -> Answer:
        answer = rig.far.take_effect(made)
        rig.cancel(rig.events[0].root_instance_id)
        return answer

    rig.deploy(INNER)
    rig.far.script("net.reserve", cancelled_meanwhile)
    root = rig.start("inner")
    assert undone(rig) == ["net.reserve:B"]
    assert rig.instance(root).state == "cancelled"
    assert rig.user_tasks(root) == []
    rig.check()


def test_an_answer_that_waited_for_the_lock_of_the_cancellation_is_undone(rig: Rig) -> None:
    """Whoever waits for a lock has begun to read before: he must not go by what was true then."""
    asked, told = threading.Event(), threading.Event()

    def answers_late(made: OperationCall) -> Answer:
        answer = rig.far.take_effect(made)
        asked.set()
        assert told.wait(30)
        return answer

    rig.deploy(INNER)
    rig.far.script("net.reserve", answers_late)
    worker = threading.Thread(target=rig.start, args=("inner",))
    worker.start()
    assert asked.wait(30)
    with rig.work() as session:
        root = rig.events[0].root_instance_id
        rig.engine.cancel(session, root, reason="changed his mind", actor="front", now=rig.clock.at)
        told.set()
        while worker.is_alive() and not waits_for_a_lock(rig):
            worker.join(0.02)
    worker.join(30)
    assert undone(rig) == ["net.reserve:B"]
    assert rig.instance(root).state == "cancelled"
    rig.check()


def waits_for_a_lock(rig: Rig) -> bool:
    """Whether the worker stands before a lock; SQLite has one writer and does not tell who waits."""
    if rig.database.dialect.name == "sqlite":
        return True
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with rig.sessions() as session:
        return bool(session.scalar(text(waiting)))


def test_a_stuck_undo_is_an_incident_and_the_others_go_on(rig: Rig) -> None:
    rig.deploy(INNER, OUTER)
    rig.far.script("net.release", refuse("resource-conflict"))
    root = rig.start("outer")
    rig.cancel(root)
    rig.drain()
    assert undone(rig) == ["net.reserve:A"]
    incident = rig.incidents(root)[0]
    assert incident.code == "resource-conflict"
    assert rig.instance(root).state == "cancelling"
    assert "undo_completed" not in rig.kinds()
    rig.check()
    rig.retry(incident.id)
    assert undone(rig) == ["net.reserve:A", "net.reserve:B"]
    assert rig.instance(root).state == "cancelled"
    rig.check()


def test_an_undo_that_gets_no_answer_is_tried_again_under_its_own_key(rig: Rig) -> None:
    def done_but_dropped(made: OperationCall) -> Answer:
        rig.far.take_effect(made)
        raise Unreachable("dropped")

    rig.deploy(INNER)
    rig.far.script("net.release", done_but_dropped)
    root = rig.start("inner")
    rig.cancel(root)
    rig.drain()
    rig.later(seconds=5)
    assert undone(rig) == ["net.reserve:B"]
    assert rig.instance(root).state == "cancelled"
    rig.check()


def test_an_effect_done_in_this_process_is_undone_in_this_process(rig: Rig) -> None:
    notes: list[str] = []
    rig.engine.handle("local.note", lambda _s, made, _n: {"id": f"n-{made.inputs['what']}"})
    rig.engine.handle("local.forget", lambda _s, made, _n: notes.append(made.inputs["id"]) or {})
    rig.deploy(
        process(
            "notes", start(), service("note", "local.note", {"what": "'1'"}), user("u"), end(),
            flows="begin > note > u > done",
        )
    )  # fmt: skip
    root = rig.start("notes")
    rig.cancel(root)
    rig.drain()
    assert notes == ["n-1"]
    assert rig.instance(root).state == "cancelled"


def test_the_point_of_no_return_is_known_once_the_step_has_started(rig: Rig) -> None:
    rig.deploy(
        process(
            "points",
            start(),
            service("first", "net.reserve", {"what": "'A'"}, y_pointOfNoReturn="soft"),
            user("install", y_pointOfNoReturn="hard"),
            end(),
            flows="begin > first > install > done",
        ),
        process("above", start(), call("go", "points", {}), end(), flows="begin > go > done"),
    )
    rig.far.script("net.reserve", refuse("no-free-port"))
    root = rig.start("above")
    with rig.sessions() as session:
        assert rig.engine.point_of_no_return(session, root) == "soft"
    rig.retry(rig.incidents(root)[0].id)
    task = rig.user_tasks(root)[0]
    with rig.sessions() as session:
        assert rig.engine.point_of_no_return(session, root) == "soft"  # it lies in a queue, nobody has begun
    with rig.work() as session:
        rig.engine.begin_user_task(session, task.id, actor="field", now=rig.clock.at)
    with rig.sessions() as session:
        assert rig.engine.point_of_no_return(session, root) == "hard"
    assert rig.cancel(root).point_of_no_return == "hard"
    rig.check()
