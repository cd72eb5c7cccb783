"""TMF622 v4 product orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from flask import request

from app.access import current_actor, current_deps, current_language
from app.api.door import MERGE_PATCH, Door, Many, Reply
from app.api.idempotency import made_up_external_id
from app.api.json_input import content_hash, read_json
from app.api.order_filters import FILTERS, TIME_FILTERS, read_fields, read_selection
from app.api.paging import count_headers
from app.api.schemas.product_order_in import ProductOrderIn
from app.api.schemas.product_order_out import NOT_PATCHABLE, ProductOrderOut, ProductOrderPatch
from app.api.tmf_order import BASE, ORDER_PATH, SHOWN_PARTS, chosen_fields, order_resource
from app.domain.commands import PlaceOrder
from app.errors import BadRequest, FieldProblem, NotFound, NotPatchable, StaleVersion
from app.observability import metrics_of_request
from app.persistence.filters import is_id
from app.persistence.ordering.order_search import get_order, list_orders
from app.persistence.ordering.orders import ProductOrder
from app.services.amending import amendments, order_change, order_holds
from app.services.counter import order_intake
from app.unit_of_work import read

door: Final = Door("product_orders", BASE, "productOrder (TMF622)", tmf=True)
FIELDS_PARAMETER: Final = {
    "name": "fields",
    "in": "query",
    "schema": {"type": "string"},
    "description": "first-level attributes to show, comma separated",
}


def _query(name: str, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": kind}}


@door.route(
    "POST",
    "/productOrder",
    right="order.submit",
    summary="Submit an order",
    body=ProductOrderIn,
    answers={201: ProductOrderOut, 200: ProductOrderOut},
    errors=(404, 409, 413, 415, 422),
    idempotent=True,
)
def create_product_order(body: PlaceOrder) -> Reply:
    command = body if body.external_id else replace(body, external_id=made_up_external_id())
    body_hash = content_hash(read_json(request.get_data(cache=True)))
    placement = order_intake.place_order(command, current_actor(), current_deps(), body_hash=body_hash)
    order = placement.order
    if placement.is_new:
        metrics_of_request().orders_placed.labels(order.channel).inc()
    shown = _shown(order.id)
    # The same order sent again is answered with the first one.
    return shown, 201 if placement.is_new else 200, {"Location": f"{ORDER_PATH}/{order.id}"}


@door.route(
    "GET",
    "/productOrder",
    right="order.view",
    summary="List orders",
    answers={200: Many(ProductOrderOut)},
    parameters=(
        FIELDS_PARAMETER,
        _query("offset", "integer"),
        _query("limit", "integer"),
        *(_query(name) for name in (*FILTERS, *TIME_FILTERS)),
    ),
)
def list_product_orders() -> Reply:
    selection = read_selection()
    deps, language = current_deps(), current_language()
    with read(deps.read_sessions) as session:
        rows, total = list_orders(
            session, current_actor(), selection.filters, offset=selection.offset, limit=selection.limit
        )
        shown = [chosen_fields(order_resource(row, language), selection.fields) for row in rows]
    return shown, 200, count_headers(len(shown), total)


@door.route(
    "GET",
    "/productOrder/<order_id>",
    right="order.view",
    summary="Show an order",
    answers={200: ProductOrderOut},
    errors=(404,),
    parameters=(FIELDS_PARAMETER,),
)
def get_product_order(order_id: str) -> Reply:
    wanted = read_fields(request.args["fields"]) if "fields" in request.args else None
    if not is_id(order_id):
        raise NotFound()  # people's numbers are for /api/v1; here they select, as ?orderNumber=
    with read(current_deps().read_sessions) as session:
        order = get_order(session, current_actor(), order_id, parts=SHOWN_PARTS)
        return chosen_fields(order_resource(order, current_language()), wanted), 200, {"ETag": _etag(order)}


def refuse_system_fields() -> None:
    """Runs before a PATCH is loaded: an attribute that exists but is not yours to set has its own answer.

    :raises NotPatchable: naming the attributes.
    """
    value = read_json(request.get_data(cache=True)) if request.mimetype in MERGE_PATCH else None
    fixed = sorted(NOT_PATCHABLE & value.keys()) if isinstance(value, dict) else []
    if fixed:
        raise NotPatchable(
            f"{', '.join(fixed)}: only the system sets this",
            f"{'、'.join(fixed)}：只能由系统设置",
            details=[
                FieldProblem(path=name, code="not-patchable", zh="不可修改", en="Cannot be changed.") for name in fixed
            ],
        )


@door.route(
    "PATCH",
    "/productOrder/<order_id>",
    right="order.amend",
    summary="Change an order: description, note, priority, requestedCompletionDate, state pending or inProgress, "
    "or what its items ask for",
    body=ProductOrderPatch,
    media=MERGE_PATCH,
    before=refuse_system_fields,
    answers={200: ProductOrderOut},
    errors=(404, 409, 412, 415, 422),
    parameters=({"name": "If-Match", "in": "header", "schema": {"type": "string"}},),
)
def patch_product_order(order_id: str, body: Mapping[str, Any]) -> Reply:
    deps, actor, version = current_deps(), current_actor(), _wanted_version()
    changes = {name: value for name, value in body.items() if not name.startswith("at_")}
    if "items" in changes:
        _check_version(order_id, version)
        amendments.amend_at_once(order_id, changes["items"], actor, deps)
        return _shown(order_id)
    state, reason = changes.pop("state", None), changes.pop("state_reason", None)
    if state is None:
        order_change.patch_order(order_id, _as_columns(changes), actor, deps, if_version=version)
        return _shown(order_id)
    _check_version(order_id, version)
    if state == "pending":
        order_holds.pause_order(order_id, reason["code"], reason["evidence"], actor, deps)
    else:
        order_holds.resume_order(order_id, actor, deps)
    return _shown(order_id)


def _shown(order_id: str) -> dict[str, Any]:
    with read(current_deps().read_sessions) as session:
        return order_resource(get_order(session, current_actor(), order_id, parts=SHOWN_PARTS), current_language())


def _check_version(order_id: str, version: int | None) -> None:
    with read(current_deps().read_sessions) as session:
        if version is not None and get_order(session, current_actor(), order_id, parts=()).version != version:
            raise StaleVersion()


def _etag(order: ProductOrder) -> str:
    return f'"{order.version}"'


def _wanted_version() -> int | None:
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return None
    number = given.strip().removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise BadRequest("If-Match: use the ETag of the order", "If-Match 应为订单的 ETag")
    return int(number)


def _as_columns(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Merge-patch: null empties a value; notes are kept in the words of the wire."""
    columns = dict(changes)
    if "notes" in columns:
        kept = ("id", "text", "author", "date")
        columns["note"] = [{k: row[k] for k in kept if k in row} for row in columns.pop("notes") or []]
    if "description" in columns:
        columns["description"] = columns["description"] or ""
    return columns
