"""The small page of operations."""

from __future__ import annotations

from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.services.repairs.reconcile import reconcile_all
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.repairs.operations import operations_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see


@bp.get("/operations")
@requires("ops.view")
def operations() -> Response:
    """What is stuck, what does not agree, what is late."""
    with read(current_deps().read_sessions) as session:
        page = operations_page(session, current_reader(), ADDRESSES)
    return render("operations/page.html", page, fragment="operations/_incidents.html")


@bp.post("/operations/reconcile")
@requires("reconcile.run")
def run_reconcile() -> Response:
    """Compare all books of the reader's area now."""
    reconcile_all(current_actor(), current_deps())
    return see("/operations", "reconciled")
