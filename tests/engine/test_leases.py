"""Who may work on a job, until when; and that a worker that comes back from the dead records nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from processes import answers
from processes.claims import Claim, claim_jobs, claim_timers
from processes.clock import SystemClock, set_offset
from processes.errors import StaleTask
from processes.handlers import Confirmed
from processes.left_behind import APART_CAP_S
from processes.store.jobs import Job, WorkerHeartbeat
from processes.store.units import run_unit
from tests.engine.diagrams import end, process, service, start, user, wait_for
from tests.engine.rig import Rig

ONE = process(
    "one", start(), service("step", "net.reserve", {"what": "'x'"}, {"got": "result.id"}), end(),
    flows="begin > step > done",
)  # fmt: skip


def claimed_step(rig: Rig) -> tuple[str, Claim]:
    """Start an instance and let worker A claim its step without doing it."""
    rig.deploy(ONE)
    with rig.work() as session:
        root = rig.engine.start(session, "one", business_key="k", area="SH", data={}, now=rig.clock.at, actor="x").id
    claims = [work for work in rig.worker.claimer.claim(10) if isinstance(work, Claim)]
    assert [claim.operation for claim in claims] == ["net.reserve"]
    return root, claims[0]


def test_claiming_counts_the_attempt_and_marks_it_sent(rig: Rig) -> None:
    root, claim = claimed_step(rig)
    job = rig.jobs(root, kind="operation")[0]
    assert (job.state, job.attempts, job.lease_owner, job.fence) == ("sent", 1, "worker-a", claim.fence)
    assert job.sent_at == rig.clock.at


def test_a_lease_that_ran_out_is_taken_up_by_another_and_the_first_is_refused(rig: Rig) -> None:
    root, zombie = claimed_step(rig)
    other = rig.another_worker()
    rig.clock.move(other._lease * 2)
    other.sweep()
    assert rig.jobs(root, kind="operation")[0].outcome_unknown
    other.drain()
    assert rig.instance(root).state == "completed"
    before = rig.instance(root).version
    assert rig.worker._runner.run(zombie) == []
    assert rig.parts.counters.all()["fenced_writes"] == 1
    assert rig.instance(root).version == before
    assert [row["count"] for row in rig.far.counts()] == [1]
    rig.check()


def stolen_then_recorded_by_the_first(rig: Rig) -> str:
    """A stalls past its lease, B claims the job, A records. Returns the state of the job, which B still holds."""
    root, first = claimed_step(rig)
    other = rig.another_worker()
    rig.clock.move(other._lease * 2)
    other.sweep()
    assert other.claimer.claim(10)
    rig.worker._runner.run(first)
    state: str = rig.jobs(root, kind="operation")[0].state
    return state


def test_the_first_holder_cannot_record_while_the_second_is_at_it(rig: Rig) -> None:
    assert stolen_then_recorded_by_the_first(rig) == "sent"


def test_without_the_fence_it_could(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted mutant: the test above can fail."""

    monkeypatch.setattr(answers, "is_held", lambda _running, _job, _claim: True)
    assert stolen_then_recorded_by_the_first(rig) == "done"


def test_the_heartbeat_lengthens_what_is_held_and_notices_what_is_lost(rig: Rig) -> None:
    root, claim = claimed_step(rig)
    rig.clock.move(rig.worker._lease / 2)
    rig.worker._leases.beat()
    assert rig.jobs(root, kind="operation")[0].lease_until == rig.clock.at + rig.worker._lease
    with rig.work() as session:
        session.get_one(Job, claim.id).fence += 1
    rig.worker._leases.beat()
    assert rig.worker._leases.held() == [claim], "it may just have been recorded"
    rig.worker._leases.beat()
    assert rig.worker._leases.held() == []
    assert rig.parts.counters.all()["lease_lost"] == 1


def test_a_job_given_back_has_not_burned_an_attempt(rig: Rig) -> None:
    root, claim = claimed_step(rig)
    rig.worker.claimer.give_back([claim])
    job = rig.jobs(root, kind="operation")[0]
    assert (job.state, job.attempts) == ("ready", 0)


def test_attempts_that_die_without_a_word_end_in_an_incident(rig: Rig) -> None:
    root, _claim = claimed_step(rig)
    for number in range(3):
        other = rig.another_worker()
        rig.clock.move(other._lease * 2)
        other.sweep()
        rig.clock.move(timedelta(seconds=APART_CAP_S))  # from the second time on it comes back after a while
        found = other.claimer.claim(10)
        assert len(found) == 1, number
    assert isinstance(found[0], Claim)
    assert found[0].attempts > found[0].max_attempts
    other._runner.run(found[0])
    assert [incident.code for incident in rig.incidents(root)] == ["attempts-exhausted"]
    rig.check()


def test_a_worker_goes_straight_on_with_the_next_step(rig: Rig) -> None:
    steps = [service(name, "net.reserve", {"what": f"'{name}'"}) for name in ("a", "b", "c")]
    rig.deploy(process("chain", start(), *steps, end(), flows="begin > a > b > c > done"))
    root = rig.start("chain")
    assert rig.instance(root).state == "completed"
    assert rig.parts.counters.all()["claims"] == 1
    rig.check()


