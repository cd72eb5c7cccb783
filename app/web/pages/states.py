"""States as tags: word, icon and tone for every state of orders, steps, items, tickets and products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.domain.ordering import order_lifecycle
from app.domain.promises import ticket_lifecycle
from app.domain.teamwork import work_lifecycle
from app.domain.words import Words
from app.web.reader import Reader
from app.web.views.parts import StopKind, Tag, Tone

_LOOKS: Final[Mapping[str, tuple[str, Tone]]] = {
    "acknowledged": ("draft", ""),
    "inProgress": ("play", "run"),
    "pending": ("pause", ""),
    "held": ("alert", "bad"),
    "completed": ("done", "ok"),
    "failed": ("alert", "bad"),
    "partial": ("warn", "warn"),
    "rejected": ("slash", "bad"),
    "cancelled": ("slash", ""),
    "assessingCancellation": ("undo", "warn"),
    "pendingCancellation": ("undo", "warn"),
    "resolved": ("done", "run"),
    "closed": ("done", "ok"),
    "active": ("done", ""),
    "suspended": ("pause", "warn"),
    "pendingActive": ("clock", "run"),
    "pendingTerminate": ("clock", "warn"),
    "terminated": ("slash", ""),
    "open": ("clock", ""),
    "claimed": ("user", "run"),
    "paused": ("pause", ""),
}
_PRODUCTS: Final[Mapping[str, Words]] = {
    "active": Words("在用", "In use"),
    "created": Words("新建", "Created"),
    "pendingActive": Words("开通中", "Being activated"),
    "suspended": Words("已停机", "Suspended"),
    "pendingTerminate": Words("拆机中", "Being disconnected"),
    "terminated": Words("已拆机", "Disconnected"),
    "cancelled": Words("已取消", "Cancelled"),
    "aborted": Words("已中止", "Aborted"),
}
_STOPS: Final[Mapping[str, StopKind]] = {
    "acknowledged": "next",
    "inProgress": "here",
    "pending": "wait",
    "held": "fail",
    "failed": "fail",
    "completed": "done",
    "cancelled": "done",
}


def order_tag(state: str, reader: Reader) -> Tag:
    """The state of an order or an order item."""
    return _tag(state, order_lifecycle.NAMES[order_lifecycle.OrderState(state)], reader)


def work_order_tag(state: str, reader: Reader) -> Tag:
    """The state of a step of a plan."""
    return _tag(state, work_lifecycle.WORK_ORDER_NAMES[work_lifecycle.WorkOrderState(state)], reader)


def ticket_tag(state: str, reader: Reader) -> Tag:
    """The state of a trouble ticket."""
    return _tag(state, ticket_lifecycle.NAMES[ticket_lifecycle.TicketState(state)], reader)


def product_tag(status: str, reader: Reader) -> Tag:
    """The status of an installed product."""
    return _tag(status, _PRODUCTS.get(status, Words(status, status)), reader)


def stop_kind(state: str) -> StopKind:
    """How a step is drawn on the station line."""
    return _STOPS.get(state, "next")


def _tag(state: str, name: Words, reader: Reader) -> Tag:
    icon, tone = _LOOKS.get(state, ("info", ""))
    return Tag(reader.words(name), icon, tone)
