"""Builds the whole view of an order, and says in words what it waits for."""

from __future__ import annotations

from typing import Any, Final

from app.api.idempotency import shown_external_id
from app.api.schemas.order_view import (
    CancelView,
    ClockView,
    EventView,
    OrderItemView,
    OrderView,
    ServiceOrderView,
    WorkOrderView,
)
from app.api.schemas.work_item import WorkItemOut
from app.domain.order_lifecycle import OrderState
from app.domain.work_lifecycle import WORK_ITEM_OPEN, WorkItemState, WorkOrderState
from app.persistence.orders import ProductOrder
from app.persistence.work_items import WorkItem
from app.persistence.work_orders import WorkOrder

SHOWN_APART: Final = (
    "external_id",
    "items",
    "service_orders",
    "work_orders",
    "work_items",
    "waits_for",
    "sla",
    "cancel_requests",
    "events",
)
KINDS: Final = {"task": "person", "incident": "incident", "difference": "difference"}


def order_view(order: ProductOrder, language: str) -> dict[str, Any]:
    """Everything about ``order`` that its viewers may see."""
    view: dict[str, Any] = OrderView(exclude=SHOWN_APART).dump(order)
    item_no = {item.id: item.item_no for item in order.items}
    view["external_id"] = shown_external_id(order.external_id)
    view["items"] = OrderItemView(many=True).dump(order.items)
    view["service_orders"] = _with_item(
        ServiceOrderView(many=True).dump(order.service_orders), order.service_orders, item_no
    )
    view["work_orders"] = _with_item(WorkOrderView(many=True).dump(order.work_orders), order.work_orders, item_no)
    view["work_items"] = WorkItemOut(many=True).dump(order.work_items)
    view["waits_for"] = waits_for(order, language)
    view["sla"] = ClockView(many=True).dump(order.clocks)
    view["cancel_requests"] = CancelView(many=True).dump(order.cancel_requests)
    view["events"] = EventView(many=True).dump(order.events)
    return view


def waits_for(order: ProductOrder, language: str) -> list[dict[str, Any]]:
    """What an order in flight waits for right now; empty once it is final."""
    if order.is_final:
        return []
    waits: list[dict[str, Any]] = []
    if order.state == OrderState.PENDING:
        waits.append(_wait("customer", "等待客户", "the customer", language))
    if order.state == OrderState.PENDING_CANCELLATION:
        waits.append(_wait("cancel", "正在回退已完成的步骤", "what was done is being undone", language))
    items = [item for item in order.work_items if WorkItemState(item.state) in WORK_ITEM_OPEN]
    waits.extend(_wait_for_person(item, language) for item in items)
    with_person = {item.work_order_id for item in items}
    waits.extend(
        _wait_for_step(step, language)
        for step in order.work_orders
        if step.id not in with_person
        and step.state in {WorkOrderState.IN_PROGRESS, WorkOrderState.PENDING, WorkOrderState.HELD}
    )
    return waits


def _wait_for_person(item: WorkItem, language: str) -> dict[str, Any]:
    who = item.claimed_by or item.team_code or item.team_role or ""
    wait = _wait(KINDS.get(item.kind, "person"), f"{item.title_zh}（{who}）", f"{item.title_en} ({who})", language)
    return wait | {"work_item_id": item.id, "work_order_id": item.work_order_id}


def _wait_for_step(step: WorkOrder, language: str) -> dict[str, Any]:
    wait = _wait("neighbour", step.waits_for_zh or step.name_zh, step.waits_for_en or step.name_en, language)
    return wait | {"work_order_id": step.id}


def _wait(kind: str, zh: str, en: str, language: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "text": en if language == "en" else zh,
        "text_zh": zh,
        "text_en": en,
        "work_order_id": None,
        "work_item_id": None,
    }


def _with_item(shown: list[dict[str, Any]], rows: list[Any], item_no: dict[str, str]) -> list[dict[str, Any]]:
    return [view | {"item_no": item_no.get(row.item_id or "")} for view, row in zip(shown, rows, strict=True)]
