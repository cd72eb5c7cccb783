"""What an order is put together from: the catalogue, and the customers, addresses and products of the caller's area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import page
from app.api.schemas.lookups import (
    AddressOut,
    AddressPage,
    CatalogueOut,
    CustomerOut,
    CustomerPage,
    InstalledProductList,
    InstalledProductOut,
    InstalledProductQuery,
    SearchQuery,
)
from app.persistence.counter.customer_search import find_addresses, find_customers, get_product, installed_products
from app.persistence.products.catalogue import Channel, Offering, OrderType, Price, ProductSpec
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
    summary="Find customers by number, name, phone, or what they have; personal data is masked",
    query=SearchQuery,
    answers={200: CustomerPage},
)
def list_customers(query: Mapping[str, Any]) -> Reply:
    with read(current_deps().read_sessions) as session:
        rows, total = find_customers(session, current_actor(), query["q"], offset=query["offset"], limit=query["limit"])
        return page(CustomerOut(many=True).dump(rows), total, query)


@door.route(
    "GET",
    "/addresses",
    right="customer.view",
    summary="Find standard addresses by code or text",
    query=SearchQuery,
    answers={200: AddressPage},
)
def list_addresses(query: Mapping[str, Any]) -> Reply:
    with read(current_deps().read_sessions) as session:
        rows, total = find_addresses(session, current_actor(), query["q"], offset=query["offset"], limit=query["limit"])
        return page(AddressOut(many=True).dump(rows), total, query)


@door.route(
    "GET",
    "/products",
    right="customer.view",
    summary="What a customer has",
    query=InstalledProductQuery,
    answers={200: InstalledProductList},
)
def list_installed_products(query: Mapping[str, Any]) -> Reply:
    with read(current_deps().read_sessions) as session:
        rows = installed_products(session, current_actor(), query["customer_no"])
        return {"items": InstalledProductOut(many=True).dump(rows)}


@door.route(
    "GET",
    "/products/<product_id>",
    right="customer.view",
    summary="One installed product by its number",
    answers={200: InstalledProductOut},
    errors=(404,),
)
def get_installed_product(product_id: str) -> Reply:
    with read(current_deps().read_sessions) as session:
        shown: dict[str, Any] = InstalledProductOut().dump(get_product(session, current_actor(), product_id))
    return shown


def _offering(offering: Offering, prices: list[Price]) -> dict[str, Any]:
    names = ("code", "name_zh", "name_en", "product", "segments", "fixed_characteristics", "sold_from", "sold_until")
    return {name: getattr(offering, name) for name in (*names, "contract_months")} | {"prices": prices}
