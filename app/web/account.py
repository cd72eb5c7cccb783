"""The reader's own account: who one is here, another password, one's sessions."""

from __future__ import annotations

from typing import Final

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import (
    change_own_password,
    current_actor,
    current_caller,
    current_deps,
    end_other_sessions,
    requires_login,
)
from app.domain.administration.staff import SHORTEST_PASSWORD
from app.errors import AppError, InvalidInput, TooMany
from app.persistence.administration.staff_search import sessions_of, teams_of
from app.persistence.people import User
from app.unit_of_work import read
from app.web.block_forms import faults_of, joined, with_errors
from app.web.frame import render
from app.web.pages.administration.admin_user_form import role_name
from app.web.pages.administration.session_rows import sessions_block
from app.web.pages.names import Names
from app.web.reader import Reader, current_reader
from app.web.site import bp, see
from app.web.views.blocks import Block, BlockPage, Field, Form
from app.web.views.parts import Pair

ACCOUNT: Final = "/account"
#: What somebody with a temporary password may open before it is changed.
BEFORE_CHANGE: Final = frozenset(
    {"web.account", "web.change_password", "web.logout", "web.help_page", "web.help_image"}
)


@bp.before_request
def change_password_first() -> Response | None:
    """Whoever came in with a temporary password changes it before anything else."""
    caller = current_caller()
    if caller is None or not caller.must_change or request.endpoint in BEFORE_CHANGE:
        return None
    return see(ACCOUNT)


@bp.get("/account")
@requires_login
def account() -> Response:
    """Who the reader is here."""
    return _page(None)


@bp.post("/account/password")
@requires_login
def change_password() -> Response:
    """Change the own password."""
    form = request.form
    try:
        change_own_password(form.get("old", ""), form.get("new", ""), form.get("again", ""))
    except (InvalidInput, TooMany) as error:
        return _page(error)
    return see(ACCOUNT, "password")


@bp.post("/account/sessions")
@requires_login
def end_sessions() -> Response:
    """Log out everywhere else."""
    end_other_sessions()
    return see(ACCOUNT, "saved")


def _page(error: AppError | None) -> Response:
    reader = current_reader()
    with read(current_deps().read_sessions) as session:
        page = _account(session, reader, error)
    return render("blocks/page.html", page, status=error.http_status if error else 200)


def _account(session: Session, reader: Reader, error: AppError | None) -> BlockPage:
    t, actor, caller = reader.t, current_actor(), current_caller()
    user = session.get_one(User, actor.login)
    names = Names(session, reader)
    form = with_errors(_form(reader), error, reader)
    sessions = sessions_of(session, actor.login, reader.now)
    here = caller.session_id if caller else ""
    others = Form(id="others", action="/account/sessions", submit=t("Log out everywhere else"), icon="x")
    must = caller is not None and caller.must_change
    return BlockPage(
        title=t("My account"),
        about=actor.login,
        said=t("You came in with a temporary password. Choose your own before you go on.") if must else "",
        said_tone="warn" if must else "",
        faults=faults_of(error, form, reader),
        faults_title=t("The password is not changed"),
        facts=(
            Pair(t.about("person", "Name"), reader.said(user)),
            Pair(t("Role"), role_name(user.role, reader)),
            Pair(t("Area"), names.area(user.area)),
            Pair(
                t("Teams"),
                joined([names.team(code) or code for code in teams_of(session, [user.login])[user.login]], reader)
                or "–",
            ),
        ),
        blocks=(
            Block(id="password", title=t("Another password"), forms=(form,)),
            sessions_block(
                sessions,
                reader,
                title=t("Where you are logged in"),
                here=here,
                forms=(others,) if len(sessions) > 1 else (),
            ),
        ),
    )


def _form(reader: Reader) -> Form:
    t = reader.t
    return Form(
        id="pw",
        action="/account/password",
        submit=t("Change the password"),
        tone="primary",
        icon="key",
        fields=(
            Field(
                name="old",
                label=t("Password now"),
                kind="password",
                required=True,
                width=12,
                complete="current-password",
            ),
            Field(
                name="new",
                label=t("New password"),
                kind="password",
                required=True,
                complete="new-password",
                hint=t("At least {n} characters. Several words in a row are easy to remember.", n=SHORTEST_PASSWORD),
            ),
            Field(name="again", label=t("New password again"), kind="password", required=True, complete="new-password"),
        ),
    )
