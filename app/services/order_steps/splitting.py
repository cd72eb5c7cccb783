"""Splits an order: service orders, product numbers, the planned work orders, and everything the plans must know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.errors import Rejected
from adapters.ports import OperationCall
from app.domain.actors import ENGINE
from app.domain.decomposition import ServiceNeeded, services_needed
from app.domain.item_context import item_context
from app.domain.order_lifecycle import OrderState
from app.domain.words import Words
from app.persistence.catalogue import ResourceSpec
from app.persistence.catalogue_reader import service_names, service_resources
from app.persistence.customers import InstalledProduct
from app.persistence.numbers import next_number
from app.persistence.orders import ProductOrder, ProductOrderItem
from app.persistence.service_orders import ServiceOrder
from app.services.access_lookup import COMING
from app.services.order_state import follow_items
from app.services.order_steps.closing import order_of
from app.services.plans import plan_work_orders

SPLIT: Final = Words("已拆单", "split into work orders")
DEFAULT_RESERVATION_H: Final = 72


@dataclass(frozen=True)
class Services:
    """What the catalogue says of services, read once per order: names by code, resources of the resource facing."""

    names: Mapping[str, Words]
    resources: Mapping[str, Sequence[str]]


def split_order(session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
    """``order.split``: turn the decisions about each item into service orders and a plan.

    :raises Rejected: ``no-plan`` where no decision knows how to do an item; never silently left out.
    """
    order = order_of(session, call)
    decisions = zip(call.inputs["items"], call.inputs["decompositions"], call.inputs["plans"], strict=True)
    verdicts = iter(call.inputs.get("verdicts") or [])
    for item in order.items:
        if item.order_type == "install":
            create_product(session, order, item, now)
    numbers = {f"{COMING}{item.item_no}": item.product_id or "" for item in order.items}
    rows_by_no = {item.item_no: item for item in order.items}
    catalogue = Services(service_names(session), service_resources(session))
    enriched = []
    for asked, rows, plan in decisions:
        given = {**asked, "access_product_id": numbers.get(asked["access_product_id"], asked["access_product_id"])}
        verdict = next(verdicts, None) if given["action"] == "add" else None
        row = rows_by_no.get(given["id"])
        if row is None or plan in (None, ""):
            raise Rejected("no-plan", f"no plan for {given.get('product')} {given.get('order_type')}")
        enriched.append(split_item(session, catalogue, order, row, given, rows or [], str(plan), verdict, now))
    for item in order.items:
        item.move_to(OrderState.IN_PROGRESS, SPLIT, ENGINE, now)
    follow_items(order, SPLIT, ENGINE, now)
    return {"items": enriched}


def split_item(
    session: Session,
    catalogue: Services,
    order: ProductOrder,
    item: ProductOrderItem,
    given: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    plan: str,
    verdict: str | None,
    now: datetime,
) -> dict[str, Any]:
    """One item: its service orders, its product and its planned work orders are written; its context is returned."""
    needed = services_needed(
        [{**row, "for_each": repeats(row)} for row in rows],
        given,
        names=catalogue.names,
        resources=catalogue.resources,
    )
    write_service_orders(session, order, item, needed)
    products = products_of(session, item)
    item.plan = plan
    kinds = {kind for service in needed for kind in service.resources}
    context = item_context(
        given,
        rows=rows,
        plan=plan,
        verdict=verdict or "available",
        products=[product_facts(product) for product in products],
        prices=item.prices,
        reserve_until=now + timedelta(hours=reservation_hours(session, kinds)),
    )
    plan_work_orders(session, order, item, plan, context, now)
    return context


def repeats(row: Mapping[str, Any]) -> str | None:
    """For what a decision row is repeated, in the words of the catalogue."""
    return {"end": "end", "stb": "stb_count"}.get(str(row.get("per") or "item"))


def write_service_orders(
    session: Session, order: ProductOrder, item: ProductOrderItem, needed: Iterable[ServiceNeeded]
) -> None:
    """One row per service to build, change or take away."""
    for position, service in enumerate(needed):
        session.add(
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


def create_product(session: Session, order: ProductOrder, item: ProductOrderItem, now: datetime) -> None:
    """The product an item will bring into being, under a number of its own."""
    product = InstalledProduct(
        product_id=next_number(session, "P", now),
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
    session.flush()
    item.product_id = product.product_id


def products_of(session: Session, item: ProductOrderItem) -> list[InstalledProduct]:
    """The installed product of an item and, for a bundle, its components; the bundle first."""
    if item.product_id is None:
        return []
    found = session.scalars(
        select(InstalledProduct)
        .where(
            (InstalledProduct.product_id == item.product_id) | (InstalledProduct.parent_product_id == item.product_id)
        )
        .order_by(InstalledProduct.product_id)
    ).all()
    return sorted(found, key=lambda product: product.product_id != item.product_id)


def product_facts(product: InstalledProduct) -> dict[str, Any]:
    """What plans may know of a product."""
    return {
        "product_id": product.product_id,
        "product": product.product,
        "subscription_no": product.subscription_no or "",
        "resources": dict(product.resources or {}),
        "characteristics": dict(product.characteristics or {}),
    }


def reservation_hours(session: Session, kinds: Iterable[str]) -> int:
    """How long a reservation of these kinds may stand: the shortest of their times."""
    hours = session.scalars(
        select(ResourceSpec.reservation_expiry_hours).where(
            ResourceSpec.code.in_(list(kinds)), ResourceSpec.reservation_expiry_hours.is_not(None)
        )
    )
    return min((hour for hour in hours if hour), default=DEFAULT_RESERVATION_H)
