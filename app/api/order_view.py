"""Builds the whole view of an order, and says in words what it waits for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from marshmallow import Schema

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
from app.domain.ordering.order_lifecycle import OrderState
from app.domain.promises.calendar import ZONE
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState, WorkOrderState
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.teamwork.work_items import WorkItem

#: Fields that are not columns of the order, and the parts of it that each is made from.
MADE_FROM: Final[Mapping[str, tuple[str, ...]]] = {
    "items": ("items",),
    "service_orders": ("service_orders", "items"),
    "work_orders": ("work_orders", "items"),
    "work_items": ("work_items",),
    "waits_for": ("work_orders", "work_items"),
    "sla": ("clocks",),
    "cancel_requests": ("cancel_requests",),
    "events": ("events",),
}
#: Schemas keep nothing of what they show, so each is made once.
FIELDS: Final = frozenset(OrderView().fields)
ITEMS: Final = OrderItemView(many=True)
SERVICE_ORDERS: Final = ServiceOrderView(many=True)
WORK_ORDERS: Final = WorkOrderView(many=True)
WORK_ITEMS: Final = WorkItemOut(many=True)
CLOCKS: Final = ClockView(many=True)
CANCELS: Final = CancelView(many=True)
EVENTS: Final = EventView(many=True)
KINDS: Final = {"task": "person", "incident": "incident", "difference": "difference"}


def needed_parts(names: Collection[str]) -> tuple[str, ...]:
    """What must be read of an order to show these fields; no name means every field."""
    fields = names or MADE_FROM
    return tuple({part: None for name in fields for part in MADE_FROM.get(name, ())})


def order_view(order: ProductOrder, language: str, names: Collection[str] = ()) -> dict[str, Any]:
    """What ``order`` is to its viewers: the fields of ``OrderView`` that ``names`` lists, or all of them."""
    wanted = frozenset(names or FIELDS)
    plain = wanted - set(MADE_FROM)
    view: dict[str, Any] = view_of(plain).dump(order) if plain else {}
    if "external_id" in plain:
        view["external_id"] = shown_external_id(order.external_id)
    made: Mapping[str, Callable[[], Any]] = {
        "items": lambda: ITEMS.dump(order.items),
        "service_orders": lambda: _with_item(SERVICE_ORDERS, order.service_orders, order),
        "work_orders": lambda: _with_item(WORK_ORDERS, order.work_orders, order),
        "work_items": lambda: WORK_ITEMS.dump(order.work_items),
        "waits_for": lambda: waits_for(order, language),
        "sla": lambda: CLOCKS.dump(order.clocks),
        "cancel_requests": lambda: CANCELS.dump(order.cancel_requests),
        "events": lambda: EVENTS.dump(order.events),
    }
    return view | {name: make() for name, make in made.items() if name in wanted}


@lru_cache(maxsize=64)
def view_of(names: frozenset[str]) -> OrderView:
    """The schema of these fields; making one costs more than using it."""
    return OrderView(only=names)


def waits_for(order: ProductOrder, language: str) -> list[dict[str, Any]]:
    """What an order in flight waits for right now; empty once it is final."""
    if order.is_final:
        return []
    waits: list[dict[str, Any]] = []
    begins = str(order.checks.get("start", {}).get("work_begins", ""))
    put_off = order.state == OrderState.ACKNOWLEDGED or (
        order.state == OrderState.PENDING and order.requested_start_date is not None
    )
    if begins and put_off and not order.work_orders:
        at = datetime.fromisoformat(begins).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        waits.append(_wait("date", f"{at} 开工", f"the work begins at {at}", language))
    elif order.state == OrderState.PENDING:
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


def _with_item(schema: Schema, rows: Sequence[Any], order: ProductOrder) -> list[dict[str, Any]]:
    item_no = {item.id: item.item_no for item in order.items}
    shown: list[dict[str, Any]] = schema.dump(rows)
    return [view | {"item_no": item_no.get(row.item_id or "")} for view, row in zip(shown, rows, strict=True)]
