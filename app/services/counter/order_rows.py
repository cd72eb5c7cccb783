"""The rows of an order that is accepted."""

from __future__ import annotations

from datetime import datetime

from app.domain.actors import Actor
from app.domain.commands import PlaceOrder
from app.domain.counter.intake import Judgement, NormalItem
from app.domain.ordering.order_lifecycle import OrderState
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem


def order_row(
    command: PlaceOrder, judgement: Judgement, actor: Actor, body_hash: str, number: str, now: datetime
) -> ProductOrder:
    """The order with its items as rows."""
    order = ProductOrder(
        external_id=command.external_id,
        client=actor.login,
        body_hash=body_hash,
        channel=command.channel,
        category=judgement.category,
        state=OrderState.ACKNOWLEDGED,
        area=judgement.area,
        customer_no=command.customer_no,
        account_no=judgement.account_no,
        description=command.description,
        priority=command.priority,
        requested_start_date=command.requested_start_date,
        requested_completion_date=command.requested_completion_date,
        ordered_at=now,
        billing_account=dict(command.billing_account) if command.billing_account else None,
        related_party=[dict(party) for party in command.related_party],
        note=[dict(note) for note in command.notes],
        tmf_extra=dict(command.extra),
        checks={},
        number=number,
    )
    order.items = [item_row(item) for item in judgement.items]
    return order


def item_row(item: NormalItem) -> ProductOrderItem:
    """One item as a row."""
    return ProductOrderItem(
        item_no=item.item_no,
        position=item.position,
        action=item.action,
        order_type=item.order_type,
        product=item.product,
        offering=item.offering,
        product_id=item.product_id,
        state=OrderState.ACKNOWLEDGED,
        quantity=item.quantity,
        address_code=item.address_code,
        places=[place.as_data() for place in item.places],
        characteristics=dict(item.characteristics),
        prices=[price.as_data() for price in item.prices],
        relationships=[dict(tie) for tie in item.relationships],
        area=item.area,
    )
