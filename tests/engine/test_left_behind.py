"""What a worker that died had in hand goes to others at once, and what may have killed it is done alone."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import update

from adapters.ports import Answer, OperationCall
from processes.claims import CUT_CALL_SETTLES, Claim, claim_jobs
from processes.machine import machine
from processes.store.jobs import Job, WorkerHeartbeat
from processes.worker import Worker
from tests.engine.diagrams import end, process, service, start, wait_for
from tests.engine.rig import Rig
from tests.engine.test_bulkhead import PATIENCE_S, until

STEPS = {"one": "net.reserve", "asked": "ask.poke"}
INNOCENTS = 4


def one_step(key: str) -> bytes:
    step = service("step", STEPS[key], {"what": "'x'"}, {"got": "result.id"})
    return process(key, start(), step, end(), flows="begin > step > done")


def begin(rig: Rig, key: str) -> str:
    with rig.work() as session:
        return rig.engine.start(
            session, key, business_key=f"order:{key}", area="SH", data={}, now=rig.clock.at, actor="front"
        ).id


@pytest.fixture
def a_dead_process() -> int:
    """The number of a process that is no more."""
    process_ = subprocess.Popen([sys.executable, "-c", ""])
    process_.wait()
    return process_.pid


def dies(rig: Rig, worker: Worker, pid: int, *, here: bool = True) -> None:
    """Let the worker's sign of life be of a process that is no more, on this machine or on another."""
    worker.sweep()
    values = {"pid": pid, "machine": machine() if here else "another"}
    with rig.work() as session:
        session.execute(update(WorkerHeartbeat).where(WorkerHeartbeat.name == worker.name).values(**values))


def claim_and_die(rig: Rig, pid: int, *, here: bool = True) -> None:
    """A worker claims what is due and dies of it."""
    worker = rig.another_worker()
    assert worker.claimer.claim(8)
    dies(rig, worker, pid, here=here)


def test_what_a_dead_worker_of_this_machine_had_goes_on_at_once(rig: Rig, a_dead_process: int) -> None:
    rig.deploy(one_step("one"), process("waits", start(), wait_for("t", "PT1H"), end(), flows="begin > t > done"))
    waiting = rig.start("waits")
    roots = [begin(rig, "one"), waiting]
    rig.clock.move(timedelta(hours=1))
    claim_and_die(rig, a_dead_process)
    rig.worker.sweep()  # no time has passed
    rig.drain()
    assert [rig.instance(root).state for root in roots] == ["completed", "completed"]
    (job,) = rig.jobs(roots[0], kind="operation")
    assert (job.attempts, job.deaths) == (2, 1)
    assert [row["count"] for row in rig.far.counts()] == [1]
    with rig.sessions() as session:
        states = {row.name: row.state for row in session.query(WorkerHeartbeat)}
    assert states == {rig.worker.name: "running", "worker-b": "died"}
    rig.check()


def test_of_a_worker_elsewhere_only_the_lease_tells(rig: Rig, a_dead_process: int) -> None:
    rig.deploy(one_step("one"))
    root = begin(rig, "one")
    claim_and_die(rig, a_dead_process, here=False)
    rig.worker.sweep()
    rig.drain()
    assert rig.instance(root).state == "running"
    rig.clock.move(rig.worker._lease * 2)
    rig.worker.sweep()
    rig.drain()
    assert rig.instance(root).state == "completed"


def test_a_living_worker_keeps_what_it_has(rig: Rig) -> None:
    rig.deploy(one_step("one"))
    begin(rig, "one")
    other = rig.another_worker()
    assert other.claimer.claim(8)
    other.sweep()
    rig.worker.sweep()
    assert rig.worker.claimer.claim(8) == []


def test_a_call_that_may_be_under_way_is_not_asked_about_too_early(rig: Rig, a_dead_process: int) -> None:
    rig.deploy(one_step("asked"))
    root = begin(rig, "asked")
    claim_and_die(rig, a_dead_process)
    rig.worker.sweep()
    rig.drain()
    assert rig.instance(root).state == "running"
    rig.later(seconds=CUT_CALL_SETTLES.total_seconds())
    assert rig.instance(root).state == "completed"


