"""Compares all books on demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.schemas.reconciliation import DifferenceOut, ReconcileIn, ReconcileOut
from app.services import reconcile

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
    run = reconcile.reconcile_all(current_actor(), current_deps(), adapter=body["adapter"])
    return {
        "run_id": run.id,
        "compared": run.compared,
        "unanswered": run.unanswered,
        "differences": DifferenceOut(many=True).dump(run.differences),
    }
