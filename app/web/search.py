"""Search over everything, from the bar of every page."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_deps, requires_login
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.search import search_page, sure_hit
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see, wants_fragment
from app.web.views.search import SearchPage

MOST_CHARS = 100


@bp.get("/search")
@requires_login
def search() -> Response:
    """The empty field. Each kind of thing asks for its own right; who may see nothing finds nothing."""
    return render("search/page.html", _found("", ""))


@bp.post("/search")
@requires_login
def find() -> Response:
    """Search by post: phone numbers and names do not belong into addresses and logs. A whole number goes there."""
    page = _found(request.form.get("q", "").strip()[:MOST_CHARS], request.form.get("only", ""))
    if not wants_fragment() and (href := sure_hit(page)):
        return see(href)
    return render("search/page.html", page, fragment="search/_found.html")


def _found(text: str, only: str) -> SearchPage:
    with read(current_deps().read_sessions) as session:
        return search_page(session, current_reader(), ADDRESSES, text, only)
