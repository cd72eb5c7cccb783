"""The form for a user, and the choices in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actors import ROLE_NAMES, Role, contains
from app.domain.administration.staff import LONGEST_NAME, MOST_OPEN_ITEMS, STAFF_ROLES
from app.persistence.areas import Area
from app.persistence.people import Skill, Team, User
from app.services.administration.staff_desk import seen_of, state_of
from app.web.reader import Reader
from app.web.views.blocks import Field, Form
from app.web.views.parts import Choice, Tag

USERS: Final = "/admin/users"


def user_href(login: str) -> str:
    """The page of a user."""
    return f"{USERS}/{quote(login, safe='')}"


def staff_form(session: Session, reader: Reader, user: User | None, *, login: str) -> Form:
    """The form for a user."""
    t = reader.t
    known = state_of(user) if user else {}
    fields = (
        *_names(reader, known),
        *_place(session, reader, known, is_new=user is None),
        *_habits(reader, known),
        *_work(session, reader, known),
    )
    if user is None:
        return Form(
            id="user",
            action=USERS,
            submit=t("Make the user"),
            tone="primary",
            fields=(_login(reader), *fields),
            note=t("The user gets a temporary password, which you see once on the next page."),
        )
    return Form(
        id="user",
        action=user_href(login),
        submit=t("Save"),
        tone="primary",
        fields=(*fields, Field(name="reason", label=t("Reason"), width=12, longest=300)),
        hidden=(("seen", seen_of(user)),),
    )


def _login(reader: Reader) -> Field:
    t = reader.t
    return Field(
        name="login",
        label=t("Login"),
        required=True,
        longest=32,
        hint=t("Small letters, digits, dots and dashes; it cannot be changed later."),
        complete="off",
    )


def _names(reader: Reader, known: Mapping[str, Any]) -> tuple[Field, ...]:
    t = reader.t
    return (
        Field(
            name="name_zh",
            label=t("Name in Chinese"),
            value=str(known.get("name_zh", "")),
            required=True,
            longest=LONGEST_NAME,
        ),
        Field(
            name="name_en",
            label=t("Name in English"),
            value=str(known.get("name_en", "")),
            required=True,
            longest=LONGEST_NAME,
        ),
    )


def _place(session: Session, reader: Reader, known: Mapping[str, Any], *, is_new: bool) -> tuple[Field, ...]:
    """What the user may do, and where."""
    t = reader.t
    return (
        Field(
            name="role",
            label=t("Role"),
            kind="select",
            value=str(known.get("role", "")),
            empty=t("Choose") if is_new else None,
            choices=roles(reader),
            required=True,
        ),
        Field(
            name="area",
            label=t("Area"),
            kind="select",
            value=str(known.get("area", "")),
            empty=t("Choose") if is_new else None,
            choices=areas(session, reader),
            required=True,
            hint=t("The user sees this area and those below it."),
        ),
    )


def _habits(reader: Reader, known: Mapping[str, Any]) -> tuple[Field, ...]:
    t = reader.t
    return (
        Field(
            name="language",
            label=t("Language"),
            kind="select",
            value=str(known.get("language", "zh")),
            choices=(Choice("zh", "中文"), Choice("en", "English")),
        ),
        Field(
            name="max_open_items",
            label=t("Open work items at most"),
            kind="number",
            value=str(known.get("max_open_items", 8)),
            least=1,
            most=MOST_OPEN_ITEMS,
            required=True,
            hint=t("Dispatch offers no more to this person."),
        ),
    )


def _work(session: Session, reader: Reader, known: Mapping[str, Any]) -> tuple[Field, ...]:
    """Whom the user works with, and what he or she can do."""
    t = reader.t
    near, far = teams(session, reader, str(known.get("area", "")))
    return (
        Field(
            name="teams",
            label=t("Teams"),
            kind="checks",
            values=frozenset(known.get("teams", ())),
            choices=near,
            more=far,
            more_text=t("Teams of other areas") if near else t("All teams"),
            width=12,
        ),
        Field(
            name="skills",
            label=t("Skills"),
            kind="checks",
            values=frozenset(known.get("skills", ())),
            choices=skills(session, reader),
            width=12,
        ),
    )


def roles(reader: Reader) -> tuple[Choice, ...]:
    """What people can be."""
    return tuple(Choice(role.value, role_name(role, reader)) for role in STAFF_ROLES)


def role_name(role: str, reader: Reader) -> str:
    """A role in words."""
    return reader.words(ROLE_NAMES[Role(role)]) if role in set(Role) else role


def areas(session: Session, reader: Reader) -> tuple[Choice, ...]:
    """The areas an administrator may give, the larger ones before those within them."""
    rows = session.scalars(select(Area).order_by(Area.path))
    return tuple(
        Choice(row.code, "　" * row.path.count("/") + reader.said(row))
        for row in rows
        if contains(reader.actor.area_path, row.path)
    )


def teams(session: Session, reader: Reader, area: str) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """Teams of the administrator's area: those around the user's own area, and the others."""
    rows = session.execute(select(Team, Area.path).join(Area, Area.code == Team.area).order_by(Team.code)).all()
    place = session.scalar(select(Area.path).where(Area.code == area)) or ""
    near: list[Choice] = []
    far: list[Choice] = []
    for team, path in rows:
        if contains(reader.actor.area_path, path):
            around = contains(place, path) or contains(path, place)
            (near if around else far).append(Choice(team.code, reader.said(team)))
    return tuple(near), tuple(far)


def skills(session: Session, reader: Reader) -> tuple[Choice, ...]:
    """What people can do."""
    return tuple(Choice(row.code, reader.said(row)) for row in session.scalars(select(Skill).order_by(Skill.code)))


def state_tag(user: User, reader: Reader) -> Tag:
    """Whether a user can come in."""
    if not user.active:
        return Tag(reader.t("Locked"), "lock", "bad")
    if user.password_until is not None and user.password_until <= reader.now:
        return Tag(reader.t("Temporary password ran out"), "clock", "warn")
    if user.password_until is not None:
        return Tag(reader.t("Temporary password"), "key", "warn")
    return Tag(reader.t("Active"), "done", "ok")
