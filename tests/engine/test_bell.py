"""The bell wakes a worker at once, runs nothing else, and is not missed when it is gone."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from processes.counters import Counters
from processes.redis_bell import WAKE, BellJob, BellListener, BellWorker, RedisBell, bell_queue

pytestmark = pytest.mark.slow


def burst(url: str) -> int:
    """Let the bell's worker take everything from the queue; returns how often it woke us."""
    woken = []
    connection = Redis.from_url(url)
    worker = BellWorker(bell_queue(connection), connection=connection, name="ear", on_wake=lambda: woken.append(1))
    worker.work(burst=True, logging_level="CRITICAL")
    connection.close()
    return len(woken)


def test_a_ring_is_one_wake_up_however_often_it_is_rung(redis_url: str) -> None:
    bell = RedisBell(redis_url, Counters())
    for _ in range(5):
        bell.ring()
    assert burst(redis_url) == 1
    assert burst(redis_url) == 0


@pytest.mark.parametrize(
    "name", ["os.system", "exec", "builtins.exec", "subprocess.call", "processes.wall_clock.wall_now"]
)
def test_no_other_function_can_be_run_through_redis(redis_url: str, tmp_path: Path, name: str) -> None:
    canary = tmp_path / "canary"
    with Redis.from_url(redis_url) as connection:
        plain = Queue(bell_queue(connection).name, connection=connection, serializer=JSONSerializer)
        job = plain.enqueue_call(name, args=(f"touch {canary}",))
        burst(redis_url)
        assert Job.fetch(job.id, connection=connection, serializer=JSONSerializer).get_status() == JobStatus.FAILED
    assert not canary.exists()


def test_callbacks_written_into_redis_are_not_called(redis_url: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    with Redis.from_url(redis_url) as connection:
        job = bell_queue(connection).enqueue_call(WAKE)
        for field in ("success_callback_name", "failure_callback_name", "stopped_callback_name"):
            connection.hset(job.key, field, "os.system")
        assert burst(redis_url) == 1
    assert not canary.exists()
    assert BellJob(connection=Redis.from_url(redis_url)).success_callback is None


def test_queue_and_worker_both_use_the_safe_job_class(redis_url: str) -> None:
    with Redis.from_url(redis_url) as connection:
        queue = bell_queue(connection)
        worker = BellWorker(queue, connection=connection, name="ear2", on_wake=lambda: None)
        assert queue.job_class is BellJob
        assert worker.job_class is BellJob
        assert queue.serializer is JSONSerializer
        assert worker.serializer is JSONSerializer


def test_the_listener_wakes_its_process_at_once(redis_url: str) -> None:
    woken = threading.Event()
    listener = BellListener(redis_url, name="worker-a", on_wake=woken.set)
    listener.start()
    time.sleep(0.5)
    RedisBell(redis_url, Counters()).ring()
    assert woken.wait(5)
    listener.stop()


def test_a_bell_that_is_gone_costs_little_and_is_only_counted() -> None:
    counters = Counters()
    bell = RedisBell("redis://127.0.0.1:1/0", counters)
    began = time.monotonic()
    bell.ring()
    assert time.monotonic() - began < 1
    assert counters.all()["wake_lost"] == 1
