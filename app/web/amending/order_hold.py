"""An order stands still, for the customer or for us, and goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.domain.promises.calendar import ZONE
from app.errors import AppError, Conflict, Forbidden, InvalidInput
from app.services.amending import order_holds
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.amending.hold_page import hold_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see
from app.web.views.parts import Fault

MOST_LETTERS = 500


@bp.get("/orders/<number>/hold")
@requires("order.view")
def hold_look(number: str) -> Response:
    """The times the order stood still, and what can be done about it now."""
    return _page(number)


@bp.post("/orders/<number>/pause")
@requires("order.hold")
def pause_order(number: str) -> Response:
    """Stop the promise clock for a reason on the customer's side."""
    t = current_reader().t
    reason, evidence = request.form.get("reason", ""), request.form.get("evidence", "").strip()
    until, faults = _until("until")
    if not evidence:
        faults.insert(0, Fault("evidence", t("Say what proves it.")))
    if not reason:
        faults.insert(0, Fault("reason", t("Choose a reason from the list.")))
    if faults:
        return _page(number, "pause", faults, 422)
    try:
        order_holds.pause_order(number, reason, evidence[:MOST_LETTERS], current_actor(), current_deps(), until=until)
    except (Conflict, InvalidInput, Forbidden) as refusal:
        return _page(number, "pause", _told(refusal, {"reason": "reason", "evidence": "evidence", "until": "until"}))
    return see(ADDRESSES.order(number), "paused")


@bp.post("/orders/<number>/hold")
@requires("order.hold")
def hold_order(number: str) -> Response:
    """We cannot go on: the order is held and its clocks run."""
    reason, note = request.form.get("our_reason", ""), request.form.get("note", "").strip()
    until, faults = _until("our_until")
    if not reason:
        faults.insert(0, Fault("our_reason", current_reader().t("Choose a reason from the list.")))
    if faults:
        return _page(number, "hold", faults, 422)
    try:
        order_holds.hold_order(number, reason, note[:MOST_LETTERS], current_actor(), current_deps(), until=until)
    except (Conflict, InvalidInput) as refusal:
        return _page(number, "hold", _told(refusal, {"reason": "our_reason", "until": "our_until"}))
    return see(ADDRESSES.order(number), "held")


@bp.post("/orders/<number>/resume")
@requires("order.hold")
def resume_order(number: str) -> Response:
    """Let the order go on."""
    try:
        order_holds.resume_order(number, current_actor(), current_deps())
    except Conflict as refusal:
        return _page(number, "resume", _told(refusal, {}))
    return see(ADDRESSES.order(number), "resumed")


def _until(field: str) -> tuple[datetime | None, list[Fault]]:
    """The beginning of the day that was typed, as an instant; nothing where nothing was."""
    text = request.form.get(field, "").strip()
    if not text:
        return None, []
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, [Fault(field, current_reader().t("Give a day, like 2026-12-01."))]
    return datetime.combine(day, time(), ZONE), []


def _told(refusal: AppError, fields: dict[str, str]) -> list[Fault]:
    """The service's sentence, next to the field it is about."""
    english = current_reader().language == "en"
    found = [Fault(fields.get(one.path, ""), one.en if english else one.zh) for one in refusal.details]
    return found or [Fault("", refusal.message(current_reader().language))]


def _page(number: str, faults_of: str = "", faults: Sequence[Fault] = (), status: int = 0) -> Response:
    with read(current_deps().read_sessions) as session:
        page = hold_page(session, current_reader(), number, ADDRESSES)
    status = status or (409 if faults and not faults[0].field else 422 if faults else 200)
    by_field = {fault.field: fault.text for fault in faults}
    return render(
        "orders/hold.html", page, status=status, faults_of=faults_of, faults=faults, by_field=by_field,
        form=request.form,
    )  # fmt: skip
