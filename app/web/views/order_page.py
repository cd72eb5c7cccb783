"""The page of one order."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.ordering.gantt import Gantt
from app.web.views.parts import Pair, SlaCell, StopKind, Tag


@dataclass(frozen=True, kw_only=True)
class Strip:
    """Promise, time left, expected end, paused time: four facts above everything else."""

    promised: str
    left: SlaCell
    left_note: str
    expected: str
    expected_tone: str
    expected_note: str
    paused: str
    paused_note: str


@dataclass(frozen=True, kw_only=True)
class WorkOrderRow:
    """One work order in the table, the same facts as its bar in the chart."""

    name: str
    who: str
    state: Tag
    started: str
    ended: str
    length: str
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class SlaPanel:
    """How the promise was computed. ``used_px`` and the marks are pixels of a bar of 334."""

    state: Tag
    summary: str
    used_px: float
    used_label: str
    marks: tuple[tuple[float, str], ...]
    rows: tuple[Pair, ...]


@dataclass(frozen=True)
class CustomerStop:
    """A stop of the line that the customer sees."""

    text: str
    kind: StopKind


@dataclass(frozen=True, kw_only=True)
class CustomerView:
    """What the customer is told."""

    stops: tuple[CustomerStop, ...]
    sentence: str


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """A line of the history, newest first."""

    at: str
    iso: str
    text: str
    who: str
    now: bool = False
    bad: bool = False


@dataclass(frozen=True, kw_only=True)
class DifferenceRow:
    """A field on which network, books and bill do not agree."""

    product_id: str
    field: str
    asked: str
    built: str
    billed: str
    owner: str
    state: Tag
    order_number: str = ""
    order_href: str = ""
    found: str = ""


@dataclass(frozen=True, kw_only=True)
class IncidentRow:
    """Something the engine cannot get past by itself, in the words of the far system."""

    id: str
    where: str
    code: str
    message: str
    opened: str
    attempts: int
    order_number: str
    order_href: str
    retry_href: str
    state: Tag


@dataclass(frozen=True, kw_only=True)
class TicketLink:
    """A trouble ticket of this order."""

    number: str
    href: str
    state: Tag


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something this reader can do with the order now, on a page of its own."""

    text: str
    href: str
    icon: str = ""
    is_first: bool = False


@dataclass(frozen=True, kw_only=True)
class ItemRow:
    """One order item in the table of an order with many."""

    number: str
    product: str
    product_id: str
    address: str
    state: Tag


@dataclass(frozen=True, kw_only=True)
class RelatedOrder:
    """Another order this one has to do with, and how."""

    number: str
    href: str
    what: str
    how: str
    state: Tag


@dataclass(frozen=True)
class FileLink:
    """A file of one of the order's to-dos; without an address for those who may not open it."""

    name: str
    href: str
    at: str


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What lies around an order and does not change by the second."""

    orders: tuple[RelatedOrder, ...] = ()
    sheet: Pair | None = None
    files: tuple[FileLink, ...] = ()
    customer: tuple[Pair, ...] = ()
    said_href: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderPage:
    """Everything on the page of one order."""

    number: str
    href: str
    kind: str
    state: Tag
    facts: tuple[Pair, ...]
    strip: Strip
    gantt: Gantt
    gantt_text: str
    work_orders: tuple[WorkOrderRow, ...]
    sla: SlaPanel | None
    customer: CustomerView
    events: tuple[EventRow, ...]
    event_count: int
    differences: tuple[DifferenceRow, ...]
    incidents: tuple[IncidentRow, ...]
    tickets: tuple[TicketLink, ...]
    acts: tuple[Act, ...]
    items: tuple[tuple[Pair, ...], ...]
    waits_for: str
    is_final: bool
    is_cancelled: bool = False
    as_table: bool
    may_retry: bool
    cancel_note: str = ""
    cancel_href: str = ""
    amend_note: str = ""
    amend_href: str = ""
    promise_href: str = ""
    around: Surroundings = Surroundings()
    item_rows: tuple[ItemRow, ...] = ()
