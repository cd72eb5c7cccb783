"""An item is delivered or taken away: the product changes its state, and items that waited for it are released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from adapters.ports import OperationCall
from app.domain.actors import ENGINE
from app.domain.business_keys import subject_of
from app.domain.ordering.order_context import WAITS
from app.domain.ordering.order_lifecycle import OrderState
from app.domain.words import Words
from app.persistence.counter.customers import InstalledProduct
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.ordering.service_orders import ServiceOrder
from app.services.order_steps.altering import change, hand_over, move, switch
from app.services.order_steps.splitting import products_of_items
from app.services.ordering.order_state import follow_items, locked
from app.services.ordering.plans import drop_unstarted
from processes.engine import Engine

DELIVERED: Final = Words("三账一致，报竣", "delivered; network, books and bill agree")
DONE: Final = {
    "disconnect": Words("已拆除并核对", "taken away and checked"),
    "suspend": Words("已停机并核对", "suspended and checked"),
    "resume": Words("已复机并核对", "resumed and checked"),
    "owner_change": Words("已过户并核对", "handed over to the new owner and checked"),
}


@dataclass(frozen=True)
class CompleteItem:
    """``order.complete_item``; it needs the engine to release the items that wait."""

    engine: Engine

    def __call__(self, session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
        """Complete the item of the call's business key and release what waited for it."""
        subject = subject_of(call.business_key)
        order = locked(session, str(subject.order_id))
        # The plan runs for an item of this order; the others are looked at as well.
        item = next(item for item in order.items if item.item_no == subject.item_no)
        why = deliver(session, item, call.inputs, now)
        session.execute(update(ServiceOrder).where(ServiceOrder.item_id == item.id).values(state=OrderState.COMPLETED))
        drop_unstarted(session, item)
        item.move_to(OrderState.COMPLETED, why, ENGINE, now)
        follow_items(order, why, ENGINE, now)
        self.release_waiting(session, order, now)
        return {"state": str(item.state)}

    def release_waiting(self, session: Session, order: ProductOrder, now: datetime) -> None:
        """Tell every item whose prerequisites are now all completed; news that comes early is kept for it."""
        done = {item.item_no for item in order.items if item.state == OrderState.COMPLETED}
        for item in order.items:
            wanted = {str(tie["item_no"]) for tie in item.relationships if tie.get("type") in WAITS}
            if wanted and wanted <= done and not item.is_final:
                self.engine.receive_message(
                    session,
                    source="order",
                    event_id=f"released:{item.id}",
                    name="item-released",
                    key=item.business_key,
                    payload={},
                    now=now,
                )


def deliver(session: Session, item: ProductOrderItem, inputs: Mapping[str, Any], now: datetime) -> Words:
    """Write into our own books what the item has become, and say it in words."""
    mode = str(inputs.get("mode") or "install")
    products = products_of_items(session, [item])[item.item_no]
    match mode:
        case "disconnect":
            take_away(products, now)
        case "change":
            change(products, item, inputs, now)
        case "move":
            move(products, item, inputs)
        case "suspend" | "resume":
            switch(products, inputs["item"], mode, now)
        case "owner_change":
            hand_over(products, inputs)
        case _:
            put_in_service(session, item, inputs, now)
    return DONE.get(mode, DELIVERED)


def put_in_service(session: Session, item: ProductOrderItem, inputs: Mapping[str, Any], now: datetime) -> None:
    """The product of the item is active, with what it holds in the network and on the bill."""
    product = session.get_one(InstalledProduct, item.product_id)
    held = {**(inputs.get("assignment") or {}), **(inputs.get("devices") or {})}
    held["monitor_id"] = inputs.get("monitor_id") or ""
    product.resources = {key: value for key, value in held.items() if value not in (None, "", [], {})}
    product.subscription_no = str(inputs.get("subscription_no") or "") or product.subscription_no
    product.charging_from = as_date(inputs.get("charging_from"))
    product.characteristics = item.characteristics
    product.status, product.started_at = "active", now


def take_away(products: Sequence[InstalledProduct], now: datetime) -> None:
    """The product and its components are terminated and hold nothing any more."""
    for product in products:
        product.status, product.ended_at, product.resources = "terminated", now, {}
        product.suspended = None


def as_date(value: object) -> date | None:
    """A day from its ISO text, None from anything empty."""
    return date.fromisoformat(str(value)[:10]) if value else None
