"""What one worker takes from the tables, and gives back when it cannot finish it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Final, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from processes import starts
from processes.bulkhead import CallsOut
from processes.claims import (
    Claim,
    Due,
    LeaseOffer,
    claim_inbox,
    claim_jobs,
    claim_timers,
    held_adapters,
    let_go,
    release,
    release_triggers,
    what_is_due,
)
from processes.faults import fault
from processes.leases import Leases
from processes.parts import EngineParts
from processes.store.sessions import Sessions, by_statement, for_a_look
from processes.store.units import run_unit
from processes.trigger_runner import News, TimersDue

TIMERS_AT_ONCE: Final = 64
Work = Claim | TimersDue | News
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Claimer:
    """Leases work in the name of one worker. ``room``: how many calls more than one it could make at once."""

    parts: EngineParts
    sessions: Sessions
    owner: str
    lease: timedelta
    leases: Leases
    calls_out: CallsOut
    room: Callable[[], int]

    @cached_property
    def _looking(self) -> Sessions:
        return for_a_look(self.sessions)

    @cached_property
    def _leasing(self) -> Sessions:
        return by_statement(self.sessions)

    def offer(self) -> LeaseOffer:
        """What the worker would go straight on with."""
        return LeaseOffer(owner=self.owner, lease=self.lease, blocked=self.calls_out.blocked(), room=self.room())

    def claim(self, limit: int) -> list[Work]:
        """Lease what is due: news and jobs, at most ``limit`` of each, and one batch of timers."""
        due = self._unit(self._looking, lambda session: what_is_due(session, self.parts.clock))
        if due.held or self.calls_out.held:
            self.calls_out.hold(self._unit(self._looking, held_adapters) if due.held else ())
        if due.starts and self._unit(self.sessions, lambda session: starts.fire_due(self.parts, session, now=due.now)):
            due = replace(due, news=True)
        if not (due.news or due.timers or due.jobs):
            return []
        found = self._unit(self._leasing, lambda session: self._lease_what_is(due, session, limit))
        if found:
            fault("claim.after_commit")
            self.parts.counters.add("claims", len(found))
        for piece in found:
            if isinstance(piece, Claim):
                self.leases.hold(piece)
        return found

    def give_back(self, pieces: Collection[Work], *, begun: Container[str] = ()) -> None:
        """End the leases, so that others need not wait for them to run out.

        :param begun: ids of the pieces that were begun: the outcome of a call that was out is unknown.
        """
        claims = [piece for piece in pieces if isinstance(piece, Claim)]
        cut_off = [claim for claim in claims if claim.id in begun]
        others = [row_id for piece in pieces if not isinstance(piece, Claim) for row_id in piece.ids]

        def work(session: Session) -> None:
            release(session, [claim for claim in claims if claim not in cut_off])
            let_go(session, cut_off, now=self.parts.clock.now(session))
            release_triggers(session, others, owner=self.owner)

        with suppress(SQLAlchemyError):  # they run out by themselves
            run_unit(self.sessions, work, rng=self.parts.rng)
        for claim in claims:
            self.leases.drop(claim)

    def _unit(self, sessions: Sessions, work: Callable[[Session], T]) -> T:
        return run_unit(sessions, work, rng=self.parts.rng, on_retry=lambda: self.parts.counters.add("units_retried"))

    def _lease_what_is(self, due: Due, session: Session, limit: int) -> list[Work]:
        lease, owner, now = self.lease, self.owner, due.now
        found: list[Work] = []
        if due.news:
            news = claim_inbox(session, owner=owner, limit=limit, lease=lease, now=now)
            found += [News(row_id, again=attempts > 1) for row_id, attempts in news]
        if due.timers:
            timers = claim_timers(session, owner=owner, limit=TIMERS_AT_ONCE, lease=lease, now=now)
            for again in (False, True):
                these = tuple(row_id for row_id, attempts in timers if (attempts > 1) is again)
                found += [TimersDue(these, again=again)] if these else []
        if due.jobs:
            found += claim_jobs(
                session,
                owner=owner,
                limit=limit,
                lease=lease,
                blocked=self.calls_out.blocked(),
                first_only=self.calls_out.first_only(),
                now=now,
            )
        return found
