"""Splits an order: service orders, product numbers, the planned work orders, and everything the plans must know."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.errors import Rejected
from adapters.ports import OperationCall
from app.domain.actors import ENGINE
from app.domain.ordering.decomposition import ServiceNeeded, services_needed
from app.domain.ordering.item_context import item_context
from app.domain.ordering.order_lifecycle import OrderState
from app.domain.words import Words
from app.persistence.counter.customers import Address, InstalledProduct
from app.persistence.numbers import next_numbers
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.ordering.service_orders import ServiceOrder
from app.persistence.products.catalogue_reader import Services, load_own_names, load_services, recurring_prices
from app.services.counter.access_lookup import COMING
from app.services.order_steps.closing import order_of
from app.services.ordering.order_state import follow_items
from app.services.ordering.plans import Planner
from processes.engine import Engine
from processes.store.rows import Rows

SPLIT: Final = Words("已拆单", "split into work orders")
DEFAULT_RESERVATION_H: Final = 72
#: What other areas are asked to keep of the time we have ourselves.
SHARE_OF_THE_PROMISE: Final = 0.8


@dataclass(frozen=True)
class SplitOrder:
    """``order.split``; it needs the engine to read the drawings of the plans."""

    engine: Engine

    def __call__(self, session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
        """Turn the decisions about each item into service orders and a plan.

        :raises Rejected: ``no-plan`` where no decision knows how to do an item; never silently left out.
        """
        order = order_of(session, call)
        decisions = zip(call.inputs["items"], call.inputs["decompositions"], call.inputs["plans"], strict=True)
        verdicts = iter(call.inputs.get("verdicts") or [])
        known = Known.of(session, order)
        products = products_of_items(session, [item for item in order.items if item.order_type != "install"])
        products |= create_products(session, order, now)
        numbers = {f"{COMING}{item.item_no}": item.product_id or "" for item in order.items}
        rows_by_no = {item.item_no: item for item in order.items}
        planner = Planner.of(session, self.engine, now)
        enriched = []
        for asked, rows, plan in decisions:
            given = {**asked, "access_product_id": numbers.get(asked["access_product_id"], asked["access_product_id"])}
            verdict = next(verdicts, None) if given["action"] == "add" else None
            item = rows_by_no.get(given["id"])
            if item is None or plan in (None, ""):
                raise Rejected("no-plan", f"no plan for {given.get('product')} {given.get('order_type')}")
            item.plan = str(plan)
            context, needed = completed(
                session, order, item, given, rows or [], verdict or "available", products[item.item_no], known, now
            )
            write_service_orders(session, order, item, needed)
            planner.plan_work_orders(session, order, item, {"order": call.inputs["order"], "item": context}, now)
            enriched.append(context)
        for item in order.items:
            item.move_to(OrderState.IN_PROGRESS, SPLIT, ENGINE, now)
        follow_items(order, SPLIT, ENGINE, now)
        return {"items": enriched}


@dataclass(frozen=True)
class Known:
    """What completing the items of an order needs of the catalogue: read once for all of them."""

    catalogue: Services
    own_names: Mapping[str, Collection[str]]

    @classmethod
    def of(cls, session: Session, order: ProductOrder) -> Known:
        """Read it for an order."""
        types = {item.order_type for item in order.items} - {"install"}
        return cls(load_services(session), load_own_names(session, types))


def completed(
    session: Session,
    order: ProductOrder,
    item: ProductOrderItem,
    given: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    verdict: str,
    products: Sequence[InstalledProduct],
    known: Known,
    now: datetime,
) -> tuple[dict[str, Any], list[ServiceNeeded]]:
    """An item as its plan gets it, and the services it needs; nothing is written.

    :param given: the item before the split. :param rows: of the decision about it. :param verdict: of feasibility.
    """
    needed = services_needed(
        [{**row, "for_each": repeats(row)} for row in rows],
        given,
        names=known.catalogue.names,
        resources=known.catalogue.resources,
    )
    context = item_context(
        given,
        rows=rows,
        plan=str(item.plan),
        verdict=verdict,
        products=[product_facts(product, areas_of(session, {item.item_no: list(products)})) for product in products],
        prices=[*item.prices, *kept_prices(session, item, products)],
        reserve_until=now + timedelta(hours=reservation_hours(known.catalogue, needed)),
        own_names=known.own_names.get(item.order_type, ()),
        accepting_area=order.area,
        due_at=item.promised_at and now + (item.promised_at - now) * SHARE_OF_THE_PROMISE,
    )
    return context, needed


def repeats(row: Mapping[str, Any]) -> str | None:
    """For what a decision row is repeated, in the words of the catalogue."""
    return {"end": "end", "site": "sites", "stb": "stb_count"}.get(str(row.get("per") or "item"))


def kept_prices(session: Session, item: ProductOrderItem, products: Sequence[InstalledProduct]) -> list[dict[str, str]]:
    """What an existing product goes on costing where the order does not say another price."""
    offering = products[0].offering if products else None
    if item.order_type == "install" or offering is None or any(one["kind"] == "recurring" for one in item.prices):
        return []
    return recurring_prices(session, offering)


def write_service_orders(
    session: Session, order: ProductOrder, item: ProductOrderItem, needed: Iterable[ServiceNeeded]
) -> None:
    """One row per service to build, change or take away."""
    rows = Rows.of(session)
    for position, service in enumerate(needed):
        rows.add(
            ServiceOrder(
                order_id=order.id,
                item_id=item.id,
                position=position,
                action=service.action,
                cfs=service.cfs,
                rfs=service.rfs,
                name_zh=service.name.zh,
                name_en=service.name.en,
                state=OrderState.IN_PROGRESS,
                resources=list(service.resources),
                part=dict(service.part),
                area=service.area or item.area,
            )
        )


def create_products(session: Session, order: ProductOrder, now: datetime) -> dict[str, list[InstalledProduct]]:
    """The products that items will bring into being, each under a number of its own; by item number."""
    items = [item for item in order.items if item.order_type == "install"]
    created: dict[str, list[InstalledProduct]] = {}
    if not items:
        return created
    for item, number in zip(items, next_numbers(session, "P", now, count=len(items)), strict=True):
        product = InstalledProduct(
            product_id=number,
            customer_no=order.customer_no,
            account_no=order.account_no,
            product=item.product,
            offering=item.offering,
            status="created",
            area=item.area,
            address_code=item.address_code,
            places=item.places,
            characteristics=item.characteristics,
            order_id=order.id,
            resources={},
        )
        session.add(product)
        item.product_id = number
        created[item.item_no] = [product]
    return created


def products_of_items(session: Session, items: Sequence[ProductOrderItem]) -> dict[str, list[InstalledProduct]]:
    """The installed product of each item and, for a bundle, the components it has; the bundle first. By item number.

    A component that was taken out may have come back as part of the bundle's own product.
    """
    wanted = {item.product_id for item in items if item.product_id is not None}
    found: Sequence[InstalledProduct] = ()
    if wanted:
        mine = InstalledProduct.product_id.in_(wanted) | InstalledProduct.parent_product_id.in_(wanted)
        found = session.scalars(select(InstalledProduct).where(mine).order_by(InstalledProduct.product_id)).all()
    return {
        item.item_no: [
            *(product for product in found if product.product_id == item.product_id),
            *(
                product
                for product in found
                if item.product_id and product.parent_product_id == item.product_id and product.ended_at is None
            ),
        ]
        for item in items
    }


def areas_of(session: Session, products: Mapping[str, Sequence[InstalledProduct]]) -> dict[str, str]:
    """Area by address, of the places of products that do not say it themselves."""
    places = (place for family in products.values() for one in family for place in one.places or ())
    codes = {str(place["address_code"]) for place in places if "area" not in place}
    if not codes:
        return {}
    found = session.execute(select(Address.code, Address.area).where(Address.code.in_(codes)))
    return {row.code: row.area for row in found}


def product_facts(product: InstalledProduct, areas: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """What plans may know of a product."""
    return {
        "product_id": product.product_id,
        "product": product.product,
        "offering": product.offering or "",
        "places": [{"area": areas.get(str(place["address_code"]), ""), **place} for place in product.places or ()],
        "subscription_no": product.subscription_no or "",
        "resources": dict(product.resources or {}),
        "characteristics": dict(product.characteristics or {}),
    }


def reservation_hours(catalogue: Services, needed: Iterable[ServiceNeeded]) -> int:
    """How long what these services need may stand reserved: the shortest of the times of its kinds."""
    kinds = {kind for service in needed for kind in service.resources}
    hours = (catalogue.reserved_h[kind] for kind in kinds & catalogue.reserved_h.keys())
    return min(hours, default=DEFAULT_RESERVATION_H)
