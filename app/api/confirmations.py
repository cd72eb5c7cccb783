"""The confirmation of an order: what is printed or sent to the customer, in the language that is asked for."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import fields

from app.access import current_actor, current_deps, current_language
from app.api.door import Door, Reply
from app.api.schemas.fields import Instant, Out
from app.domain.words import Words
from app.services.counter.confirmation import ConfirmedItem, confirmation_of

door: Final = Door("confirmations", "/api/v1/orders", "orders")


class TraitOut(Out):
    """Something that was ordered, as people say it."""

    name = fields.String()
    value = fields.String()
    unit = fields.String()


class CostOut(Out):
    """A price and how often it is charged; the amount is of one, text with two decimals, in CNY, tax included."""

    name = fields.String()
    kind = fields.String()
    amount_cny = fields.String()
    times = fields.Integer()


class ConfirmedItemOut(Out):
    """One item."""

    id = fields.String()
    order_type = fields.String()
    product = fields.String()
    offering = fields.String(allow_none=True)
    product_id = fields.String(allow_none=True)
    places = fields.List(fields.String())
    characteristics = fields.List(fields.Nested(TraitOut))
    prices = fields.List(fields.Nested(CostOut))
    one_off_cny = fields.String()
    monthly_cny = fields.String()
    promised_at = Instant(allow_none=True)
    why = fields.String(allow_none=True)


class ConfirmationOut(Out):
    """Everything a customer takes away. ``why`` is the sentence that tells how a promise came about."""

    number = fields.String()
    external_id = fields.String(allow_none=True)
    ordered_at = Instant()
    area = fields.String()
    channel = fields.String()
    customer_no = fields.String(allow_none=True)
    customer = fields.String()
    account_no = fields.String(allow_none=True)
    quote = fields.String(allow_none=True)
    wanted_from = Instant(allow_none=True)
    work_begins = Instant(allow_none=True)
    promised_at = Instant(allow_none=True)
    one_off_cny = fields.String()
    monthly_cny = fields.String()
    items = fields.List(fields.Nested(ConfirmedItemOut))


@door.route(
    "GET",
    "/<id_or_number>/confirmation",
    right="order.view",
    summary="What is printed or sent to the customer: content, prices, the promise with its reasons; people are masked",
    answers={200: ConfirmationOut},
    errors=(404,),
)
def get_confirmation(id_or_number: str) -> Reply:
    found = confirmation_of(id_or_number, current_actor(), current_deps())
    order = found.order
    shown: dict[str, Any] = ConfirmationOut().dump(
        {
            "number": order.number,
            "external_id": order.external_id,
            "ordered_at": order.ordered_at,
            "area": _said(found.area),
            "channel": _said(found.channel),
            "customer_no": order.customer_no,
            "customer": found.customer,
            "account_no": order.account_no,
            "quote": found.quote,
            "wanted_from": order.requested_start_date,
            "work_begins": found.work_begins,
            "promised_at": order.promised_at,
            "one_off_cny": f"{found.total_cny('one_off'):.2f}",
            "monthly_cny": f"{found.total_cny('monthly'):.2f}",
            "items": [_item(one) for one in found.items],
        }
    )
    return shown


def _item(one: ConfirmedItem) -> dict[str, Any]:
    prices = [
        {"name": _said(name), "kind": kind, "amount_cny": amount, "times": often}
        for name, kind, amount, often in one.prices
    ]
    return {
        "id": one.item_no,
        "order_type": _said(one.order_type),
        "product": _said(one.product),
        "offering": _said(one.offering) if one.offering is not None else None,
        "product_id": one.product_id,
        "places": [_said(place) for place in one.places],
        "characteristics": [
            {"name": _said(name), "value": _said(value), "unit": unit} for name, value, unit in one.traits
        ],
        "prices": prices,
        "one_off_cny": f"{one.one_off_cny:.2f}",
        "monthly_cny": f"{one.monthly_cny:.2f}",
        "promised_at": one.promised_at,
        "why": _said(one.why) if one.why is not None else None,
    }


def _said(words: Words) -> str:
    return words.en if current_language() == "en" else words.zh
