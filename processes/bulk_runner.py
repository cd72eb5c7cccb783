"""Carries out bulk runs, as fast as each run's rate allows: one subject in one transaction, or several where the action
is made for that.

The action and the mark on its item are one commit: whoever dies in between has done both or neither. Any number of
processes may run this; each run is in one hand at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from processes.bulk import Applied, Refused
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
#: So many subjects in one transaction: more would make others wait for it.
AT_ONCE: Final = 20
#: So often an item is put off because its rows are in other hands; then it is refused.
TRIES: Final = 10
log = logging.getLogger(__name__)


class BulkRunner:
    """``round`` does what is due now; nothing is kept in memory between two rounds but where to look next."""

    def __init__(self, parts: EngineParts, sessions: Sessions) -> None:
        self._parts = parts
        self._sessions = sessions
        self._outcomes = Outcomes()
        #: By run, up to which number items are done one by one, because together they failed.
        self._alone_until: dict[str, int] = {}

    def round(self, *, limit: int = 200) -> int:
        """Touch the subjects that are due, about ``limit`` of them at most; returns how many."""
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
        """Do what is next of one run, or end one that has nothing left; returns how many were touched, none: nothing
        is due."""
        hold: list[tuple[str, Sequence[int]]] = []
        with Guard() as guard:
            found = run_unit(self._sessions, lambda session: self._do(session, hold), rng=self._parts.rng)
            fault("bulk.after_commit")
            return found
        error = guard.error
        if error is None or not hold:
            raise error or RuntimeError("nothing was wrong")
        run_id, places = hold[-1]
        if len(places) > 1:  # which of them it was is seen when each is done by itself
            self._alone_until[run_id] = places[-1]
            return 0
        put_off = worth_retrying(error) or lacks_means(error)
        return self._write(run_id, places[0], error, put_off=put_off)

    def _do(self, session: Session, hold: list[tuple[str, Sequence[int]]]) -> int | None:
        now = self._parts.clock.now(session)
        run = session.scalars(_due(now)).first()
        if run is None:
            return None
        items = session.scalars(_waiting(run, self._room(session, run, now))).all()
        if not items:
            run.state, run.ended_at = next_bulk_state(run.state, BulkState.DONE), now
            self._alone_until.pop(run.id, None)
            return 0
        alone = items[0].seq <= self._alone_until.get(run.id, 0)
        items = items[:1] if alone else _until_it_pauses(run, items)
        hold.append((run.id, [item.seq for item in items]))
        results = self._results(session, run, items, now)
        done = [(item, result) for item, result in zip(items, results, strict=True) if result is not None]
        for item, result in done:
            _write_down(item, result, now)
        _pace(run, [item for item, _ in done], now)
        session.flush()
        if any(isinstance(result, Refused) for _, result in done):
            _stop_if_too_many(session, run, now)
        fault("bulk.before_commit")
        return len(done)

    def _room(self, session: Session, run: BulkRun, now: datetime) -> int:
        """How many may be touched at once: as the rate allows, and never past the number that stops the run."""
        if run.kind not in self._parts.bulk_batches:
            return 1
        room = AT_ONCE
        if run.rate_per_s > 0:
            due_for = now - max(run.next_at, now - CATCH_UP)
            room = min(room, 1 + int(due_for.total_seconds() * run.rate_per_s))
        if run.most_refused is not None:
            room = min(room, run.most_refused - _refused(session, run))
        return max(1, room)

    def _results(
        self, session: Session, run: BulkRun, items: Sequence[BulkItem], now: datetime
    ) -> Sequence[Applied | Refused | None]:
        batch, act = self._parts.bulk_batches.get(run.kind), self._parts.bulk_acts.get(run.kind)
        if batch is not None:
            results = batch(session, run, items, now)
            if all(result is None for result in results):
                raise RuntimeError(f"nothing was done for item {items[0].seq} of bulk run {run.id}")
            return results
        if act is None:
            raise UnknownHere(f"nothing here does bulk runs of kind {run.kind!r}")
        return [act(session, run, item, now) for item in items]

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
            _pace(run, [item], now)
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


def _waiting(run: BulkRun, limit: int) -> Select[BulkItem]:
    waiting = select(BulkItem).where(BulkItem.run_id == run.id, BulkItem.state == BulkItemState.WAITING)
    return waiting.order_by(BulkItem.seq).limit(limit)


def _until_it_pauses(run: BulkRun, items: Sequence[BulkItem]) -> Sequence[BulkItem]:
    """Those up to the one after which the run pauses by itself."""
    last = run.pause_after
    if last is None:
        return items
    before = sum(item.seq < last for item in items)
    return items[: before + 1]


def _write_down(item: BulkItem, result: Applied | Refused, now: datetime) -> None:
    item.at = now
    if isinstance(result, Refused):
        item.state, item.code, item.message = BulkItemState.REFUSED, result.code, result.message[:2000]
        return
    item.state, item.outcome = BulkItemState.APPLIED, result.outcome
    item.follow, item.message = dict(result.follow), result.message


def _stop_if_too_many(session: Session, run: BulkRun, now: datetime) -> None:
    """End a run in which so many were refused that the rest would be as well."""
    if run.most_refused is not None and _refused(session, run) >= run.most_refused:
        run.state, run.ended_at = next_bulk_state(run.state, BulkState.STOPPED), now


def _refused(session: Session, run: BulkRun) -> int:
    of_run = select(func.count()).where(BulkItem.run_id == run.id, BulkItem.state == BulkItemState.REFUSED)
    return session.scalar(of_run) or 0


def _pace(run: BulkRun, done: Sequence[BulkItem], now: datetime) -> None:
    """Say when the next one may be touched."""
    if run.rate_per_s > 0:
        run.next_at = max(run.next_at, now - CATCH_UP) + timedelta(seconds=len(done) / run.rate_per_s)
    if run.pause_after is not None and any(item.seq >= run.pause_after for item in done):
        run.pause_after, run.state = None, next_bulk_state(run.state, BulkState.PAUSED)
