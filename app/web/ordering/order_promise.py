"""Why an order is due when it is."""

from __future__ import annotations

from werkzeug.wrappers import Response

from app.access import current_deps, requires
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.promises.promise_page import promise_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp


@bp.get("/orders/<number>/promise")
@requires("order.view")
def promise_look(number: str) -> Response:
    """Every clock of the order, explained."""
    with read(current_deps().read_sessions) as session:
        page = promise_page(session, current_reader(), number, ADDRESSES)
    return render("orders/promise.html", page)
