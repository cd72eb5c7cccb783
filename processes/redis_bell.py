"""The bell that rings through Redis, for workers in other processes.

RQ is the bell-rope. A job name in Redis is any dotted path, so whoever can write there could run anything: our
job class refuses every name but one, knows no callbacks and sends no webhooks; queue and worker use only it.
"""

from __future__ import annotations

import logging
import threading
import time
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

from processes.complaint import Complaint, first_line
from processes.counters import Counters
from processes.faults import fault

QUEUE: Final = "yizhan-bell"
WAKE: Final = "processes.redis_bell.wake"
RING_TIMEOUT_S: Final = 0.2
KNOCK_TIMEOUT_S: Final = 2.0
#: After a failure nobody rings for so long: each try costs whoever rings its time-out.
QUIET_S: Final = 5.0
TRY_AGAIN_S: Final = 2.0
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
    """Rings by RQ: best effort within 200 ms; a Redis that cannot be used is said once and then left alone a while."""

    def __init__(self, url: str, counters: Counters) -> None:
        self._counters = counters
        self._redis = client_of(url, timeout_s=RING_TIMEOUT_S)
        self._queue = bell_queue(self._redis)
        self._complaint = Complaint(log, over="Redis answers again")
        self._quiet_until = 0.0

    def ring(self) -> None:
        """Put one wake-up into the queue, unless one that nobody has taken yet is there."""
        fault("outbox.before_enqueue")
        if not self._try(self._enqueue):
            self._counters.add("wake_lost")
        fault("outbox.after_enqueue")

    def trouble(self) -> str:
        """Ask Redis how it is, unless that was tried a moment ago; empty: well."""
        self._try(lambda: self._redis.ping())
        return self._complaint.text

    def _enqueue(self) -> None:
        if self._queue.count == 0:
            self._queue.enqueue_call(WAKE, timeout=5, result_ttl=0, ttl=MESSAGE_TTL_S, failure_ttl=MESSAGE_TTL_S)

    def _try(self, what: Callable[[], object]) -> bool:
        if time.monotonic() < self._quiet_until:
            return False
        try:
            what()
        except RedisError as problem:
            self._quiet_until = time.monotonic() + QUIET_S
            self._complaint.begin(said_of(problem))
            return False
        self._complaint.end()
        return True


def client_of(url: str, *, timeout_s: float) -> Redis:
    """A client that gives up after so long and does not try again by itself."""
    return Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0))


def said_of(problem: Exception) -> str:
    """What people are told about a Redis that cannot be used."""
    return (
        f"Redis cannot be used ({type(problem).__name__}: {first_line(problem)}): "
        "workers look for work by themselves; check YIZHAN_REDIS_URL"
    )


class RqWords(logging.Logger):
    """What RQ has to say about Redis, for one complaint instead of a line at every try."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__("rq", logging.CRITICAL)
        self._complaint = complaint

    def error(self, msg: object, *args: object, **_more: object) -> None:
        """RQ cannot go on, or tries again."""
        self._complaint.begin(f"no wake-ups: {str(msg) % args if args else msg}")


class BellWorker(SimpleWorker):
    """An RQ worker that runs in a thread, never forks, takes no commands from Redis, and only wakes its process."""

    death_penalty_class = TimerDeathPenalty
    job_class = BellJob
    max_connection_wait_time = QUIET_S

    def __init__(
        self,
        queue: Queue,
        *,
        connection: Redis,
        name: str,
        on_wake: Callable[[], None],
        complaint: Complaint | None = None,
    ) -> None:
        super().__init__(
            [queue], connection=connection, name=name, job_class=BellJob, serializer=JSONSerializer, worker_ttl=60
        )
        self._on_wake = on_wake
        self._complaint = complaint
        if complaint is not None:
            self.log = RqWords(complaint)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Tell Redis that we are here; that this worked ends a complaint."""
        super().heartbeat(timeout, pipeline)
        if self._complaint is not None:
            self._complaint.end()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Wake the claim loop and forget the message; what is no plain wake-up RQ refuses and keeps as failed."""
        self._on_wake()
        if job.func_name != WAKE:
            super().execute_job(job, queue)
            return
        # RQ's book-keeping of a job that does nothing costs more than the work it announces.
        with self.connection.pipeline(transaction=False) as pipeline:
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            pipeline.delete(job.key)
            pipeline.execute()

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
        self._url = url
        self._redis = Redis.from_url(url, socket_timeout=None, socket_connect_timeout=KNOCK_TIMEOUT_S)
        self._name = name
        self._on_wake = on_wake
        self._complaint = Complaint(log, over="Redis answers again; wake-ups come through")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bell", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; a wait under way ends by itself with the process."""
        self._stop.set()

    def trouble(self) -> str:
        """Why no wake-up can come; empty: they come."""
        return self._complaint.text

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._knock()
                self._listen()
            except RedisError as problem:
                self._complaint.begin(said_of(problem))
                self._stop.wait(TRY_AGAIN_S)

    def _knock(self) -> None:
        """Whatever is there and is no Redis would keep a listener waiting for ever."""
        with client_of(self._url, timeout_s=KNOCK_TIMEOUT_S) as once:
            once.ping()

    def _listen(self) -> None:
        name = f"{self._name}-{threading.get_ident()}".replace(":", "-").replace(".", "-")
        worker = BellWorker(
            bell_queue(self._redis),
            connection=self._redis,
            name=name,
            on_wake=self._on_wake,
            complaint=self._complaint,
        )
        worker.work(max_idle_time=LISTEN_S, logging_level="WARNING")
