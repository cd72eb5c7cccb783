"""Trouble tickets, customers and what is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from app.domain.promises.ticket_lifecycle import TicketState
from app.persistence.counter.customer_search import get_product
from app.persistence.counter.customers import Customer
from app.persistence.ordering.orders import ProductOrder
from app.persistence.teamwork.ticket_search import get_ticket, list_tickets
from app.persistence.teamwork.tickets import TroubleTicket
from app.web.addresses import Addresses
from app.web.pages.counter.customers import product_row
from app.web.pages.names import Names
from app.web.pages.ordering.events import event_rows
from app.web.pages.promises.clocks import sla_cell
from app.web.pages.states import ticket_tag
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.parts import Choice, Fault, Pages, Pair, Tab
from app.web.views.tickets import (
    FaultReport,
    TicketList,
    TicketPage,
    TicketRow,
)

PAGE_SIZE: Final = 30
TABS: Final = (
    ("open", Sentence("open", "tickets")),
    ("resolved", Sentence("resolved", "tickets")),
    ("closed", Sentence("closed", "tickets")),
    ("all", Sentence("all", "tickets")),
)
SEVERITIES: Final = (
    ("low", Sentence("slight")),
    ("normal", Sentence("normal")),
    ("high", Sentence("serious")),
    ("critical", Sentence("total failure")),
)


def ticket_list(
    session: Session, reader: Reader, addresses: Addresses, *, tab: str, query: str = "", offset: int = 0
) -> TicketList:
    """One tab of the tickets."""
    names = Names(session, reader)
    filters = {**_of_tab(tab), **({"q": query} if query else {})}
    rows, total = list_tickets(session, reader.actor, filters, offset=offset, limit=PAGE_SIZE)
    customers = names.customers(row.customer_no for row in rows)
    drawn = [_ticket_row(row, customers.get(row.customer_no or ""), names, reader, addresses) for row in rows]
    return TicketList(
        tabs=tuple(
            Tab(
                reader.t(text),
                addresses.tickets(tab=name),
                name == tab,
                list_tickets(session, reader.actor, _of_tab(name), limit=0)[1],
            )
            for name, text in TABS
        ),
        rows=tuple(drawn),
        pages=Pages.of(
            lambda at: addresses.tickets(tab=tab, offset=str(at or "")),
            offset=offset,
            shown=len(rows),
            total=total,
            size=PAGE_SIZE,
        ),
        query=query,
    )


def ticket_page(session: Session, reader: Reader, addresses: Addresses, number: str) -> TicketPage:
    """One ticket with its history."""
    ticket = get_ticket(session, reader.actor, number)
    names = Names(session, reader)
    customer = names.customers([ticket.customer_no]).get(ticket.customer_no or "")
    return TicketPage(
        row=_ticket_row(ticket, customer, names, reader, addresses),
        facts=_facts(session, ticket, customer, names, reader, addresses),
        steps=_steps(ticket, reader),
        events=event_rows(ticket.events, names, reader),
        work=tuple(
            Pair(
                item.number,
                " · ".join(filter(None, (reader.said(item, "title"), names.team(item.team_code)))),
                href=addresses.task(item.number) if reader.may("item.view") else "",
            )
            for item in ticket.work_items
        ),
        is_final=ticket.is_final,
    )


def _of_tab(tab: str) -> dict[str, list[str]]:
    return {
        "open": {"state": ["acknowledged", "inProgress", "pending", "held"]},
        "resolved": {"state": ["resolved"]},
        "closed": {"state": ["closed", "cancelled", "rejected"]},
    }.get(tab, {})


def _ticket_row(
    ticket: TroubleTicket, customer: Customer | None, names: Names, reader: Reader, addresses: Addresses
) -> TicketRow:
    t = reader.t
    sources = {
        "order_test": t("our own test"),
        "customer": t.about("source", "customer"),
        "alarm": t.about("source", "alarm"),
    }
    due = max((clock.due_at for clock in ticket.clocks if clock.kind == "promise"), default=None)
    return TicketRow(
        number=ticket.number,
        href=addresses.ticket(ticket.number),
        customer=names.customer(customer),
        product=names.product(ticket.product),
        text=ticket.description,
        source=sources.get(ticket.source, ticket.source),
        state=ticket_tag(ticket.state, reader),
        opened=reader.f.moment(ticket.opened_at),
        sla=sla_cell(
            ticket.clocks,
            reader,
            promised_at=due,
            ended_at=ticket.closed_at or ticket.resolved_at,
            is_final=ticket.is_final or ticket.resolved_at is not None,
        ),
    )


def _facts(
    session: Session,
    ticket: TroubleTicket,
    customer: Customer | None,
    names: Names,
    reader: Reader,
    addresses: Addresses,
) -> tuple[Pair, ...]:
    t = reader.t
    severities = {code: t(text) for code, text in SEVERITIES}
    facts = [
        Pair(t("Customer"), names.customer(customer), href=_customer_href(customer, reader, addresses)),
        Pair(t("Product number"), ticket.product_id or "–", code=True),
        Pair(t("Address"), names.address(ticket.address_code) or "–"),
        Pair(t("Severity"), severities.get(ticket.severity, ticket.severity)),
        Pair(t("Number at the fault system"), ticket.far_ticket_no or "–", code=True),
        Pair(t("Opened"), reader.f.full(ticket.opened_at)),
    ]
    order = session.get(ProductOrder, ticket.order_id) if ticket.order_id else None
    if order is not None:
        href = addresses.order(order.number) if reader.may("order.view") else ""
        facts.append(Pair(t("Order in whose course it was found"), order.number, href=href))
    if ticket.cause:
        facts.append(Pair(t("Cause"), ticket.cause))
    if ticket.resolved_at:
        facts.append(Pair(t("Resolved"), reader.f.full(ticket.resolved_at)))
    if ticket.closed_at:
        facts.append(Pair(t("Closed"), reader.f.full(ticket.closed_at)))
    return tuple(facts)


def _customer_href(customer: Customer | None, reader: Reader, addresses: Addresses) -> str:
    return addresses.customer(customer.customer_no) if customer and reader.may("customer.view") else ""


def _steps(ticket: TroubleTicket, reader: Reader) -> tuple[tuple[str, str], ...]:
    reached = {
        TicketState.ACKNOWLEDGED: 0,
        TicketState.RESOLVED: 2,
        TicketState.CLOSED: 4,
    }.get(TicketState(ticket.state), 1)
    texts = (Sentence("Accepted", "ticket"), Sentence("Repairing"), Sentence("Repaired"), Sentence("Confirmed"))
    kinds = ["done" if n < reached else "here" if n == reached else "next" for n in range(len(texts))]
    return tuple(zip((reader.t(text) for text in texts), kinds, strict=True))


def fault_report(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    product_id: str,
    *,
    description: str = "",
    severity: str = "normal",
    faults: Sequence[Fault] = (),
) -> FaultReport:
    """The form for a fault of an installed product."""
    product = get_product(session, reader.actor, product_id)
    names = Names(session, reader)
    return FaultReport(
        product=product_row(session, product, names, reader, addresses),
        customer=names.customer(product.customer),
        severities=tuple(Choice(code, reader.t(text)) for code, text in SEVERITIES),
        severity=severity,
        description=description,
        faults=tuple(faults),
        action=addresses.report_fault(product_id),
        back_href=addresses.customer(product.customer_no),
    )
