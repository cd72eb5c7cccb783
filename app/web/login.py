"""Login and logout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from app.access import (
    current_actor,
    current_caller,
    current_deps,
    current_language,
    log_in,
    log_out,
    public,
    requires_login,
    seconds_left,
    stay_logged_in,
)
from app.domain.actors import ROLE_NAMES, Role, can
from app.errors import LoginRefused, TooMany
from app.persistence.areas import Area
from app.persistence.people import User
from app.unit_of_work import read
from app.web.assets import PAGE_ENTRY, SHEETS
from app.web.frame import basics, current_assets, home_of, language_href
from app.web.site import bp, inside, see
from app.web.texts import Sentence, Texts

DEMO_LOGINS: Final = ("front", "back", "field", "sh.am", "designer", "ops", "ops2", "english.ops")
DEMO_PASSWORD: Final = "demo"  # noqa: S105  the password that demonstration accounts are known to have
PLACES: Final = {
    "development": Sentence("Development environment"),
    "test": Sentence("Test environment"),
    "production": Sentence("Production environment"),
}
STOPS: Final = (
    Sentence("Intake", "stop"),
    Sentence("Resources"),
    Sentence("Field work"),
    Sentence("Activation"),
    Sentence("Billing"),
    Sentence("Done"),
)


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """An account of the demonstration that one click fills in."""

    login: str
    password: str
    role: str
    note: str


@dataclass(frozen=True, kw_only=True)
class LoginPage:
    """Everything on the login page."""

    language: str
    sheets: tuple[str, ...]
    scripts: tuple[str, ...]
    accounts: tuple[DemoAccount, ...]
    zh_href: str
    en_href: str
    action: str
    next: str
    place: str
    problem: str
    login: str
    idle_min: int
    stops: tuple[str, ...]


@bp.get("/")
@requires_login
def home() -> AnyResponse:
    """Where the reader's day begins."""
    return redirect(home_of(current_actor().role))


@bp.get("/login")
@public
def login_page() -> AnyResponse:
    """The form; somebody who is logged in already goes on."""
    if current_caller() is not None:
        return redirect(inside(request.args.get("next", "")) or url_for("web.home"))
    signed_out = request.args.get("done") == "signed-out"
    return _page(problem="", login="", notice=signed_out)


@bp.post("/login")
@public
def login() -> AnyResponse:
    """Check and go on to the page that was asked for."""
    name, language = request.form.get("login", "").strip(), current_language()
    try:
        actor = log_in(name, request.form.get("password", ""))
    except (LoginRefused, TooMany) as refusal:
        return _page(problem=refusal.message(language), login=name[:64], status=refusal.http_status)
    return see(inside(request.form.get("next", "")) or home_of(actor.role))


@bp.post("/session/stay")
@requires_login
def stay() -> AnyResponse:
    """Somebody is still there: the session lasts as after any other click."""
    stay_logged_in()
    return Response(status=204, headers={"X-Session-Left": str(seconds_left() or 0)})


@bp.post("/logout")
@requires_login
def logout() -> AnyResponse:
    """End the session."""
    on_phone = can(current_actor(), "item.visit")
    log_out()
    response = see(url_for("web.login_page"), "signed-out")
    if on_phone:
        # What the phone's pages have kept there is about customers, and the next reader may be somebody else.
        response.headers["Clear-Site-Data"] = '"storage"'
    return response


def _page(*, problem: str, login: str, status: int = 200, notice: bool = False) -> Response:
    language, settings = current_language(), current_deps().settings
    t = Texts(language)
    place = Sentence("Demonstration environment") if settings.demo else PLACES[settings.env]
    page = LoginPage(
        language=language,
        sheets=SHEETS,
        scripts=current_assets().scripts(PAGE_ENTRY),
        accounts=_accounts(language) if settings.demo else (),
        zh_href=language_href("zh"),
        en_href=language_href("en"),
        action=url_for("web.login"),
        next=inside(request.values.get("next", "")),
        place=t("You are signed out.") if notice else t(place),
        problem=problem,
        login=login,
        idle_min=current_deps().live.now.session_idle_min,
        stops=tuple(t(stop) for stop in STOPS),
    )
    response = make_response(render_template("login.html", page=page, **basics(t)), status)
    response.headers["Content-Language"] = "en" if language == "en" else "zh-CN"
    return response


def _accounts(language: str) -> tuple[DemoAccount, ...]:
    english = language == "en"
    with read(current_deps().read_sessions) as session:
        rows = session.execute(
            select(User.login, User.role, Area.name_zh, Area.name_en)
            .join(Area, Area.code == User.area)
            .where(User.login.in_(DEMO_LOGINS), User.active)
        ).all()
    by_login = {row.login: row for row in rows}
    return tuple(
        DemoAccount(
            login=name,
            password=DEMO_PASSWORD,
            role=ROLE_NAMES[Role(by_login[name].role)].in_language(language),
            note=by_login[name].name_en if english else by_login[name].name_zh,
        )
        for name in DEMO_LOGINS
        if name in by_login
    )
