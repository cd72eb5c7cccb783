"""A customer says that something does not work: a trouble ticket with a flow of its own."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.commands import OpenTicket
from app.domain.promises.ticket_lifecycle import OPEN
from app.errors import FieldProblem, InvalidInput
from app.persistence.areas import area_path
from app.persistence.counter.customers import InstalledProduct
from app.persistence.scope import scoped
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.counter.ticket_rows import new_ticket, ticket_data
from app.services.promises.sla_start import start_ticket_clock
from app.unit_of_work import retried, transaction

PROCESS: Final = "trouble_ticket"
REPAIRABLE: Final = frozenset({"active", "suspended"})


@retried
def open_ticket(command: OpenTicket, actor: Actor, deps: Deps) -> TroubleTicket:
    """Accept a fault report on an installed product and start its flow.

    A second report on a product whose ticket is still open returns that ticket, and so does the same external id.

    :raises InvalidInput: no such product in the caller's area, or one that cannot be faulty.
    """
    with transaction(deps.sessions) as tx:
        may(actor, "ticket.open")
        known = known_ticket(tx.session, command, actor)
        if known is not None:
            return known
        product = faulty_product(tx.session, command.product_id, actor)
        may(actor, "ticket.open", area_path=area_path(tx.session, product.area))
        now = deps.clock(tx.session)
        ticket = new_ticket(
            tx.session,
            product,
            source="customer",
            severity=command.severity,
            description=command.description,
            who=actor.login,
            now=now,
        )
        ticket.external_id, ticket.ticket_type = command.external_id, command.ticket_type
        start_ticket_clock(tx.session, ticket, now)
        instance = deps.engine.start(
            tx.session,
            PROCESS,
            business_key=ticket.business_key,
            area=ticket.area,
            data={"ticket": ticket_data(ticket, order_no="")},
            now=now,
            actor=actor.login,
        )
        ticket.process_instance_id = instance.id
        tx.after_commit.append(deps.wake)
    return ticket


def known_ticket(session: Session, command: OpenTicket, actor: Actor) -> TroubleTicket | None:
    """The ticket that this report is about already: by the caller's own number, or open on the same product."""
    if command.external_id is not None:
        same = select(TroubleTicket).where(
            TroubleTicket.client == actor.login, TroubleTicket.external_id == command.external_id
        )
        if found := session.scalars(same).one_or_none():
            return found
    still_open = scoped(select(TroubleTicket), TroubleTicket, actor).where(
        TroubleTicket.product_id == command.product_id, TroubleTicket.state.in_([state.value for state in OPEN])
    )
    return session.scalars(still_open.limit(1)).first()


def faulty_product(session: Session, product_id: str, actor: Actor) -> InstalledProduct:
    """The product of a report, in the caller's area and in service.

    :raises InvalidInput: otherwise.
    """
    query = scoped(select(InstalledProduct).where(InstalledProduct.product_id == product_id), InstalledProduct, actor)
    product = session.scalars(query).one_or_none()
    if product is None:
        raise refused("unknown-product", f"没有找到产品 {product_id}", f"there is no product {product_id}")
    if product.status not in REPAIRABLE:
        raise refused("wrong-product-status", f"产品状态为 {product.status}", f"the product is {product.status}")
    return product


def refused(code: str, zh: str, en: str) -> InvalidInput:
    """A report on a product that cannot be taken."""
    return InvalidInput(en, zh, details=[FieldProblem(path="product_id", code=code, zh=zh, en=en)])
