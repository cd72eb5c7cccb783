"""The planned work orders of an item: read from the drawing of its plan, laid out over the time to the promise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.domain.durations import parse_duration
from app.domain.work_lifecycle import WorkOrderState
from app.persistence.orders import ProductOrder, ProductOrderItem
from app.persistence.work_orders import WorkOrder
from processes.definitions import latest_process
from processes.engine import Engine
from processes.errors import UnknownDecision, UnknownProcess
from processes.spiff.definition import ElementInfo
from processes.store.rows import Rows

#: The decision table that says which process is the plan of a product and an order type.
DECISION: Final = "work_plan"
USUAL_STEP: Final = timedelta(minutes=5)


def has_plan(session: Session, engine: Engine, product: str, order_type: str) -> bool:
    """Whether the decision table in force knows a plan for orders of this kind; a deployment may change it any time."""
    try:
        found = engine.decide(session, DECISION, {"product": product, "order_type": order_type})
    except UnknownDecision:
        return False
    return bool(found and found.get("plan"))


def drawn_work_orders(session: Session, engine: Engine, plan: str) -> list[ElementInfo]:
    """The elements of a plan that are work orders, in the order of the drawing; none where it is not deployed."""
    try:
        definition = engine.definition(session, latest_process(session, plan).id)
    except UnknownProcess:
        return []
    return [element for element in definition.elements.values() if "workOrder" in element.attributes]


def plan_work_orders(
    session: Session,
    order: ProductOrder,
    item: ProductOrderItem,
    drawn: Iterable[ElementInfo],
    context: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write one planned row per work order in the drawing, one after another in its order.

    Steps that a condition of the plan skips are dropped when the item completes.
    """
    starts, rows = now, Rows.of(session)
    for sequence, element in enumerate(element for element in drawn if is_part(element, context)):
        ends = starts + target_time(element)
        row = WorkOrder(
            order_id=order.id,
            item_id=item.id,
            element_id=element.id,
            type=element.attributes["workOrder"],
            name_zh=element.name,
            name_en=element.name_en,
            kind="human" if element.type == "userTask" else "automatic",
            team_role=element.attributes.get("team"),
            state=WorkOrderState.ACKNOWLEDGED,
            planned_from=starts,
            planned_to=ends,
            sequence=item.position * 100 + sequence,
            area=item.area,
            point_of_no_return=element.attributes.get("pointOfNoReturn"),
        )
        rows.add(row)
        starts = ends


def is_part(element: ElementInfo, context: Mapping[str, Any]) -> bool:
    """Whether a step is done for an item, as far as the parts say which the item lacks."""
    return not any(context.get(flag) is False and name in element.id for flag, name in PARTS.items())


#: Parts of a product by the flag that says whether the item has them, and the word its steps carry.
PARTS: Final = {"has_voice": "voice", "has_iptv": "iptv", "has_access": "access"}


def target_time(element: ElementInfo) -> timedelta:
    """How long the step should take."""
    duration = element.attributes.get("duration")
    return parse_duration(duration) if duration else USUAL_STEP


def drop_unstarted(session: Session, item: ProductOrderItem) -> None:
    """Planned steps that the flow has passed by are no part of the story."""
    session.execute(
        delete(WorkOrder).where(
            WorkOrder.item_id == item.id, WorkOrder.state == WorkOrderState.ACKNOWLEDGED, WorkOrder.task_id.is_(None)
        )
    )
