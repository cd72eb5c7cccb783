"""Customers: found, looked at, changed several products at once."""

from __future__ import annotations

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import InvalidInput, OpenOrderConflict
from app.services.counter.order_intake import place_order
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.counter.customer_batch import Batch
from app.web.pages.counter.customers import BY, Wanted, customer_page, customer_search
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, offset_of_request, see


@bp.get("/customers")
@requires("customer.view")
def customers() -> Response:
    """The empty search."""
    return _search("")


@bp.post("/customers")
@requires("customer.view")
def find_customer() -> Response:
    """Search by post: phone numbers and names do not belong into addresses and logs."""
    return _search(request.form.get("q", "").strip()[:64])


@bp.get("/customers/<number>")
@requires("customer.view")
def customer(number: str) -> Response:
    """One customer with what is installed, or another tab of what is known."""
    by = request.args.get("by", "")
    wanted = Wanted(
        tab=request.args.get("tab", "products"),
        by=by if by in BY else "product",
        product=request.args.get("product", "")[:32],
        offset=offset_of_request(),
    )
    with read(current_deps().read_sessions) as session:
        page = customer_page(session, current_reader(), ADDRESSES, number, wanted)
    return render("customers/page.html", page)


@bp.get("/customers/<number>/batch")
@requires("order.submit")
def batch(number: str) -> Response:
    """One order for several products: what it asks for, what it costs, and which products cannot come along."""
    if not request.args.getlist("product"):
        return see(ADDRESSES.customer(number), "nothing-chosen")
    with read(current_deps().read_sessions) as session:
        return render("customers/batch.html", _batch(session, number).page())


@bp.post("/customers/<number>/batch")
@requires("order.submit")
def order_batch(number: str) -> Response:
    """Look once more, find an address, or place the order; everything typed comes back with the page."""
    with read(current_deps().read_sessions) as session:
        made = _batch(session, number)
        command, problems = made.command()
        if request.form.get("do") != "submit":
            return render("customers/batch.html", made.page())
        if problems:
            return render("customers/batch.html", made.page(problems), status=422)
    try:
        order = place_order(command, current_actor(), current_deps(), body_hash=made.body_hash()).order
    except (InvalidInput, OpenOrderConflict) as refusal:
        with read(current_deps().read_sessions) as session:
            page = _batch(session, number).page(refusal.details)
        return render("customers/batch.html", page, status=refusal.http_status)
    return see(ADDRESSES.order(order.number), "placed")


def _batch(session: Session, number: str) -> Batch:
    form = request.form if request.method == "POST" else None
    return Batch(session, current_reader(), ADDRESSES, number, request.args, form)


def _search(query: str) -> Response:
    with read(current_deps().read_sessions) as session:
        page = customer_search(session, current_reader(), ADDRESSES, query)
    return render("customers/search.html", page)
