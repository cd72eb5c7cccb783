"""Trouble tickets, customers and what is installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.catalogue import Catalogue
from app.domain.masking import mask_document, mask_phone
from app.domain.ticket_lifecycle import TicketState
from app.persistence.catalogue_reader import load_catalogue
from app.persistence.customer_search import find_customers, get_customer, get_product, installed_products, open_order_of
from app.persistence.customers import Customer, InstalledProduct
from app.persistence.orders import ProductOrder
from app.persistence.ticket_search import get_ticket, list_tickets
from app.persistence.tickets import TroubleTicket
from app.web.addresses import Addresses
from app.web.pages.clocks import sla_cell
from app.web.pages.events import event_rows
from app.web.pages.known_customers import example_customers, recent_customers
from app.web.pages.names import Names
from app.web.pages.states import product_tag, ticket_tag
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.parts import Choice, Fault, Pages, Pair, Tab
from app.web.views.tickets import (
    CustomerPage,
    CustomerRow,
    CustomerSearch,
    FaultReport,
    ProductRow,
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
#: What can be ordered from an installed product on these pages.
#: Keys that order a change of the row one stands on.
KEYS: Final = {"move": "m", "change": "c", "suspend": "s", "resume": "r", "disconnect": "d"}
REPAIRABLE: Final = frozenset({"active", "suspended"})


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


# ---- customers ----------------------------------------------------------------------------------------------


def customer_search(session: Session, reader: Reader, addresses: Addresses, query: str) -> CustomerSearch:
    """Customers that fit; hits are masked."""
    rows, _ = find_customers(session, reader.actor, query) if query else ((), 0)
    return CustomerSearch(
        query=query,
        rows=customer_rows(session, rows, reader, lambda number: addresses.customer(number)),
        asked=bool(query),
        recent=customer_rows(
            session,
            () if query else recent_customers(session, reader),
            reader,
            lambda number: addresses.customer(number),
        ),
        examples=tuple(Choice(addresses.customer(number), number) for number in example_customers(session, reader)),
    )


def customer_rows(
    session: Session, rows: Sequence[Customer], reader: Reader, href: Callable[[str], str]
) -> tuple[CustomerRow, ...]:
    """Customers as rows; ``href`` makes the link of a number."""
    names = Names(session, reader)
    numbers = [row.customer_no for row in rows]
    held = select(InstalledProduct.customer_no, func.count()).where(
        InstalledProduct.customer_no.in_(numbers), InstalledProduct.status != "terminated"
    )
    counts = dict(session.execute(held.group_by(InstalledProduct.customer_no)).all())
    return tuple(
        CustomerRow(
            number=row.customer_no,
            name=names.customer(row),
            contact=mask_phone(row.phone),
            area=names.area(row.area),
            tier=names.tier(row.tier),
            products=counts.get(row.customer_no, 0),
            href=href(row.customer_no),
        )
        for row in rows
    )


def customer_page(session: Session, reader: Reader, addresses: Addresses, number: str) -> CustomerPage:
    """One customer with the installed products, bundles before their parts."""
    customer = get_customer(session, reader.actor, number)
    names = Names(session, reader)
    t = reader.t
    products = installed_products(session, reader.actor, number)
    ordered = [row for top in products if not top.parent_product_id for row in (top, *_parts(top, products))]
    arrears = [account.arrears_cny for account in customer.accounts if account.arrears_cny not in ("0.00", "0")]
    return CustomerPage(
        number=customer.customer_no,
        name=names.customer(customer),
        facts=(
            Pair(t("Customer number"), customer.customer_no),
            Pair(t("Segment"), names.segment(customer.segment)),
            Pair(t("Tier"), names.tier(customer.tier)),
            Pair(t("Contact"), mask_phone(customer.phone), reveal="phone"),
            Pair(t("Document"), mask_document(customer.id_number), reveal="id_number"),
            Pair(t("Area"), names.area(customer.area)),
            Pair(t("Credit"), t("arrears {amount}", amount=f"¥{arrears[0]}") if arrears else t("no arrears")),
        ),
        products=tuple(product_row(session, row, names, reader, addresses) for row in ordered),
        new_order_href=addresses.new_order(customer=customer.customer_no) if reader.may("order.submit") else "",
    )


def _parts(top: InstalledProduct, products: Sequence[InstalledProduct]) -> list[InstalledProduct]:
    return [row for row in products if row.parent_product_id == top.product_id]


def changes_of(row: InstalledProduct, catalogue: Catalogue) -> tuple[str, ...]:
    """The kinds of orders that can be placed for an installed product as it is now."""
    spec = catalogue.products.get(row.product)
    offered = spec.order_types if spec is not None else ()
    return tuple(
        kind.code
        for kind in catalogue.order_types.values()
        if kind.code in offered and row.status in kind.product_status
    )


def product_row(
    session: Session, row: InstalledProduct, names: Names, reader: Reader, addresses: Addresses
) -> ProductRow:
    """One installed product and what may be done with it; a part changes with its bundle."""
    locked = open_order_of(session, row.product_id) or ""
    parts = [
        f"{names.characteristic(row.product, code)} {names.value(row.product, code, value)}"
        for code, value in row.characteristics.items()
        if value not in (None, "", False)
    ]
    can_change = not locked and not row.parent_product_id and reader.may("order.submit")
    kinds = changes_of(row, load_catalogue(session)) if can_change else ()
    return ProductRow(
        product_id=row.product_id,
        name=names.offering(row.offering) or names.product(row.product),
        detail=" · ".join(parts[:4]),
        address=names.address(row.address_code) or "–",
        state=product_tag(row.status, reader),
        since=row.charging_from.isoformat() if row.charging_from else "–",
        is_part=bool(row.parent_product_id),
        change_hrefs=tuple(
            Choice(addresses.new_order(product=row.product_id, type=kind), names.order_type(kind), KEYS.get(kind, ""))
            for kind in kinds
        ),
        report_href=addresses.report_fault(row.product_id)
        if row.status in REPAIRABLE and reader.may("ticket.open")
        else "",
        locked_by=locked,
        locked_href=addresses.order(locked) if locked else "",
    )


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
