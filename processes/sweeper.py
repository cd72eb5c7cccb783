"""The sweeper: takes back what others left behind, looks again at early news, keeps the list of workers."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from processes import strangers
from processes.bulkhead import flat_figures, share
from processes.complaint import Complaint, first_line
from processes.left_behind import APART_CAP_S, leased_to, let_go_of, take_from_the_dead, take_what_ran_out
from processes.machine import is_alive, machine
from processes.news import sweep_inbox
from processes.parts import EngineParts
from processes.store.jobs import WorkerHeartbeat
from processes.store.sessions import Sessions
from processes.store.units import run_unit
from processes.workers import HERE, WorkerState, is_drained, workers_by_state

SWEEP_LOCK: Final = 7_240_002  # PostgreSQL advisory lock: one process sweeps at a time
FORGET_WORKER_AFTER: Final = timedelta(days=1)
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
        held: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        """``in_hand`` counts what the worker is at, ``held`` are its jobs; ``hold_back`` says whether it may claim."""
        self._held = held
        self._unknown: set[str] = set()
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
        now = self._parts.clock.now(session)
        self._let_go_of_unknown(session, now)
        if dead := self._bury_the_dead(session):
            left = take_from_the_dead(session, self._parts, dead, now=now, apart_s=self._apart_s)
            log.warning("workers that have died: %s; %d jobs are taken from them", ", ".join(dead), left)
            self._parts.counters.add("lease_expired", left)
        share(self._parts.ports, workers_by_state(session, now)[WorkerState.RUNNING])
        if session.get_bind().dialect.name == "postgresql":
            mine = session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": SWEEP_LOCK})
            if not mine:
                return
        expired = take_what_ran_out(session, self._parts, now=now, apart_s=self._apart_s)
        if expired:
            log.warning("%d leases had run out", expired)
            self._parts.counters.add("lease_expired", expired)
        sweep_inbox(session, now=now)
        forgotten = WorkerHeartbeat.seen_at < now - FORGET_WORKER_AFTER
        session.execute(delete(WorkerHeartbeat).where(forgotten).execution_options(synchronize_session=False))

    def _let_go_of_unknown(self, session: Session, now: datetime) -> None:
        """Give back what is leased to this worker and not in its hand, twice running: once may be a moment's delay."""
        before = self._unknown
        self._unknown = leased_to(session, self._worker).difference(self._held())
        if lost := before & self._unknown:
            number = let_go_of(session, self._parts, self._worker, lost, now=now)
            log.warning("%d jobs were leased here without our knowing, and are given back", number)

    def _bury_the_dead(self, session: Session) -> list[str]:
        """Note which workers of this machine have no process any more; returns their names.

        Those of other machines are lost when their leases run out. Of many who look, one buries.
        """
        others = (
            select(WorkerHeartbeat.name, WorkerHeartbeat.pid)
            .where(
                WorkerHeartbeat.state.in_(HERE),
                WorkerHeartbeat.name != self._worker,
                WorkerHeartbeat.machine == machine(),
            )
            .order_by(WorkerHeartbeat.name)
        )
        dead = [name for name, pid in session.execute(others) if not is_alive(pid)]
        if not dead:
            return []
        mine = (
            select(WorkerHeartbeat.name)
            .where(WorkerHeartbeat.name.in_(dead), WorkerHeartbeat.state.in_(HERE))
            .order_by(WorkerHeartbeat.name)
        )
        names = list(session.scalars(mine.with_for_update(skip_locked=True)))
        buried = update(WorkerHeartbeat).where(WorkerHeartbeat.name.in_(names)).values(state=WorkerState.DIED)
        session.execute(buried.execution_options(synchronize_session=False))
        return names

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
                machine=machine(),
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
