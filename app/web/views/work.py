"""The work list of a team."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import Choice, Pages, SlaCell, Tab, Tag


@dataclass(frozen=True)
class Chip:
    """A filter that is on; ``href`` is the list without it."""

    label: str
    value: str
    href: str


@dataclass(frozen=True)
class FilterChoice:
    """A filter that can be put on."""

    name: str
    label: str
    values: tuple[Choice, ...]


@dataclass(frozen=True)
class Column:
    """A column of the list. ``sort_href``: the list sorted by it; ``sorted_by``: it is."""

    name: str
    text: str
    shown: bool = True
    sort_href: str = ""
    sorted_by: bool = False


@dataclass(frozen=True)
class View:
    """A view somebody has saved. ``count`` only of those with a star."""

    id: str
    name: str
    href: str
    starred: bool
    current: bool
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class WorkListRow:
    """One work item in the list."""

    id: str
    number: str
    href: str
    order_number: str
    customer: str
    tier: str
    title: str
    note: Tag | None
    product: str
    area: str
    team: str
    owner: str
    is_mine: bool
    is_open: bool
    sla: SlaCell
    claim_href: str = ""
    release_href: str = ""
    why_not: str = ""
    can_choose: bool = False
    came: str = ""
    follow_up: str = ""
    follow_up_due: bool = False
    columns: frozenset[str] = frozenset()

    @property
    def is_late(self) -> bool:
        return self.sla.tone == "late"


@dataclass(frozen=True)
class BulkBar:
    """What can be done with chosen rows; ``teams`` and ``people`` are empty where the reader may not assign."""

    href: str
    teams: tuple[Choice, ...] = ()
    people: tuple[Choice, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WorkList:
    """The list with its tabs, least time left first."""

    tabs: tuple[Tab, ...]
    tab: str
    rows: tuple[WorkListRow, ...]
    pages: Pages
    query: str
    claim_next_href: str
    claim_next_number: str
    shows_done: bool
    chips: tuple[Chip, ...]
    choices: tuple[FilterChoice, ...]
    columns: tuple[Column, ...]
    heads: tuple[Column, ...]
    density: str
    views: tuple[View, ...]
    here_href: str
    arguments: tuple[tuple[str, str], ...]
    questions: int
    filtered: bool
    clear_href: str
    export_href: str
    bulk: BulkBar | None
    outcomes: tuple[tuple[str, str], ...] = ()
    """Number and refusal of the items with which something was just tried; an empty refusal means done."""

    @property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """The items with which it did not work."""
        return tuple((number, why) for number, why in self.outcomes if why)
