"""Orders in our own words: the whole view by id or number, pause and resume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.access import current_actor, current_deps, current_language
from app.api.door import Door, Reply
from app.api.order_view import FIELDS, needed_parts, order_view
from app.api.schemas.order_holds import HoldIn, HoldOut, HoldsOut, PauseIn
from app.api.schemas.order_view import OrderQuery, OrderView
from app.api.schemas.work_item import NothingIn
from app.errors import BadRequest
from app.persistence.ordering.order_search import get_order
from app.services.amending import order_holds
from app.unit_of_work import read

door: Final = Door("orders", "/api/v1/orders", "orders")


@door.route(
    "GET",
    "/<id_or_number>",
    right="order.view",
    summary="Everything about an order: plan, waits, promise, history; or only the fields asked for",
    query=OrderQuery,
    answers={200: OrderView},
    errors=(404,),
)
def get_whole_order(id_or_number: str, query: Mapping[str, Any]) -> Reply:
    return _shown(id_or_number, _field_names(query["names"]))


@door.route(
    "POST",
    "/<id_or_number>/pause",
    right="order.hold",
    summary="The customer wants to wait: the promise clock stops",
    body=PauseIn,
    answers={200: OrderView},
    errors=(404, 409),
)
def pause_order(id_or_number: str, body: Mapping[str, Any]) -> Reply:
    deps, actor, why = current_deps(), current_actor(), (body["reason"], body["evidence"])
    order_holds.pause_order(_id(id_or_number), *why, actor, deps, until=body["until"])
    return _shown(id_or_number)


@door.route(
    "POST",
    "/<id_or_number>/hold",
    right="order.hold",
    summary="We cannot go on with an order: it is held, nobody works on it, every clock runs",
    body=HoldIn,
    answers={200: OrderView},
    errors=(404, 409, 422),
)
def hold_order(id_or_number: str, body: Mapping[str, Any]) -> Reply:
    deps, actor, why = current_deps(), current_actor(), (body["reason"], body["note"])
    order_holds.hold_order(_id(id_or_number), *why, actor, deps, until=body["until"])
    return _shown(id_or_number)


@door.route(
    "GET",
    "/<id_or_number>/holds",
    right="order.view",
    summary="Who let an order stand still, why and until when; the newest first",
    answers={200: HoldsOut},
    errors=(404,),
)
def list_order_holds(id_or_number: str) -> Reply:
    rows: list[Any] = HoldOut(many=True).dump(order_holds.holds_of(id_or_number, current_actor(), current_deps()))
    return {"items": rows}


@door.route(
    "POST",
    "/<id_or_number>/resume",
    right="order.hold",
    summary="Let an order go on that was paused for the customer or held by us",
    body=NothingIn,
    answers={200: OrderView},
    errors=(404, 409),
)
def resume_order(id_or_number: str, body: Mapping[str, Any]) -> Reply:
    order_holds.resume_order(_id(id_or_number), current_actor(), current_deps())
    return _shown(id_or_number)


def _id(id_or_number: str) -> str:
    with read(current_deps().read_sessions) as session:
        return get_order(session, current_actor(), id_or_number, parts=()).id


def _field_names(text: str) -> frozenset[str]:
    """The names in ``a,b``.

    :raises BadRequest: the view of an order has no such field.
    """
    names = frozenset(part.strip() for part in text.split(",") if part.strip())
    if unknown := sorted(names - FIELDS):
        raise BadRequest(f"fields: an order has no {unknown[0][:60]}", f"fields：订单没有 {unknown[0][:60]}")
    return names


def _shown(id_or_number: str, names: frozenset[str] = frozenset()) -> dict[str, Any]:
    with read(current_deps().read_sessions) as session:
        order = get_order(session, current_actor(), id_or_number, parts=needed_parts(names))
        return order_view(order, current_language(), names)
