"""Finding teams for work: those of a role over an area, how much each has to do, and who works in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.domain.actors import Role
from app.domain.dispatch import Crew, Hand, Load
from app.domain.words import Words
from app.domain.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.persistence.areas import Area
from app.persistence.customers import Address
from app.persistence.filters import at_most, in_words
from app.persistence.orders import ProductOrderItem
from app.persistence.people import Team, TeamMember, User
from app.persistence.work_items import WorkItem

#: So many open to-dos of a team are counted, from the beginning of an index; who has more is full anyway.
COUNTED: Final = 500


def crews_over(session: Session, role: str, area: str) -> list[Crew]:
    """The teams of a role in an area and above it, by code."""
    place = select(Area.path).where(Area.code == area).scalar_subquery()
    query = (
        select(Team, Area.path)
        .join(Area, Area.code == Team.area)
        .where(Team.role == role, or_(place == Area.path, place.startswith(Area.path + "/")))
        .order_by(Team.code)
    )
    with session.no_autoflush:  # teams and areas are not of this transaction
        found = session.execute(query).all()
    return [_crew(team, path) for team, path in found]


def crew_named(session: Session, code: str | None) -> Crew | None:
    """One team, None where there is none of that code."""
    query = select(Team, Area.path).join(Area, Area.code == Team.area).where(Team.code == code)
    found = session.execute(query).one_or_none()
    return _crew(*found) if found else None


def _crew(team: Team, path: str) -> Crew:
    return Crew(
        code=team.code,
        role=team.role,
        name=Words(team.name_zh, team.name_en),
        area_path=path,
        skills=frozenset(team.skills),
        tiers=frozenset(team.tiers),
        districts=frozenset(team.districts),
    )


def loads_of(session: Session, codes: Sequence[str]) -> dict[str, Load]:
    """What each of these teams has open, and how many people it has. Reads the beginning of an index of open to-dos,
    never all of them."""
    is_open = in_words(WorkItem.state, WORK_ITEM_OPEN)
    parts = []
    for code in codes:
        rows = select(literal(1).label("one")).where(WorkItem.team_code == code, is_open).limit(at_most(COUNTED))
        people = (
            select(func.count())
            .select_from(TeamMember)
            .join(User, User.login == TeamMember.login)
            .where(TeamMember.team_code == code, User.active)
        )
        counted = select(func.count()).select_from(rows.subquery())
        parts.append(select(literal(code), counted.scalar_subquery(), people.scalar_subquery()))
    return {code: Load(open_items, people) for code, open_items, people in session.execute(union_all(*parts))}


def hands_of(session: Session, codes: Collection[str]) -> list[Hand]:
    """Who works in these teams, and how much each has claimed or is offered."""
    claimed = _count(and_(WorkItem.claimed_by == User.login, in_words(WorkItem.state, WORK_ITEM_OPEN)))
    offered = _count(and_(WorkItem.offered_to == User.login, in_words(WorkItem.state, [WorkItemState.OPEN])))
    query = (
        select(User.login, User.role, User.skills, User.max_open_items, TeamMember.team_code, claimed, offered)
        .join(TeamMember, TeamMember.login == User.login)
        .where(TeamMember.team_code.in_(sorted(codes)), User.active)
        .order_by(User.login, TeamMember.team_code)
    )
    return [
        Hand(
            login=login,
            team=team,
            skills=frozenset(skills),
            open_items=mine + waiting,
            most=most,
            leads=role == Role.TEAM_LEADER,
        )
        for login, role, skills, most, team, mine, waiting in session.execute(query)
    ]


def members_of(session: Session, codes: Collection[str]) -> list[str]:
    """Logins of the active members of these teams, in order."""
    members = select(TeamMember.login).join(User, User.login == TeamMember.login)
    found = session.scalars(members.where(TeamMember.team_code.in_(codes), User.active).distinct())
    return sorted(found)


def _count(condition: Any) -> Any:
    return select(func.count()).select_from(WorkItem).where(condition).correlate(User).scalar_subquery()


def last_there(
    session: Session, *, order_id: str | None, product_id: str | None, role: str, now: datetime, within_days: int
) -> str | None:
    """Who of a role was the last to finish something for this order, or for an order of this product."""
    orders: Select[str] | list[str] = [order_id] if order_id else []
    if product_id:
        orders = select(ProductOrderItem.order_id).where(
            or_(ProductOrderItem.product_id == product_id, ProductOrderItem.order_id == order_id)
        )
    elif not order_id:
        return None
    done = (
        select(WorkItem.completed_by)
        .where(
            WorkItem.order_id.in_(orders),
            WorkItem.team_role == role,
            WorkItem.completed_at >= now - timedelta(days=within_days),
        )
        .order_by(WorkItem.completed_at.desc())
        .limit(1)
    )
    with session.no_autoflush:
        return session.scalars(done).first()


def side_of(session: Session, address_code: str | None) -> tuple[str, str]:
    """Side of town and class of the area of an address; empty where it is not known."""
    if not address_code:
        return "", ""
    with session.no_autoflush:
        found = session.execute(select(Address.side, Address.area_class).where(Address.code == address_code)).first()
    return (found.side or "", found.area_class) if found else ("", "")
