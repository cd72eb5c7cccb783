"""Finding members of staff: those of an area, by name, role or team, and what each has to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN
from app.persistence.filters import contains_text, in_words
from app.persistence.people import ApiToken, TeamMember, User, WebSession
from app.persistence.scope import scoped
from app.persistence.teamwork.work_items import WorkItem


@dataclass(frozen=True, kw_only=True)
class StaffFilter:
    """Which members of staff; empty is all. ``state`` is ``active``, ``locked``, or ``temporary`` (password)."""

    text: str = ""
    role: str = ""
    team: str = ""
    area: str = ""
    state: str = ""


def list_staff(
    session: Session, actor: Actor, wanted: StaffFilter, *, offset: int, limit: int
) -> tuple[Sequence[User], int]:
    """Members of staff of the actor's area by login, and how many there are."""
    query = _wanted(scoped(select(User), User, actor), wanted)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return session.scalars(query.order_by(User.login).offset(offset).limit(limit)).all(), total


def _wanted(query: Select[User], wanted: StaffFilter) -> Select[User]:
    if wanted.text:
        query = query.where(contains_text((User.login, User.name_zh, User.name_en), wanted.text))
    if wanted.role:
        query = query.where(User.role == wanted.role)
    if wanted.area:
        query = query.where(User.area == wanted.area)
    if wanted.team:
        query = query.where(User.login.in_(select(TeamMember.login).where(TeamMember.team_code == wanted.team)))
    states = {
        "active": User.active.is_(True),
        "locked": User.active.is_(False),
        "temporary": and_(User.active, User.password_until.is_not(None)),
    }
    return query.where(states[wanted.state]) if wanted.state in states else query


def get_staff(session: Session, actor: Actor, login: str) -> User | None:
    """A member of staff of the actor's area."""
    return session.scalars(scoped(select(User), User, actor).where(User.login == login)).one_or_none()


def teams_of(session: Session, logins: Collection[str]) -> Mapping[str, list[str]]:
    """The codes of the teams of each of these people."""
    found: dict[str, list[str]] = {login: [] for login in logins}
    rows = select(TeamMember.login, TeamMember.team_code).where(TeamMember.login.in_(logins))
    for login, team in session.execute(rows.order_by(TeamMember.team_code)):
        found[login].append(team)
    return found


def open_items_of(session: Session, logins: Collection[str]) -> Mapping[str, int]:
    """How many work items each of these people has claimed."""
    query = select(WorkItem.claimed_by, func.count()).where(
        WorkItem.claimed_by.in_(logins), in_words(WorkItem.state, WORK_ITEM_OPEN)
    )
    return {str(login): number for login, number in session.execute(query.group_by(WorkItem.claimed_by))}


def sessions_of(session: Session, login: str, now: datetime) -> Sequence[WebSession]:
    """The browsers in which somebody is logged in, the latest used first."""
    rows = select(WebSession).where(WebSession.login == login, WebSession.expires_at > now)
    return session.scalars(rows.order_by(WebSession.last_seen_at.desc(), WebSession.id)).all()


def tokens_of(
    session: Session, actor: Actor, *, offset: int, limit: int
) -> tuple[Sequence[tuple[ApiToken, User]], int]:
    """The tokens of users of the actor's area, those that count first, and how many there are."""
    rows = scoped(select(ApiToken, User), User, actor).join(User, User.login == ApiToken.login)
    total = session.scalar(select(func.count()).select_from(rows.with_only_columns(ApiToken.id).subquery())) or 0
    ordered = rows.order_by(ApiToken.revoked_at.is_not(None), ApiToken.login, ApiToken.id)
    return [(token, user) for token, user in session.execute(ordered.offset(offset).limit(limit))], total


def roles_counted(session: Session, actor: Actor) -> Mapping[str, int]:
    """How many active people of the actor's area have each role."""
    query = scoped(select(User.role, func.count()), User, actor).where(User.active)
    found = session.execute(query.group_by(User.role))
    return {row.role: row[1] for row in found}
