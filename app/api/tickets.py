"""Trouble tickets: a customer's report, the list, one ticket."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.idempotency import made_up_external_id
from app.api.paging import page
from app.api.schemas.tickets import TicketDetail, TicketIn, TicketOut, TicketPage, TicketQuery
from app.domain.commands import OpenTicket
from app.persistence.teamwork.ticket_search import get_ticket, list_tickets
from app.services.counter import trouble_desk
from app.unit_of_work import read

PATH: Final = "/api/v1/tickets"
door: Final = Door("tickets", PATH, "trouble tickets")


@door.route(
    "POST",
    "",
    right="ticket.open",
    summary="Report that an installed product does not work",
    body=TicketIn,
    answers={201: TicketDetail},
    errors=(404, 409, 415),
    idempotent=True,
)
def open_ticket(body: OpenTicket) -> Reply:
    command = body if body.external_id else replace(body, external_id=made_up_external_id())
    ticket = trouble_desk.open_ticket(command, current_actor(), current_deps())
    return _shown(ticket.id), 201, {"Location": f"{PATH}/{ticket.id}"}


@door.route("GET", "", right="ticket.view", summary="List tickets", query=TicketQuery, answers={200: TicketPage})
def list_trouble_tickets(query: dict[str, Any]) -> Reply:
    filters = dict(query)
    offset, limit = filters.pop("offset"), filters.pop("limit")
    with read(current_deps().read_sessions) as session:
        rows, total = list_tickets(session, current_actor(), filters, offset=offset, limit=limit)
        shown: list[Any] = TicketOut(many=True).dump(rows)
    return page(shown, total, query)


@door.route(
    "GET",
    "/<id_or_number>",
    right="ticket.view",
    summary="Show a ticket by id or number",
    answers={200: TicketDetail},
    errors=(404,),
)
def get_trouble_ticket(id_or_number: str) -> Reply:
    return _shown(id_or_number)


def _shown(id_or_number: str) -> dict[str, Any]:
    with read(current_deps().read_sessions) as session:
        shown: dict[str, Any] = TicketDetail().dump(get_ticket(session, current_actor(), id_or_number))
    return shown
