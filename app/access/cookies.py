"""Cookies to be set on the answer of this request."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, g, request

from app.access.state import current_deps


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """One cookie; ``value`` None takes it away, ``max_age_s`` None ends it with the browser."""

    name: str
    value: str | None
    max_age_s: int | None = None


def plan_cookie(cookie: Cookie) -> None:
    """Set ``cookie`` on the answer, whoever writes the answer."""
    planned: dict[str, Cookie] = g.setdefault("yizhan_cookies", {})
    planned[cookie.name] = cookie


def write_cookies(response: Response) -> Response:
    """HttpOnly, SameSite=Lax, Secure as soon as we are reached over https."""
    planned: dict[str, Cookie] = g.get("yizhan_cookies", {})
    secure = bool(planned) and (current_deps().settings.is_https or request.is_secure)
    for cookie in planned.values():
        if cookie.value is None:
            response.delete_cookie(cookie.name, secure=secure, httponly=True, samesite="Lax")
        else:
            response.set_cookie(
                cookie.name, cookie.value, max_age=cookie.max_age_s, secure=secure, httponly=True, samesite="Lax"
            )
    return response
