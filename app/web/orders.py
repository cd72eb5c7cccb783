"""The order list and the page of one order, with what can be asked of it."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import AppError, Conflict, InvalidInput
from app.services import fallout_desk, order_change, order_holds
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.order_list import OrderFilters, order_list
from app.web.pages.order_page import order_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see
from app.web.views.parts import Fault


@bp.get("/orders")
@requires("order.view")
def orders() -> Response:
    """The list; a whole order number in the search goes straight to the order."""
    wanted = OrderFilters.from_arguments(request.args)
    with read(current_deps().read_sessions) as session:
        page = order_list(session, current_reader(), wanted, ADDRESSES)
    if len(page.rows) == 1 and page.rows[0].number == wanted.query.upper() and not wanted.offset:
        return see(page.rows[0].href)
    return render("orders/list.html", page, fragment="orders/_rows.html")


@bp.get("/orders/<number>")
@requires("order.view")
def order(number: str) -> Response:
    """One order; the same address answers htmx with the part that changes."""
    return _order(number)


@bp.post("/orders/<number>/cancel")
@requires("order.cancel")
def cancel_order(number: str) -> Response:
    """Ask to cancel; refused with the service's own sentence, next to the form."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        return _order(number, "cancel", [Fault("why", current_reader().t("Give a reason."))], 422)
    try:
        answer = order_change.request_cancel(number, reason[:500], current_actor(), current_deps())
    except (Conflict, InvalidInput) as refusal:
        return _order(number, "cancel", _told(refusal, "why"), refusal.http_status)
    if answer.state == "terminatedWithError":
        return _order(number, "cancel", [Fault("why", answer.message)], 409)
    return see(ADDRESSES.order(number), "cancel-asked" if answer.awaits_approval else "cancelling")


@bp.post("/orders/<number>/pause")
@requires("order.hold")
def pause_order(number: str) -> Response:
    """Stop the promise clock for a reason on the customer's side."""
    t = current_reader().t
    reason, evidence = request.form.get("reason", ""), request.form.get("evidence", "").strip()
    faults = []
    if not reason:
        faults.append(Fault("reason", t("Choose a reason from the list.")))
    if not evidence:
        faults.append(Fault("evidence", t("Say what proves it.")))
    if faults:
        return _order(number, "pause", faults, 422)
    try:
        order_holds.pause_order(number, reason, evidence[:500], current_actor(), current_deps())
    except (Conflict, InvalidInput) as refusal:
        return _order(number, "pause", _told(refusal, "reason"), refusal.http_status)
    return see(ADDRESSES.order(number), "paused")


@bp.post("/orders/<number>/resume")
@requires("order.hold")
def resume_order(number: str) -> Response:
    """Let the promise clock run again."""
    order_holds.resume_order(number, current_actor(), current_deps())
    return see(ADDRESSES.order(number), "resumed")


@bp.post("/incidents/<incident_id>/retry")
@requires("incident.retry")
def retry_incident(incident_id: str) -> Response:
    """Queue another try; whether it worked shows on the page, not here."""
    fallout_desk.retry(incident_id, current_actor(), current_deps())
    back = ADDRESSES.work_list() if request.form.get("back") == "work" else request.referrer or "/operations"
    if request.form.get("back") == "operations" or not back.startswith((request.host_url, "/")):
        back = "/operations"
    return see(back.split("?")[0], "retrying")


def _order(number: str, faults_of: str = "", faults: list[Fault] | None = None, status: int = 200) -> Response:
    as_table = request.args.get("view") == "table"
    with read(current_deps().read_sessions) as session:
        page = order_page(session, current_reader(), number, ADDRESSES, as_table=as_table)
    form = request.form if faults_of else {}
    return render(
        "orders/page.html",
        page,
        fragment="" if faults_of else "orders/_live.html",
        status=status,
        faults_of=faults_of,
        faults=faults or (),
        form=form,
    )


def _told(refusal: AppError, field: str) -> list[Fault]:
    language = current_reader().language
    return [Fault(field, refusal.message(language))]
