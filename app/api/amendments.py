"""Amending an order in flight: look first, then confirm; past the soft point a second person agrees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.amendments import (
    AmendmentDecisionIn,
    AmendmentIn,
    AmendmentOut,
    AmendmentPreviewOut,
    AmendmentsOut,
)
from app.persistence.amending.amendments import Amendment
from app.persistence.ordering.order_search import get_order
from app.persistence.scope import scoped
from app.services.amending import amendments
from app.services.amending.amend_shown import summary
from app.unit_of_work import read

door: Final = Door("amendments", "/api/v1/orders", "amendments of orders")


@door.route(
    "POST",
    "/<id_or_number>/amendments",
    right="order.amend",
    summary="Amend an order: with dry_run see what it would mean, without it confirm what was shown",
    body=AmendmentIn,
    answers={200: AmendmentPreviewOut, 201: AmendmentOut},
    errors=(404, 409, 422),
)
def amend_order(id_or_number: str, body: Mapping[str, Any]) -> Reply:
    deps, actor = current_deps(), current_actor()
    if body["dry_run"]:
        return summary(amendments.preview(id_or_number, body["items"], actor, deps)), 200
    row, _ = amendments.confirm(id_or_number, body["items"], body["reason"], body["digest"], actor, deps)
    return _shown(row), 201, {"Location": f"/api/v1/orders/{row.order_id}/amendments"}


@door.route(
    "GET",
    "/<id_or_number>/amendments",
    right="order.view",
    summary="The amendments of an order, the newest first",
    answers={200: AmendmentsOut},
    errors=(404,),
)
def list_amendments(id_or_number: str) -> Reply:
    with read(current_deps().read_sessions) as session:
        order = get_order(session, current_actor(), id_or_number, parts=())
        rows = session.scalars(select(Amendment).where(Amendment.order_id == order.id).order_by(Amendment.seq.desc()))
        return {"items": [_shown(row) for row in rows]}


@door.route(
    "POST",
    "/<id_or_number>/amendments/<amendment_id>/decision",
    right="order.approve",
    summary="Agree to an amendment past the soft point, or refuse it; nobody decides about their own",
    body=AmendmentDecisionIn,
    answers={200: AmendmentOut},
    errors=(404, 409, 422),
)
def decide_amendment(id_or_number: str, amendment_id: str, body: Mapping[str, Any]) -> Reply:
    deps, actor = current_deps(), current_actor()
    with read(deps.read_sessions) as session:
        order = get_order(session, actor, id_or_number, parts=())
        mine = Amendment.id == amendment_id, Amendment.order_id == order.id
        found = session.scalars(scoped(select(Amendment.id), Amendment, actor).where(*mine)).one_or_none()
    return _shown(amendments.decide(found or "", body["agreed"], body["reason"], actor, deps))


def _shown(row: Amendment) -> dict[str, Any]:
    names = ("id", "seq", "state", "reason", "requested_by", "decided_by", "fee_cny", "shown")
    times = {name: getattr(row, name) for name in ("at", "ended_at")}
    return {name: getattr(row, name) for name in names} | {
        name: None if at is None else at.isoformat() for name, at in times.items()
    }
