"""Who of a team should do what: fair by load against capacity, never beyond skill, area, or who is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from app.domain.actors import contains
from app.domain.words import Words


class Bar(StrEnum):
    """Why somebody cannot have a to-do, or why nobody can."""

    SKILL = "skill"
    AREA = "area"
    AWAY = "away"
    FULL = "full"


class Cause(StrEnum):
    """Why a to-do should move."""

    AWAY = "away"
    FULL = "full"
    FREE = "free"
    EVEN = "even"


BARS: Final[Mapping[Bar, Words]] = {
    Bar.SKILL: Words("不具备所需技能", "does not have the skill"),
    Bar.AREA: Words("不负责该区域", "does not work in that area"),
    Bar.AWAY: Words("今天不在岗", "is not there today"),
    Bar.FULL: Words("已满", "has enough to do"),
}
CAUSES: Final[Mapping[Cause, Words]] = {
    Cause.AWAY: Words("原负责人今天不在岗", "who has it is not there today"),
    Cause.FULL: Words("原负责人超出容量", "who has it has more than fits"),
    Cause.FREE: Words("无人负责", "nobody has it"),
    Cause.EVEN: Words("均衡负荷", "evens out the load"),
}
_LAST: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Card:
    """A to-do of the team. ``holder`` has it or is offered it; ``is_begun``: it is in work, and stays where it is as
    long as that person is there. ``due_at`` and ``since`` are aware."""

    number: str
    area_path: str
    since: datetime
    skill: str = ""
    holder: str | None = None
    is_begun: bool = False
    due_at: datetime | None = None
    priority: int = 0
    version: int = 1

    @property
    def urgency(self) -> tuple[int, datetime, datetime, str]:
        """Less is sooner, as in the queue."""
        return -self.priority, self.due_at or _LAST, self.since, self.number


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Somebody of the team; ``open_items`` counts what he or she has in all teams. Who leads gets nothing unasked."""

    login: str
    area_path: str
    skills: frozenset[str] = frozenset()
    open_items: int = 0
    most: int = 8
    is_away: bool = False
    leads: bool = False


@dataclass(frozen=True, kw_only=True)
class Move:
    """One proposal: from whom (None: from nobody), to whom, and why."""

    card: Card
    source: str | None
    to: str
    cause: Cause


@dataclass(frozen=True)
class Plan:
    """What should move, and what finds nobody, with the nearest reason."""

    moves: tuple[Move, ...] = ()
    left: tuple[tuple[Card, Bar], ...] = ()


def barred(card: Card, worker: Worker) -> Bar | None:
    """Why somebody must not have a to-do; how much there is to do is not looked at."""
    if worker.is_away:
        return Bar.AWAY
    if card.skill and card.skill not in worker.skills:
        return Bar.SKILL
    return None if contains(worker.area_path, card.area_path) else Bar.AREA


def balanced(cards: Sequence[Card], workers: Sequence[Worker]) -> Plan:
    """First what nobody has, or nobody who is there; the most urgent of it first. Then what evens out the load."""
    return _Balance(cards, workers).plan()


@dataclass
class _Balance:
    cards: Sequence[Card]
    workers: Sequence[Worker]
    load: dict[str, int] = field(default_factory=dict)
    holder: dict[str, str | None] = field(default_factory=dict)
    cause: dict[str, Cause] = field(default_factory=dict)

    def plan(self) -> Plan:
        self.load = {worker.login: worker.open_items for worker in self.workers}
        self.holder = {card.number: card.holder for card in self.cards}
        left = []
        for card in sorted(self._homeless(), key=lambda card: card.urgency):
            best = self._best(card)
            if best is None:
                left.append((card, self._nearest(card)))
            else:
                self._give(card, best)
        self._even_out()
        moved = [card for card in self.cards if self.holder[card.number] != card.holder]
        stay = [(card, why) for card, why in left if card not in moved]
        return Plan(tuple(self._move(card) for card in sorted(moved, key=lambda card: card.urgency)), tuple(stay))

    def _move(self, card: Card) -> Move:
        to = self.holder[card.number]
        return Move(card=card, source=card.holder, to=to or "", cause=self.cause[card.number])

    def _homeless(self) -> list[Card]:
        """What needs somebody else, or somebody at all."""
        known = {worker.login: worker for worker in self.workers}
        found = []
        for card in self.cards:
            has = known.get(card.holder or "")
            if card.holder is None:
                self.cause[card.number] = Cause.FREE
                found.append(card)
            elif has is not None and has.is_away:
                self.cause[card.number] = Cause.AWAY
                found.append(card)
        for worker in self.workers:
            surplus = worker.open_items - worker.most
            if surplus > 0 and not worker.is_away:
                waiting = [card for card in self.cards if card.holder == worker.login and not card.is_begun]
                for card in sorted(waiting, key=lambda card: card.urgency, reverse=True)[:surplus]:
                    self.cause[card.number] = Cause.FULL
                    found.append(card)
        return found

    def _fit(self, card: Card) -> list[Worker]:
        return [one for one in self.workers if not one.leads and barred(card, one) is None and one.most > 0]

    def _best(self, card: Card) -> Worker | None:
        free = [one for one in self._fit(card) if self.load[one.login] < one.most and one.login != card.holder]
        return min(free, key=lambda one: (self._ratio(one, 1), self.load[one.login], one.login), default=None)

    def _nearest(self, card: Card) -> Bar:
        """The reason that is the easiest to change: room, presence, area, skill."""
        reasons = {barred(card, one) for one in self.workers if not one.leads}
        if None in reasons:
            return Bar.FULL
        return next((bar for bar in (Bar.AWAY, Bar.AREA, Bar.SKILL) if bar in reasons), Bar.FULL)

    def _ratio(self, worker: Worker, more: int = 0) -> float:
        return (self.load[worker.login] + more) / worker.most

    def _give(self, card: Card, worker: Worker) -> None:
        has = self.holder[card.number]
        if has in self.load:
            self.load[has] -= 1
        self.load[worker.login] += 1
        self.holder[card.number] = worker.login

    def _even_out(self) -> None:
        """Move what is not begun from the fullest to the emptiest, while that makes the fuller of both less full."""
        for _ in range(len(self.cards) * max(1, len(self.workers))):
            if not self._evened_once():
                return

    def _evened_once(self) -> bool:
        full = sorted((one for one in self.workers if one.most > 0), key=lambda one: (-self._ratio(one), one.login))
        for worker in full:
            waiting = [card for card in self.cards if self.holder[card.number] == worker.login and not card.is_begun]
            for card in sorted(waiting, key=lambda card: card.urgency, reverse=True):
                free = [one for one in self._fit(card) if self.load[one.login] < one.most]
                lighter = [one for one in free if self._ratio(one, 1) < self._ratio(worker)]
                if lighter:
                    self.cause.setdefault(card.number, Cause.EVEN)
                    self._give(card, min(lighter, key=lambda one: (self._ratio(one, 1), one.login)))
                    return True
        return False
