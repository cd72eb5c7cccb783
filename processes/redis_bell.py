"""The bell that rings through Redis, for workers in other processes.

RQ is the bell-rope. A job name in Redis is any dotted path, so whoever can write there could run anything: our
job class refuses every name but one, knows no callbacks and sends no webhooks; queue and worker use only it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import TimerDeathPenalty
from rq.worker import WorkerStatus

from processes.counters import Counters
from processes.faults import fault

QUEUE: Final = "yizhan-bell"
WAKE: Final = "processes.redis_bell.wake"
RING_TIMEOUT_S: Final = 0.2
MESSAGE_TTL_S: Final = 30
LISTEN_S: Final = 20
log = logging.getLogger(__name__)


class ForbiddenJob(RuntimeError):
    """Somebody wrote a job into Redis that is not a wake-up."""


def wake() -> None:
    """Do nothing: that the message came is all there is to it."""


class BellJob(Job):
    """A job that can only be a wake-up."""

    @property
    def func(self) -> Callable[[], None]:
        """The one function allowed. :raises ForbiddenJob: the name is any other."""
        if self.func_name != WAKE or self.instance is not None:
            raise ForbiddenJob(f"refused to run {self.func_name!r}")
        return wake

    @property
    def success_callback(self) -> None:
        return None

    @property
    def failure_callback(self) -> None:
        return None

    @property
    def stopped_callback(self) -> None:
        return None

    def send_webhooks(self, status: Any, *, exc_string: str | None = None) -> None:
        """Send nothing."""


def bell_queue(connection: Redis) -> Queue:
    """Return the one queue, with the safe job class."""
    return Queue(QUEUE, connection=connection, job_class=BellJob, serializer=JSONSerializer)


class RedisBell:
    """Rings by RQ: best effort within 200 ms, failures are only counted."""

    def __init__(self, url: str, counters: Counters) -> None:
        self._counters = counters
        self._redis = Redis.from_url(
            url,
            socket_timeout=RING_TIMEOUT_S,
            socket_connect_timeout=RING_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._queue = bell_queue(self._redis)

    def ring(self) -> None:
        """Put one wake-up into the queue, unless one that nobody has taken yet is there."""
        fault("outbox.before_enqueue")
        try:
            if self._queue.count == 0:
                self._queue.enqueue_call(WAKE, timeout=5, result_ttl=0, ttl=MESSAGE_TTL_S, failure_ttl=MESSAGE_TTL_S)
        except RedisError as problem:
            self._counters.add("wake_lost")
            log.debug("wake-up lost: %s", problem)
        fault("outbox.after_enqueue")


class BellWorker(SimpleWorker):
    """An RQ worker that runs in a thread, never forks, takes no commands from Redis, and only wakes its process."""

    death_penalty_class = TimerDeathPenalty
    job_class = BellJob

    def __init__(self, queue: Queue, *, connection: Redis, name: str, on_wake: Callable[[], None]) -> None:
        super().__init__(
            [queue], connection=connection, name=name, job_class=BellJob, serializer=JSONSerializer, worker_ttl=60
        )
        self._on_wake = on_wake

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Wake the claim loop, then let RQ finish its own book-keeping (and refuse what is forbidden)."""
        self._on_wake()
        super().execute_job(job, queue)

    def bootstrap(self, *_args: Any, **_kwargs: Any) -> None:
        """Register only: no log handlers of its own, no command channel."""
        self.register_birth()  # type: ignore[no-untyped-call]
        self.set_state(WorkerStatus.STARTED)

    def subscribe(self) -> None:
        """Listen to no commands: anyone with Redis could stop the worker."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed."""

    def _install_signal_handlers(self) -> None:
        """Leave the signals to the process."""


class BellListener:
    """A thread that waits for wake-ups and calls ``on_wake``; outlives any absence of Redis."""

    def __init__(self, url: str, *, name: str, on_wake: Callable[[], None]) -> None:
        self._redis = Redis.from_url(url, socket_timeout=None, socket_connect_timeout=2.0)
        self._name = name
        self._on_wake = on_wake
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bell", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; a wait under way ends by itself with the process."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except RedisError as problem:
                log.debug("no bell: %s", problem)
                self._stop.wait(2.0)

    def _listen(self) -> None:
        name = f"{self._name}-{threading.get_ident()}".replace(":", "-").replace(".", "-")
        worker = BellWorker(bell_queue(self._redis), connection=self._redis, name=name, on_wake=self._on_wake)
        worker.work(max_idle_time=LISTEN_S, logging_level="WARNING")
