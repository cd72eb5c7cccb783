"""Doing leased triggers: timers a batch at a time, news one by one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy.orm import Session

from processes.claims import Claim, LeaseOffer, put_off
from processes.faults import fault
from processes.guard import Guard
from processes.parts import EngineParts
from processes.store.base import Sessions
from processes.store.units import run_unit
from processes.triggers import fire_timer, fire_timers, handle_news

#: A timer whose instance somebody else is moving right now is looked at again after this.
LOOK_AGAIN_AFTER: Final = timedelta(seconds=0.5)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TimersDue:
    """Timers this worker has leased."""

    ids: tuple[str, ...]

    @property
    def id(self) -> str:
        """What the piece goes by."""
        return self.ids[0]


@dataclass(frozen=True)
class News:
    """A row of the inbox this worker has leased."""

    id: str

    @property
    def ids(self) -> tuple[str, ...]:
        """The rows it is about."""
        return (self.id,)


@dataclass(frozen=True, kw_only=True)
class TriggerRunner:
    """Handles triggers in the name of one worker; what fails keeps its lease, which puts it off for a while."""

    parts: EngineParts
    sessions: Sessions
    offer: Callable[[], LeaseOffer]

    def run(self, work: TimersDue | News) -> list[Claim]:
        """Handle one piece; returns the automatic jobs that follow and fell to this worker."""
        if isinstance(work, News):
            return self._alone(partial(self._news, work.id), f"news {work.id}")
        one_by_one: Sequence[str] = work.ids
        following: list[Claim] = []
        if len(work.ids) > 1:
            with Guard() as guard:
                following, one_by_one = self._together(work.ids)
            if guard.error is not None:
                log.warning("%d timers could not be fired together: %s", len(work.ids), guard.message)
        for timer_id in one_by_one:
            following += self._alone(partial(self._timer, timer_id), f"timer {timer_id}")
        return following

    def _together(self, ids: tuple[str, ...]) -> tuple[list[Claim], list[str]]:
        """Fire many timers in one transaction: far cheaper, and when one of them fails none has fired.

        Returns the jobs that follow, and the timers still to be fired one by one.
        """

        def unit(session: Session) -> tuple[list[Claim], list[str]]:
            offer = self.offer()
            fault("timer.claimed")
            passed_over, further = fire_timers(self.parts, session, ids, offer=offer)
            if passed_over:
                until = self.parts.clock.now(session) + LOOK_AGAIN_AFTER
                put_off(session, passed_over, owner=offer.owner, until=until)
            return offer.taken, further

        return run_unit(self.sessions, unit, rng=self.parts.rng)

    def _alone(self, act: Callable[[Session, LeaseOffer], None], what: str) -> list[Claim]:
        def unit(session: Session) -> list[Claim]:
            offer = self.offer()
            act(session, offer)
            return offer.taken

        with Guard() as guard:
            return run_unit(self.sessions, unit, rng=self.parts.rng)
        # The lease runs out and somebody takes it up again.
        log.error("%s left unfinished", what, exc_info=guard.error)
        return []

    def _timer(self, timer_id: str, session: Session, offer: LeaseOffer) -> None:
        fault("timer.claimed")
        fire_timer(self.parts, session, timer_id, offer=offer)

    def _news(self, row_id: str, session: Session, offer: LeaseOffer) -> None:
        handle_news(self.parts, session, row_id, now=self.parts.clock.now(session), offer=offer)
