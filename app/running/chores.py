"""Work that comes back every few seconds beside the jobs: SLA clocks, sums of history, forgetting what is old."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.deps import Deps
from app.persistence.administration.refused_calls import forget_refused
from app.persistence.counter.order_quotes import forget_quotes
from app.persistence.idempotency import forget_requests
from app.persistence.products.catalogue_in_force import apply_due
from app.persistence.teamwork.phone_reports import forget_reports
from app.services.amending import order_holds
from app.services.ordering import order_waits, reservation_keeping, step_times
from app.services.promises import (
    availability_watch,
    calendar_watch,
    compensation_desk,
    pause_overrun,
    sla_start,
    sla_steps,
    sla_sweep,
)
from app.services.repairs import history_keeping
from app.services.studio import deployment_hours
from app.services.teamwork import offers
from processes.complaint import Complaint, first_line
from processes.store.units import run_unit

EVERY_S: Final = 5.0
#: How long the answer to an `Idempotency-Key` is kept.
KEEP_REQUESTS: Final = timedelta(hours=72)
#: How long it is known what phones have sent; what they have not sent after a week they throw away.
KEEP_REPORTS: Final = timedelta(days=30)
#: How long a quote that nobody can order by any more is kept.
KEEP_QUOTES: Final = timedelta(days=90)
#: How long the audit of refusals is kept.
KEEP_REFUSALS: Final = timedelta(days=365)
#: Every so many rounds the chores of history have their turn: so many stretches of time, so many batches.
HISTORY_EVERY: Final = 6
STRETCHES: Final = 20
BATCHES: Final = 50
CHORES_LOCK: Final = 7_240_004  # PostgreSQL advisory lock: one process does the chores at a time
log = logging.getLogger(__name__)


class Chores:
    """A thread in each worker process; on PostgreSQL only one of them is at it at a time.

    The clocks are locked row by row, but two clocks of one order end in one work item: two rounds side by side would
    each see none.
    """

    def __init__(self, deps: Deps, *, every_s: float = EVERY_S) -> None:
        self._deps = deps
        self._every_s = every_s
        self._rounds = 0
        self._stop = threading.Event()
        # Judging a deployment takes a while, and no promise waits for it.
        self._threads = [
            threading.Thread(target=self._repeat, args=(work, name), name=name, daemon=True)
            for name, work in (("chores", self._work), ("deployments", self._keep_hours))
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=5)

    def round(self) -> bool:
        """Do everything once; returns whether more of it is due already."""

        def sweep(session: Session) -> bool:
            if not is_ours(session):
                return False
            now = self._deps.clock(session)
            apply_due(session, now)
            sla_start.start_due(session, now)
            order_waits.release_due(session, self._deps.engine, now)
            order_holds.end_due(session, self._deps, now)
            reservation_keeping.prolong_due(session, self._deps.engine, now)
            sla_steps.start_steps(session, now)
            report = sla_sweep.sweep(session, now, engine=self._deps.engine)
            pause_overrun.raise_overruns(session, report.pauses_ended, now)
            compensation_desk.post_approved(session, self._deps.engine, now)
            compensation_desk.tell_deadlines(session, now)
            calendar_watch.raise_missing_year(session, now)
            availability_watch.measure_last_month(session, now)
            # Last: nothing that locks a process instance may follow once rows of work items are locked.
            offers.take_back(session, now)
            forget_requests(session, before=now - KEEP_REQUESTS)
            forget_reports(session, before=now - KEEP_REPORTS)
            forget_quotes(session, before=now - KEEP_QUOTES)
            forget_refused(session, before=now - KEEP_REFUSALS)
            return report.checked >= sla_sweep.SWEEP_BATCH

        return run_unit(self._deps.sessions, sweep, rng=self._deps.engine.parts.rng)

    def deploy(self) -> bool:
        """Let one deployment come into force whose hour has come; returns whether there was one."""
        deps, rng = self._deps, self._deps.engine.parts.rng

        def take(session: Session) -> str | None:
            return deployment_hours.take_next(session, deps.clock(session)) if is_ours(session) else None

        taken = run_unit(deps.sessions, take, rng=rng)
        if taken is None:
            return False
        judged = deployment_hours.judge(taken, deps)

        def settle(session: Session) -> bool:
            return deployment_hours.settle(session, judged, deps, deps.clock(session))

        try:
            if run_unit(deps.sessions, settle, rng=rng):
                deps.wake()
        except deployment_hours.HourRefused as problem:
            refused = problem

            def note(session: Session) -> None:
                deployment_hours.note_refused(session, refused, deps.clock(session))

            run_unit(deps.sessions, note, rng=rng)
        return True

    def keep_history(self) -> None:
        """Add up what happened at each element, and remove what has been kept long enough; not all of it at once."""
        for _ in range(STRETCHES):
            if self._stop.is_set() or not history_keeping.add_up(self._deps):
                break
        kept = history_keeping.policy_of(self._deps.live.now)
        history_keeping.remove_old(self._deps, kept, batches=BATCHES, go_on=lambda: not self._stop.is_set())

    def learn(self) -> bool:
        """Learn how long steps take from the orders that ended last, now and then."""

        def look(session: Session) -> bool:
            return is_ours(session) and step_times.learn(session, self._deps.clock(session))

        return run_unit(self._deps.sessions, look, rng=self._deps.engine.parts.rng)

    def _work(self) -> None:
        self._rounds += 1
        while self.round() and not self._stop.is_set():
            pass
        if self._rounds % HISTORY_EVERY == 0:
            self.keep_history()
            self.learn()

    def _keep_hours(self) -> None:
        while self.deploy() and not self._stop.is_set():
            pass

    def _repeat(self, work: Callable[[], None], name: str) -> None:
        complaint = Complaint(log, over=f"{name} are done again")
        while not self._stop.wait(self._every_s):
            if not self._deps.watch.fits():
                continue
            try:
                work()
            except SQLAlchemyError as problem:
                complaint.begin(f"{name} are put off: {first_line(problem)}")
            else:
                complaint.end()


def is_ours(session: Session) -> bool:
    """Whether nobody else is at it; holds until the end of the transaction."""
    if session.get_bind().dialect.name != "postgresql":
        return True  # one process
    return bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": CHORES_LOCK}))
