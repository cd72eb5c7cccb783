"""The drawing of a plan: which version as a file for the viewer, and the page of an order's processes."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import request
from werkzeug.wrappers import Response

from app.access import current_deps, requires, requires_login
from app.errors import NotFound
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.ordering.diagrams import OrderDiagram
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp
from processes import queries

KEPT_S = 3600


@bp.get("/drawings/<key>/<int:version>")
@requires_login
def drawing(key: str, version: int) -> Response:
    """A deployed drawing, which never changes; everybody here may see how the work goes."""
    with read(current_deps().read_sessions) as session:
        row = queries.definition_version(session, key, version)
        if row is None:
            raise NotFound()
        response = FlaskResponse(row.xml, content_type="text/xml; charset=utf-8")
    response.headers["Cache-Control"] = f"private, max-age={KEPT_S}"
    return response


@bp.get("/orders/<number>/diagram")
@requires("order.view")
def order_diagram(number: str) -> Response:
    """The processes of an order; ``at`` is the one to show."""
    with read(current_deps().read_sessions) as session:
        order = OrderDiagram(session, current_reader(), number, ADDRESSES)
        run = order.chosen(request.args.get("at", "")[:36])
        drawn = order.drawn(run) if run else None
    return render("diagrams/page.html", drawn, fragment="diagrams/_live.html", number=number)
