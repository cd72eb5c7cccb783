"""Forms must come from a page of ours: a token per session, or per browser before login, and the Origin header."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from flask import g, request

from app.access.cookies import Cookie, plan_cookie
from app.access.secrets_at_rest import keyed, new_secret, same
from app.access.state import current_caller, current_deps
from app.errors import CsrfRefused

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "X-CSRF-Token"
VISITOR_COOKIE: Final = "yizhan_visitor"


def csrf_token() -> str:
    """The token to put into a form of the page being made; works before login too."""
    caller = current_caller()
    if caller is not None and caller.by == "session":
        return caller.csrf_token
    visitor = g.get("yizhan_visitor") or request.cookies.get(VISITOR_COOKIE)
    if not visitor:
        visitor = new_secret()
        plan_cookie(Cookie(name=VISITOR_COOKIE, value=visitor))
    g.yizhan_visitor = visitor
    return keyed(current_deps().settings.secret_key, visitor)


def check_csrf() -> None:
    """Pass if the request changes nothing, comes with a bearer token, or carries the token of its page.

    :raises CsrfRefused: otherwise.
    """
    if request.method in SAFE_METHODS:
        return
    caller = current_caller()
    if caller is not None and caller.by == "token":
        return  # a browser never sends a bearer token by itself
    _check_origin()
    expected = caller.csrf_token if caller is not None else _visitor_token()
    given = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not expected or not same(given, expected):
        raise CsrfRefused()


def _visitor_token() -> str:
    visitor = request.cookies.get(VISITOR_COOKIE, "")
    return keyed(current_deps().settings.secret_key, visitor) if visitor else ""


def _check_origin() -> None:
    origin = request.headers.get("Origin")
    if origin is None:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            raise CsrfRefused()
        return
    ours = {_origin_of(request.host_url), _origin_of(current_deps().settings.base_url)}
    if _origin_of(origin) not in ours:
        raise CsrfRefused()


def _origin_of(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    return parts.scheme, parts.netloc
