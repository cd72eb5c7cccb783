"""The gate every request passes: deny by default, rights, CSRF, and safe headers on the way out."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import OperationalError
from werkzeug.middleware.proxy_fix import ProxyFix

from app.access.cookies import Cookie, plan_cookie, write_cookies
from app.access.csrf import check_csrf
from app.access.language import LANGUAGE_COOKIE, LANGUAGES
from app.access.login import keep_language, touch
from app.access.refusals import write_refusal
from app.access.rules import allows_large_body, public_machine, rule_of
from app.access.state import EXTENSION, current_actor, current_deps, is_machine_path
from app.config import Settings
from app.deps import Deps
from app.domain.actors import may
from app.errors import Forbidden

LANGUAGE_COOKIE_AGE_S: Final = 365 * 24 * 3600
# Room for the form around the files.
FORM_ROOM_BYTES: Final = 65_536
LARGE_BODY_FILES: Final = 4
SAYS_HOW_WE_ARE: Final = frozenset({"probes.healthz", "probes.readyz"})
#: What a page says when it asks by itself.
POLL_HEADER: Final = "X-Yizhan-Poll"
SAFE_HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()"),
)
# A page that needs more (the drawing board needs inline styles) brings a policy of its own; no script is ever inline.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def install_access(app: Flask, deps: Deps) -> None:
    """Put the gate in front of every route of ``app``; call it before routes are served."""
    app.extensions[EXTENSION] = deps
    settings = deps.settings
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    if "static" in app.view_functions:
        public_machine(app.view_functions["static"])
    app.before_request(check_gate)
    app.after_request(write_cookies)
    app.after_request(write_safe_headers)
    app.after_request(write_refusal)


def check_gate() -> None:
    """Let the request through, or raise what the caller is told.

    :raises Unauthenticated, Forbidden, CsrfRefused: as the route's rule demands.
    :raises DatabaseMisfit: the database is of another version than this program.
    """
    if request.endpoint is None:
        return  # no such address or method: the router answers
    if not _answers_without_database(request.endpoint):
        current_deps().watch.require()
    view = current_app.view_functions[request.endpoint]
    rule = rule_of(view)
    if rule is None:
        raise Forbidden("This address declares no right, so nobody may use it", "该地址未声明权限，禁止访问")
    if allows_large_body(view):
        limit = largest_body(current_deps().settings)
        request.max_content_length = limit
        request.max_form_memory_size = limit
    if rule.login:
        actor = current_actor()
        _refuse_temporary()
        if rule.action is not None:
            may(actor, rule.action)
    if rule.csrf:
        check_csrf()
    _keep_session_alive()
    _remember_language()


def _refuse_temporary() -> None:
    """The JSON doors do nothing for a session that begins with a temporary password; pages lead to changing it.

    :raises Forbidden: it was not changed yet.
    """
    caller = g.get("yizhan_caller")
    if caller is not None and caller.must_change and is_machine_path(request.path):
        raise Forbidden("Change the temporary password first", "请先修改临时密码")


def _answers_without_database(endpoint: str) -> bool:
    """Whether a route tells about this process, or hands out files: such a one answers whatever the database is."""
    return endpoint in SAYS_HOW_WE_ARE or endpoint == "static" or endpoint.endswith(".static")


def largest_body(settings: Settings) -> int:
    """Bytes of the largest body any route takes; a server in front must let this much through."""
    files = max(LARGE_BODY_FILES * settings.max_bpmn_bytes, settings.max_attachment_bytes)
    return max(settings.max_body_bytes, files + FORM_ROOM_BYTES)


def write_safe_headers(response: Response) -> Response:
    """Tell browsers to trust nothing but us; answers of the JSON doors are never kept by caches."""
    for name, value in SAFE_HEADERS:
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    if request.endpoint != "static" and not (request.endpoint or "").endswith(".static"):
        response.headers.setdefault("Cache-Control", "no-store")
    if current_deps().settings.is_https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def is_poll() -> bool:
    """Whether a page asks by itself, without anybody in front of it."""
    return POLL_HEADER in request.headers


def _keep_session_alive() -> None:
    caller = g.get("yizhan_caller")
    # A page that fetches its parts again does so without anybody in front of it.
    if caller is not None and caller.by == "session" and not is_poll():
        # A busy database must not turn reading a page into an error; the next request notes it.
        with suppress(OperationalError):
            touch(caller)


def _remember_language() -> None:
    wish = request.args.get("lang")
    if wish in LANGUAGES and not is_machine_path(request.path):
        with suppress(OperationalError):
            keep_language(wish)
        plan_cookie(Cookie(name=LANGUAGE_COOKIE, value=wish, max_age_s=LANGUAGE_COOKIE_AGE_S))
