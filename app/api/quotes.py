"""What an order would cost and when it would be done; the body is that of the order."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import fields

from app.access import current_actor, current_deps, current_language
from app.api.door import Door, Reply
from app.api.schemas.fields import Instant, Out
from app.api.schemas.lookups import PriceOut
from app.api.schemas.product_order_in import ProductOrderIn
from app.domain.commands import PlaceOrder
from app.domain.counter.quotes import Answer, ItemQuote
from app.services.counter import quoting

door: Final = Door("quotes", "/api/v1/quotes", "checks before submission")


class AskedOut(Out):
    """What a neighbour said; one that does not answer delays an order and never refuses it."""

    answered = fields.Boolean()
    verdict = fields.String(allow_none=True)


class PromiseOut(Out):
    """When an item would be done, and why then."""

    due_at = Instant()
    policy = fields.String()
    reasons = fields.List(fields.String())


class ItemQuoteOut(Out):
    """One item; amounts are texts with two decimals, in CNY, tax included."""

    id = fields.String()
    product = fields.String()
    order_type = fields.String()
    prices = fields.List(fields.Nested(PriceOut))
    one_off_cny = fields.String()
    monthly_cny = fields.String()
    penalty_cny = fields.String()
    promise = fields.Nested(PromiseOut, allow_none=True)
    feasibility = fields.Nested(AskedOut, allow_none=True)


class QuoteOut(Out):
    """A quote. ``state``: ``fine``, ``pending_check`` (a neighbour did not answer) or ``not_possible``. An order that
    names its ``number`` (TMF622 ``quote``) keeps what was told, and is refused where it is not what was quoted."""

    number = fields.String()
    valid_until = Instant()
    state = fields.String()
    first_bill_cny = fields.String()
    promised_at = Instant(allow_none=True)
    credit = fields.Nested(AskedOut, allow_none=True)
    items = fields.List(fields.Nested(ItemQuoteOut))


@door.route(
    "POST",
    "",
    right="order.submit",
    summary="Price and promised date of an order, with reasons; it is kept as told, nothing is ordered",
    body=ProductOrderIn,
    answers={200: QuoteOut},
    errors=(409, 422),
)
def make_quote(body: PlaceOrder) -> Reply:
    made, kept = quoting.quote(body, current_actor(), current_deps())
    shown: dict[str, Any] = QuoteOut().dump(
        {
            "number": kept.number,
            "valid_until": kept.valid_until,
            "state": made.state,
            "first_bill_cny": f"{made.first_bill_cny:.2f}",
            "promised_at": made.promised_at,
            "credit": _asked(made.credit),
            "items": [_item(one) for one in made.items],
        }
    )
    return shown


def _item(one: ItemQuote) -> dict[str, Any]:
    in_english = current_language() == "en"
    promise = None
    if one.promise is not None:
        reasons = [words.en if in_english else words.zh for words in one.promise.reasons]
        promise = {"due_at": one.promise.due_at, "policy": one.promise.policy, "reasons": reasons}
    return {
        "id": one.item.item_no,
        "product": one.item.product,
        "order_type": one.item.order_type,
        "prices": [price.as_data() for price in one.item.prices],
        "one_off_cny": f"{one.one_off_cny:.2f}",
        "monthly_cny": f"{one.monthly_cny:.2f}",
        "penalty_cny": f"{one.penalty_cny:.2f}",
        "promise": promise,
        "feasibility": _asked(one.feasibility),
    }


def _asked(answer: Answer | None) -> dict[str, Any] | None:
    return None if answer is None else {"answered": answer.is_answered, "verdict": answer.verdict}
