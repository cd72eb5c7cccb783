"""Cancelling an order: look first, then ask; a second person decides where the rules want one."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import Conflict, Forbidden, InvalidInput
from app.services.amending import cancel_decisions, order_change
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.amending.cancel_page import cancel_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see
from app.web.views.parts import Fault

MOST_LETTERS = 500


@bp.get("/orders/<number>/cancel")
@requires("order.view")
def cancel_look(number: str) -> Response:
    """What a cancel would undo and cost now, and the requests there were."""
    return _page(number)


@bp.post("/orders/<number>/cancel")
@requires("order.cancel")
def cancel_order(number: str) -> Response:
    """Ask to cancel; refused with the service's own sentence, next to the form."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        return _page(number, [Fault("why", current_reader().t("Give a reason."))], 422)
    terms = request.form.get("terms") or None
    try:
        answer = order_change.request_cancel(
            number, reason[:MOST_LETTERS], current_actor(), current_deps(), terms=terms
        )
    except (Conflict, InvalidInput) as refusal:
        return _page(number, [Fault("", refusal.message(current_reader().language))], refusal.http_status)
    if answer.state == "terminatedWithError":
        return _page(number, [Fault("", _words_of(answer.assessment) or answer.message)], 409)
    return see(ADDRESSES.order(number), "cancel-asked" if answer.awaits_approval else "cancelling")


@bp.post("/orders/<number>/cancels/<request_id>/decision")
@requires("order.approve")
def decide_cancel(number: str, request_id: str) -> Response:
    """Agree to a cancel, or refuse it, with a reason."""
    reason = request.form.get("reason", "").strip()
    agreed = request.form.get("agreed") == "yes"
    if not reason:
        return _page(number, [Fault(f"say-{request_id}", current_reader().t("Give a reason."))], 422)
    try:
        found = cancel_decisions.decide(
            number, request_id, agreed, reason[:MOST_LETTERS], current_actor(), current_deps()
        )
    except (Conflict, Forbidden) as refusal:
        return _page(number, [Fault("", refusal.message(current_reader().language))], refusal.http_status)
    if agreed and found.state == "terminatedWithError":
        return _page(number, [Fault("", _words_of(found.assessment) or found.message)], 409)
    return see(ADDRESSES.order(number), "cancel-agreed" if agreed else "cancel-refused")


def _words_of(assessment: object) -> str:
    """Why it was too late, in the reader's language."""
    refused = assessment.get("refused") if isinstance(assessment, dict) else None
    return str(refused[current_reader().language]) if refused else ""


def _page(number: str, faults: Sequence[Fault] = (), status: int = 200) -> Response:
    deps = current_deps()
    with read(deps.read_sessions) as session:
        page = cancel_page(session, current_reader(), number, ADDRESSES, deps)
    return render("orders/cancel.html", page, status=status, faults=faults, form=request.form)
