"""The work list of a team."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import Choice, Pages, SlaCell, Tab, Tag


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
    team: str
    teams: tuple[Choice, ...]
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
