"""The desk of somebody at the counter: what needs me today."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views.orders import OrderRow
from app.web.views.parts import Tab
from app.web.views.work import WorkListRow


@dataclass(frozen=True, kw_only=True)
class DraftRow:
    """An order that was begun and not placed."""

    title: str
    href: str
    saved: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Everything on the page."""

    counts: tuple[Tab, ...]
    items: tuple[WorkListRow, ...]
    orders: tuple[OrderRow, ...]
    drafts: tuple[DraftRow, ...]
    items_href: str
    orders_href: str
