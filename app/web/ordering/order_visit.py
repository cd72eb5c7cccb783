"""Moving a visit to another time."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import Conflict, Forbidden, InvalidInput
from app.services.teamwork import appointments
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.ordering.visit_page import visit_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see
from app.web.views.parts import Fault

MOST_LETTERS = 500
FIELDS = {"slot": "slot", "note": "note", "evidence": "note"}


@bp.get("/orders/<number>/visit")
@requires("order.view")
def visit_look(number: str) -> Response:
    """When somebody comes, and the times that can be chosen instead."""
    return _page(number)


@bp.post("/orders/<number>/visit")
@requires("order.hold")
def move_visit(number: str) -> Response:
    """Move the visit."""
    t, form = current_reader().t, request.form
    asked_by = "customer" if form.get("asked_by") == "customer" else "us"
    note = form.get("note", "").strip()[:MOST_LETTERS]
    faults = [] if form.get("slot") else [Fault("slot", t("Choose a time."))]
    if asked_by == "customer" and not note:
        faults.append(Fault("note", t("Say what proves it.")))
    if faults:
        return _page(number, faults, 422)
    try:
        appointments.reschedule(
            number, form.get("item", ""), form["slot"][:32], asked_by, note, current_actor(), current_deps()
        )
    except (Conflict, InvalidInput, Forbidden) as refusal:
        english = current_reader().language == "en"
        found = [Fault(FIELDS.get(one.path, ""), one.en if english else one.zh) for one in refusal.details]
        said = found or [Fault("", refusal.message(current_reader().language))]
        return _page(number, said, refusal.http_status)
    return see(ADDRESSES.order(number), "visit-moved")


def _page(number: str, faults: Sequence[Fault] = (), status: int = 200) -> Response:
    with read(current_deps().read_sessions) as session:
        page = visit_page(session, current_reader(), number, ADDRESSES)
    by_field = {fault.field: fault.text for fault in faults}
    return render("orders/visit.html", page, status=status, faults=faults, by_field=by_field, form=request.form)
