"""The end of an order: tell the customer, roll the items up, close; or refuse it after the credit check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from adapters.ports import OperationCall
from app.domain.actors import ENGINE
from app.domain.business_keys import subject_of
from app.domain.ordering.order_lifecycle import FINAL, OrderState, roll_up
from app.domain.words import Words
from app.persistence.counter.customers import Customer
from app.persistence.ordering.orders import ProductOrder
from app.services.amending.cancellation import withdraw_items
from app.services.ordering.order_state import locked, move_through
from app.services.promises import sla_watch


def notify(session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
    """``order.notify``: write what the customer is told; sending it is the business of whoever reads the outbox."""
    order = order_of(session, call)
    customer = session.get(Customer, order.customer_no) if order.customer_no else None
    reachable = bool(customer and (customer.phone or customer.email))
    told = (
        Words("已通知客户", "the customer is told")
        if reachable
        else Words("客户没有联系方式", "no way to reach the customer")
    )
    order.record("note", told, ENGINE, now, detail={"event": str(call.inputs.get("event")), "sent": reachable})
    return {"sent": reachable}


def close_order(session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
    """``order.close``: the order ends as its items did and its clocks stop."""
    order = order_of(session, call)
    wanted = roll_up([OrderState(item.state) for item in order.items])
    if wanted not in FINAL:
        wanted = OrderState.PARTIAL
    if OrderState(order.state) not in FINAL:
        move_through(order, wanted, Words("全部工单完成", "every work order is done"), ENGINE, now)
    # Of no step of the plan, so the plan has not closed it: a pause that had lasted too long, say.
    withdraw_items(session, order, Words("订单已结束", "the order has ended"), now, of_steps=False)
    sla_watch.stop(session, order, ENGINE, now)
    return {"state": str(wanted)}


def reject_order(session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
    """``order.reject``: refuse an order on which no work has begun; all of it, never a part.

    One that was accepted and put off already is cancelled.
    """
    order = order_of(session, call)
    code, reason = str(call.inputs.get("code") or "refused"), str(call.inputs.get("reason") or "")
    why = Words(f"拒绝受理（{code}）{reason}", f"refused ({code}) {reason}".rstrip())
    ends = {OrderState.ACKNOWLEDGED: OrderState.REJECTED, OrderState.PENDING: OrderState.CANCELLED}
    if (end := ends.get(OrderState(order.state))) is not None:
        for item in order.items:
            item.move_to(end, why, ENGINE, now)
        order.move_to(end, why, ENGINE, now)
    sla_watch.stop(session, order, ENGINE, now)
    return {"state": str(order.state)}


def order_of(session: Session, call: OperationCall) -> ProductOrder:
    """The order a call is about, locked."""
    return locked(session, str(subject_of(call.business_key).order_id or call.inputs.get("order_id")))
