"""What becomes of a call: answers early, late, twice or never; retries, refusals, unknown outcomes."""

from __future__ import annotations

import pytest

from adapters.errors import BreakerOpen, StillWorking, Unreachable
from adapters.ports import Answer, OperationCall
from processes.errors import IncidentClosed
from processes.events import ProcessEvent
from processes.queries import unmatched_news
from processes.store.jobs import InboxMessage
from tests.engine.diagrams import end, on_error, process, service, start, user
from tests.engine.far_side import Script, refuse
from tests.engine.rig import Rig


def one_step(operation: str, **attributes: str) -> bytes:
    step = service("step", operation, {"what": "'x'"}, {"got": "result.id"}, **attributes)
    return process("one", start(), step, end(), flows="begin > step > done")


def unreachable(message: str = "line down", *, maybe_done: bool = False, retry_after_s: float | None = None) -> Script:
    def step(call: OperationCall) -> Answer:
        raise Unreachable(message, maybe_done=maybe_done, retry_after_s=retry_after_s)

    return step


def test_a_callback_completes_the_step(rig: Rig) -> None:
    rig.deploy(one_step("net.activate"))
    root = rig.start("one")
    job = rig.jobs(root, kind="operation")[0]
    assert job.state == "waiting_answer"
    rig.answer(job.operation_id, outputs=rig.far.settle(job.operation_id))
    rig.drain()
    assert rig.data(root)["got"] == "net.activate:x"
    rig.check()


def test_a_callback_twice_and_late_changes_nothing(rig: Rig) -> None:
    rig.deploy(one_step("net.activate"))
    root = rig.start("one")
    job = rig.jobs(root, kind="operation")[0]
    for event_id in ("e1", "e1", "e2"):
        rig.answer(job.operation_id, event_id=event_id, outputs={"id": event_id})
        rig.drain()
    assert rig.data(root)["got"] == "e1"
    assert len(rig.effects(root)) == 1
    with rig.sessions() as session:
        states = [(row.event_id, row.state) for row in session.query(InboxMessage).order_by(InboxMessage.event_id)]
    assert states == [("e1", "delivered"), ("e2", "ignored")]
    rig.check()


def test_a_callback_may_come_before_the_reply_to_the_call(rig: Rig) -> None:
    rig.deploy(one_step("net.activate"))
    other = rig.another_worker()

    def answered_early(call: OperationCall) -> Answer:
        reply = rig.far.take_effect(call)
        rig.answer(call.operation_id, outputs={"id": "early"})
        other.drain()
        return reply

    rig.far.script("net.activate", answered_early)
    root = rig.start("one")
    assert rig.data(root)["got"] == "early"
    assert rig.instance(root).state == "completed"
    rig.check()


def test_a_rejecting_callback_takes_the_error_path(rig: Rig) -> None:
    step = service("step", "net.activate", {"what": "'x'"})
    rig.deploy(
        process(
            "one",
            start(),
            step,
            on_error("failed", "step", "test-failed"),
            user("mend"),
            end(),
            end("other"),
            flows="begin > step > done; failed > mend > other",
            codes=["test-failed"],
        )
    )
    root = rig.start("one")
    job = rig.jobs(root, kind="operation")[0]
    rig.answer(job.operation_id, status="rejected", code="test-failed", message="no light")
    rig.drain()
    assert [task.element_id for task in rig.user_tasks(root)] == ["mend"]
    assert rig.effects(root) == []


def test_an_answer_to_nothing_we_sent_is_kept_aside(rig: Rig) -> None:
    rig.answer("01a1ffbd-0000-7000-8000-000000000000", outputs={})
    rig.drain()
    with rig.sessions() as session:
        assert [row.note for row in unmatched_news(session)] == ["nobody waits for it yet"]


def test_a_missing_callback_is_asked_for_at_the_deadline(rig: Rig) -> None:
    rig.deploy(one_step("net.activate"))
    root = rig.start("one")
    rig.far.settle(rig.jobs(root, kind="operation")[0].operation_id)
    rig.later(minutes=29)
    assert rig.instance(root).state == "running"
    rig.later(minutes=2)
    assert rig.data(root)["got"] == "net.activate:x"
    rig.check()


def test_a_callback_the_far_side_never_heard_of_is_an_incident_and_a_late_answer_mends_it(rig: Rig) -> None:
    rig.deploy(one_step("net.activate"))
    rig.far.script("net.activate", lambda _call: Answer(pending=True))  # accepts, and forgets
    root = rig.start("one")
    rig.later(minutes=31)
    assert [incident.code for incident in rig.incidents(root)] == ["callback-missing"]
    job = rig.jobs(root, kind="operation")[0]
    rig.far.take_effect(rig.far.calls[0])
    rig.answer(job.operation_id, outputs={"id": "after all"})
    rig.drain()
    assert rig.incidents(root) == []
    assert rig.data(root)["got"] == "after all"
    rig.check()


