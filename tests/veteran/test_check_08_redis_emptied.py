"""Check 8: Redis emptied or lost: it only rings; all that is due is found in the database.

Whole orders on several hosts meanwhile: ``tests/torture/test_t05_*`` and ``test_t06_*``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from redis import Redis

from processes.counters import Counters
from processes.redis_bell import BellListener, RedisBell
from processes.worker import Worker
from tests.engine.diagrams import end, process, service, start
from tests.engine.rig import Rig
from tests.engine.supervised import until
from tests.servers import free_port

pytestmark = pytest.mark.slow
ONE_STEP = process(
    "one_step", start(), service("reserve", "net.reserve", {"what": "'A'"}), end(), flows="begin > reserve > done"
)


def run(rig: Rig, url: str, harm: Callable[[], None]) -> None:
    """Start instances, one after the other, with a bell that is harmed after each ring; all have to end."""
    rig.real_time()
    rig.deploy(ONE_STEP)
    worker = Worker(rig.engine, rig.sessions, name="worker", poll_s=0.3)
    ear = BellListener(url, name="worker", on_wake=worker.wake)
    ear.start()
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    try:
        bell, roots = RedisBell(url, Counters()), []
        for number in range(10):
            with rig.work() as session:
                now, how = rig.parts.clock.now(session), {"area": "SH", "actor": "x"}
                key = f"k{number}"
                roots.append(rig.engine.start(session, "one_step", business_key=key, data={}, now=now, **how).id)
            bell.ring()
            harm()
        for root in roots:
            until(rig, root, state="completed")
    finally:
        worker.stop()
        thread.join(30)
        ear.stop()
    assert len(rig.far.effects()) == 10
    rig.check()


def test_emptied_after_every_ring_nothing_is_lost(rig: Rig, redis_url: str) -> None:
    def empty() -> None:
        with Redis.from_url(redis_url) as connection:
            connection.flushall()

    run(rig, redis_url, empty)


def test_not_there_at_all_nothing_is_lost(rig: Rig) -> None:
    run(rig, f"redis://127.0.0.1:{free_port()}/0", lambda: None)
