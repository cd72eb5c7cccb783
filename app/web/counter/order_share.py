"""Giving a customer a link to an order, and taking it back."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import Conflict
from app.services.counter import order_links
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.counter.share_page import share_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see


@bp.get("/orders/<number>/share")
@requires("order.view")
def share_look(number: str) -> Response:
    """The links there are."""
    return _page(number)


@bp.post("/orders/<number>/share")
@requires("order.share")
def make_link(number: str) -> Response:
    """Make a link."""
    try:
        order_links.make_link(number, current_actor(), current_deps())
    except Conflict as refusal:
        return _page(number, refusal.message(current_reader().language), refusal.http_status)
    return see(f"{ADDRESSES.order(number)}/share", "link-made")


@bp.post("/orders/<number>/share/<link_id>/revoke")
@requires("order.share")
def revoke_link(number: str, link_id: str) -> Response:
    """Take a link back."""
    order_links.revoke_link(number, link_id, current_actor(), current_deps())
    return see(f"{ADDRESSES.order(number)}/share", "link-revoked")


def _page(number: str, problem: str = "", status: int = 200) -> Response:
    deps = current_deps()
    with read(deps.read_sessions) as session:
        page = share_page(session, current_reader(), number, ADDRESSES, deps)
    return render("orders/share.html", page, status=status, problem=problem, form=request.form)
