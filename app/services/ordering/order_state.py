"""The state of an order follows its items."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import OPEN, OrderState, roll_up, route
from app.domain.words import Words
from app.persistence.ordering.orders import ProductOrder

CANCELLING: Final = frozenset({OrderState.ASSESSING_CANCELLATION, OrderState.PENDING_CANCELLATION})


def follow_items(order: ProductOrder, why: Words, who: str, at: datetime) -> None:
    """Move an open order to what its items say: held, pending or in progress.

    Its end is a decision of its own, taken when every item has ended; a cancel has its own way too.
    """
    state = OrderState(order.state)
    wanted = roll_up([OrderState(item.state) for item in order.items])
    if state not in OPEN or state in CANCELLING or wanted not in OPEN or wanted is OrderState.ACKNOWLEDGED:
        return
    move_through(order, wanted, why, who, at)


def move_through(order: ProductOrder, wanted: OrderState, why: Words, who: str, at: datetime) -> None:
    """Move the order to ``wanted`` by the shortest way the lifecycle knows, each step with its own line.

    :raises IllegalTransition: no way leads there.
    """
    for step in route(OrderState(order.state), wanted):
        order.move_to(step, why, who, at)


def locked(session: Session, order_id: str) -> ProductOrder:
    """The order with its row locked until the end of the transaction; branches of one order meet here.

    Locks are taken in one order everywhere: process instance first, then the order.
    """
    query = select(ProductOrder).where(ProductOrder.id == order_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()
