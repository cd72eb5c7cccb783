"""Carries out bulk runs, one subject in one transaction, as fast as each run's rate allows.

The action and the mark on its item are one commit: whoever dies in between has done both or neither. Any number of
processes may run this; each run is in one hand at a time.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from processes.bulk import Applied
from processes.bulk_outcomes import Outcomes
from processes.errors import UnknownHere
from processes.faults import fault
from processes.guard import Guard
from processes.lifecycle import BulkItemState, BulkState, next_bulk_state
from processes.parts import EngineParts
from processes.store.bulk import BulkItem, BulkRun
from processes.store.sessions import Sessions
from processes.store.units import lacks_means, run_unit, worth_retrying

#: A run that was held up makes up for so much of it, no more: its rate is a promise to the neighbours.
CATCH_UP: Final = timedelta(seconds=2)
PUT_OFF: Final = timedelta(seconds=1)
#: So often an item is put off because its rows are in other hands; then it is refused.
TRIES: Final = 10
log = logging.getLogger(__name__)


class BulkRunner:
    """``round`` does what is due now; nothing is kept in memory between two rounds but where to look next."""

    def __init__(self, parts: EngineParts, sessions: Sessions) -> None:
        self._parts = parts
        self._sessions = sessions
        self._outcomes = Outcomes()

    def round(self, *, limit: int = 200) -> int:
        """Touch the subjects that are due, at most ``limit``; returns how many."""
        done = 0
        while done < limit and (touched := self._next()) is not None:
            done += touched
        run_unit(
            self._sessions,
            lambda session: self._outcomes.look(session, now=self._parts.clock.now(session)),
            rng=self._parts.rng,
        )
        return done

    def _next(self) -> int | None:
        """Do one item, or end a run that has none left; returns how many were touched, none: nothing is due."""
        hold: list[tuple[str, int]] = []
        with Guard() as guard:
            found = run_unit(self._sessions, lambda session: self._do(session, hold), rng=self._parts.rng)
            fault("bulk.after_commit")
            return found
        error = guard.error
        if error is None or not hold:
            raise error or RuntimeError("nothing was wrong")
        if worth_retrying(error) or lacks_means(error):
            return self._write(*hold[-1], error, put_off=True)
        return self._write(*hold[-1], error, put_off=False)

    def _do(self, session: Session, hold: list[tuple[str, int]]) -> int | None:
        now = self._parts.clock.now(session)
        run = session.scalars(_due(now)).first()
        if run is None:
            return None
        item = session.scalars(_waiting(run.id)).first()
        if item is None:
            run.state, run.ended_at = next_bulk_state(run.state, BulkState.DONE), now
            return 0
        hold.append((run.id, item.seq))
        act = self._parts.bulk_acts.get(run.kind)
        if act is None:
            raise UnknownHere(f"nothing here does bulk runs of kind {run.kind!r}")
        _write_down(item, act(session, run, item, now), now)
        _pace(run, item, now)
        session.flush()
        fault("bulk.before_commit")
        return 1

    def _write(self, run_id: str, seq: int, error: Exception, *, put_off: bool) -> int | None:
        """Write why an item could not be done, in a transaction that holds nothing else of it."""
        code = getattr(error, "code", None)
        unknown = isinstance(error, UnknownHere)
        if not put_off and not isinstance(code, str):
            log.error("item %d of bulk run %s failed", seq, run_id, exc_info=error)

        def unit(session: Session) -> int | None:
            now = self._parts.clock.now(session)
            run = session.get(BulkRun, run_id, with_for_update=True, populate_existing=True)
            item = session.get(BulkItem, (run_id, seq), populate_existing=True)
            if run is None or item is None or item.state != BulkItemState.WAITING:
                return 0
            tries = int(item.follow.get("tries", 0)) + 1
            if unknown or (put_off and tries < TRIES):
                item.follow = {**item.follow, "tries": tries}
                run.next_at = now + PUT_OFF
                return None if unknown else 0
            item.state, item.at = BulkItemState.REFUSED, now
            item.code = "busy" if put_off else code if isinstance(code, str) else "internal-error"
            item.message = str(error)[:2000]
            _pace(run, item, now)
            session.flush()
            _stop_if_too_many(session, run, now)
            return 1

        with Guard() as guard:
            return run_unit(self._sessions, unit, rng=self._parts.rng)
        log.error("what became of item %d of bulk run %s cannot be written", seq, run_id, exc_info=guard.error)
        return None


def _due(now: datetime) -> Select[BulkRun]:
    due = select(BulkRun).where(BulkRun.state == BulkState.RUNNING, BulkRun.next_at <= now)
    due = due.order_by(BulkRun.next_at, BulkRun.id).limit(1).with_for_update(skip_locked=True)
    return due.execution_options(populate_existing=True)


def _waiting(run_id: str) -> Select[BulkItem]:
    waiting = select(BulkItem).where(BulkItem.run_id == run_id, BulkItem.state == BulkItemState.WAITING)
    return waiting.order_by(BulkItem.seq).limit(1)


def _write_down(item: BulkItem, applied: Applied, now: datetime) -> None:
    item.state, item.outcome, item.at = BulkItemState.APPLIED, applied.outcome, now
    item.follow, item.message = dict(applied.follow), applied.message


def _stop_if_too_many(session: Session, run: BulkRun, now: datetime) -> None:
    """End a run in which so many were refused that the rest would be as well."""
    if run.most_refused is None:
        return
    of_run = select(func.count()).where(BulkItem.run_id == run.id, BulkItem.state == BulkItemState.REFUSED)
    if (session.scalar(of_run) or 0) >= run.most_refused:
        run.state, run.ended_at = next_bulk_state(run.state, BulkState.STOPPED), now


def _pace(run: BulkRun, item: BulkItem, now: datetime) -> None:
    """Say when the next one may be touched."""
    if run.rate_per_s > 0:
        run.next_at = max(run.next_at, now - CATCH_UP) + timedelta(seconds=1 / run.rate_per_s)
    if run.pause_after is not None and item.seq >= run.pause_after:
        run.pause_after, run.state = None, next_bulk_state(run.state, BulkState.PAUSED)
