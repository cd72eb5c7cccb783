"""The order list and the page of one order."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.services.repairs import fallout_desk
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.ordering.order_list import OrderFilters, order_list
from app.web.pages.ordering.order_page import order_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see, wants_fragment


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
    as_table = request.args.get("view") == "table"
    deps = current_deps()
    with read(deps.read_sessions) as session:
        page = order_page(
            session, current_reader(), number, ADDRESSES, deps.engine, as_table=as_table, whole=not wants_fragment()
        )
    return render("orders/page.html", page, fragment="orders/_live.html")


@bp.post("/incidents/<incident_id>/retry")
@requires("incident.retry")
def retry_incident(incident_id: str) -> Response:
    """Queue another try; whether it worked shows on the page, not here."""
    fallout_desk.retry(incident_id, current_actor(), current_deps())
    back = ADDRESSES.work_list() if request.form.get("back") == "work" else request.referrer or "/operations"
    if request.form.get("back") == "operations" or not back.startswith((request.host_url, "/")):
        back = "/operations"
    return see(back.split("?")[0], "retrying")
