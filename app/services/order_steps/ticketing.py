"""The steps of a trouble ticket in our own books; the fault system keeps its own, under its own number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.ports import OperationCall
from app.domain.actors import ENGINE
from app.domain.business_keys import subject_of
from app.domain.promises.ticket_lifecycle import TicketState
from app.domain.words import Words
from app.persistence.counter.customers import InstalledProduct
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.counter.ticket_rows import new_ticket, ticket_data
from app.services.ordering.subjects import find_item
from app.services.promises import sla_watch
from app.services.promises.sla_start import start_ticket_clock


def open_ticket(session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
    """``ticket.open``: our own test has failed; the ticket belongs to the order until the fault is repaired."""
    subject = subject_of(call.business_key)
    item = find_item(session, str(subject.order_id), subject.item_no) if subject.order_id else None
    product = session.get_one(InstalledProduct, str(call.inputs["product_id"]))
    ticket = new_ticket(
        session,
        product,
        source=str(call.inputs.get("source") or "order_test"),
        severity=str(call.inputs.get("severity") or "normal"),
        description=str(call.inputs.get("description") or ""),
        who=ENGINE,
        now=now,
    )
    ticket.order_id, ticket.item_id = subject.order_id, item.id if item else None
    session.flush()
    start_ticket_clock(session, ticket, now)
    data = ticket_data(ticket, order_no=str(call.inputs.get("order_no") or ""))
    return {"ticket": {**data, "test_type": str(call.inputs.get("test_type") or data["test_type"])}}


def dispatch_ticket(session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
    """``ticket.dispatch``: a crew has it, first or again."""
    ticket = ticket_of(session, call)
    ticket.far_ticket_no = str(call.inputs.get("far_ticket_no") or "") or ticket.far_ticket_no
    found = [str(call.inputs[name]) for name in ("verdict", "segment") if call.inputs.get(name)]
    diagnosis = Words(f"，诊断 {'、'.join(found)}", f", diagnosis {', '.join(found)}") if found else Words("", "")
    why = Words(f"派单{diagnosis.zh}", f"dispatched{diagnosis.en}")
    ticket.move_to(TicketState.IN_PROGRESS, why, ENGINE, now)
    return {"state": str(ticket.state)}


def resolve_ticket(session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
    """``ticket.resolve``: the retest has passed."""
    ticket = ticket_of(session, call)
    ticket.cause = str(call.inputs.get("cause") or "")[:200]
    detail = {"measured": call.inputs.get("measured") or {}}
    ticket.record("milestone", Words("复测通过", "the retest has passed"), ENGINE, now, detail=detail)
    ticket.move_to(TicketState.RESOLVED, Words("已修复", "repaired"), ENGINE, now)
    sla_watch.stop(session, ticket, ENGINE, now)
    return {"state": str(ticket.state)}


def close_ticket(session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
    """``ticket.close``: confirmed and closed."""
    ticket = ticket_of(session, call)
    ticket.move_to(TicketState.CLOSED, Words("已确认，关闭", "confirmed and closed"), ENGINE, now)
    return {"state": str(ticket.state)}


def ticket_of(session: Session, call: OperationCall) -> TroubleTicket:
    """The ticket a call is about, locked."""
    query = select(TroubleTicket).where(TroubleTicket.id == str(call.inputs["ticket_id"])).with_for_update()
    return session.scalars(query).one()