def test_a_retry_waits_with_full_jitter_and_keeps_its_operation_id(rig: Rig) -> None:
    rig.deploy(one_step("net.reserve"))
    rig.far.script("net.reserve", unreachable(), unreachable())
    root = rig.start("one")
    job = rig.jobs(root, kind="operation")[0]
    waited = (job.run_at - rig.clock.at).total_seconds()
    assert (job.state, job.attempts, job.last_error) == ("ready", 1, "line down")
    assert 0 < waited <= 2
    assert waited != 1.0
    rig.later(seconds=2)
    assert 0 < (rig.jobs(root, kind="operation")[0].run_at - rig.clock.at).total_seconds() <= 4
    rig.later(seconds=4)
    assert rig.instance(root).state == "completed"
    assert len({call.operation_id for call in rig.far.calls}) == 1
    assert [call.attempt for call in rig.far.calls] == [1, 2, 3]
    rig.check()


def test_retry_after_is_honoured(rig: Rig) -> None:
    rig.deploy(one_step("net.reserve"))
    rig.far.script("net.reserve", unreachable(retry_after_s=120))
    root = rig.start("one")
    assert (rig.jobs(root, kind="operation")[0].run_at - rig.clock.at).total_seconds() == 120


def test_a_far_side_that_is_still_at_it_costs_no_attempt_until_its_time_is_over(rig: Rig) -> None:
    def at_it(_call: OperationCall) -> Answer:
        raise StillWorking("being worked on", retry_after_s=5)

    rig.deploy(one_step("net.reserve"))
    rig.far.script("net.reserve", *[at_it] * 10)
    root = rig.start("one")
    for _ in range(10):
        rig.later(seconds=60)
    assert rig.incidents(root) == []
    assert rig.instance(root).state == "completed"
    assert len({call.operation_id for call in rig.far.calls}) == 1
    rig.far.script("net.reserve", *[at_it] * 100)
    root = rig.start("one")
    for _ in range(45):
        rig.later(seconds=60)
    assert [incident.code for incident in rig.incidents(root)] == ["unreachable"]


def test_used_up_attempts_are_an_incident_and_a_retry_begins_afresh(rig: Rig) -> None:
    rig.deploy(one_step("net.reserve"))
    rig.far.script("net.reserve", *[unreachable()] * 3)
    root = rig.start("one")
    rig.later(seconds=60)
    rig.later(seconds=60)
    incident = rig.incidents(root)[0]
    assert (incident.code, incident.message, incident.element_id) == ("unreachable", "line down", "step")
    assert "incident_opened" in rig.kinds()
    rig.check()
    rig.retry(incident.id)
    assert rig.instance(root).state == "completed"
    assert "incident_resolved" in rig.kinds()
    assert len({call.operation_id for call in rig.far.calls}) == 1
    with rig.work() as session, pytest.raises(IncidentClosed):
        rig.engine.retry_incident(session, incident.id, actor="ops", now=rig.clock.at)
    rig.check()


def test_an_effect_done_but_not_answered_is_not_done_again_when_keyed(rig: Rig) -> None:
    def done_but_dropped(call: OperationCall) -> Answer:
        rig.far.take_effect(call)
        raise Unreachable("dropped")

    rig.deploy(one_step("net.reserve"))
    rig.far.script("net.reserve", done_but_dropped)
    root = rig.start("one")
    rig.later(seconds=5)
    assert rig.instance(root).state == "completed"
    assert [row["count"] for row in rig.far.counts()] == [1]
    rig.check()


def test_a_queryable_operation_is_asked_about_before_it_is_repeated(rig: Rig) -> None:
    rig.far.keyed = False

    def done_but_dropped(call: OperationCall) -> Answer:
        rig.far.take_effect(call)
        raise Unreachable("dropped")

    rig.deploy(one_step("ask.poke"))
    rig.far.script("ask.poke", done_but_dropped)
    root = rig.start("one")
    rig.later(seconds=5)
    assert rig.instance(root).state == "completed"
    assert [row["count"] for row in rig.far.counts()] == [1]
    rig.check()


def test_an_unknown_outcome_is_never_repeated_blindly(rig: Rig) -> None:
    rig.far.keyed = False
    rig.deploy(one_step("odd.poke"))
    rig.far.script("odd.poke", unreachable("dropped", maybe_done=True))
    root = rig.start("one")
    rig.later(minutes=10)
    assert [incident.code for incident in rig.incidents(root)] == ["outcome-unknown"]
    assert len(rig.far.calls) == 1
    with rig.work() as session:
        rig.engine.skip_incident(
            session,
            rig.incidents(root)[0].id,
            result={"id": "seen"},
            reason="it is there",
            effect_happened=True,
            actor="ops",
            now=rig.clock.at,
        )
    rig.drain()
    assert rig.data(root)["got"] == "seen"
    assert [effect.state for effect in rig.effects(root)] == ["irreversible"]