def test_two_workers_do_each_job_once(rig: Rig) -> None:
    rig.deploy(ONE)
    other = Rig(rig.url, rig.folder)
    roots = []
    with rig.work() as session:
        for number in range(30):
            roots.append(
                rig.engine.start(
                    session, "one", business_key=f"k{number}", area="SH", data={}, now=rig.clock.at, actor="x"
                ).id
            )
    workers = [rig.another_worker(threads=2, poll_s=0.05), other.another_worker(threads=2, poll_s=0.05)]
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 40
    while time.monotonic() < until and any(rig.instance(root).state != "completed" for root in roots):
        time.sleep(0.1)
    for worker in workers:
        worker.stop()
    for thread in threads:
        thread.join(timeout=30)
    assert {rig.instance(root).state for root in roots} == {"completed"}
    calls = [call.operation_id for far in (rig.far, other.far) for call in far.calls]
    assert len(calls) == len(set(calls)) == 30
    rig.check()
    with rig.sessions() as session:
        assert {row.state for row in session.query(WorkerHeartbeat)} == {"stopped"}
    other.close()


def test_of_many_who_complete_one_task_one_wins(rig: Rig) -> None:
    rig.deploy(process("visit", start(), user("install"), end(), flows="begin > install > done"))
    root = rig.start("visit")
    task = rig.user_tasks(root)[0]
    outcomes: list[str] = []

    def complete(who: int) -> None:
        def work(session: Session) -> None:
            rig.engine.complete_user_task(session, task.id, {}, actor=f"w{who}", now=rig.clock.at)

        try:
            run_unit(rig.sessions, work, rng=rig.parts.rng, tries=20)
            outcomes.append("won")
        except StaleTask:
            outcomes.append("late")

    threads = [threading.Thread(target=complete, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["late"] * 7 + ["won"]
    rig.check()


def test_a_timer_that_two_workers_hold_fires_once(rig: Rig) -> None:
    rig.deploy(process("grace", start(), wait_for("pause", "PT1H"), end(), flows="begin > pause > done"))
    root = rig.start("grace")
    rig.clock.move(rig.worker._lease * 61)
    first = rig.worker.claimer.claim(10)
    other = rig.another_worker()
    assert first
    assert other.claimer.claim(10) == []
    rig.clock.move(other._lease * 2)
    second = other.claimer.claim(10)
    assert [piece.id for piece in second] == [piece.id for piece in first]
    for worker, work in ((other, second[0]), (rig.worker, first[0])):
        worker._do(work)
    rig.drain()  # the second lease has left it to a job
    assert rig.instance(root).state == "completed"
    assert rig.parts.counters.all()["timers_fired"] == 1
    rig.check()


def test_the_clock_of_the_database_carries_the_offset(rig: Rig) -> None:
    clock = SystemClock()
    with rig.work() as session:
        before = clock.now(session)
        set_offset(session, 3600)
        session.flush()
        after = clock.now(session)
    assert timedelta(minutes=59) < after - before < timedelta(minutes=61)
    assert before.tzinfo is not None


def test_an_answer_confirmed_twice_is_one_effect(rig: Rig) -> None:
    root, claim = claimed_step(rig)
    rig.worker._runner._record(claim, lambda running, job: answers.record(running, job, Confirmed({"id": "1"})))
    rig.worker._runner._record(claim, lambda running, job: answers.record(running, job, Confirmed({"id": "2"})))
    assert [effect.outputs for effect in rig.effects(root)] == [{"id": "1"}]


def test_only_a_lease_on_what_is_our_own_does_not_wait_for_the_disk(rig: Rig) -> None:
    if rig.database.dialect.name == "sqlite":
        pytest.skip("every commit of SQLite waits for the disk")
    own = process("own", start(), service("note", "local.note", {"what": "'x'"}), end(), flows="begin > note > done")
    late = process("late", start(), wait_for("pause", "PT1S"), end(), flows="begin > pause > done")
    rig.deploy(ONE, own, late)

    def leased_durably(*keys: str, claim: Callable[..., list[Any]] = claim_jobs, **more: Any) -> str | None:
        with rig.work() as session:
            for key in keys:
                rig.engine.start(session, key, business_key="k", area="SH", data={}, now=rig.clock.at, actor="x")
        rig.clock.move(timedelta(seconds=2))
        with rig.work() as session:
            session.execute(text("SET LOCAL synchronous_commit = on"))  # whatever the server of the tests has
            leased = claim(session, owner="w", limit=10, lease=timedelta(minutes=1), now=rig.clock.at, **more)
            assert len(leased) == len(keys)
            return session.scalar(text("SHOW synchronous_commit"))

    assert leased_durably("own", "own", blocked=()) == "off"
    assert leased_durably("own", "one", "own", blocked=()) == "on"
    assert leased_durably("one", blocked=()) == "on"
    assert leased_durably("late", "late", claim=claim_timers) == "off"
