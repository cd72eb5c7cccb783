"""One neighbour that is slow holds its own calls and nobody else's; one whose retry budget is spent gets no repeats."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from adapters.errors import Unreachable
from adapters.ports import Answer, OperationCall
from processes.bulkhead import Places
from processes.worker import Worker
from processes.workers import closed_gates
from tests.engine.diagrams import end, process, service, start
from tests.engine.rig import Rig

LIMIT = 3
PATIENCE_S = 30.0


def step(key: str, operation: str) -> bytes:
    return process(
        key,
        start(),
        service("act", operation, {"what": "'x'"}, {"got": "result.id"}),
        end(),
        flows="begin > act > done",
        data=("got",),
    )


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def working(worker: Worker) -> Iterator[None]:
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


@pytest.mark.parametrize("threads", [1, 2])
def test_a_slow_neighbour_leaves_the_threads_to_others(rig: Rig, threads: int) -> None:
    answer, out = threading.Event(), []

    def slow(call: OperationCall) -> None:
        out.append(call.operation_id)
        answer.wait(PATIENCE_S)

    rig.deploy(step("slow", "net.announce"), step("quick", "odd.poke"))
    rig.far.script("net.announce", *[slow] * 10)
    slow_ones = [begin(rig, "slow") for _ in range(8)]
    quick_ones = [begin(rig, "quick") for _ in range(4)]
    worker = rig.another_worker(threads=threads, calls=LIMIT, batch=2, poll_s=0.05)
    with working(worker):
        until(lambda: all(rig.instance(root).state == "completed" for root in quick_ones))
        assert not answer.is_set()
        assert LIMIT <= len(out) < len(slow_ones), "some calls are out, no more than its share and a batch"
        answer.set()
        until(lambda: all(rig.instance(root).state == "completed" for root in slow_ones))
    rig.check()


def begin(rig: Rig, key: str) -> str:
    with rig.work() as session:
        return rig.engine.start(
            session, key, business_key=f"order:{key}", area="SH", data={}, now=rig.clock.at, actor="front"
        ).id


def test_no_repeats_for_a_neighbour_whose_budget_is_spent(rig: Rig) -> None:
    def busy(call: OperationCall) -> Answer:
        raise Unreachable("busy", maybe_done=False)

    rig.deploy(step("one", "net.reserve"))
    rig.far.script("net.reserve", busy)
    first = rig.start("one")
    assert rig.jobs(first, kind="operation")[0].attempts == 1
    rig.far.repeats_left = 0
    rig.later(seconds=120)
    second = rig.start("one")
    assert [rig.instance(root).state for root in (first, second)] == ["running", "completed"]
    assert rig.jobs(first, kind="operation")[0].attempts == 1, "it waits and burns no attempt"
    rig.far.repeats_left = 5
    rig.drain()
    assert rig.instance(first).state == "completed"


def test_a_sign_of_life_says_which_neighbours_get_no_calls(rig: Rig) -> None:
    rig.far.closed_for_s = 5.0
    rig.worker.sweep()
    rig.another_worker().sweep()
    with rig.sessions() as session:
        assert closed_gates(session, rig.clock.at) == {"net": 2, "odd": 2, "ask": 2}
        assert closed_gates(session, rig.clock.at + timedelta(minutes=1)) == {}, "the dead say nothing"
    rig.far.closed_for_s = 0.0
    rig.worker.sweep()
    with rig.sessions() as session:
        assert closed_gates(session, rig.clock.at)["net"] == 1


def test_a_place_given_up_is_somebody_elses() -> None:
    places = Places(1)
    seen: list[str] = []

    def other() -> None:
        with places.taken():
            seen.append("other")

    with places.taken():
        thread = threading.Thread(target=other)
        thread.start()
        with places.given_up():
            thread.join(PATIENCE_S)
            assert (seen, places.away) == (["other"], 1)
        assert places.away == 0
