"""One text, looked up in everything that has a number or a name; only in the caller's area, only what he may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.domain.actors import Actor, can
from app.domain.counter.found_by import half_width
from app.persistence.counter.customer_search import find_customers
from app.persistence.counter.customers import Customer, InstalledProduct
from app.persistence.filters import matches_text
from app.persistence.ordering.order_search import MOST, ids_named, list_orders
from app.persistence.ordering.orders import ProductOrder
from app.persistence.scope import scoped
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_item_search import list_items
from app.persistence.teamwork.work_items import WorkItem

#: A shorter text fits too much to be an answer.
SHORTEST: Final = 2
#: So many are counted of each kind.
COUNTED: Final = 1000


@dataclass(frozen=True)
class Hits:
    """What a text finds: the first of each kind, and how many there are (``COUNTED`` at most)."""

    orders: tuple[Sequence[ProductOrder], int] = ((), 0)
    customers: tuple[Sequence[Customer], int] = ((), 0)
    products: tuple[Sequence[InstalledProduct], int] = ((), 0)
    tickets: tuple[Sequence[TroubleTicket], int] = ((), 0)
    items: tuple[Sequence[WorkItem], int] = ((), 0)


def search_everything(session: Session, actor: Actor, text: str, *, limit: int, only: str = "") -> Hits:
    """Orders, customers, installed products, tickets and open to-dos that a text names; a kind that the actor's role
    may not see is empty.

    :param limit: at most so many of each kind.
    :param only: one kind by its name in :class:`Hits`; the others stay empty.
    """
    wanted = half_width(text)
    if len(wanted) < SHORTEST:
        return Hits()

    def asked(kind: str, right: str) -> bool:
        return only in ("", kind) and can(actor, right)

    named = ids_named(session, actor, wanted) if can(actor, "order.view") else ()
    return Hits(
        orders=_orders(session, actor, named, limit) if asked("orders", "order.view") else ((), 0),
        customers=find_customers(session, actor, wanted, limit=limit)
        if asked("customers", "customer.view")
        else ((), 0),
        products=_products(session, actor, wanted, limit) if asked("products", "customer.view") else ((), 0),
        tickets=_tickets(session, actor, wanted, limit) if asked("tickets", "ticket.view") else ((), 0),
        items=_items(session, actor, wanted, named, limit) if asked("items", "item.view") else ((), 0),
    )


def _orders(session: Session, actor: Actor, named: Sequence[str], limit: int) -> tuple[Sequence[ProductOrder], int]:
    if not named:
        return (), 0
    return list_orders(session, actor, {"id": list(named)}, limit=limit, count_at_most=COUNTED)


def _products(session: Session, actor: Actor, wanted: str, limit: int) -> tuple[Sequence[InstalledProduct], int]:
    product = InstalledProduct
    found: set[str] = set()
    for column in (product.product_id, product.subscription_no):
        question = scoped(select(product.product_id), product, actor).where(column == wanted)
        found.update(session.scalars(question.limit(MOST)))
    if not found:
        return (), 0
    rows = select(product).where(product.product_id.in_(found)).order_by(product.product_id)
    return session.scalars(rows.options(selectinload(product.customer)).limit(limit)).all(), len(found)


def _tickets(session: Session, actor: Actor, wanted: str, limit: int) -> tuple[Sequence[TroubleTicket], int]:
    ticket = TroubleTicket
    customers = [row.customer_no for row in find_customers(session, actor, wanted, limit=limit)[0]]
    found: set[str] = set()
    for condition in (
        ticket.number == wanted.upper(),
        ticket.far_ticket_no == wanted,
        ticket.product_id == wanted,
        ticket.customer_no.in_(customers),
    ):
        found.update(session.scalars(scoped(select(ticket.id), ticket, actor).where(condition).limit(MOST)))
    if not found:
        return (), 0
    rows = select(ticket).where(ticket.id.in_(found)).order_by(ticket.opened_at.desc(), ticket.id.desc())
    return session.scalars(rows.limit(limit)).all(), min(len(found), COUNTED)


def _items(
    session: Session, actor: Actor, wanted: str, orders: Sequence[str], limit: int
) -> tuple[Sequence[WorkItem], int]:
    """The item of this number, else what is open of the orders the text names."""
    numbered = scoped(select(WorkItem), WorkItem, actor).where(matches_text((WorkItem.number,), wanted.upper()))
    exact = session.scalars(numbered.where(WorkItem.number == wanted.upper())).all()
    if exact:
        return exact, len(exact)
    if not orders:
        return (), 0
    return list_items(session, actor, "all", {"order_id": list(orders)}, limit=limit, in_brief=True)
