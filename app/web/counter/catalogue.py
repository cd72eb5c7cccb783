"""The catalogue looked at."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask import request
from werkzeug.wrappers import Response

from app.access import current_deps, requires
from app.domain.promises.calendar import ZONE
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.counter.catalogue import catalogue_page, product_page
from app.web.reader import current_reader
from app.web.site import bp


@bp.get("/catalogue")
@requires("catalogue.view")
def catalogue() -> Response:
    """What is sold on a day."""
    with read(current_deps().read_sessions) as session:
        page = catalogue_page(session, current_reader(), _at())
    return render("blocks/page.html", page)


@bp.get("/catalogue/products/<code>")
@requires("catalogue.view")
def catalogue_product(code: str) -> Response:
    """One product."""
    with read(current_deps().read_sessions) as session:
        page = product_page(session, current_reader(), code, _at())
    return render("blocks/page.html", page)


def _at() -> datetime:
    """The end of the day that was asked for; now for today and for what is no day."""
    now = current_reader().now
    try:
        day = date.fromisoformat(request.args.get("on", "")[:10])
    except ValueError:
        return now
    if day == now.astimezone(ZONE).date() or not 2000 <= day.year <= 2100:
        return now
    return datetime.combine(day, time(), ZONE) + timedelta(days=1) - timedelta(seconds=1)
