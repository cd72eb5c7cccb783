"""Timers, messages, answers that fail or kill their worker end as an incident on their element; circles are stopped."""

from __future__ import annotations

from datetime import timedelta

from processes.claims import INTERNAL_ATTEMPTS
from processes.lifecycle import InboxState
from processes.store.jobs import InboxMessage
from processes.trigger_runner import News, TimersDue
from tests.engine.diagrams import end, hear, on_timer, process, service, start, user, wait_for
from tests.engine.rig import Rig

WAITS = process(
    "waits",
    start(),
    wait_for("pause", "PT1H"),
    service("write", "net.reserve", {"what": "'A'"}),
    end(),
    flows="begin > pause > write > done",
)
HEARS = process("hears", start(), hear("news", "order"), end(), flows="begin > news > done", data=["order"])


class Bad:
    """A listener of the house that fails as often as it is told to."""

    def __init__(self, rig: Rig, kind: str) -> None:
        self.times, self.kind = 0, kind
        rig.engine.listen(self)

    def __call__(self, _session: object, event: object) -> None:
        if self.times and getattr(event, "kind", "") == self.kind:
            self.times -= 1
            raise RuntimeError("a bug in the house")


def until_quiet(rig: Rig, rounds: int = 12) -> None:
    for _ in range(rounds):
        rig.later(minutes=2)
        rig.worker.sweep()
    rig.drain()


def lose_worker(rig: Rig) -> None:
    """Claim what is due with a worker that dies of it: nothing is done, the leases run out."""
    rig.another_worker().claimer.claim(8)
    rig.clock.move(timedelta(seconds=61))
    rig.worker.sweep()


def test_a_timer_whose_firing_fails_is_an_incident_after_five_tries_and_can_be_retried(rig: Rig) -> None:
    bad = Bad(rig, "element_entered")
    rig.deploy(WAITS)
    root = rig.start("waits")
    bad.times = 1000
    rig.later(hours=1)
    until_quiet(rig)
    (incident,) = rig.incidents(root)
    assert (incident.element_id, incident.code) == ("pause", "internal-error")
    assert "a bug in the house" in incident.message
    assert 1000 - bad.times == 1 + INTERNAL_ATTEMPTS
    rig.check()
    bad.times = 0
    rig.retry(incident.id)
    assert rig.instance(root).state == "completed"
    rig.check()


def test_a_timer_that_kills_its_worker_is_an_incident_and_its_neighbours_fire(rig: Rig) -> None:
    rig.deploy(WAITS)
    roots = [rig.start("waits") for _ in range(3)]
    rig.clock.move(timedelta(hours=1))
    lose_worker(rig)  # all three were in its hand
    (again,) = rig.worker.claimer.claim(8)
    assert again == TimersDue(again.ids, again=True) and len(again.ids) == 3
    rig.worker._triggers.run(again)
    jobs = {root: rig.jobs(root, kind="fire_timer")[0] for root in roots}
    for _ in range(INTERNAL_ATTEMPTS):  # the first one kills whoever takes it, each time
        for claim in rig.worker.claimer.claim(8):
            if claim.id != jobs[roots[0]].id:
                rig.worker._do(claim)
        rig.clock.move(timedelta(seconds=61))
        rig.worker.sweep()
        rig.clock.move(timedelta(seconds=61))
    assert [rig.instance(root).state for root in roots[1:]] == ["completed", "completed"]
    rig.drain()
    (incident,) = rig.incidents(roots[0])
    assert (incident.element_id, incident.code) == ("pause", "attempts-exhausted")
    rig.check()


def test_a_trigger_given_back_unbegun_or_passed_over_has_not_been_tried(rig: Rig) -> None:
    rig.deploy(WAITS)
    root = rig.start("waits")
    rig.clock.move(timedelta(hours=1))
    for _ in range(3):
        found = rig.worker.claimer.claim(8)
        assert [piece for piece in found if isinstance(piece, TimersDue) and not piece.again] == found
        rig.worker.claimer.give_back(found)
    rig.drain()
    assert rig.instance(root).state == "completed"
    assert rig.jobs(root, kind="fire_timer") == []


