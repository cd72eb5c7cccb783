"""The sweeper: takes back leases that ran out, looks again at early news, keeps the list of workers."""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, delete, or_, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from processes import strangers
from processes.bulkhead import flat_figures, share
from processes.complaint import Complaint, first_line
from processes.lifecycle import HELD_JOBS, JobState
from processes.news import sweep_inbox
from processes.parking import given_back
from processes.parts import EngineParts
from processes.store.base import Sessions
from processes.store.instances import Timer
from processes.store.jobs import InboxMessage, Job, WorkerHeartbeat
from processes.store.units import run_unit
from processes.workers import HERE, WorkerState, is_drained, workers_by_state

SWEEP_LOCK: Final = 7_240_002  # PostgreSQL advisory lock: one process sweeps at a time
FORGET_WORKER_AFTER: Final = timedelta(days=1)
#: Jobs whose worker died more than once come back apart from each other, at most so much later.
APART_CAP_S: Final = 30.0
log = logging.getLogger(__name__)


class Sweeper:
    """A thread in each worker process; on PostgreSQL only one of them sweeps at a time."""

    def __init__(
        self,
        parts: EngineParts,
        sessions: Sessions,
        worker: str,
        threads: int,
        *,
        every_s: float,
        lease_s: float,
        in_hand: Callable[[], int] = lambda: 0,
        hold_back: Callable[[bool], None] = lambda _held: None,
    ) -> None:
        """``in_hand`` counts what the worker is at; ``hold_back`` tells it whether it may claim."""
        self._in_hand = in_hand
        self._hold_back = hold_back
        self._parts = parts
        self._sessions = sessions
        self._worker = worker
        self._threads = threads
        self._every_s = every_s
        self._apart_s = min(APART_CAP_S, lease_s)
        self._started_at: datetime | None = None
        self._complaint = Complaint(log, over="leases are looked after again")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Begin to sweep."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and say that this worker has gone."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        if not self._parts.fits():
            return
        try:
            run_unit(self._sessions, lambda session: self._write(session, WorkerState.STOPPED), rng=self._parts.rng)
        except SQLAlchemyError as problem:
            log.warning("worker not signed off: %s", problem)

    def sweep(self) -> None:
        """Do one round."""
        host = socket.gethostname()
        drained = run_unit(
            self._sessions, lambda session: is_drained(session, worker=self._worker, host=host), rng=self._parts.rng
        )
        # Before the row says so: who reads "draining" there may rely on it. And in no transaction: it waits for the
        # claim that is under way.
        self._hold_back(drained)
        state = WorkerState.DRAINING if drained else WorkerState.RUNNING
        run_unit(self._sessions, lambda session: self._round(session, state), rng=self._parts.rng)

    def _round(self, session: Session, state: WorkerState) -> None:
        self._write(session, state)
        share(self._parts.ports, workers_by_state(session, self._parts.clock.now(session))[WorkerState.RUNNING])
        if session.get_bind().dialect.name == "postgresql":
            mine = session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": SWEEP_LOCK})
            if not mine:
                return
        now = self._parts.clock.now(session)
        gone = self._bury_the_dead(session)
        expired = expire(session, now=now, rng=self._parts.rng, apart_s=self._apart_s, gone=gone)
        if expired:
            log.warning("%d leases had run out", expired)
            self._parts.counters.add("lease_expired", expired)
        sweep_inbox(session, now=now)
        forgotten = WorkerHeartbeat.seen_at < now - FORGET_WORKER_AFTER
        session.execute(delete(WorkerHeartbeat).where(forgotten).execution_options(synchronize_session=False))

    def _bury_the_dead(self, session: Session) -> list[str]:
        """Forget the workers whose process is no more; returns their names.

        Only on SQLite, where all of them are processes of this machine: elsewhere a lease has to run out.
        """
        if session.get_bind().dialect.name != "sqlite":
            return []
        others = select(WorkerHeartbeat).where(
            WorkerHeartbeat.state.in_(HERE),
            WorkerHeartbeat.name != self._worker,
            WorkerHeartbeat.host == socket.gethostname(),
        )
        dead = [row for row in session.scalars(others) if not _is_alive(row.pid)]
        for row in dead:
            log.warning("worker %s has died", row.name)
            session.delete(row)
        return [row.name for row in dead]

    def _write(self, session: Session, state: str) -> None:
        now = self._parts.clock.now(session)
        self._started_at = self._started_at or now
        session.merge(
            WorkerHeartbeat(
                name=self._worker,
                host=socket.gethostname(),
                pid=os.getpid(),
                threads=self._threads,
                state=state,
                started_at=self._started_at,
                seen_at=now,
                counters={**self._parts.counters.all(), **flat_figures(self._parts.ports)},
                version=strangers.version_of(self._parts),
                in_hand=self._in_hand(),
            )
        )

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                if self._parts.fits():
                    self.sweep()
            except SQLAlchemyError as problem:
                self._complaint.begin(f"leases are not looked after: {first_line(problem)}")
            else:
                self._complaint.end()
            self._stop.wait(self._every_s)


def _is_alive(pid: int) -> bool:
    """Whether a process of this machine runs; one that belongs to somebody else does."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def expire(session: Session, *, now: datetime, rng: random.Random, apart_s: float, gone: Collection[str] = ()) -> int:
    """Take back the leases that ran out; returns how many jobs. A call that was out has an unknown outcome.

    What has lost its worker before comes back after a while of its own: if one of the jobs of a dead worker killed
    it, the others are not to be claimed together with it again and again.

    :param apart_s: the longest such while, in seconds.
    :param gone: names of workers known to be dead, whose leases need not run out first.
    """
    over = Job.lease_until < now
    if gone:
        over = or_(over, Job.lease_owner.in_(gone))
        for table in (Timer, InboxMessage):
            of_the_dead = update(table).where(table.lease_owner.in_(gone)).values(lease_until=None, lease_owner=None)
            session.execute(of_the_dead.execution_options(synchronize_session=False))
    # A job whose worker stands still in mid-transaction is locked: it must not hold up the others.
    free = select(Job.id).where(Job.state.in_(HELD_JOBS), over).with_for_update(skip_locked=True).cte()
    statement = (
        update(Job)
        .where(Job.id.in_(select(free.c.id)))
        .values(
            outcome_unknown=or_(Job.outcome_unknown, and_(Job.state == JobState.SENT, Job.phase == "perform")),
            state=given_back(),
            lease_owner=None,
            lease_until=None,
            run_at=now,
        )
        .returning(Job.id, Job.attempts)
        .execution_options(synchronize_session=False)
    )
    expired = session.execute(statement).all()
    for job_id, attempts in expired:
        if attempts > 1:
            later = now + timedelta(seconds=rng.uniform(0, min(apart_s, 2.0**attempts)))
            apart = update(Job).where(Job.id == job_id).values(run_at=later)
            session.execute(apart.execution_options(synchronize_session=False))
    return len(expired)
