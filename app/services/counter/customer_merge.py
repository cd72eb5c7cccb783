"""Two customers who are one are made one: everything of the one goes to the other, and there is no way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.counter.customer_rules import against_merge
from app.domain.ordering.order_lifecycle import OPEN
from app.errors import InvalidInput
from app.persistence.counter.customer_records import CustomerSite
from app.persistence.counter.customers import Account, Contract, Customer, InstalledProduct
from app.persistence.ordering.billing_instructions import BillingInstruction
from app.persistence.ordering.orders import ProductOrder
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.counter.customers import data_of, locked, note, refusal
from app.unit_of_work import retried, transaction

#: Rows that belong to a customer and go along when two become one.
BELONGINGS: Final[Mapping[str, type[Any]]] = {
    "accounts": Account,
    "contracts": Contract,
    "products": InstalledProduct,
    "orders": ProductOrder,
    "tickets": TroubleTicket,
    "sites": CustomerSite,
    "instructions": BillingInstruction,
}


@dataclass(frozen=True)
class Merge:
    """What a merge does, or has done: how many of each kind go to the customer who stays."""

    keep: Customer
    gone: Customer
    moved: Mapping[str, int]
    is_done: bool


@retried
def merge(keep_no: str, gone_no: str, actor: Actor, deps: Deps, *, why: str, confirmed: bool) -> Merge:
    """Make two customers one: everything of ``gone_no`` goes to ``keep_no``. There is no way back.

    :param confirmed: without it nothing is done, and told is what would be.
    :raises InvalidInput: they cannot be the same, or orders of the one who goes are under way.
    """
    may(actor, "customer.merge")
    if keep_no == gone_no:
        raise refusal("gone", "same", "不能与自己合并", "a customer cannot be merged into itself")
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        # Locked in one order, whichever of them stays.
        rows = {number: locked(session, number, actor) for number in sorted((keep_no, gone_no))}
        keep, gone = rows[keep_no], rows[gone_no]
        open_orders = session.scalars(
            select(ProductOrder.number).where(
                ProductOrder.customer_no == gone_no, ProductOrder.state.in_([state.value for state in OPEN])
            )
        ).all()
        found = against_merge(data_of(keep), data_of(gone), open_orders=open_orders)
        if found:
            raise InvalidInput("; ".join(one.en for one in found), "；".join(one.zh for one in found), details=found)
        moved = {name: _count(session, entity, gone_no) for name, entity in BELONGINGS.items()}
        if confirmed:
            for entity in BELONGINGS.values():
                session.execute(update(entity).where(entity.customer_no == gone_no).values(customer_no=keep_no))
            keep.contact = [*keep.contact, *(one for one in gone.contact if one not in keep.contact)]
            keep.tags = [*keep.tags, *(tag for tag in gone.tags if tag not in keep.tags)]
            keep.blacklisted = keep.blacklisted or gone.blacklisted
            gone.merged_into = keep_no
            note(session, keep, "merged", actor, now, why=why, detail={"gone": gone_no, "moved": moved})
            note(session, gone, "merged_into", actor, now, why=why, detail={"keep": keep_no, "moved": moved})
            session.flush()
            session.expire(keep, ["accounts"])
            _ = keep.accounts
    return Merge(keep, gone, moved, is_done=confirmed)


def _count(session: Session, entity: type[Any], customer_no: str) -> int:
    return session.scalar(select(func.count()).where(entity.customer_no == customer_no)) or 0
