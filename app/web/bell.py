"""The bell in the bar, and the page behind it."""

from __future__ import annotations

from datetime import datetime

from flask import request, url_for
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires_login
from app.services import bell as service
from app.web.frame import render
from app.web.pages.bell import bell_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see


@bp.get("/bell")
@requires_login
def bell() -> Response:
    """What happened since it was last read; each kind asks for its own right. htmx gets the bar's part of it."""
    reader = current_reader()
    whole = request.headers.get("HX-Request") != "true"
    found = service.rings(reader.actor, current_deps(), reader.now, with_muted=whole)
    return render("bell/page.html", bell_page(found, reader, ADDRESSES), fragment="bell/_count.html")


@bp.post("/bell/read")
@requires_login
def read_bell() -> Response:
    """This kind, or all of them, is read as far as the page showed it."""
    kind = request.form.get("kind", "")
    kinds = [kind] if kind else list(service.KINDS)
    service.note_read(kinds, _instant(request.form.get("upto", "")), current_actor(), current_deps())
    return see(url_for("web.bell"))


@bp.post("/bell/mute")
@requires_login
def mute_bell() -> Response:
    """Hear nothing of a kind any more, or again."""
    service.mute(request.form.get("kind", ""), request.form.get("muted") == "1", current_actor(), current_deps())
    return see(url_for("web.bell"))


def _instant(text: str) -> datetime:
    """What the page said of when it was drawn; anything else is now."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return current_reader().now
    return at if at.tzinfo else current_reader().now
