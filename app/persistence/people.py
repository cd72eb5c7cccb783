"""Staff, teams, and what proves who is calling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, ForeignKey, Index, Integer, Select, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app.domain.actors import Actor
from app.persistence.areas import Area
from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant, Name, Records, Word
from processes.clock import TIME_COLUMNS
from processes.store.base import Base
from processes.store.rows import table_of
from processes.store.sentences import Sentence


class User(Base):
    """A member of staff; ``area`` bounds what he or she sees."""

    __tablename__ = "app_user"

    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    role: Mapped[Word]
    area: Mapped[AreaCode]
    language: Mapped[str] = mapped_column(String(2), default="zh")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    #: Until when a temporary password is good; whoever has one changes it before anything else. None: his or her own.
    password_until: Mapped[MaybeInstant]
    active: Mapped[bool] = mapped_column(default=True)
    max_open_items: Mapped[int] = mapped_column(Integer, default=8)
    skills: Mapped[Records]

    memberships: Mapped[list[TeamMember]] = relationship(back_populates="user", cascade="all, delete-orphan")


class Team(Base):
    """A crew of one role in one area; work items go to teams, not to people."""

    __tablename__ = "team"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[Word]
    area: Mapped[AreaCode]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    calendar: Mapped[Word]
    skills: Mapped[Records]
    tiers: Mapped[Records]
    districts: Mapped[Records]
    capacity_per_day: Mapped[int] = mapped_column(Integer, default=20)

    __table_args__ = (Index("ix_team_role_area", "role", "area"),)


class TeamMember(Base):
    """A user belongs to a team."""

    __tablename__ = "team_member"

    team_code: Mapped[str] = mapped_column(ForeignKey("team.code"), primary_key=True)
    login: Mapped[str] = mapped_column(ForeignKey("app_user.login"), primary_key=True, index=True)

    user: Mapped[User] = relationship(back_populates="memberships")
    team: Mapped[Team] = relationship()


class TeamRole(Base):
    """A kind of team (``home_field``, ``res_config``), with its names and the level at which it exists."""

    __tablename__ = "team_role"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    level: Mapped[Word]
    default_calendar: Mapped[Word]


def team_calendars(session: Session) -> dict[str, str]:
    """By team role, the calendar it works by."""
    return {row.code: row.default_calendar for row in session.execute(select(TeamRole.code, TeamRole.default_calendar))}


class Skill(Base):
    """Something people can do (``ftth``, ``gold_engineer``), with its names."""

    __tablename__ = "skill"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]


class ApiToken(Identified, Base):
    """A bearer token; only the SHA-256 of it is kept."""

    __tablename__ = "api_token"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(ForeignKey("app_user.login"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(100), default="")
    expires_at: Mapped[MaybeInstant]
    revoked_at: Mapped[MaybeInstant]


class WebSession(Identified, Base):
    """A browser that is logged in; only the SHA-256 of its cookie is kept."""

    __tablename__ = "web_session"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(ForeignKey("app_user.login"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    expires_at: Mapped[Instant]


class LoginAttempt(Identified, Base):
    """One try to log in, kept to slow down guessing."""

    __tablename__ = "login_attempt"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64), default="")
    succeeded: Mapped[bool] = mapped_column(default=False)
    at: Mapped[Instant]

    __table_args__ = (Index("ix_login_attempt_login_at", "login", "at"),)


class StaffRow(NamedTuple):
    """What makes a user an actor, one row per team (one for who is in no team); first what time it is."""

    database_time: datetime | None
    offset_s: float | None
    login: str
    role: str
    area: str
    language: str
    active: bool
    password_until: datetime | None
    area_path: str | None
    team_code: str | None


def staff(*more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """The columns of :class:`StaffRow`, and ``more``; to be narrowed down to one person. Asked at every request, so to
    be put into a sentence."""
    users, areas, members = table_of(User), table_of(Area), table_of(TeamMember)
    of_user = (users.c[name] for name in ("login", "role", "area", "language", "active", "password_until"))
    return (
        select(*TIME_COLUMNS, *of_user, areas.c.path, members.c.team_code, *more)
        .select_from(users)
        .outerjoin(areas, areas.c.code == users.c.area)
        .outerjoin(members, members.c.login == users.c.login)
    )


BY_LOGIN: Final = Sentence(lambda: staff().where(table_of(User).c.login == bindparam("login")))


def staff_of(session: Session, login: str) -> list[StaffRow]:
    """The rows of one user; none where there is no such user."""
    return [StaffRow(*row) for row in BY_LOGIN.all(session, login=login)]


def actor_of(rows: Sequence[StaffRow], *, demo_any_team: bool = False) -> Actor:
    """The actor that the rows of one user describe.

    :raises LookupError: the user's area does not exist; such a user may see nothing.
    """
    user = rows[0]
    if user.area_path is None:
        raise LookupError(f"area {user.area} of user {user.login} does not exist")
    return Actor(
        login=user.login,
        role=user.role,
        area=user.area,
        area_path=user.area_path,
        teams=frozenset(row.team_code for row in rows if row.team_code is not None),
        language=user.language,
        demo_any_team=demo_any_team,
    )


def actor_for(session: Session, login: str) -> Actor:
    """The actor a user is.

    :raises LookupError: there is no such user, or the user's area does not exist.
    """
    rows = staff_of(session, login)
    if not rows:
        raise LookupError(f"there is no user {login}")
    return actor_of(rows)
