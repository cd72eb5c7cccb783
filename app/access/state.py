"""What is known about the request being answered: the wired parts, the time, the caller, the language."""

from __future__ import annotations

from datetime import datetime
from typing import Final, cast

from flask import Flask, current_app, g, request

from app.access.callers import Caller, caller_by_cookie, caller_by_token
from app.access.language import chosen_language, first_known
from app.config import Settings
from app.deps import Deps
from app.domain.actors import Actor
from app.errors import Unauthenticated
from app.unit_of_work import read

EXTENSION: Final = "yizhan"
SESSION_COOKIE: Final = "yizhan_session"
MACHINE_PATHS: Final = ("/api/", "/tmf-api/")


def current_deps() -> Deps:
    """The wired parts of the running application."""
    return cast(Deps, current_app.extensions[EXTENSION])


def settings_of(app: Flask) -> Settings:
    """The settings an application was built with."""
    return cast(Deps, app.extensions[EXTENSION]).settings


def current_now() -> datetime:
    """Aware UTC time of the database, read once per request."""
    if "yizhan_now" not in g:
        deps = current_deps()
        with read(deps.read_sessions) as session:
            g.yizhan_now = deps.clock(session)
    return cast(datetime, g.yizhan_now)


def current_caller() -> Caller | None:
    """Who is calling, looked up once per request; None for nobody.

    :raises Unauthenticated: a bearer token was given and is not valid.
    """
    if "yizhan_caller" not in g:
        g.yizhan_caller = _find_caller()
    return cast("Caller | None", g.yizhan_caller)


def current_actor() -> Actor:
    """The person or system calling.

    :raises Unauthenticated: nobody is logged in.
    """
    caller = current_caller()
    if caller is None:
        raise Unauthenticated()
    return caller.actor


def current_language() -> str:
    """``zh`` or ``en``; never fails, so that errors can be told in it."""
    if "yizhan_language" not in g:
        caller = g.get("yizhan_caller")
        default = current_deps().live.now.language if EXTENSION in current_app.extensions else first_known(())
        g.yizhan_language = chosen_language(
            request, caller.actor if caller else None, default=default, machine=is_machine_path(request.path)
        )
    return cast(str, g.yizhan_language)


def set_caller(caller: Caller | None) -> None:
    """The caller has changed within this request: logged in or out."""
    g.yizhan_caller = caller
    g.pop("yizhan_language", None)


def is_machine_path(path: str) -> bool:
    """Whether a path is of a JSON door."""
    return path.startswith(MACHINE_PATHS)


def _find_caller() -> Caller | None:
    deps = current_deps()
    clock = deps.engine.parts.clock
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    cookie = request.cookies.get(SESSION_COOKIE, "")
    if not scheme and not cookie:
        return None
    with read(deps.read_sessions) as session:
        caller: Caller | None
        if scheme.lower() == "bearer":
            caller = caller_by_token(session, token.strip(), settings=deps.live.now, clock=clock)
        else:
            caller = caller_by_cookie(session, cookie, settings=deps.live.now, clock=clock)
    if caller is not None:
        g.yizhan_now = caller.at
    return caller
