"""One customer, one view: everything they have and everything that is under way for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.ordering.order_lifecycle import OPEN
from app.domain.promises.ticket_lifecycle import OPEN as OPEN_TICKETS
from app.persistence.counter.customer_records import CustomerSite
from app.persistence.counter.customer_search import get_customer, installed_products
from app.persistence.counter.customers import Contract, Customer, InstalledProduct
from app.persistence.ordering.orders import ProductOrder
from app.persistence.teamwork.tickets import TroubleTicket
from app.unit_of_work import read


@dataclass(frozen=True)
class OpenThing:
    """An order or a ticket that is under way."""

    number: str
    state: str


@dataclass(frozen=True)
class WholeCustomer:
    """A customer with everything."""

    customer: Customer
    contracts: Sequence[Contract]
    sites: Sequence[CustomerSite]
    products: Sequence[InstalledProduct]
    open_orders: Sequence[OpenThing]
    open_tickets: Sequence[OpenThing]


def whole(customer_no: str, actor: Actor, deps: Deps) -> WholeCustomer:
    """Everything about a customer of the caller's area. :raises NotFound: there is none."""
    may(actor, "customer.view")
    with read(deps.read_sessions) as session:
        row = get_customer(session, actor, customer_no)
        contracts = select(Contract).where(Contract.customer_no == customer_no).order_by(Contract.contract_no)
        sites = select(CustomerSite).where(CustomerSite.customer_no == customer_no).order_by(CustomerSite.name)
        orders = (
            select(ProductOrder.number, ProductOrder.state)
            .where(ProductOrder.customer_no == customer_no, ProductOrder.state.in_([state.value for state in OPEN]))
            .order_by(ProductOrder.ordered_at.desc())
        )
        tickets = (
            select(TroubleTicket.number, TroubleTicket.state)
            .where(
                TroubleTicket.customer_no == customer_no,
                TroubleTicket.state.in_([state.value for state in OPEN_TICKETS]),
            )
            .order_by(TroubleTicket.opened_at.desc())
        )
        return WholeCustomer(
            customer=row,
            contracts=session.scalars(contracts).all(),
            sites=session.scalars(sites).all(),
            products=installed_products(session, actor, customer_no),
            open_orders=[OpenThing(one.number, one.state) for one in session.execute(orders.limit(100))],
            open_tickets=[OpenThing(one.number, one.state) for one in session.execute(tickets.limit(100))],
        )
