"""Our own rows of an amended item: the item, its product, its service orders and the planned steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.domain.actors import ENGINE
from app.domain.ordering.order_lifecycle import FINAL, OrderState
from app.domain.teamwork.work_lifecycle import WorkOrderState
from app.domain.words import Words
from app.persistence.counter.customers import InstalledProduct
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.service_orders import ServiceOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.services.amending.amend_items import AmendedItem
from app.services.order_steps.splitting import write_service_orders
from app.services.ordering.plans import Planner

NOT_WANTED: Final = Words("变更后不再需要", "not wanted any more after the amendment")


def write_item(session: Session, one: AmendedItem) -> None:
    """The item, and the product it brings into being, as they are asked for now."""
    item, normal = one.item, one.normal
    item.offering, item.characteristics = normal.offering, dict(normal.characteristics)
    item.places, item.address_code = [place.as_data() for place in normal.places], normal.address_code
    item.prices, item.area = [price.as_data() for price in normal.prices], normal.area
    if item.order_type != "install" or item.product_id is None:
        return
    product = session.scalars(select(InstalledProduct).where(InstalledProduct.product_id == item.product_id)).first()
    if product is not None and product.status == "created":
        product.offering, product.characteristics = normal.offering, dict(normal.characteristics)
        product.places, product.address_code, product.area = item.places, item.address_code, item.area


def write_services(session: Session, order: ProductOrder, one: AmendedItem, needed: Collection[Any]) -> None:
    """Service orders that are not wanted any more are cancelled, new ones are written; the others stay."""
    mine = ServiceOrder.item_id == one.item.id
    rows = session.scalars(select(ServiceOrder).where(mine, ServiceOrder.state != OrderState.CANCELLED)).all()
    wanted = {_service(service): service for service in needed}
    for row in rows:
        if (row.cfs, row.rfs, repr(sorted(row.part.items()))) not in wanted and OrderState(row.state) not in FINAL:
            row.state = OrderState.CANCELLED
    there = {(row.cfs, row.rfs, repr(sorted(row.part.items()))) for row in rows}
    write_service_orders(session, order, one.item, [one_ for key, one_ in wanted.items() if key not in there])


def _service(service: Any) -> tuple[str, str, str]:
    return service.cfs, service.rfs, repr(sorted(service.part.items()))


def loosen_steps(session: Session, one: AmendedItem) -> None:
    """The steps of the item are tied to the old plan no longer: those of the fresh one take them up."""
    session.flush()
    mine = WorkOrder.item_id == one.item.id, WorkOrder.state != WorkOrderState.CANCELLED
    free = update(WorkOrder).where(*mine).values(task_id=None, instance_id=None)
    session.execute(free.execution_options(synchronize_session="fetch"))


def plan_steps(
    session: Session,
    order: ProductOrder,
    one: AmendedItem,
    planner: Planner,
    data: Mapping[str, Any],
    dropped: Collection[str],
    now: datetime,
) -> None:
    """Steps that came along are planned, steps that are not wanted any more are cancelled.

    :param data: what the plan starts with.
    :param dropped: elements of the plan that were done and are not reached any more.
    """
    rows = session.scalars(select(WorkOrder).where(WorkOrder.item_id == one.item.id)).all()
    for row in rows:
        if row.element_id in dropped and row.state != WorkOrderState.CANCELLED:
            row.waits_for_zh = row.waits_for_en = ""
            row.move_to(WorkOrderState.CANCELLED, NOT_WANTED, ENGINE, now)
    there = {row.element_id for row in rows if row.state != WorkOrderState.CANCELLED}
    parts = planner.plan_work_orders(session, order, one.item, data, now, but=there)
    gone = [row.id for row in rows if row.element_id not in parts and row.state == WorkOrderState.ACKNOWLEDGED]
    session.execute(delete(WorkOrder).where(WorkOrder.id.in_(gone)))