def test_an_open_breaker_parks_the_job_and_burns_no_attempt(rig: Rig) -> None:
    def closed(call: OperationCall) -> Answer:
        raise BreakerOpen("open", opens_until_s=30)

    rig.deploy(one_step("net.reserve"))
    rig.far.script("net.reserve", closed)
    root = rig.start("one")
    job = rig.jobs(root, kind="operation")[0]
    assert (job.state, job.attempts, job.outcome_unknown) == ("ready", 0, False)
    assert (job.run_at - rig.clock.at).total_seconds() == 30
    rig.later(seconds=31)
    assert rig.instance(root).state == "completed"


def test_jobs_of_a_closed_adapter_are_not_even_claimed(rig: Rig) -> None:
    rig.deploy(one_step("net.reserve"))
    rig.far.closed_for_s = 5.0
    root = rig.start("one")
    assert rig.far.calls == []
    assert rig.jobs(root, kind="operation")[0].attempts == 0
    rig.far.closed_for_s = 0.0
    rig.drain()
    assert rig.instance(root).state == "completed"


def test_a_refusal_nobody_catches_is_an_incident_with_its_code(rig: Rig) -> None:
    rig.deploy(one_step("net.reserve"))
    rig.far.script("net.reserve", refuse("no-free-port"))
    root = rig.start("one")
    assert [incident.code for incident in rig.incidents(root)] == ["no-free-port"]
    rig.retry(rig.incidents(root)[0].id, inputs={"what": "y"})
    assert rig.data(root)["got"] == "net.reserve:y"
    rig.check()


def test_inputs_that_do_not_fit_are_an_incident_before_anything_is_sent(rig: Rig) -> None:
    step = service("step", "net.reserve", {"wrong": "'x'"}, {"got": "result.id"})
    rig.deploy(process("one", start(), step, end(), flows="begin > step > done"))
    root = rig.start("one")
    assert [incident.code for incident in rig.incidents(root)] == ["invalid-inputs"]
    assert rig.far.calls == []
    rig.retry(rig.incidents(root)[0].id, inputs={"what": "y"})
    assert rig.instance(root).state == "completed"


def test_an_output_mapping_that_fails_keeps_the_effect_and_can_be_tried_again(rig: Rig) -> None:
    step = service("step", "net.reserve", {"what": "'x'"}, {"got": "result.nonsense"})
    rig.deploy(process("one", start(), step, end(), flows="begin > step > done"))
    root = rig.start("one")
    incident = rig.incidents(root)[0]
    assert incident.job_id is None
    assert len(rig.effects(root)) == 1
    rig.check()
    rig.retry(incident.id)
    assert [incident.state for incident in rig.incidents(root)] == ["open"]
    with rig.work() as session:
        rig.engine.skip_incident(
            session, rig.incidents(root)[0].id, result={"got": "by hand"}, reason="typo", actor="ops", now=rig.clock.at
        )
    rig.drain()
    assert rig.data(root)["got"] == "by hand"
    rig.check()


def test_a_handler_of_ours_that_breaks_becomes_an_incident_that_says_so(rig: Rig) -> None:
    def broken(_session: object, _call: OperationCall, _now: object) -> dict[str, str]:
        raise KeyError("address")

    rig.engine.handle("local.note", broken)
    rig.deploy(one_step("local.note"))
    root = rig.start("one")
    for _ in range(4):
        rig.later(seconds=60)
    assert [(i.code, i.message) for i in rig.incidents(root)] == [("internal-error", "KeyError: 'address'")]
    rig.check()


def test_a_listener_that_breaks_undoes_its_transaction_and_the_job_says_why(rig: Rig) -> None:
    class Unheard(Exception):
        pass

    def picky(_session: object, event: ProcessEvent) -> None:
        if event.kind == "element_completed" and event.element and event.element.id == "step" and rig.moody:
            raise Unheard("not today")

    rig.engine.listen(picky)
    rig.moody = True
    rig.deploy(one_step("net.reserve"))
    root = rig.start("one")
    assert rig.effects(root) == []
    assert rig.jobs(root, kind="operation")[0].last_error == "Unheard: not today"
    rig.moody = False
    rig.later(seconds=60)
    assert rig.instance(root).state == "completed"
    assert [row["count"] for row in rig.far.counts()] == [1]
    rig.check()
