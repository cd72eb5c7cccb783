"""Doing leased triggers: timers a batch at a time, news one by one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from processes import strangers
from processes.claims import Claim, LeaseOffer, put_off
from processes.faults import fault
from processes.guard import Guard
from processes.handing_on import hand_on_news, hand_on_timer
from processes.news import handle_news
from processes.parts import EngineParts
from processes.store.instances import Timer
from processes.store.jobs import InboxMessage
from processes.store.sessions import Sessions
from processes.store.units import PATIENCE_S, lacks_means, run_unit, worth_retrying
from processes.triggers import fire_timer, fire_timers

#: A timer whose instance somebody else is moving right now is looked at again after this.
LOOK_AGAIN_AFTER: Final = timedelta(seconds=0.5)
#: So long (seconds) what a database in trouble could not do is left alone.
TROUBLE_S: Final = (1.0, 10.0)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TimersDue:
    """Timers this worker has leased; ``again``: an earlier lease of each came to nothing."""

    ids: tuple[str, ...]
    again: bool = False

    @property
    def id(self) -> str:
        """What the piece goes by."""
        return self.ids[0]


@dataclass(frozen=True)
class News:
    """A row of the inbox this worker has leased; ``again``: an earlier lease came to nothing."""

    id: str
    again: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """The rows it is about."""
        return (self.id,)


@dataclass(frozen=True, kw_only=True)
class TriggerRunner:
    """Handles triggers in the name of one worker.

    What fails, or was leased before and came to nothing (its worker died of it), is handed on to a job of its own: its
    attempts are counted, it comes back apart from what was in hand beside it, and in the end it is an incident.
    """

    parts: EngineParts
    sessions: Sessions
    offer: Callable[[], LeaseOffer]

    def run(self, work: TimersDue | News) -> list[Claim]:
        """Handle one piece; returns the automatic jobs that follow and fell to this worker."""
        if work.again:
            for row_id in work.ids:
                self._hand_on(type(work), row_id)
            return []
        if isinstance(work, News):
            return self._alone(News, work.id)
        one_by_one: Sequence[str] = work.ids
        following: list[Claim] = []
        if len(work.ids) > 1:
            with Guard() as guard:
                following, one_by_one = self._together(work.ids)
            if guard.error is not None:
                log.warning("%d timers could not be fired together: %s", len(work.ids), guard.message)
        for timer_id in one_by_one:
            following += self._alone(TimersDue, timer_id)
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
                put_off(session, Timer, passed_over, owner=offer.owner, until=until)
            return offer.taken, further

        return run_unit(self.sessions, unit, rng=self.parts.rng, patience_s=PATIENCE_S)

    def _alone(self, kind: type[TimersDue | News], row_id: str) -> list[Claim]:
        def unit(session: Session) -> list[Claim]:
            offer = self.offer()
            if kind is TimersDue:
                fault("timer.claimed")
                fire_timer(self.parts, session, row_id, offer=offer)
            else:
                handle_news(self.parts, session, row_id, now=self.parts.clock.now(session), offer=offer)
            return offer.taken

        with Guard() as guard:
            return run_unit(self.sessions, unit, rng=self.parts.rng, patience_s=PATIENCE_S)
        if guard.error is not None:
            self._failed(kind, row_id, guard.error)
        return []

    def _failed(self, kind: type[TimersDue | News], row_id: str, error: Exception) -> None:
        what = f"{'timer' if kind is TimersDue else 'news'} {row_id}"
        if isinstance(error, strangers.FOREIGN) and self._left_to_others(kind, row_id, what, error):
            return
        log.error("%s left unfinished", what, exc_info=error)
        if worth_retrying(error) or lacks_means(error):
            self._look_again(kind, row_id, timedelta(seconds=self.parts.rng.uniform(*TROUBLE_S)))
        else:
            self._hand_on(kind, row_id)

    def _left_to_others(self, kind: type[TimersDue | News], row_id: str, what: str, error: Exception) -> bool:
        with Guard() as guard:
            others = run_unit(
                self.sessions,
                lambda session: strangers.are_at_work(session, self.parts, self.parts.clock.now(session)),
                rng=self.parts.rng,
            )
            if others:
                log.warning("%s is left to workers of another version: %s", what, error)
                self.parts.counters.add("left_to_others")
                self._look_again(kind, row_id, timedelta(seconds=self.parts.rng.uniform(*strangers.PUT_BACK_S)))
            return others
        log.error("%s cannot be left to others", what, exc_info=guard.error)
        return False

    def _look_again(self, kind: type[TimersDue | News], row_id: str, wait: timedelta) -> None:
        """It is not its fault: let it be claimed again after a while, with no try counted."""
        entity = Timer if kind is TimersDue else InboxMessage

        def unit(session: Session) -> None:
            until = self.parts.clock.now(session) + wait
            put_off(session, entity, [row_id], owner=self.offer().owner, until=until)

        with suppress(SQLAlchemyError):  # its lease runs out by itself
            run_unit(self.sessions, unit, rng=self.parts.rng)

    def _hand_on(self, kind: type[TimersDue | News], row_id: str) -> None:
        hand_on = hand_on_timer if kind is TimersDue else hand_on_news

        def unit(session: Session) -> None:
            hand_on(self.parts, session, row_id, now=self.parts.clock.now(session))

        with Guard() as guard:
            run_unit(self.sessions, unit, rng=self.parts.rng)
            return
        # The lease runs out and somebody takes it up again.
        log.error("%s %s cannot be handed on", kind.__name__, row_id, exc_info=guard.error)
