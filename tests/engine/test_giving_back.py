"""What a worker gives back when it stops, and what it leaves alone when it is told to claim nothing more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from adapters.ports import Answer, OperationCall
from processes.claims import CUT_CALL_SETTLES
from processes.workers import DrainScope, end_drains, list_workers, order_drain
from tests.engine.diagrams import end, process, service, start
from tests.engine.rig import Rig

ONE = process(
    "one", start(), service("step", "net.reserve", {"what": "'x'"}, {"got": "result.id"}), end(),
    flows="begin > step > done",
)  # fmt: skip
PATIENCE_S = 60.0


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def begin(rig: Rig) -> str:
    """An instance whose step nobody has taken up."""
    rig.deploy(ONE)
    with rig.work() as session:
        return rig.engine.start(session, "one", business_key="k", area="SH", data={}, now=rig.clock.at, actor="x").id


def test_a_call_that_outlasts_the_stop_is_given_back_with_its_outcome_unknown(rig: Rig) -> None:
    calling, hung_up = threading.Event(), threading.Event()

    def slow(call: OperationCall) -> Answer:
        calling.set()
        hung_up.wait(PATIENCE_S)
        return rig.far.take_effect(call)

    rig.far.script("net.reserve", slow)
    root = begin(rig)
    worker = rig.another_worker(threads=1, poll_s=0.05)
    thread = threading.Thread(target=worker.run, kwargs={"grace_s": 0.3})
    thread.start()
    assert calling.wait(PATIENCE_S)
    worker.stop()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    job = rig.jobs(root, kind="operation")[0]
    assert (job.state, job.lease_owner, job.lease_until) == ("ready", None, None)
    assert (job.outcome_unknown, job.run_at) == (True, rig.clock.at + CUT_CALL_SETTLES)

    rig.clock.move(CUT_CALL_SETTLES + timedelta(seconds=1))
    rig.worker.drain()
    assert rig.instance(root).state == "completed"
    hung_up.set()  # and what the stopped worker hears in the end is refused
    until(lambda: rig.parts.counters.all()["fenced_writes"] == 1)
    until(lambda: worker.in_hand == 0)
    assert [row["count"] for row in rig.far.counts()] == [1]
    rig.check()


def test_a_drained_worker_claims_nothing_until_the_drain_ends(rig: Rig) -> None:
    root = begin(rig)
    worker = rig.another_worker(threads=1, poll_s=0.02, sweep_s=0.05)
    with rig.work() as session:
        order_drain(session, DrainScope.WORKER, worker.name, rig.clock.at)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        until(lambda: worker.is_held_back)
        time.sleep(0.5)
        assert rig.far.calls == []
        with rig.work() as session:
            assert [(line.name, line.state, line.in_hand) for line in list_workers(session, rig.clock.at)] == [
                (worker.name, "draining", 0)
            ]
            assert end_drains(session) == 1
        until(lambda: rig.instance(root).state == "completed")
    finally:
        worker.stop()
        thread.join(PATIENCE_S)
    rig.check()
