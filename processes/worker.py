"""The worker: claims what is due, does it in a few threads, and never loses what it cannot finish.

A wake-up, or the poll every second, runs the claim loop until nothing is due. Nothing is forked.
"""

from __future__ import annotations

import logging
import math
import os
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from processes.bulkhead import CallsOut, Places
from processes.claimer import Claimer, Work
from processes.claims import Claim
from processes.engine import Engine
from processes.job_runner import JobRunner
from processes.leases import Leases
from processes.solitude import ROOM_WITHIN_S, Solitude, wants_solitude
from processes.store.checkpoint import Checkpointer
from processes.store.sessions import Sessions
from processes.sweeper import Sweeper
from processes.trigger_runner import TriggerRunner

SWEEP_S: Final = 5.0
#: So soon it looks again after work, then half as often each time, down to its usual poll: a bell may be missing.
FIRST_PAUSE_S: Final = 0.02
log = logging.getLogger(__name__)


class Worker:
    """One worker process (or, on SQLite, the worker threads of the one process)."""

    def __init__(
        self,
        engine: Engine,
        sessions: Sessions,
        *,
        name: str = "",
        threads: int = 2,
        batch: int = 8,
        calls: int = 8,
        poll_s: float = 1.0,
        lease_s: float = 60.0,
        sweep_s: float | None = None,
        look_again_s: float = FIRST_PAUSE_S,
    ) -> None:
        self.name = name or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._parts = engine.parts
        self._sessions = sessions
        self._threads = threads
        self._batch = batch
        self._poll_s = poll_s
        self._look_again_s = look_again_s
        self._lease = timedelta(seconds=lease_s)
        self._leases = Leases(self._parts, sessions, self._lease)
        self._places = Places(threads)
        self._most_threads = 2 * threads + len(self._parts.ports) * (calls + batch)
        self.calls_out = CallsOut(self._parts.ports, limit=calls, in_hand=self._leases.by_adapter)
        # Half a lease is soon enough: work left behind waits for its lease to run out anyway.
        every_s = min(SWEEP_S, lease_s / 2) if sweep_s is None else sweep_s
        self._sweeper = Sweeper(
            self._parts,
            sessions,
            self.name,
            threads,
            every_s=every_s,
            lease_s=lease_s,
            in_hand=lambda: self.in_hand,
            hold_back=self._hold_back,
            held=lambda: [claim.id for claim in self._leases.held()],
        )
        with sessions() as session:
            self._checkpointer = Checkpointer(session.get_bind())
        self.claimer = Claimer(
            parts=self._parts,
            sessions=sessions,
            owner=self.name,
            lease=self._lease,
            leases=self._leases,
            calls_out=self.calls_out,
            room=self._free_threads,
        )
        self._runner = JobRunner(
            parts=self._parts,
            sessions=sessions,
            offer=self.claimer.offer,
            away=self._places.given_up,
        )
        self._triggers = TriggerRunner(parts=self._parts, sessions=sessions, offer=self.claimer.offer)
        self._pool: ThreadPoolExecutor | None = None
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._busy = 0
        self._busy_lock = threading.Lock()
        self._cut_off = False
        self._claiming = threading.Lock()
        self._held_back: bool | None = None  # not known before the first sign of life
        self._solitude = Solitude()
        self._begun: dict[str, Work] = {}
        self._never_begun: list[Work] = []

    # -- from outside ---------------------------------------------------------------------------------------------

    @property
    def in_hand(self) -> int:
        """How many pieces it has claimed and not finished."""
        return self._busy

    @property
    def is_held_back(self) -> bool:
        """Whether it claims nothing, because somebody said so."""
        return bool(self._held_back)

    def wake(self) -> None:
        """There may be something to do."""
        self._parts.counters.add("wakes")
        self._awake.set()

    def stop(self) -> None:
        """Claim nothing more; :meth:`run` returns when what is in hand is done or given back."""
        self._stopping.set()
        self._awake.set()

    def run(self, *, grace_s: float = 25.0) -> None:
        """Work until stopped; then finish what was begun, at most ``grace_s`` seconds, and give back the rest."""
        while not self._parts.fits():
            if self._stopping.wait(self._poll_s):
                return
        self._leases.start()
        self._sweeper.start()
        self._checkpointer.start()
        pause_s = self._look_again_s
        pool = self._pool = ThreadPoolExecutor(max_workers=self._most_threads, thread_name_prefix="job")
        try:
            while not self._stopping.is_set():
                self._awake.clear()
                something = self._claim_into(pool) or self._awake.wait(pause_s)
                pause_s = min(self._poll_s, self._look_again_s if something else 2 * pause_s)
        finally:
            self._pool = None
            pool.shutdown(wait=False, cancel_futures=True)
            self._wind_up(grace_s)

    def drain(self, *, limit: int = 100_000) -> int:
        """Do everything that is due, here and now, in this thread; returns how many pieces. For tests and tools."""
        done = 0
        while done < limit:
            found = self.claimer.claim(self._batch)
            if not found:
                break
            for work in found:
                done += self._do(work)
        return done

    def sweep(self) -> None:
        """Take back leases that ran out, once. For tests and tools; a running worker does it by itself."""
        self._sweeper.sweep()

    # -- inside ---------------------------------------------------------------------------------------------------

    def _claim_into(self, pool: ThreadPoolExecutor) -> bool:
        """Claim as much as the threads can take up soon; false = there is nothing to do, or no room."""
        # When a thread is free, and then for a while: to claim one by one is dearer than what is claimed.
        if self._at_work >= self._threads or not self._parts.fits():
            return False
        room = min(self._batch, 2 * self._threads - self._at_work)
        try:
            with self._claiming:
                found = [] if self._held_back is not False else self.claimer.claim(room)
        except SQLAlchemyError as problem:
            if not self._cut_off:
                log.warning("cannot claim, trying again every %g s: %s", self._poll_s, first_line(problem))
            self._cut_off = True
            return False
        if self._cut_off:
            log.warning("claiming again")
            self._cut_off = False
        if (lone := next(filter(wants_solitude, found), None)) is not None:
            self._do_alone(pool, lone, [work for work in found if work is not lone])
            return True
        for work in found:
            self._submit(pool, work)
        return bool(found)

    def _do_alone(self, pool: ThreadPoolExecutor, lone: Work, others: list[Work]) -> None:
        """Do a job that may have ended the last worker, when nothing else is in hand; the others get the rest."""
        with self._solitude.of(lone):
            self.claimer.give_back(others)
            self._wait_for(lambda: self._busy == 0, within_s=ROOM_WITHIN_S)
            self._wait_for(self._submit(pool, lone).done)

    def _wait_for(self, condition: Callable[[], bool], *, within_s: float = math.inf) -> None:
        until = time.monotonic() + within_s
        while not condition() and time.monotonic() < until and not self._stopping.is_set():
            self._awake.wait(FIRST_PAUSE_S)
            self._awake.clear()

    def _submit(self, pool: ThreadPoolExecutor, work: Work) -> Future[int]:
        future = pool.submit(self._do, work)
        with self._busy_lock:
            self._busy += 1
        future.add_done_callback(partial(self._finished, work))
        return future

    def _free_threads(self) -> int:
        """Return how many threads have nothing to do; none where somebody else's thread does the work."""
        return max(0, self._threads - self._at_work) if self._pool is not None else 0

    @property
    def _at_work(self) -> int:
        """How many pieces want a place; what waits for a neighbour's answer costs only a thread that sleeps."""
        return self._busy - self._places.away

    def _finished(self, work: Work, future: Future[int]) -> None:
        with self._busy_lock:
            self._busy -= 1
        if future.cancelled():  # the worker was stopped before its turn came
            self._never_begun.append(work)
        self._awake.set()

    def _hold_back(self, held: bool) -> None:
        """Claim nothing from now on, or go on; a claim under way comes first."""
        with self._claiming:
            changed, self._held_back = self._held_back is not held, held
        if changed:
            if held:
                log.warning("told to claim nothing more")
            self._awake.set()

    def _do(self, work: Work) -> int:
        """Do one piece and, as far as they fall to this worker, the ones that follow from it; returns how many."""
        with self._places.taken():
            return self._do_at_my_place(work)

    def _do_at_my_place(self, work: Work) -> int:
        if isinstance(work, Claim):
            return self._do_jobs([work])
        if not self._may_begin(work):  # it had to wait for its turn
            self.claimer.give_back([work], begun=self._begun)
            return 0
        self._begun[work.id] = work
        following = self._triggers.run(work)
        del self._begun[work.id]
        return 1 + self._do_jobs(self._shared_out(following))

    def _do_jobs(self, claims: list[Claim]) -> int:
        done, mine = 0, deque(claims)
        while mine:
            if not self._may_begin(mine[0]):  # what was given back already stays so
                self.claimer.give_back(mine, begun=self._begun)
                break
            claim = mine.popleft()
            self._leases.hold(claim)
            self._begun[claim.id] = claim
            following = self._runner.run(claim)
            del self._begun[claim.id]
            self._leases.drop(claim)
            done += 1
            mine.extend(self._shared_out(following))
        return done

    def _shared_out(self, following: list[Claim]) -> list[Claim]:
        """Return what this thread goes on with; other calls outside go to other threads.

        All is given back to others when this worker is to begin nothing more.
        """
        if following and (self._stopping.is_set() or self._held_back or self._solitude.is_kept):
            self.claimer.give_back(following, begun=self._begun)
            return []
        mine: list[Claim] = []
        pool = self._pool
        for claim in following:
            self._leases.hold(claim)
            if claim.adapter is None or pool is None or not any(kept.adapter for kept in mine):
                mine.append(claim)
                continue
            try:
                self._submit(pool, claim)
            except RuntimeError:  # it has just been shut down
                self.claimer.give_back([claim], begun=self._begun)
        return mine

    def _may_begin(self, work: Work) -> bool:
        return self._solitude.admits(work) and not self._stopping.is_set()

    def _wind_up(self, grace_s: float) -> None:
        log.info("stopping with %d pieces in hand", self._busy)
        until = time.monotonic() + grace_s
        if self._never_begun:
            self.claimer.give_back(self._never_begun, begun=self._begun)
        while self._busy > 0 and time.monotonic() < until:
            time.sleep(0.05)
        left = {piece.id: piece for piece in (*self._leases.held(), *self._begun.copy().values())}
        if left:
            log.warning("%d pieces were not finished in time and are given back", len(left))
            self.claimer.give_back(list(left.values()), begun=self._begun)
        self._leases.stop()
        self._sweeper.stop()
        self._checkpointer.stop()


def first_line(problem: Exception) -> str:
    """What went wrong, without the statement and its parameters."""
    return str(problem.args[0] if problem.args else problem).splitlines()[0]
