"""Stops, broken promises and compensation: looked at, and decided on."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import BadRequest, NotFound
from app.services.promises import breaches, compensation_desk, sla_stops
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.promises.sla_desk import BREACHES, PAGE_SIZE, STOPS, breaches_page, stops_page
from app.web.pages.promises.sla_owed import COMPENSATION, compensation_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, offset_of_request, see

MOST_BREACHES = 1000


@bp.get("/sla/stops")
@requires("order.view")
def sla_stops_list() -> Response:
    """Stops of clocks; those that wait come first where no state is asked for."""
    state = request.args.get("state", "")[:20]
    rows = sla_stops.stops(current_actor(), current_deps(), state=state or None)
    rows.sort(key=lambda row: row.spell.state != "asked")
    with read(current_deps().read_sessions) as session:
        page = stops_page(session, current_reader(), ADDRESSES, rows, state, offset_of_request())
    return render("blocks/page.html", page)


@bp.post("/sla/stops/<stop>/<act>")
@requires("order.view")
def sla_decide_stop(stop: str, act: str) -> Response:
    """Agree to a stop, refuse it, or take it back."""
    note, actor, deps = request.form.get("note", "").strip()[:300], current_actor(), current_deps()
    if act == "revoke":
        sla_stops.revoke(stop, note, actor, deps)
    elif act in ("agree", "refuse"):
        if act == "refuse" and not note:
            raise BadRequest("Give a reason.", "请写明原因。")
        sla_stops.decide(stop, note, actor, deps, agree=act == "agree")
    else:
        raise NotFound
    return see(STOPS, "saved")


@bp.get("/sla/breaches")
@requires("order.view")
def sla_breaches() -> Response:
    """Broken promises."""
    state = request.args.get("state", "")[:20]
    rows = breaches.breaches(current_actor(), current_deps(), state=state or None, limit=MOST_BREACHES)
    with read(current_deps().read_sessions) as session:
        page = breaches_page(session, current_reader(), ADDRESSES, rows, state, offset_of_request())
    return render("blocks/page.html", page)


@bp.post("/sla/breaches/<breach>/close")
@requires("sla.cause")
def sla_close_breach(breach: str) -> Response:
    """Name the cause of a breach."""
    form = request.form
    breaches.close(breach, form.get("cause", ""), form.get("note", "").strip()[:300], current_actor(), current_deps())
    return see(BREACHES, "saved")


@bp.get("/sla/compensation")
@requires("order.view")
def sla_compensation() -> Response:
    """What is owed."""
    state, offset = request.args.get("state", "")[:20], offset_of_request()
    rows = compensation_desk.compensations(
        current_actor(), current_deps(), state=state or None, offset=offset, limit=PAGE_SIZE + 1
    )
    with read(current_deps().read_sessions) as session:
        page = compensation_page(session, current_reader(), ADDRESSES, rows, state, offset)
    return render("blocks/page.html", page)


@bp.post("/sla/compensation/<compensation>/<act>")
@requires("compensation.decide")
def sla_decide_compensation(compensation: str, act: str) -> Response:
    """Approve what is owed, or refuse it."""
    if act not in ("approve", "refuse"):
        raise NotFound
    note = request.form.get("note", "").strip()[:300]
    compensation_desk.decide(compensation, note, current_actor(), current_deps(), agree=act == "approve")
    return see(COMPENSATION, "saved")
