"""What a route demands of its caller. A route that declares nothing is denied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import MethodType
from typing import Any, Final, TypeVar, cast

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])
_MARK: Final = "_yizhan_access"
_LARGE_BODY: Final = "_yizhan_large_body"


@dataclass(frozen=True, kw_only=True)
class AccessRule:
    """``action``: the right needed, or None. ``login``: somebody must be logged in.

    ``csrf``: unsafe methods that come with a cookie, or without any credentials, must carry the page's token.
    """

    action: str | None
    login: bool
    csrf: bool = True


def requires(action: str) -> Callable[[View], View]:
    """The caller must be logged in and hold the right ``action``."""
    return _marking(AccessRule(action=action, login=True))


def requires_login(view: View) -> View:
    """Anybody who is logged in may call."""
    return _marking(AccessRule(action=None, login=True))(view)


def public(view: View) -> View:
    """Everybody may call; forms still need their CSRF token."""
    return _marking(AccessRule(action=None, login=False))(view)


def public_machine(view: View) -> View:
    """Machines call without login; the view itself checks a signature, or there is nothing to protect."""
    return _marking(AccessRule(action=None, login=False, csrf=False))(view)


def large_body(view: View) -> View:
    """The view takes diagram files or photos, so its body may be larger than an order's."""
    setattr(view, _LARGE_BODY, True)
    return view


def allows_large_body(view: Callable[..., Any]) -> bool:
    return bool(getattr(view, _LARGE_BODY, False))


def rule_of(view: Callable[..., Any] | None) -> AccessRule | None:
    """The declared rule of a view function; None when it declares none."""
    rule = getattr(view, _MARK, None)
    return rule if isinstance(rule, AccessRule) else None


def undeclared(app: Flask) -> list[str]:
    """Endpoints whose routes declare no rule; a correct application has none."""
    names = {route.endpoint for route in app.url_map.iter_rules()}
    return sorted(name for name in names if rule_of(app.view_functions.get(name)) is None)


def _marking(rule: AccessRule) -> Callable[[View], View]:
    def mark(view: View) -> View:
        # A method of an object cannot be marked itself; what wraps it can.
        marked = partial(view) if isinstance(view, MethodType) else view
        setattr(marked, _MARK, rule)
        return cast(View, marked)

    return mark
