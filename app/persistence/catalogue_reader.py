"""The catalogue as the rules see it, read from its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import catalogue as rules
from app.domain.words import Words
from app.persistence import catalogue as rows


def load_catalogue(session: Session) -> rules.Catalogue:
    """Everything that can be ordered. Products and offerings come in the order they have in the data."""
    products = session.scalars(select(rows.ProductSpec).order_by(rows.ProductSpec.position)).all()
    order_types = session.scalars(select(rows.OrderType).order_by(rows.OrderType.position)).all()
    return rules.Catalogue(
        products={row.code: rules.ProductSpec.from_data(row.body) for row in products},
        offerings=_offerings(session),
        order_types={row.code: _order_type(row) for row in order_types},
        channels=_names(session, rows.Channel),
        segments=_names(session, rows.Segment),
        fees=tuple(_fee(row) for row in session.scalars(select(rows.Fee).order_by(rows.Fee.code))),
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


def resource_names(session: Session) -> dict[str, Words]:
    """Names of kinds of resources by code."""
    return {row.code: Words(row.name_zh, row.name_en) for row in session.scalars(select(rows.ResourceSpec))}


def _names(session: Session, entity: type[rows.Channel] | type[rows.Segment]) -> dict[str, Words]:
    found = session.execute(select(entity.code, entity.name_zh, entity.name_en).order_by(entity.code))
    return {code: Words(name_zh, name_en) for code, name_zh, name_en in found}


def _offerings(session: Session) -> dict[str, rules.Offering]:
    prices: dict[str, list[rules.Price]] = defaultdict(list)
    for row in session.scalars(select(rows.Price).order_by(rows.Price.code)):
        prices[row.offering].append(
            rules.Price(
                code=row.code,
                kind=row.kind,
                amount_cny=Decimal(row.amount_cny),
                unit=row.unit,
                name=Words(row.name_zh, row.name_en),
                tax_percent=Decimal(row.tax_percent),
            )
        )
    found = session.scalars(select(rows.Offering).order_by(rows.Offering.position))
    return {
        row.code: rules.Offering(
            code=row.code,
            product=row.product,
            name=Words(row.name_zh, row.name_en),
            segments=tuple(row.segments),
            fixed=row.fixed_characteristics,
            sold_from=row.sold_from,
            sold_until=row.sold_until,
            contract_months=row.contract_months,
            prices=tuple(prices[row.code]),
        )
        for row in found
    }


def _order_type(row: rows.OrderType) -> rules.OrderType:
    return rules.OrderType(
        code=row.code,
        name=Words(row.name_zh, row.name_en),
        short_zh=row.short_zh,
        tmf_action=row.tmf_action,
        product_status=tuple(row.product_status),
        characteristics=tuple(rules.Characteristic.from_data(part) for part in row.characteristics),
    )


def _fee(row: rows.Fee) -> rules.Fee:
    price = rules.Price(
        code=row.code,
        kind="one_off" if row.unit != "month" else "recurring",
        amount_cny=Decimal(row.amount_cny),
        unit=row.unit,
        name=Words(row.name_zh, row.name_en),
    )
    return rules.Fee(price=price, order_types=tuple(row.order_types), products=tuple(row.products))
