"""One user: what is said of him or her, where he or she is logged in, what was changed, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy.orm import Session

from app.errors import AppError
from app.persistence.administration.admin_changes import list_changes
from app.persistence.administration.staff_search import open_items_of, sessions_of
from app.persistence.people import User
from app.services.administration.staff_desk import state_of
from app.web.block_forms import faults_of, filled, joined, with_errors
from app.web.pages.administration.admin_names import act_of, difference_of
from app.web.pages.administration.admin_user_form import USERS, role_name, staff_form, state_tag, user_href
from app.web.pages.administration.session_rows import sessions_block
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage, Cell, Column, Crumb, Field, Form, Grid
from app.web.views.parts import Pair


@dataclass(frozen=True, kw_only=True)
class Entered:
    """What was filled in and refused, and why."""

    form: Mapping[str, Sequence[str]]
    error: AppError


def user_page(
    session: Session, reader: Reader, user: User, *, entered: Entered | None = None, password: str = ""
) -> BlockPage:
    """One user. ``password``: a temporary one that was just given, shown this once."""
    t, names = reader.t, Names(session, reader)
    may_change = reader.may("admin.users")
    form = staff_form(session, reader, user, login=user.login)
    error = entered.error if entered else None
    if entered:
        form = with_errors(filled(form, entered.form), error, reader)
    acts = _acts(reader, user) if may_change and user.login != reader.actor.login else ()
    changes, _ = list_changes(session, reader.actor, kind="user", subject=user.login, limit=20)
    names.know_people(row.who for row in changes)
    sessions = sessions_of(session, user.login, reader.now)
    said = ""
    if password:
        said = t(
            "Temporary password of {login}: {password}. It is shown this once and is good for 7 days.",
            login=user.login,
            password=password,
        )
    data = (
        Block(id="data", title=t("What is said of this user"), forms=(form,))
        if may_change
        else _read_only(user, reader, names)
    )
    return BlockPage(
        title=reader.said(user),
        about=user.login,
        crumbs=(Crumb(t("Users"), USERS), Crumb(user.login)),
        tag=state_tag(user, reader),
        said=said,
        said_tone="ok",
        faults=faults_of(error, form, reader),
        facts=(
            Pair(t("Role"), role_name(user.role, reader)),
            Pair(t("Area"), names.area(user.area)),
            Pair(
                t("Open work items"),
                str(open_items_of(session, [user.login]).get(user.login, 0)),
                href=f"/work?tab=all&person={quote(user.login)}" if reader.may("item.view") else "",
            ),
            Pair(
                t("Password"),
                t("temporary, until {at}", at=reader.f.full(user.password_until)) if user.password_until else t("own"),
            ),
        ),
        blocks=(
            data,
            *((Block(id="acts", title=t("Actions"), aside=True, forms=acts),) if acts else ()),
            sessions_block(sessions, reader, title=t("Where the user is logged in")),
            Block(
                id="history",
                title=t("What was changed"),
                grid=Grid(
                    caption=t("What was changed"),
                    icon="shield",
                    columns=(Column(t("At")), Column(t("Who")), Column(t("What")), Column(t("Reason"))),
                    rows=tuple(
                        (
                            Cell(reader.f.full(row.at)),
                            Cell(names.person(row.who)),
                            Cell(act_of(row, reader), sub=difference_of(row, reader, names), wrap=True),
                            Cell(row.reason, wrap=True),
                        )
                        for row in changes
                    ),
                    empty=t("Nothing was changed since this is written down."),
                ),
            ),
        ),
    )


def new_user_page(session: Session, reader: Reader, *, entered: Entered | None = None) -> BlockPage:
    """A user to be made."""
    t = reader.t
    form = staff_form(session, reader, None, login="")
    error = entered.error if entered else None
    if entered:
        form = with_errors(filled(form, entered.form), error, reader)
    return BlockPage(
        title=t("New user"),
        crumbs=(Crumb(t("Users"), USERS), Crumb(t("New user"))),
        faults=faults_of(error, form, reader),
        blocks=(Block(id="data", title=t("Who is it?"), forms=(form,)),),
    )


def _acts(reader: Reader, user: User) -> tuple[Form, ...]:
    t = reader.t
    why = (Field(name="reason", label=t("Reason"), required=True, width=12, longest=300),)
    here = user_href(user.login)
    acts = [
        Form(
            id="password",
            action=f"{here}/password",
            fold=t("Give a temporary password"),
            submit=t("Give a temporary password"),
            icon="key",
            fields=why,
            note=t("Every session of the user ends."),
        ),
        Form(
            id="sessions",
            action=f"{here}/sessions",
            fold=t("Log the user out everywhere"),
            submit=t("Log out everywhere"),
            icon="x",
            fields=why,
        ),
    ]
    if user.active:
        note = t("The user is logged out at once. What was claimed stays claimed: give it to others on the work list.")
        acts.append(
            Form(
                id="lock",
                action=f"{here}/lock",
                fold=t("Lock the user"),
                submit=t("Lock the user"),
                icon="lock",
                tone="danger",
                fields=why,
                note=note,
            )
        )
    else:
        acts.append(
            Form(
                id="unlock",
                action=f"{here}/unlock",
                fold=t("Let the user in again"),
                submit=t("Let the user in again"),
                icon="done",
                fields=why,
            )
        )
    return tuple(acts)


def _read_only(user: User, reader: Reader, names: Names) -> Block:
    t, known = reader.t, state_of(user)
    return Block(
        id="data",
        title=t("What is said of this user"),
        pairs=(
            Pair(t("Language"), {"zh": "中文", "en": "English"}.get(user.language, user.language)),
            Pair(t("Open work items at most"), str(user.max_open_items)),
            Pair(t("Teams"), joined([names.team(code) or code for code in known["teams"]], reader) or "–"),
            Pair(t("Skills"), joined(known["skills"], reader) or "–"),
        ),
    )
