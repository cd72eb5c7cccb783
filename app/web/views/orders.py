"""The order list."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.parts import Choice, Pages, SlaCell, StationLine, Tab, Tag


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """One order as the list shows it."""

    number: str
    href: str
    customer: str
    product: str
    state: Tag
    progress: StationLine
    waits_for: str
    promised: str
    sla: SlaCell
    area: str

    @property
    def is_late(self) -> bool:
        return self.sla.tone == "late"


@dataclass(frozen=True, kw_only=True)
class OrderList:
    """The page with the orders, least time left first."""

    rows: tuple[OrderRow, ...]
    counts: tuple[Tab, ...]
    pages: Pages
    query: str
    state: str
    area: str
    mine: bool
    view: str
    due: str
    without_day_href: str
    states: tuple[Choice, ...]
    areas: tuple[Choice, ...]
    filtered: bool
    can_submit: bool
