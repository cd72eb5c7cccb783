"""Cancelling an order, in our own words: look first; past the soft point a second person agrees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.cancels import CancelAssessmentOut, CancelDecisionIn, CancelRequestOut, CancelRequestsOut
from app.persistence.amending.cancels import CancelRequest
from app.services.amending import cancel_assessments, cancel_decisions

SHOWN: Final = CancelRequestOut()
door: Final = Door("cancels", "/api/v1/orders", "cancels of orders")


@door.route(
    "GET",
    "/<id_or_number>/cancel-assessment",
    right="order.cancel",
    summary="What cancelling an order would undo and cost now, who has to agree, or why it is too late",
    answers={200: CancelAssessmentOut},
    errors=(404, 409),
)
def assess_cancel(id_or_number: str) -> Reply:
    return cancel_assessments.look(id_or_number, current_actor(), current_deps())


@door.route(
    "GET",
    "/<id_or_number>/cancels",
    right="order.view",
    summary="The requests to cancel an order, the newest first",
    answers={200: CancelRequestsOut},
    errors=(404,),
)
def list_order_cancels(id_or_number: str) -> Reply:
    rows = cancel_decisions.requests_of(id_or_number, current_actor(), current_deps())
    return {"items": [_shown(row) for row in rows]}


@door.route(
    "POST",
    "/<id_or_number>/cancels/<cancel_id>/decision",
    right="order.approve",
    summary="Agree to a cancel past the soft point, or refuse it; nobody decides about their own",
    body=CancelDecisionIn,
    answers={200: CancelRequestOut},
    errors=(404, 409, 422),
)
def decide_cancel(id_or_number: str, cancel_id: str, body: Mapping[str, Any]) -> Reply:
    deps, actor = current_deps(), current_actor()
    return _shown(cancel_decisions.decide(id_or_number, cancel_id, body["agreed"], body["reason"], actor, deps))


def _shown(row: CancelRequest) -> dict[str, Any]:
    shown: dict[str, Any] = SHOWN.dump(row)
    return shown