def test_what_kills_does_so_ever_more_rarely(rig: Rig, a_dead_process: int) -> None:
    rig.deploy(one_step("one"))
    root = begin(rig, "one")
    waits = []
    for _ in range(3):
        with rig.work() as session:
            session.execute(update(Job).values(run_at=rig.clock.at))
        claim_and_die(rig, a_dead_process)
        rig.worker.sweep()
        (job,) = rig.jobs(root, kind="operation")
        waits.append((job.run_at - rig.clock.at).total_seconds())
    assert waits[0] == 0
    assert 0 < waits[1] < 4
    assert 0 < waits[2] < 8


def test_what_was_leased_without_the_workers_knowing_is_given_back(rig: Rig) -> None:
    rig.deploy(one_step("one"))
    unknown = begin(rig, "one")
    with rig.work() as session:  # the commit was carried out, and nobody heard of it
        assert claim_jobs(
            session, owner=rig.worker.name, limit=8, lease=rig.worker._lease, blocked=(), now=rig.clock.at
        )
    known = begin(rig, "one")
    (claim,) = rig.worker.claimer.claim(8)
    rig.worker.sweep()
    assert [rig.jobs(root, kind="operation")[0].state for root in (unknown, known)] == ["sent", "sent"]
    rig.worker.sweep()
    assert [rig.jobs(root, kind="operation")[0].state for root in (unknown, known)] == ["ready", "sent"]
    rig.worker._do(claim)
    rig.drain()
    assert [rig.instance(root).state for root in (unknown, known)] == ["completed", "completed"]
    assert rig.jobs(unknown, kind="operation")[0].deaths == 0
    rig.check()


@contextmanager
def working(worker: Worker) -> Iterator[None]:
    thread = threading.Thread(target=worker.run, kwargs={"grace_s": 0.2})
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


@pytest.mark.parametrize(("deaths", "alone"), [(1, False), (2, True)])
def test_a_call_that_lost_two_workers_is_out_alone(rig: Rig, deaths: int, *, alone: bool) -> None:
    """Those that may be out together wait for each other, and would wait for ever if they were not."""
    together = threading.Barrier(INNOCENTS if alone else INNOCENTS + 1)
    rig.deploy(one_step("one"))
    suspect, *innocents = [begin(rig, "one") for _ in range(INNOCENTS + 1)]
    (job,) = rig.jobs(suspect, kind="operation")
    with rig.work() as session:
        # Its turn comes first, and the others are claimed with it.
        values = {"deaths": deaths, "run_at": rig.clock.at - timedelta(seconds=1)}
        session.execute(update(Job).where(Job.id == job.id).values(**values))
    order: list[str] = []

    def call(call: OperationCall) -> Answer | None:
        order.append(call.operation_id)
        if alone and call.operation_id == job.operation_id:
            time.sleep(0.2)  # time enough for others to come, if they may
        else:
            together.wait(PATIENCE_S)
        order.append(call.operation_id)
        return None

    rig.far.script("net.reserve", *[call] * (INNOCENTS + 1))
    with working(rig.another_worker(threads=INNOCENTS + 1, batch=INNOCENTS + 1, poll_s=0.05)):
        until(lambda: all(rig.instance(root).state == "completed" for root in (suspect, *innocents)))
    if alone:
        assert order[:2] == [job.operation_id] * 2, "nobody was out with it"
    tries = [found.attempts for root in innocents for found in rig.jobs(root, kind="operation")]
    assert tries == [1] * INNOCENTS, "being put aside is no try"
    rig.check()


def test_who_is_stopped_meanwhile_gives_it_back(rig: Rig) -> None:
    rig.deploy(one_step("one"))
    root = begin(rig, "one")
    with rig.work() as session:
        session.execute(update(Job).values(deaths=2))
    is_out, answer = threading.Event(), threading.Event()

    def slow(_call: OperationCall) -> None:
        is_out.set()
        answer.wait(PATIENCE_S)

    rig.far.script("net.reserve", slow)
    worker = rig.another_worker(poll_s=0.05)
    with working(worker):
        assert is_out.wait(PATIENCE_S)
    (job,) = rig.jobs(root, kind="operation")
    assert (job.state, job.lease_owner) == ("ready", None)
    answer.set()
    until(lambda: worker.in_hand == 0)


def test_a_claim_knows_how_many_workers_it_has_lost(rig: Rig, a_dead_process: int) -> None:
    rig.deploy(one_step("one"))
    begin(rig, "one")
    claim_and_die(rig, a_dead_process)
    rig.worker.sweep()
    (claim,) = rig.worker.claimer.claim(8)
    assert isinstance(claim, Claim)
    assert claim.deaths == 1
