"""What can be done with a team: the forms of its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.persistence.people import Team, User
from app.persistence.promises.rule_books import current_book, tiers
from app.persistence.scope import scoped
from app.persistence.teamwork.absences import KINDS
from app.web.pages.administration.admin_teams import TEAMS, team_href, team_kinds
from app.web.pages.administration.admin_user_form import areas, skills
from app.web.reader import Reader
from app.web.views.blocks import Field, Form
from app.web.views.parts import Choice

SIDES: Final = ("east", "west")


def team_form(session: Session, reader: Reader, team: Team | None) -> Form:
    """The form for a team, or for a new one."""
    t = reader.t
    fields = _team_fields(session, reader, team)
    if team is not None:
        return Form(id="team", action=team_href(team.code), submit=t("Save"), tone="primary", fields=fields)
    first = _first_fields(session, reader)
    return Form(id="team", action=TEAMS, submit=t("Make the team"), tone="primary", fields=(*first, *fields))


def _first_fields(session: Session, reader: Reader) -> tuple[Field, ...]:
    """What is said once, when the team is made."""
    t = reader.t
    return (
        Field(
            name="code",
            label=t("Code"),
            required=True,
            longest=64,
            hint=t("As counter.sh-sh; it cannot be changed later."),
        ),
        Field(
            name="role",
            label=t("Kind of team"),
            kind="select",
            empty=t("Choose"),
            required=True,
            choices=team_kinds(session, reader),
        ),
        Field(
            name="area",
            label=t("Area"),
            kind="select",
            empty=t("Choose"),
            required=True,
            choices=areas(session, reader),
        ),
    )


def _team_fields(session: Session, reader: Reader, team: Team | None) -> tuple[Field, ...]:
    t = reader.t
    calendars = current_book(session, "calendars")["calendars"]
    sides = {"east": t("East"), "west": t("West")}
    told = {
        "name_zh": team.name_zh if team else "",
        "name_en": team.name_en if team else "",
        "calendar": team.calendar if team else "office_5x8",
        "capacity": str(team.capacity_per_day) if team else "20",
        "side": (team.districts or [""])[0] if team else "",
    }
    return (
        Field(name="name_zh", label=t("Name in Chinese"), value=told["name_zh"], required=True),
        Field(name="name_en", label=t("Name in English"), value=told["name_en"], required=True),
        Field(
            name="calendar",
            label=t("Calendar"),
            kind="select",
            value=told["calendar"],
            choices=tuple(Choice(row["code"], reader.said_in(row)) for row in calendars),
        ),
        Field(
            name="capacity_per_day",
            label=t("Work items per day"),
            kind="number",
            value=told["capacity"],
            least=1,
            most=1000,
            required=True,
        ),
        Field(
            name="districts",
            label=t("Side of town"),
            kind="select",
            value=told["side"],
            empty=t("The whole area"),
            choices=tuple(Choice(side, sides[side]) for side in SIDES),
        ),
        Field(
            name="tiers",
            label=t("Customer tiers"),
            kind="checks",
            values=frozenset(team.tiers if team else ()),
            choices=tuple(Choice(code, reader.said_in(row)) for code, row in tiers(session).items()),
            hint=t("None chosen: customers of every tier."),
        ),
        Field(
            name="skills",
            label=t("Skills"),
            kind="checks",
            values=frozenset(team.skills if team else ()),
            choices=skills(session, reader),
            width=12,
        ),
        Field(name="note", label=t("Reason"), width=12, longest=300, required=team is not None),
    )


def members_form(session: Session, reader: Reader, team: Team, logins: Sequence[str]) -> Form:
    t = reader.t
    people = session.scalars(scoped(select(User), User, reader.actor).where(User.active).order_by(User.login)).all()
    near = [user for user in people if user.area == team.area or user.login in logins]
    far = [user for user in people if user not in near]
    who = Field(
        name="members",
        label=t("Who works in this team"),
        kind="checks",
        width=12,
        values=frozenset(logins),
        choices=tuple(Choice(user.login, reader.said(user), user.login) for user in near),
        more=tuple(Choice(user.login, reader.said(user), user.login) for user in far),
        more_text=t("People of other areas"),
    )
    why = Field(name="reason", label=t("Reason"), width=12, longest=300)
    return Form(
        id="members",
        action=f"{team_href(team.code)}/members",
        fold=t("Change the members"),
        submit=t("Save the members"),
        fields=(who, why),
    )


def absence_form(reader: Reader, team: Team, members: Sequence[User], today: str) -> Form:
    t = reader.t
    return Form(
        id="absence",
        action=f"{team_href(team.code)}/absences",
        submit=t("Note the absence"),
        icon="cal",
        fold=t("Somebody will not be there"),
        fields=(
            Field(
                name="login",
                label=t("Who"),
                kind="select",
                required=True,
                choices=tuple(Choice(user.login, reader.said(user)) for user in members if user.active),
            ),
            Field(
                name="kind",
                label=t("Why"),
                kind="select",
                required=True,
                choices=tuple(Choice(code, reader.words(words)) for code, words in KINDS.items()),
            ),
            Field(name="from_day", label=t("From"), kind="date", value=today, required=True),
            Field(name="until_day", label=t("Until, included"), kind="date", value=today, required=True),
            Field(name="note", label=t("Remark"), width=12),
        ),
    )
