"""A masked value in full for a minute, after a reason was given."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import InvalidInput
from app.services.counter.reveals import FIELDS, SHOWN_FOR, reveal
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.counter.customers import customer_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, wants_fragment


@bp.post("/customers/<number>/reveal/<field>")
@requires("personal.reveal")
def reveal_value(number: str, field: str) -> Response:
    """The value in place of the masked one; the page takes it away again by itself."""
    try:
        shown = reveal(number, field, request.form.get("reason", ""), current_actor(), current_deps()).value
        problem = ""
    except InvalidInput as error:
        if field not in FIELDS:
            raise
        shown, problem = "", error.details[0].en if current_reader().language == "en" else error.details[0].zh
    return _answer(number, field, shown=shown, problem=problem)


@bp.get("/customers/<number>/masked/<field>")
@requires("customer.view")
def masked_value(number: str, field: str) -> Response:
    """What takes the place of a value that was shown."""
    return _answer(number, field)


def _answer(number: str, field: str, *, shown: str = "", problem: str = "") -> Response:
    with read(current_deps().read_sessions) as session:
        page = customer_page(session, current_reader(), ADDRESSES, number)
    more: dict[str, Any] = {
        "shown_field": field,
        "shown_value": shown,
        "problem": problem,
        "seconds": int(SHOWN_FOR.total_seconds()),
    }
    status = 422 if problem else 200
    if not wants_fragment():
        return render("customers/page.html", page, status=status, **more)
    fact = next((fact for fact in page.facts if fact.reveal == field), None)
    return render("customers/_fact.html", page, fragment="customers/_fact.html", status=status, fact=fact, **more)
