"""Whom the counter may want before anything is searched: customers served lately, and examples in the demonstration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.persistence.counter.customers import Customer
from app.persistence.ordering.orders import ProductOrder
from app.persistence.scope import scoped
from app.web.reader import Reader

MOST_RECENT: Final = 5
MOST_EXAMPLES: Final = 2
KINDS: Final = ("individual", "organization")


def recent_customers(session: Session, reader: Reader) -> Sequence[Customer]:
    """Customers of the orders this reader placed, the latest first. Nobody else's customers are listed unasked."""
    newest = func.max(ProductOrder.ordered_at)
    latest = (
        scoped(select(ProductOrder.customer_no, newest.label("at")), ProductOrder, reader.actor)
        .where(ProductOrder.client == reader.actor.login, ProductOrder.customer_no.is_not(None))
        .group_by(ProductOrder.customer_no)
        .order_by(newest.desc())
        .limit(MOST_RECENT)
        .subquery()
    )
    query = scoped(select(Customer), Customer, reader.actor).join(latest, latest.c.customer_no == Customer.customer_no)
    return session.scalars(query.order_by(latest.c.at.desc(), Customer.customer_no)).all()


def example_customers(session: Session, reader: Reader) -> tuple[str, ...]:
    """Numbers to try in the demonstration, people before companies; none outside it."""
    if not reader.is_demo:
        return ()
    found: list[str] = []
    for kind in KINDS:
        query = scoped(select(Customer.customer_no), Customer, reader.actor).where(Customer.kind == kind)
        found += session.scalars(query.order_by(Customer.customer_no).limit(MOST_EXAMPLES)).all()
    return tuple(found)
