"""TMF622 v4 cancelProductOrder: a request to cancel, answered later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import func, select

from app.access import current_actor, current_deps, current_language
from app.api.door import Door, Many, Reply
from app.api.paging import PageQuery, count_headers
from app.api.schemas.product_order_out import CancelIn, CancelOut
from app.api.tmf_order import BASE, CANCEL_PATH, cancel_resource
from app.errors import NotFound
from app.persistence.amending.cancels import CancelRequest
from app.persistence.scope import scoped
from app.services.amending import order_change
from app.unit_of_work import read

door: Final = Door("cancel_product_orders", BASE, "cancelProductOrder (TMF622)", tmf=True)


@door.route(
    "POST",
    "/cancelProductOrder",
    right="order.cancel",
    summary="Ask to cancel an order; whether it can be cancelled is assessed",
    body=CancelIn,
    answers={201: CancelOut},
    errors=(404, 409, 415),
    idempotent=True,
)
def create_cancel(body: Mapping[str, Any]) -> Reply:
    request = order_change.request_cancel(body["order"]["id"], body["reason"], current_actor(), current_deps())
    return _shown(request.id), 201, {"Location": f"{CANCEL_PATH}/{request.id}"}


@door.route(
    "GET",
    "/cancelProductOrder",
    right="order.view",
    summary="List requests to cancel, newest first",
    query=PageQuery,
    answers={200: Many(CancelOut)},
)
def list_cancels(query: Mapping[str, int]) -> Reply:
    mine = scoped(select(CancelRequest), CancelRequest, current_actor())
    with read(current_deps().read_sessions) as session:
        total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
        page = mine.order_by(CancelRequest.at.desc(), CancelRequest.id.desc())
        rows = session.scalars(page.offset(query["offset"]).limit(query["limit"])).all()
        shown = [cancel_resource(row, current_language()) for row in rows]
    return shown, 200, count_headers(len(shown), total)


@door.route(
    "GET",
    "/cancelProductOrder/<cancel_id>",
    right="order.view",
    summary="Show a request to cancel",
    answers={200: CancelOut},
    errors=(404,),
)
def get_cancel(cancel_id: str) -> Reply:
    return _shown(cancel_id)


def _shown(cancel_id: str) -> dict[str, Any]:
    mine = scoped(select(CancelRequest), CancelRequest, current_actor()).where(CancelRequest.id == cancel_id)
    with read(current_deps().read_sessions) as session:
        row = session.scalars(mine).one_or_none()
        if row is None:
            raise NotFound()
        return cancel_resource(row, current_language())
