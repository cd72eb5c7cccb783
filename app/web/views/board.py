"""The board of a team: who has what, and how much of what fits."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import Choice, SlaCell, Tab, Tag


@dataclass(frozen=True, kw_only=True)
class BoardCard:
    """One to-do. ``version`` is that which the reader sees: it moves only if it is still the same."""

    number: str
    href: str
    order_number: str
    title: str
    product: str
    customer: str
    place: str
    at: str
    skill: str
    state: Tag
    sla: SlaCell
    version: int
    can_move: bool


@dataclass(frozen=True, kw_only=True)
class BoardColumn:
    """A person or a state with its cards. ``to`` is what a card that is dropped here is given to; empty: nothing is.

    ``used_px`` of 100 is how full that person is.
    """

    name: str
    to: str
    note: str
    load: str
    used_px: int
    is_full: bool
    oldest: str
    away: str
    cards: tuple[BoardCard, ...]
    absence_id: str = ""


@dataclass(frozen=True)
class DueBar:
    """How many are due when; ``px`` of the longest bar's 100."""

    name: str
    count: int
    px: int
    href: str
    is_late: bool
    current: bool


@dataclass(frozen=True, kw_only=True)
class BoardPage:
    """The board."""

    team: str
    name: str
    teams: tuple[Choice, ...]
    tabs: tuple[Tab, ...]
    there: int
    people: int
    open_items: int
    done_today: int
    late: int
    due: tuple[DueBar, ...]
    view: str
    due_is: str
    filtered: bool
    clear_href: str
    columns: tuple[BoardColumn, ...]
    targets: tuple[tuple[str, tuple[tuple[Choice, bool], ...]], ...]
    cut: bool
    can_note_absence: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    today: str
    outcomes: tuple[tuple[str, str, str], ...] = ()

    @property
    def refused(self) -> tuple[tuple[str, str, str], ...]:
        """Number, address and reason of what did not move."""
        return tuple(one for one in self.outcomes if one[2])


@dataclass(frozen=True, kw_only=True)
class BalanceRow:
    """One proposal."""

    number: str
    version: int
    to: str
    order_number: str
    title: str
    sla: SlaCell
    source: str
    target: str
    why: str


@dataclass(frozen=True, kw_only=True)
class BalancePage:
    """What would balance the team, before anything is moved."""

    team: str
    name: str
    rows: tuple[BalanceRow, ...]
    left: tuple[tuple[str, str, str], ...]
    loads: tuple[tuple[str, str, str], ...]
    board_href: str
