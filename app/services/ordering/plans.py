"""The planned work orders of an item: read from the drawing of its plan, laid out by how long its steps take."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.domain.teamwork.work_lifecycle import WorkOrderState
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.ordering.work_orders import WorkOrder
from app.services.ordering.orchestration import drawn_plan, laid_out
from app.services.ordering.step_times import StepTimes
from processes.engine import Engine
from processes.errors import UnknownDecision
from processes.store.rows import Rows

#: The decision table that says which process is the plan of a product and an order type.
DECISION: Final = "work_plan"


def plan_of(session: Session, engine: Engine, product: str, order_type: str, *, ordered_at: datetime) -> str | None:
    """The plan for orders of this kind accepted then, by the decision table in force; a deployment may change it any
    time. None where it knows none."""
    asked = {"product": product, "order_type": order_type, "ordered_at": ordered_at.isoformat()}
    try:
        found = engine.decide(session, DECISION, asked)
    except UnknownDecision:
        return None
    return str(found["plan"]) if found and found.get("plan") else None


def has_plan(session: Session, engine: Engine, product: str, order_type: str, *, ordered_at: datetime) -> bool:
    """Whether there is a plan for orders of this kind accepted then."""
    return plan_of(session, engine, product, order_type, ordered_at=ordered_at) is not None


@dataclass(frozen=True)
class Planner:
    """Writes the planned work orders of items, with what is known of how long steps take."""

    engine: Engine
    times: StepTimes

    @classmethod
    def of(cls, session: Session, engine: Engine, now: datetime) -> Planner:
        """Read how long steps take."""
        return cls(engine, StepTimes.of(session, now))

    def plan_work_orders(
        self,
        session: Session,
        order: ProductOrder,
        item: ProductOrderItem,
        data: Mapping[str, Any],
        now: datetime,
        *,
        but: Collection[str] = frozenset(),
    ) -> set[str]:
        """Write one planned row per work order of the drawing that may be done, with when it is expected.

        Steps that a condition of the plan skips later are dropped when the item completes.

        :param data: what the plan starts with.
        :param but: elements that have a row already.
        :return: the elements that may be done, with a row or without.
        """
        plan = drawn_plan(session, self.engine, str(item.plan), data)
        expected = laid_out(plan, self.times, now)
        rows = Rows.of(session)
        for sequence, step in enumerate(plan.steps):
            element = plan.element(step)
            if element.id in but:
                continue
            rows.add(
                WorkOrder(
                    order_id=order.id,
                    item_id=item.id,
                    element_id=element.id,
                    type=element.attributes["workOrder"],
                    name_zh=element.name,
                    name_en=element.name_en,
                    kind="human" if element.type == "userTask" else "automatic",
                    team_role=element.attributes.get("team"),
                    state=WorkOrderState.ACKNOWLEDGED,
                    planned_from=expected[element.id].begins.astimezone(UTC),
                    planned_to=expected[element.id].until.astimezone(UTC),
                    sequence=item.position * 100 + sequence,
                    area=item.area,
                    point_of_no_return=element.attributes.get("pointOfNoReturn"),
                )
            )
        return {plan.element(step).id for step in plan.steps}


def drop_unstarted(session: Session, item: ProductOrderItem) -> None:
    """Planned steps that the flow has passed by are no part of the story."""
    session.execute(
        delete(WorkOrder).where(
            WorkOrder.item_id == item.id, WorkOrder.state == WorkOrderState.ACKNOWLEDGED, WorkOrder.task_id.is_(None)
        )
    )
