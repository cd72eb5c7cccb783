"""What an order is put together from: the catalogue, and the customers, addresses and products of the caller's area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import count_headers
from app.api.schemas.fields import Out
from app.api.schemas.lookups import (
    AddressOut,
    AddressPage,
    CatalogueOut,
    CustomerOut,
    CustomerPage,
    InstalledProductOut,
    InstalledProductPage,
    InstalledProductQuery,
    SearchQuery,
)
from app.persistence.catalogue import Channel, Offering, OrderType, Price, ProductSpec
from app.persistence.customers import Address, Customer, InstalledProduct
from app.persistence.scope import scoped
from app.unit_of_work import read

door: Final = Door("lookups", "/api/v1", "look-ups")


@door.route(
    "GET",
    "/catalogue",
    right="order.view",
    summary="Products, offerings, prices, channels",
    answers={200: CatalogueOut},
)
def get_catalogue() -> Reply:
    with read(current_deps().read_sessions) as session:
        prices: dict[str, list[Price]] = {}
        for price in session.scalars(select(Price).order_by(Price.code)):
            prices.setdefault(price.offering, []).append(price)
        offerings = session.scalars(select(Offering).order_by(Offering.position, Offering.code)).all()
        shown: dict[str, Any] = CatalogueOut(exclude=("offerings",)).dump(
            {
                "products": session.scalars(
                    select(ProductSpec).where(ProductSpec.internal.is_(False)).order_by(ProductSpec.position)
                ).all(),
                "order_types": session.scalars(select(OrderType).order_by(OrderType.position)).all(),
                "channels": session.scalars(select(Channel).order_by(Channel.code)).all(),
            }
        )
        rows = [_offering(offering, prices.get(offering.code, [])) for offering in offerings]
        shown["offerings"] = CatalogueOut(only=("offerings",)).dump({"offerings": rows})["offerings"]
    return shown


@door.route(
    "GET",
    "/customers",
    right="customer.view",
    summary="Find customers by number, name or phone; personal data is masked",
    query=SearchQuery,
    answers={200: CustomerPage},
)
def list_customers(query: Mapping[str, Any]) -> Reply:
    found = _matching(
        scoped(select(Customer), Customer, current_actor()).options(selectinload(Customer.accounts)),
        query.get("q"),
        exact=(Customer.customer_no, Customer.phone),
        starts=(Customer.name,),
    )
    return _page(found, Customer.customer_no, CustomerOut, query)


@door.route(
    "GET",
    "/addresses",
    right="customer.view",
    summary="Find standard addresses by code or text",
    query=SearchQuery,
    answers={200: AddressPage},
)
def list_addresses(query: Mapping[str, Any]) -> Reply:
    found = _matching(
        scoped(select(Address), Address, current_actor()),
        query.get("q"),
        exact=(Address.code,),
        holds=(Address.text_zh, Address.text_en),
    )
    return _page(found, Address.code, AddressOut, query)


@door.route(
    "GET",
    "/products",
    right="customer.view",
    summary="Find installed products by customer, address or number",
    query=InstalledProductQuery,
    answers={200: InstalledProductPage},
)
def list_installed_products(query: Mapping[str, Any]) -> Reply:
    found = _matching(
        scoped(select(InstalledProduct), InstalledProduct, current_actor()),
        query.get("q"),
        exact=(InstalledProduct.product_id, InstalledProduct.subscription_no),
    )
    for name in ("customer_no", "address_code", "status"):
        if name in query:
            found = found.where(getattr(InstalledProduct, name) == query[name])
    return _page(found, InstalledProduct.product_id, InstalledProductOut, query)


def _matching(
    found: Select[Any],
    q: str | None,
    *,
    exact: tuple[InstrumentedAttribute[Any], ...],
    starts: tuple[InstrumentedAttribute[Any], ...] = (),
    holds: tuple[InstrumentedAttribute[Any], ...] = (),
) -> Select[Any]:
    if not q:
        return found
    tests: list[ColumnElement[bool]] = [column == q for column in exact]
    tests += [column.startswith(q, autoescape=True) for column in starts]
    tests += [column.icontains(q, autoescape=True) for column in holds]
    return found.where(or_(*tests))


def _page(found: Select[Any], key: InstrumentedAttribute[str], shape: type[Out], query: Mapping[str, Any]) -> Reply:
    with read(current_deps().read_sessions) as session:
        total = session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
        rows = session.scalars(found.order_by(key).offset(query["offset"]).limit(query["limit"])).all()
        shown: list[Any] = shape(many=True).dump(rows)
    body = {"items": shown, "total": total, "offset": query["offset"], "limit": query["limit"]}
    return body, 200, count_headers(len(shown), total)


def _offering(offering: Offering, prices: list[Price]) -> dict[str, Any]:
    names = ("code", "name_zh", "name_en", "product", "segments", "fixed_characteristics", "sold_from", "sold_until")
    return {name: getattr(offering, name) for name in (*names, "contract_months")} | {"prices": prices}
