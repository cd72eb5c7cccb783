"""The catalogue as the rules see it, read from its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import orjson
from sqlalchemy import Select, Text, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.domain.products import catalogue as rules
from app.domain.words import Words
from app.persistence.products import catalogue as rows

Rows = tuple[tuple[Any, ...], ...]


def _as_text(column: InstrumentedAttribute[Any]) -> Any:
    """A document as the text it is kept as: short to read, and equal texts are the same document."""
    return type_coerce(column, Text)


PRODUCTS: Final = select(rows.ProductSpec.code, _as_text(rows.ProductSpec.body)).order_by(rows.ProductSpec.position)
PRICES: Final = select(
    rows.Price.offering,
    rows.Price.code,
    rows.Price.kind,
    rows.Price.amount_cny,
    rows.Price.unit,
    rows.Price.name_zh,
    rows.Price.name_en,
    rows.Price.tax_percent,
).order_by(rows.Price.code)
OFFERINGS: Final = select(
    rows.Offering.code,
    rows.Offering.product,
    rows.Offering.name_zh,
    rows.Offering.name_en,
    _as_text(rows.Offering.segments),
    _as_text(rows.Offering.fixed_characteristics),
    rows.Offering.sold_from,
    rows.Offering.sold_until,
    rows.Offering.contract_months,
).order_by(rows.Offering.position)
ORDER_TYPES: Final = select(
    rows.OrderType.code,
    rows.OrderType.name_zh,
    rows.OrderType.name_en,
    rows.OrderType.short_zh,
    rows.OrderType.tmf_action,
    _as_text(rows.OrderType.product_status),
    _as_text(rows.OrderType.characteristics),
).order_by(rows.OrderType.position)
CHANNELS: Final = select(rows.Channel.code, rows.Channel.name_zh, rows.Channel.name_en).order_by(rows.Channel.code)
SEGMENTS: Final = select(rows.Segment.code, rows.Segment.name_zh, rows.Segment.name_en).order_by(rows.Segment.code)
FEES: Final = select(
    rows.Fee.code,
    rows.Fee.name_zh,
    rows.Fee.name_en,
    rows.Fee.amount_cny,
    rows.Fee.unit,
    _as_text(rows.Fee.order_types),
    _as_text(rows.Fee.products),
    rows.Fee.condition,
).order_by(rows.Fee.code)


def load_catalogue(session: Session) -> rules.Catalogue:
    """Everything that can be ordered. Products and offerings come in the order they have in the data.

    The rows are read each time; what is made of equal rows is made once per process.
    """
    parts = (PRODUCTS, PRICES, OFFERINGS, ORDER_TYPES, CHANNELS, SEGMENTS, FEES)
    return _catalogue(*(_rows(session, part) for part in parts))


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> Rows:
    return tuple(tuple(row) for row in session.execute(query))


@lru_cache(maxsize=2)
def _catalogue(
    products: Rows, prices: Rows, offerings: Rows, order_types: Rows, channels: Rows, segments: Rows, fees: Rows
) -> rules.Catalogue:
    prices_of: dict[str, list[rules.Price]] = defaultdict(list)
    for offering, *price in prices:
        prices_of[offering].append(_price(*price))
    return rules.Catalogue(
        products={code: rules.ProductSpec.from_data(orjson.loads(body)) for code, body in products},
        offerings={code: _offering(code, *of_it, prices=prices_of[code]) for code, *of_it in offerings},
        order_types={code: _order_type(code, *of_it) for code, *of_it in order_types},
        channels={code: Words(*names) for code, *names in channels},
        segments={code: Words(*names) for code, *names in segments},
        fees=tuple(_fee(*fee) for fee in fees),
    )


def _price(
    code: str, kind: str, amount_cny: str, unit: str, name_zh: str, name_en: str, tax_percent: str
) -> rules.Price:
    return rules.Price(
        code=code,
        kind=kind,
        amount_cny=Decimal(amount_cny),
        unit=unit,
        name=Words(name_zh, name_en),
        tax_percent=Decimal(tax_percent),
    )


def _offering(
    code: str,
    product: str,
    name_zh: str,
    name_en: str,
    segments: str,
    fixed: str,
    sold_from: date,
    sold_until: date | None,
    contract_months: int,
    *,
    prices: Iterable[rules.Price],
) -> rules.Offering:
    return rules.Offering(
        code=code,
        product=product,
        name=Words(name_zh, name_en),
        segments=tuple(orjson.loads(segments)),
        fixed=orjson.loads(fixed),
        sold_from=sold_from,
        sold_until=sold_until,
        contract_months=contract_months,
        prices=tuple(prices),
    )


def _order_type(
    code: str,
    name_zh: str,
    name_en: str,
    short_zh: str,
    tmf_action: str,
    product_status: str,
    characteristics: str,
) -> rules.OrderType:
    return rules.OrderType(
        code=code,
        name=Words(name_zh, name_en),
        short_zh=short_zh,
        tmf_action=tmf_action,
        product_status=tuple(orjson.loads(product_status)),
        characteristics=tuple(rules.Characteristic.from_data(part) for part in orjson.loads(characteristics)),
    )


def _fee(
    code: str, name_zh: str, name_en: str, amount_cny: str, unit: str, order_types: str, products: str, condition: str
) -> rules.Fee:
    price = rules.Price(
        code=code,
        kind="one_off" if unit != "month" else "recurring",
        amount_cny=Decimal(amount_cny),
        unit=unit,
        name=Words(name_zh, name_en),
    )
    return rules.Fee(
        price=price,
        order_types=tuple(orjson.loads(order_types)),
        products=tuple(orjson.loads(products)),
        condition=condition,
    )


@dataclass(frozen=True)
class Services:
    """What the catalogue says of services: names by code, the kinds of resources of the resource facing, and for how
    many hours a kind of resource may stand reserved."""

    names: Mapping[str, Words]
    resources: Mapping[str, Sequence[str]]
    reserved_h: Mapping[str, int]


def load_services(session: Session) -> Services:
    """Every service and what it needs."""
    found = session.scalars(select(rows.ServiceSpec)).all()
    reserved = select(rows.ResourceSpec.code, rows.ResourceSpec.reservation_expiry_hours)
    return Services(
        names={row.code: Words(row.name_zh, row.name_en) for row in found},
        resources={row.code: tuple(row.resources) for row in found if row.kind == "rfs"},
        reserved_h={code: hours for code, hours in session.execute(reserved) if hours},
    )


def load_own_names(session: Session, order_types: Collection[str]) -> dict[str, frozenset[str]]:
    """By order type, the characteristics that are the order's and not the product's; nothing asked, nothing read."""
    if not order_types:
        return {}
    found = session.execute(
        select(rows.OrderType.code, rows.OrderType.characteristics).where(rows.OrderType.code.in_(order_types))
    )
    return {code: frozenset(part["code"] for part in parts) for code, parts in found}


def recurring_prices(session: Session, offering: str) -> list[dict[str, str]]:
    """What an offering costs again and again, as prices are kept with an order item."""
    found = session.execute(PRICES.where(rows.Price.offering == offering, rows.Price.kind == "recurring"))
    return [_price(*price).as_data() for _, *price in found]
