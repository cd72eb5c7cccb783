"""A quote, and whether an order is the one that was quoted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import orjson

from app.domain.commands import PlaceOrder
from app.domain.counter.intake_facts import NormalItem
from app.domain.products.characteristics import problem
from app.domain.promises.sla import Promise
from app.errors import FieldProblem

#: So long a price and a promise that were told can be ordered.
VALID_FOR: Final = timedelta(days=15)
#: Numbers of our own; other systems' quotes are only kept with the order.
OURS: Final = re.compile(r"Q-\d{4}-\d{6,}")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a neighbour said; ``verdict`` is its word, or the code of its refusal, None where it did not answer."""

    is_answered: bool
    verdict: str | None = None


@dataclass(frozen=True, kw_only=True)
class ItemQuote:
    """One item: money in CNY, the promise with its reasons, what the network says. ``penalty_cny``: what it costs to
    leave a framework agreement now."""

    item: NormalItem
    one_off_cny: Decimal
    monthly_cny: Decimal
    penalty_cny: Decimal
    promise: Promise | None
    feasibility: Answer | None


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A whole order. ``state``: ``fine``, ``pending_check`` (somebody did not answer) or ``not_possible``."""

    area: str
    state: str
    items: Sequence[ItemQuote]
    first_bill_cny: Decimal
    credit: Answer | None
    promised_at: datetime | None


def digest_of(customer_no: str | None, items: Iterable[NormalItem]) -> str:
    """The same digest for the same things at the same prices for the same customer."""
    parts = [
        {
            "action": item.action,
            "order_type": item.order_type,
            "product": item.product,
            "offering": item.offering,
            "product_id": item.product_id,
            "characteristics": dict(item.characteristics),
            "places": [place.as_data() for place in item.places],
            "prices": [price.as_data() for price in item.prices],
        }
        for item in items
    ]
    return hashlib.sha256(orjson.dumps([customer_no, parts], option=orjson.OPT_SORT_KEYS)).hexdigest()


def named_quotes(command: PlaceOrder) -> list[tuple[int, str]]:
    """The quotes of ours that an order refers to, with their places in its list."""
    given = command.extra.get("quote") or ()
    ids = [(place, row.get("id")) for place, row in enumerate(given)]
    return [(place, number) for place, number in ids if isinstance(number, str) and OURS.fullmatch(number)]


def wrong_quote(
    place: int, number: str, known: Mapping[str, Any] | None, *, digest: str, first_bill_cny: str, now: datetime
) -> FieldProblem | None:
    """Why an order cannot be placed by this quote, if it cannot.

    :param known: ``valid_until``, ``digest``, ``first_bill_cny`` and ``order`` (number of the order it became, or
        none) of the quote; none: there is no such quote.
    :param digest: of the order, with the prices of today. :param first_bill_cny: of the order.
    """
    path = f"quote.{place}.id"
    if known is None:
        return problem(path, "unknown-quote", f"没有报价 {number}", f"there is no quote {number}")
    if known["order"] is not None:
        zh, en = f"报价 {number} 已用于其他订单", f"quote {number} has become another order"
        return problem(path, "quote-used", zh, en)
    if known["valid_until"] < now:
        return problem(path, "quote-expired", f"报价 {number} 已过期", f"quote {number} is not valid any more")
    if known["digest"] != digest:
        told = known["first_bill_cny"]
        return problem(
            path,
            "quote-differs",
            f"与报价 {number} 不一致：报价首期 {told} 元，现为 {first_bill_cny} 元，请重新报价",
            f"this is not what quote {number} says: CNY {told} for the first bill, now {first_bill_cny}; quote again",
        )
    return None
