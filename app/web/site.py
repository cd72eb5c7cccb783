"""The blueprint that all page modules hang their routes on."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from app.web.addresses import SiteAddresses

bp: Final = Blueprint("web", __name__)
ADDRESSES: Final = SiteAddresses()
MOST_OFFSET: Final = 1_000_000


def see(address: str, done: str = "") -> Response:
    """Go on to another page after a form was taken; ``done`` is the word of a notice there."""
    glue = "&" if "?" in address else "?"
    return redirect(f"{address}{glue}done={done}" if done else address, 303)


def inside(address: str) -> str:
    """The address if it is a page of ours, else nothing: what a form or an address says sends nobody elsewhere."""
    parts = urlsplit(address)
    own = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return address if own and "\\" not in address else ""


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def offset_of_request() -> int:
    """Where a list begins; anything but a reasonable number is the beginning."""
    text = request.args.get("offset", "")
    return min(int(text), MOST_OFFSET) if text.isascii() and text.isdigit() and len(text) < 8 else 0
