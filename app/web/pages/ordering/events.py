"""The history of an order or a ticket as people read it: newest first, one sentence per line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from app.domain.ordering import order_lifecycle
from app.domain.promises import ticket_lifecycle
from app.persistence.audit import OrderEvent
from app.persistence.ordering.work_orders import WorkOrder
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.views.order_page import EventRow

MOST_LINES: Final = 60
_BAD: Final = frozenset({"failed", "held", "rejected"})


def event_rows(
    events: Sequence[OrderEvent],
    names: Names,
    reader: Reader,
    steps: Sequence[WorkOrder] = (),
    *,
    limit: int = MOST_LINES,
) -> tuple[EventRow, ...]:
    """The newest ``limit`` lines."""
    newest = sorted(events, key=lambda event: event.seq, reverse=True)[:limit]
    names.know_people(event.who for event in newest)
    by_id = {step.id: step for step in steps}
    return tuple(
        EventRow(
            at=reader.f.moment(event.at),
            iso=event.at.isoformat(),
            text=_sentence(event, by_id, names, reader),
            who="" if event.who == "system" else names.person(event.who),
            now=index == 0,
            bad=event.to_state in _BAD or (event.kind == "jeopardy" and event.detail.get("level", 0) >= 3),
        )
        for index, event in enumerate(newest)
    )


def _sentence(event: OrderEvent, steps: Mapping[str, WorkOrder], names: Names, reader: Reader) -> str:
    why = reader.said(event, "why")
    subject = _subject(event, steps, names, reader)
    if not why:
        why = _state_name(event, reader)
    colon = ": " if reader.language == "en" else "："
    return f"{subject}{colon}{why}" if subject and why else subject or why or event.kind


def _subject(event: OrderEvent, steps: Mapping[str, WorkOrder], names: Names, reader: Reader) -> str:
    detail = event.detail or {}
    if event.kind == "work_item_state":
        return reader.said_in(detail, "title")
    if event.kind == "work_order_state":
        step = steps.get(str(detail.get("work_order_id")))
        known = names.work_order_type(str(detail.get("type", "")))
        return reader.said(step) if step else reader.said_in(known)
    if event.kind == "item_state":
        return reader.t.about("item", "Line {n}", n=detail.get("item_no", ""))
    if event.kind == "state":
        return _state_name(event, reader)
    return ""


def _state_name(event: OrderEvent, reader: Reader) -> str:
    state = event.to_state or ""
    if event.ticket_id is not None and state in set(ticket_lifecycle.TicketState):
        return reader.words(ticket_lifecycle.NAMES[ticket_lifecycle.TicketState(state)])
    if state in set(order_lifecycle.OrderState):
        return reader.words(order_lifecycle.NAMES[order_lifecycle.OrderState(state)])
    return state