def test_a_wait_that_ends_otherwise_takes_the_incident_of_its_timer_with_it(rig: Rig) -> None:
    bad = Bad(rig, "element_cancelled")
    rig.deploy(
        process(
            "late",
            start(),
            user("install"),
            on_timer("too_late", "install", "PT1H"),
            end(),
            end("expired"),
            flows="begin > install > done; too_late > expired",
        )
    )
    root = rig.start("late")
    bad.times = 1000
    rig.later(hours=1)
    until_quiet(rig)
    assert [incident.element_id for incident in rig.incidents(root)] == ["too_late"]
    bad.times = 0
    rig.complete(root)
    assert rig.instance(root).state == "completed"
    assert rig.incidents(root) == []
    assert [job.state for job in rig.jobs(root, kind="fire_timer")] == ["cancelled"]
    rig.check()


def say(rig: Rig, event_id: str, key: str = "7") -> None:
    with rig.work() as session:
        rig.engine.receive_message(
            session, source="crm", event_id=event_id, name="line_ready", key=key, payload={}, now=rig.clock.at
        )


def test_a_message_whose_handling_fails_is_an_incident_where_it_was_awaited(rig: Rig) -> None:
    bad = Bad(rig, "element_completed")
    rig.deploy(HEARS)
    root = rig.start("hears", order="7")
    bad.times = 1000
    say(rig, "m1")
    rig.drain()
    until_quiet(rig)
    (incident,) = rig.incidents(root)
    assert (incident.element_id, incident.code) == ("news", "internal-error")
    rig.check()
    bad.times = 0
    rig.retry(incident.id)
    assert rig.instance(root).state == "completed"
    with rig.sessions() as session:
        assert [row.state for row in session.query(InboxMessage)] == [InboxState.DELIVERED]
    rig.check()


def test_a_message_that_cannot_be_delivered_is_free_for_others_once_the_wait_is_over(rig: Rig) -> None:
    bad = Bad(rig, "element_completed")
    rig.deploy(HEARS)
    first = rig.start("hears", order="7")
    bad.times = 1000
    say(rig, "m1")
    rig.drain()
    until_quiet(rig)
    assert rig.incidents(first)
    bad.times = 0
    rig.cancel(first)
    assert rig.instance(first).state == "cancelled"
    second = rig.start("hears", order="7")
    assert rig.instance(second).state == "completed"
    rig.check()


def test_an_answer_whose_adoption_fails_is_an_incident_where_it_was_asked_for(rig: Rig) -> None:
    bad = Bad(rig, "effect_confirmed")
    rig.deploy(
        process("asks", start(), service("order", "net.activate", {"what": "'A'"}), end(), flows="begin > order > done")
    )
    root = rig.start("asks")
    (job,) = rig.jobs(root)
    bad.times = 1000
    rig.answer(job.operation_id, outputs={"id": "9"})
    rig.drain()
    for _ in range(8):
        rig.later(seconds=40)
    (incident,) = rig.incidents(root)
    assert (incident.element_id, incident.code) == ("order", "internal-error")
    bad.times = 0
    rig.retry(incident.id)
    assert rig.instance(root).state == "completed"
    rig.check()


def test_news_that_were_leased_before_are_marked_so(rig: Rig) -> None:
    rig.deploy(HEARS)
    root = rig.start("hears", order="7")
    say(rig, "m1")
    lose_worker(rig)
    (again,) = rig.worker.claimer.claim(8)
    assert again == News(again.id, again=True)
    rig.worker._do(again)
    assert [job.kind for job in rig.jobs(root)] == ["deliver_message"]
    rig.drain()
    assert rig.instance(root).state == "completed"
    rig.check()
