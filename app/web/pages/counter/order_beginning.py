"""The first section of an order: whom it is for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.persistence.counter.customer_search import find_customers
from app.persistence.counter.customers import Customer
from app.web.addresses import Addresses
from app.web.pages.counter.customers import customer_rows
from app.web.pages.counter.known_customers import example_customers, recent_customers
from app.web.reader import Reader
from app.web.views.customers import CustomerRow
from app.web.views.new_order import NewOrder
from app.web.views.parts import Choice


def find_customer(session: Session, reader: Reader, addresses: Addresses, query: str) -> NewOrder:
    """The page before anybody is chosen: the search, who was served lately, examples in the demonstration."""

    def rows(found: Sequence[Customer]) -> tuple[CustomerRow, ...]:
        return customer_rows(session, found, reader, lambda number: addresses.new_order(customer=number))

    return NewOrder(
        customer_query=query,
        hits=rows(find_customers(session, reader.actor, query)[0] if query else ()),
        searched=bool(query),
        recent=rows(() if query else recent_customers(session, reader)),
        examples=tuple(
            Choice(addresses.new_order(customer=number), number) for number in example_customers(session, reader)
        ),
        action=addresses.new_order(),
    )
