"""TMF630 selection of product orders: ``fields``, ``offset``, ``limit``, and attributes as filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from flask import request
from marshmallow import ValidationError

from app.api.door import LANGUAGE_PARAMETER
from app.api.field_problems import field_problems
from app.api.paging import PageQuery
from app.api.schemas.fields import Instant
from app.api.schemas.product_order_in import ACTIONS
from app.api.schemas.product_order_out import ProductOrderOut
from app.domain.ordering.order_lifecycle import OrderState
from app.errors import BadRequest

MAX_VALUE_CHARS: Final = 200

# Attribute on the wire -> filter of the search.
FILTERS: Final[Mapping[str, str]] = {
    "id": "id",
    "state": "state",
    "externalId": "external_id",
    "orderNumber": "number",
    "number": "number",
    "category": "category",
    "priority": "priority",
    "channel.id": "channel",
    "relatedParty.id": "customer_no",
    "billingAccount.id": "account_no",
    "productOrderItem.action": "item_action",
    "productOrderItem.state": "item_state",
    "productOrderItem.productOffering.id": "offering",
    "productOrderItem.product.id": "product_id",
    "productOrderItem.product.productSpecification.id": "product",
}
#: Attributes with a closed list of values: a misspelt state would look like "no orders".
CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "state": frozenset(OrderState),
    "productOrderItem.state": frozenset(OrderState),
    "productOrderItem.action": frozenset(ACTIONS),
    "priority": frozenset("01234"),
}
TIME_FILTERS: Final[Mapping[str, str]] = {
    "orderDate.gt": "ordered_after",
    "orderDate.gte": "ordered_from",
    "orderDate.lt": "ordered_before",
    "orderDate.lte": "ordered_until",
}
ATTRIBUTES: Final = frozenset((field.data_key or name) for name, field in ProductOrderOut().fields.items()) | {
    "notificationContact",
    "agreement",
    "payment",
    "productOfferingQualification",
    "quote",
}


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What part of the list is wanted, and of each order which attributes (None: all)."""

    filters: dict[str, Any]
    fields: frozenset[str] | None
    offset: int
    limit: int


def read_selection() -> Selection:
    """The selection of this request.

    :raises BadRequest: an unknown attribute or a value that cannot be read; silence would look like "no orders".
    """
    filters: dict[str, Any] = {}
    page: dict[str, str] = {}
    wanted: frozenset[str] | None = None
    for name, values in request.args.lists():
        value = ",".join(values)
        if "\x00" in value or (len(value) > MAX_VALUE_CHARS and name != "fields"):
            raise _refusal(name, "the value cannot be read", "取值无法读取")
        if name == LANGUAGE_PARAMETER:
            continue
        if name in {"offset", "limit"}:
            page[name] = values[-1]
        elif name == "fields":
            wanted = read_fields(value)
        elif name in FILTERS:
            filters[FILTERS[name]] = _words(name, value)
        elif name in TIME_FILTERS:
            filters[TIME_FILTERS[name]] = _instant(name, values[-1])
        else:
            raise _refusal(name, "orders cannot be selected by this", "不支持按此属性查询")
    try:
        place = PageQuery().load(page)
    except ValidationError as error:
        problem = field_problems(error)[0]
        raise _refusal(problem.path, problem.en, problem.zh) from error
    return Selection(filters=filters, fields=wanted, offset=place["offset"], limit=place["limit"])


def read_fields(text: str) -> frozenset[str]:
    """``fields=a,b`` as a set; ``none`` leaves id and href only."""
    names = frozenset(part.strip() for part in text.split(",") if part.strip()) - {"none"}
    if unknown := sorted(names - ATTRIBUTES):
        raise _refusal("fields", f"an order has no attribute {unknown[0][:60]}", f"订单没有属性 {unknown[0][:60]}")
    return names


def _words(name: str, text: str) -> tuple[str, ...]:
    words = tuple(part for part in text.split(",") if part)
    unknown = sorted(set(words) - CHOICES.get(name, frozenset(words)))
    if unknown:
        raise _refusal(name, f"there is no {unknown[0][:60]}", f"没有 {unknown[0][:60]}")
    return words


def _instant(name: str, text: str) -> datetime:
    try:
        value: datetime = Instant().deserialize(text)
    except ValidationError as error:
        raise _refusal(name, "must be a time with its zone (ISO 8601)", "必须是带时区的时间") from error
    return value.astimezone(UTC)


def _refusal(name: str, en: str, zh: str) -> BadRequest:
    return BadRequest(f"{name[:60]}: {en}", f"{name[:60]}：{zh}")
