"""What a team has on its board: its open to-dos, its people with what each has, and what it finished today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, selectinload

from app.domain.actors import Actor, Role
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.errors import NotFound
from app.persistence.areas import Area
from app.persistence.filters import in_words
from app.persistence.ordering.orders import ProductOrder
from app.persistence.people import Team, TeamMember, User
from app.persistence.scope import scoped
from app.persistence.teamwork.absences import Absence, absent_on
from app.persistence.teamwork.work_items import WorkItem

#: So many cards are drawn, the most urgent; a team that has more needs another tool first.
MOST_CARDS = 300


@dataclass(frozen=True, kw_only=True)
class Member:
    """Somebody of a team. ``open_items`` counts all teams, ``absence`` is one that covers today."""

    login: str
    role: str
    area_path: str
    skills: tuple[str, ...]
    open_items: int
    most: int
    absence: Absence | None

    @property
    def leads(self) -> bool:
        return self.role == Role.TEAM_LEADER


def led_by(session: Session, actor: Actor) -> Sequence[Team]:
    """The teams whose board somebody may see, the own ones first: leaders see those they are in, others who may assign
    see all teams of their area."""
    query = scoped(select(Team), Team, actor).order_by(Team.area, Team.role, Team.code)
    found = session.scalars(query.where(Team.code.in_(actor.teams)) if _only_own(actor) else query).all()
    return sorted(found, key=lambda team: team.code not in actor.teams)


def team_led_by(session: Session, actor: Actor, code: str) -> Team:
    """One of :func:`led_by`. :raises NotFound: it is none of them."""
    query = scoped(select(Team), Team, actor).where(Team.code == code)
    team = session.scalars(query).one_or_none()
    if team is None or (_only_own(actor) and code not in actor.teams):
        raise NotFound(f"there is no team {code}", f"没有班组 {code}")
    return team


def _only_own(actor: Actor) -> bool:
    return actor.role == Role.TEAM_LEADER and not actor.demo_any_team


def cards_of(session: Session, team: str) -> Sequence[WorkItem]:
    """The open to-dos of a team, the most urgent first, with order and ticket."""
    query = (
        select(WorkItem)
        .where(WorkItem.team_code == team, in_words(WorkItem.state, WORK_ITEM_OPEN))
        .order_by(WorkItem.priority.desc(), WorkItem.due_at.asc().nulls_last(), WorkItem.created_at, WorkItem.id)
        .options(selectinload(WorkItem.order).selectinload(ProductOrder.items), selectinload(WorkItem.ticket))
        .limit(MOST_CARDS)
    )
    return session.scalars(query).all()


def members_on(session: Session, team: str, day: date) -> list[Member]:
    """Who works in a team, by login, with what each has open; ``day`` says who is there."""
    rows = session.execute(
        select(
            *(User.login, User.role, User.skills, User.max_open_items, Area.path),
            _count(WorkItem.claimed_by == User.login, in_words(WorkItem.state, WORK_ITEM_OPEN)),
            _count(WorkItem.offered_to == User.login, in_words(WorkItem.state, [WorkItemState.OPEN])),
        )
        .join(TeamMember, TeamMember.login == User.login)
        .join(Area, Area.code == User.area)
        .where(TeamMember.team_code == team, User.active)
        .order_by(User.login)
    ).all()
    away = absent_on(session, [row[0] for row in rows], day)
    return [
        Member(
            login=login,
            role=role,
            area_path=path,
            skills=tuple(skills or ()),
            open_items=claimed + offered,
            most=most,
            absence=away.get(login),
        )
        for login, role, skills, most, path, claimed, offered in rows
    ]


def finished_since(session: Session, team: str, since: datetime) -> int:
    """How many to-dos a team has finished since an instant (aware UTC)."""
    done = (WorkItem.team_code == team, WorkItem.completed_at >= since)
    return session.scalar(select(func.count()).select_from(WorkItem).where(*done)) or 0


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    found: Select[int] = select(func.count()).select_from(WorkItem).where(*conditions)
    return found.correlate(User).scalar_subquery()
