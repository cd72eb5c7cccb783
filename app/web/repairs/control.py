"""The control room."""

from __future__ import annotations

from werkzeug.wrappers import Response

from app.access import current_deps, requires
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.repairs.control_room import control_room as build
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp


@bp.get("/control")
@requires("ops.view")
def control_room() -> Response:
    """The day at a glance; the same address answers htmx with the part that changes."""
    with read(current_deps().read_sessions) as session:
        page = build(session, current_reader(), ADDRESSES)
    return render("control/page.html", page, fragment="control/_live.html")
