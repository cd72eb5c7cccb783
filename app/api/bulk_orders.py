"""Bulk orders: up to 2,000 orders from one sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from flask import Response, request
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.field_problems import field_problems
from app.api.paging import PageQuery, page
from app.api.schemas.bulk_orders import (
    BulkLineList,
    BulkLineOut,
    BulkOrderOut,
    BulkOrderPage,
    LineQuery,
    MendIn,
    SheetIn,
    SubmitIn,
)
from app.api.schemas.work_item import NothingIn
from app.domain.bulk.bulk_columns import COLUMNS
from app.domain.sheets.csv_file import write_csv
from app.errors import BadRequest, UnsupportedMedia
from app.services.bulk import bulk_mending, bulk_orders, bulk_views
from app.services.bulk.bulk_mending import CellChange
from app.services.bulk.bulk_views import BulkView
from processes.lifecycle import BulkItemState

door: Final = Door("bulk_orders", "/api/v1/bulk-orders", "bulk orders")
FORM: Final = "multipart/form-data"
NAMED_FILE: Final = "file"


@door.route(
    "POST",
    "",
    right="order.submit",
    summary="Check a sheet of orders line by line; nothing is ordered yet",
    body=SheetIn,
    media=(FORM,),
    answers={201: BulkOrderOut},
    errors=(413, 415, 422),
    large=True,
    loads=False,
)
def check_bulk_order() -> Reply:
    if request.mimetype != FORM:
        raise UnsupportedMedia(f"Send {FORM}", f"请使用 {FORM}")
    if set(request.files) != {NAMED_FILE}:
        raise BadRequest(f"Send one file, named {NAMED_FILE}", f"请上传一个名为 {NAMED_FILE} 的文件")
    try:
        given = SheetIn().load(dict(request.form.items()))
    except ValidationError as error:
        raise door.refusal(field_problems(error)) from error
    upload = request.files[NAMED_FILE]
    deps, actor = current_deps(), current_actor()
    order = bulk_orders.check_sheet(
        upload.read(), file_name=upload.filename or "", channel=given["channel"], actor=actor, deps=deps
    )
    return shown(BulkView(order=order, run=None, counts=None)), 201


@door.route(
    "GET",
    "",
    right="order.view",
    summary="The bulk orders of your area, newest first",
    query=PageQuery,
    answers={200: BulkOrderPage},
)
def list_bulk_orders(query: Mapping[str, Any]) -> Reply:
    views, total = bulk_views.page(current_actor(), current_deps(), offset=query["offset"], limit=query["limit"])
    return page([shown(view) for view in views], total, query)


@door.route(
    "GET",
    "/template.csv",
    right="order.submit",
    summary="An empty sheet with the headings that every bulk order may have",
    answers={200: None},
)
def get_template() -> Reply:
    return _csv([[column.name.zh for column in COLUMNS]], "bulk-order.csv")


@door.route(
    "GET",
    "/<number>",
    right="order.view",
    summary="One bulk order and how far it is",
    answers={200: BulkOrderOut},
    errors=(404,),
)
def get_bulk_order(number: str) -> Reply:
    return shown(bulk_views.get(number, current_actor(), current_deps()))


@door.route(
    "GET",
    "/<number>/lines",
    right="order.view",
    summary="The lines of a bulk order with their problems or orders",
    query=LineQuery,
    answers={200: BulkLineList},
    errors=(404,),
)
def list_lines(number: str, query: Mapping[str, Any]) -> Reply:
    rows = bulk_views.lines(number, current_actor(), current_deps(), **query)
    return {"items": BulkLineOut(many=True).dump(rows)}


@door.route(
    "GET",
    "/<number>/errors.csv",
    right="order.view",
    summary="The lines that were not ordered, with the reasons in both languages, to be corrected and sent again",
    answers={200: None},
    errors=(404,),
)
def get_errors(number: str) -> Reply:
    rows = bulk_views.faulty(number, current_actor(), current_deps())
    return _csv(rows, f"{number}-errors.csv")


@door.route(
    "PATCH",
    "/<number>/lines",
    right="order.submit",
    summary="Mend cells of a sheet that was not submitted, and check all its lines again",
    body=MendIn,
    answers={200: BulkOrderOut},
    errors=(404, 409, 422),
)
def mend_bulk_order(number: str, body: Mapping[str, Any]) -> Reply:
    changes = [CellChange(**one) for one in body["cells"]]
    return shown(bulk_mending.mend(number, changes, current_actor(), current_deps()))


@door.route(
    "POST",
    "/<number>/submit",
    right="order.submit",
    summary="Order the good lines, one after another",
    body=SubmitIn,
    answers={200: BulkOrderOut},
    errors=(404, 409),
)
def submit_bulk_order(number: str, body: Mapping[str, Any]) -> Reply:
    return shown(bulk_orders.submit(number, current_actor(), current_deps(), **body))


@door.route(
    "POST",
    "/<number>/pause",
    right="order.submit",
    summary="Order no further line until it is resumed",
    body=NothingIn,
    answers={200: BulkOrderOut},
    errors=(404, 409),
)
def pause_bulk_order(number: str, body: Mapping[str, Any]) -> Reply:
    return _changed(number, bulk_orders.pause)


@door.route(
    "POST",
    "/<number>/resume",
    right="order.submit",
    summary="Go on with the next line",
    body=NothingIn,
    answers={200: BulkOrderOut},
    errors=(404, 409),
)
def resume_bulk_order(number: str, body: Mapping[str, Any]) -> Reply:
    return _changed(number, bulk_orders.resume)


@door.route(
    "POST",
    "/<number>/stop",
    right="order.submit",
    summary="Order no further line, ever; what was ordered stays ordered",
    body=NothingIn,
    answers={200: BulkOrderOut},
    errors=(404, 409),
)
def stop_bulk_order(number: str, body: Mapping[str, Any]) -> Reply:
    return _changed(number, bulk_orders.stop)


def _changed(number: str, act: Callable[[Session, str, datetime], object]) -> Reply:
    return shown(bulk_orders.change(number, current_actor(), current_deps(), act))


def shown(view: BulkView) -> dict[str, Any]:
    """A bulk order as JSON."""
    order, run = view.order, view.run
    states = view.counts.states if view.counts is not None else {}
    named = ("number", "file_name", "channel", "area", "login", "headings", "lines", "bad", "created_at")
    facts: dict[str, Any] = {
        **{name: getattr(order, name) for name in named},
        "state": run.state if run is not None else "checked",
        "good": order.lines - order.bad,
        "waiting": states.get(BulkItemState.WAITING, 0),
        "placed": states.get(BulkItemState.APPLIED, 0),
        "refused": states.get(BulkItemState.REFUSED, 0),
        "submitted_at": order.submitted_at,
        "ended_at": run.ended_at if run is not None else None,
    }
    body: dict[str, Any] = BulkOrderOut().dump(facts)
    return body


def _csv(rows: list[list[str]], name: str) -> Response:
    """A file that spreadsheets open as they should: with a mark of its encoding, and nothing to work out in it."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(write_csv(rows), content_type="text/csv; charset=utf-8", headers=headers)
