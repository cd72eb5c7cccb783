"""Everything a text finds, by kind; people are masked."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from app.domain.masking import mask_phone
from app.persistence.counter.customers import Customer, InstalledProduct
from app.persistence.global_search import SHORTEST, Hits, search_everything
from app.persistence.ordering.orders import ProductOrder
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.ordering.order_list import product_text
from app.web.pages.promises.clocks import sla_cell
from app.web.pages.states import order_tag, product_tag, ticket_tag
from app.web.reader import Reader
from app.web.views.search import HitGroup, HitRow, SearchPage

KINDS: Final = ("orders", "customers", "products", "tickets", "items")
#: So many of each kind, and so many when only one kind is asked for.
FEW, MANY = 8, 50


def search_page(session: Session, reader: Reader, addresses: Addresses, text: str, only: str = "") -> SearchPage:
    """What the text finds; ``only`` is a kind of which more is wanted."""
    only = only if only in KINDS else ""
    hits = search_everything(session, reader.actor, text, limit=MANY if only else FEW, only=only)
    rows = _Rows(session, reader, addresses)
    t = reader.t
    groups = (
        HitGroup(kind="orders", title=t("Orders"), icon="list", rows=rows.orders(hits), total=hits.orders[1]),
        HitGroup(
            kind="customers", title=t("Customers"), icon="user", rows=rows.customers(hits), total=hits.customers[1]
        ),
        HitGroup(
            kind="products", title=t("Installed products"), icon="box", rows=rows.products(hits), total=hits.products[1]
        ),
        HitGroup(
            kind="tickets", title=t("Trouble tickets"), icon="chat", rows=rows.tickets(hits), total=hits.tickets[1]
        ),
        HitGroup(kind="items", title=t("Open to-dos"), icon="table", rows=rows.items(hits), total=hits.items[1]),
    )
    return SearchPage(
        query=text,
        only=only,
        groups=tuple(group for group in groups if group.rows),
        is_short=len(text) < SHORTEST,
    )


def sure_hit(page: SearchPage) -> str:
    """The address of the one thing whose whole number was typed, else nothing."""
    wanted = page.query.upper()
    exact = [row.href for group in page.groups for row in group.rows if row.number == wanted]
    return exact[0] if len(set(exact)) == 1 else ""


class _Rows:
    """Rows of each kind with names instead of codes; customers are read once for all of them."""

    def __init__(self, session: Session, reader: Reader, addresses: Addresses) -> None:
        self._names = Names(session, reader)
        self._reader = reader
        self._addresses = addresses

    def orders(self, hits: Hits) -> tuple[HitRow, ...]:
        customers = self._names.customers(row.customer_no for row in hits.orders[0])
        return tuple(self._order(row, customers.get(row.customer_no or "")) for row in hits.orders[0])

    def _order(self, row: ProductOrder, customer: Customer | None) -> HitRow:
        names, reader = self._names, self._reader
        return HitRow(
            number=row.number,
            href=self._addresses.order(row.number),
            title=names.customer(customer),
            about=f"{product_text(row.items, names)} {names.order_type(row.category)}",
            tag=order_tag(row.state, reader),
            sla=sla_cell(
                row.clocks,
                reader,
                promised_at=row.promised_at,
                ended_at=row.completed_at,
                is_final=row.is_final,
                is_cancelled=row.state == "cancelled",
            ),
        )

    def customers(self, hits: Hits) -> tuple[HitRow, ...]:
        names = self._names
        return tuple(
            HitRow(
                number=row.customer_no,
                href=self._addresses.customer(row.customer_no),
                title=names.customer(row),
                about=f"{mask_phone(row.phone)} · {names.area(row.area)}",
            )
            for row in hits.customers[0]
        )

    def products(self, hits: Hits) -> tuple[HitRow, ...]:
        return tuple(self._product(row) for row in hits.products[0])

    def _product(self, row: InstalledProduct) -> HitRow:
        names = self._names
        return HitRow(
            number=row.product_id,
            href=self._addresses.customer(row.customer_no),
            title=names.offering(row.offering) or names.product(row.product),
            about=f"{names.customer(row.customer)} · {names.address(row.address_code)}",
            tag=product_tag(row.status, self._reader),
        )

    def tickets(self, hits: Hits) -> tuple[HitRow, ...]:
        customers = self._names.customers(row.customer_no for row in hits.tickets[0])
        return tuple(self._ticket(row, customers.get(row.customer_no or "")) for row in hits.tickets[0])

    def _ticket(self, row: TroubleTicket, customer: Customer | None) -> HitRow:
        return HitRow(
            number=row.number,
            href=self._addresses.ticket(row.number),
            title=self._names.customer(customer),
            about=self._reader.time(row.opened_at),
            tag=ticket_tag(row.state, self._reader),
        )

    def items(self, hits: Hits) -> tuple[HitRow, ...]:
        return tuple(self._item(row) for row in hits.items[0])

    def _item(self, row: WorkItem) -> HitRow:
        team, owner = self._names.team(row.team_code), self._names.person(row.claimed_by)
        order = row.order.number if row.order is not None else ""
        return HitRow(
            number=row.number,
            href=self._addresses.task(row.number),
            title=self._reader.said(row, "title"),
            about=" · ".join(part for part in (order, team, owner) if part),
        )
