"""The desk of somebody at the counter."""

from __future__ import annotations

from werkzeug.wrappers import Response

from app.access import current_deps, requires
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.counter.desk import desk as build
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp


@bp.get("/desk")
@requires("order.submit")
def desk() -> Response:
    """Today's work; the same address answers htmx with the part that changes."""
    with read(current_deps().read_sessions) as session:
        page = build(session, current_reader(), ADDRESSES)
    return render("desk/page.html", page, fragment="desk/_live.html")
