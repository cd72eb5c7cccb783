"""Trouble tickets, and the customer's installed products they start from."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.customers import ProductRow
from app.web.views.order_page import EventRow
from app.web.views.parts import Choice, Fault, Pages, Pair, SlaCell, Tab, Tag


@dataclass(frozen=True, kw_only=True)
class TicketRow:
    """One ticket in the list."""

    number: str
    href: str
    customer: str
    product: str
    text: str
    source: str
    state: Tag
    opened: str
    sla: SlaCell

    @property
    def is_late(self) -> bool:
        return self.sla.tone == "late"


@dataclass(frozen=True, kw_only=True)
class TicketList:
    """The list with its filters."""

    tabs: tuple[Tab, ...]
    rows: tuple[TicketRow, ...]
    pages: Pages
    query: str


@dataclass(frozen=True, kw_only=True)
class TicketPage:
    """One ticket."""

    row: TicketRow
    facts: tuple[Pair, ...]
    steps: tuple[tuple[str, str], ...]
    events: tuple[EventRow, ...]
    work: tuple[Pair, ...]
    is_final: bool


@dataclass(frozen=True, kw_only=True)
class FaultReport:
    """The form with which a customer's fault is reported."""

    product: ProductRow
    customer: str
    severities: tuple[Choice, ...]
    severity: str
    description: str
    faults: tuple[Fault, ...]
    action: str
    back_href: str
