"""From an order to the trees of process instances that carry it out."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.errors import NotFound
from app.persistence.filters import is_id
from app.persistence.ordering.orders import ProductOrder
from app.persistence.scope import scoped
from processes.store.instances import ProcessInstance


def roots_of(order: str, actor: Actor) -> Select[str | None]:
    """The roots of an order of the actor's area, by its id or number; nothing if there is no such order."""
    mine = scoped(select(ProductOrder.process_instance_id), ProductOrder, actor)
    return mine.where(_named(order), ProductOrder.process_instance_id.is_not(None))


def in_tree_of(session: Session, order: str, actor: Actor) -> ColumnElement[bool]:
    """True for the instances of an order. :raises NotFound: no such order in the actor's area."""
    found = session.execute(
        scoped(select(ProductOrder.id, ProductOrder.process_instance_id), ProductOrder, actor).where(_named(order))
    ).one_or_none()
    if found is None:
        raise NotFound(f"there is no order {order}", f"没有订单 {order}")
    # What an event has begun for an order has a tree of its own under the same key.
    tops = (ProcessInstance.root_id == found.process_instance_id, ProcessInstance.business_key == f"order:{found.id}")
    return or_(*tops)


def _named(order: str) -> ColumnElement[bool]:
    return (ProductOrder.id if is_id(order) else ProductOrder.number) == order
