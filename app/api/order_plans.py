"""The orchestration plan of an order: what follows what, when each step is expected, what decides the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.order_plan import OrderPlanView
from app.services.ordering.orchestration import ItemPlan, order_plan

door: Final = Door("order_plans", "/api/v1/orders", "orders")
MINUTE: Final = timedelta(minutes=1)


@door.route(
    "GET",
    "/<id_or_number>/plan",
    right="order.view",
    summary="Service and work orders with their dependencies, expected times and critical path, as of now",
    answers={200: OrderPlanView},
    errors=(404,),
)
def get_order_plan(id_or_number: str) -> Reply:
    order, plans, now = order_plan(id_or_number, current_actor(), current_deps())
    shown: dict[str, Any] = OrderPlanView().dump(
        {"order_id": order.id, "number": order.number, "computed_at": now, "items": [_item(plan) for plan in plans]}
    )
    return shown


def _item(plan: ItemPlan) -> dict[str, Any]:
    item = plan.item
    head = {name: getattr(item, name) for name in ("item_no", "plan", "state", "promised_at")}
    ends = {name: getattr(plan, name) for name in ("critical_path", "expected_end", "expected_end_p90")}
    return head | ends | {"service_orders": plan.service_orders, "steps": _steps(plan)}


def _steps(plan: ItemPlan) -> list[dict[str, Any]]:
    names = ("id", "element_id", "type", "name_zh", "name_en", "state", "started_at", "ended_at")
    rows = []
    for row, drawn, time, expected in plan.steps:
        after = drawn.after if drawn is not None else {}
        rows.append(
            {name: getattr(row, name) for name in names}
            | {
                "after": [
                    {"element_id": other, "delay_min": delay / MINUTE} for other, delay in after.items() if other
                ],
                "certain": drawn is None or drawn.certain,
                "calendar": time.calendar,
                "median_min": time.median / MINUTE,
                "p90_min": time.p90 / MINUTE,
                "duration_from": time.source,
                "expected_from": expected.begins,
                "expected_to": expected.until,
                "expected_to_p90": expected.until_p90,
                "due_at": plan.due(row, expected),
                "slack_min": expected.slack / MINUTE,
                "critical": expected.is_critical,
            }
        )
    return rows
