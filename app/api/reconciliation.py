"""Compares all books on demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.reconciliation import DifferenceOut, ReconcileIn, ReconcileOut
from app.services.repairs import reconcile

door: Final = Door("reconciliation", "/api/v1/reconcile", "reconciliation")


@door.route(
    "POST",
    "",
    right="reconcile.run",
    summary="Ask every neighbour for its books and compare them with ours, field by field",
    body=ReconcileIn,
    answers={200: ReconcileOut},
)
def reconcile_books(body: Mapping[str, Any]) -> Reply:
    came_to = reconcile.reconcile_all(current_actor(), current_deps(), adapter=body["adapter"])
    return {
        "run_id": came_to.id,
        "compared": came_to.compared,
        "unanswered": dict(came_to.unanswered),
        "differences": DifferenceOut(many=True).dump(came_to.differences),
    }
