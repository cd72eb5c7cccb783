"""What a customer takes away when an order is accepted: what was ordered, what it costs, when it will be done, and why.

Names and addresses are masked like anywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.amounts import times
from app.domain.masking import mask_address, mask_customer
from app.domain.products.catalogue import Catalogue
from app.domain.words import Words
from app.persistence.areas import Area
from app.persistence.counter.customers import Address, Customer
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.products.catalogue_reader import load_catalogue
from app.persistence.promises.rule_versions import RulesByVersion
from app.services.promises.promise_view import explained
from app.unit_of_work import read

YES: Final = Words("是", "yes")
NO: Final = Words("否", "no")


@dataclass(frozen=True, kw_only=True)
class ConfirmedItem:
    """One item. ``traits``: name, value and unit of what was ordered. ``why``: the sentence behind its promise."""

    item_no: str
    order_type: Words
    product: Words
    offering: Words | None
    product_id: str | None
    places: Sequence[Words]
    traits: Sequence[tuple[Words, Words, str]]
    prices: Sequence[tuple[Words, str, str, int]]
    one_off_cny: Decimal
    monthly_cny: Decimal
    promised_at: datetime | None
    why: Words | None


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """A whole order. ``work_begins``: of one for a later day. ``waits_for``: numbers of the orders that come first."""

    order: ProductOrder
    area: Words
    channel: Words
    customer: str
    items: Sequence[ConfirmedItem]
    quote: str | None
    work_begins: datetime | None

    def total_cny(self, kind: str) -> Decimal:
        """Sum over the items of ``one_off`` or ``monthly``."""
        return sum((getattr(item, f"{kind}_cny") for item in self.items), Decimal(0))


def confirmation_of(id_or_number: str, actor: Actor, deps: Deps) -> Confirmation:
    """The confirmation of an order as it stands. :raises NotFound: there is none in the actor's area."""
    may(actor, "order.view")
    with read(deps.read_sessions) as session:
        order = get_order(session, actor, id_or_number, parts=("items", "clocks"))
        catalogue = load_catalogue(session)
        places = _places(session, order.items)
        known = RulesByVersion(session, deps.clock(session))
        why = {
            clock.item_id: explained(clock, known, deps.clock(session)).sentence
            for clock in order.clocks
            if clock.kind == "promise"
        }
        area = session.get_one(Area, order.area)
        begins = order.checks.get("start", {}).get("work_begins")
        return Confirmation(
            order=order,
            area=Words(area.name_zh, area.name_en),
            channel=catalogue.channels.get(order.channel, Words(order.channel, order.channel)),
            customer=_customer(session, order.customer_no),
            items=[_item(item, catalogue, places, why.get(item.id)) for item in order.items],
            quote=order.checks.get("quote", {}).get("number"),
            work_begins=datetime.fromisoformat(begins) if begins else None,
        )


def _item(
    item: ProductOrderItem, catalogue: Catalogue, places: Mapping[str, Words], why: Words | None
) -> ConfirmedItem:
    spec = catalogue.products[item.product]
    order_type = catalogue.order_types[item.order_type]
    offering = catalogue.offerings.get(item.offering or "")
    parts = {**{part.code: part for part in order_type.characteristics}, **spec.characteristics}
    costs = [(price, _often(price, item)) for price in item.prices]
    return ConfirmedItem(
        item_no=item.item_no,
        order_type=order_type.name,
        product=spec.name,
        offering=offering.name if offering is not None else None,
        product_id=item.product_id,
        places=[places[place["address_code"]] for place in item.places if place["address_code"] in places],
        traits=[
            (parts[code].name, _value(value), parts[code].unit)
            for code, value in item.characteristics.items()
            if code in parts and value not in (None, "")
        ],
        prices=[(Words(row["name_zh"], row["name_en"]), row["kind"], row["amount_cny"], often) for row, often in costs],
        one_off_cny=_sum(costs, "one_off"),
        monthly_cny=_sum(costs, "recurring"),
        promised_at=item.promised_at,
        why=why,
    )


def _often(price: Mapping[str, Any], item: ProductOrderItem) -> int:
    return times(
        str(price.get("unit") or ""),
        places=len(item.places),
        characteristics=item.characteristics,
        quantity=item.quantity,
    )


def _sum(costs: Iterable[tuple[Mapping[str, Any], int]], kind: str) -> Decimal:
    return sum((Decimal(row["amount_cny"]) * often for row, often in costs if row["kind"] == kind), Decimal(0))


def _value(value: Any) -> Words:
    if isinstance(value, bool):
        return YES if value else NO
    text = "、".join(str(one) for one in value) if isinstance(value, list) else str(value)
    return Words(text, text.replace("、", ", "))


def _places(session: Session, items: Iterable[ProductOrderItem]) -> dict[str, Words]:
    codes = {place["address_code"] for item in items for place in item.places}
    rows = session.execute(select(Address.code, Address.text_zh, Address.text_en).where(Address.code.in_(codes)))
    return {row.code: Words(mask_address(row.text_zh), mask_address(row.text_en)) for row in rows}


def _customer(session: Session, customer_no: str | None) -> str:
    found = session.get(Customer, customer_no) if customer_no is not None else None
    return mask_customer(found.name, is_person=found.kind == "individual") if found is not None else ""
