"""Who hears of an alarm: the roles that the ladder names, as people of the area the clock is in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.domain.actors import Role
from app.domain.promises.sla_book import Level
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN
from app.persistence.areas import Area, top_area
from app.persistence.counter.customers import Customer
from app.persistence.ordering.orders import ProductOrder
from app.persistence.people import Team, TeamMember, User
from app.persistence.promises.sla_clocks import JeopardyAlert, JeopardyNotice, SlaClock
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem

log = logging.getLogger(__name__)
HEADQUARTERS_DISPATCH: Final = "hq_dispatch"

Owner = ProductOrder | TroubleTicket


def tell(session: Session, alert: JeopardyAlert, level: Level, clock: SlaClock, owner: Owner, now: datetime) -> None:
    """Write down who hears of an alert, each person once; a kind of which there is nobody is written down as well."""
    known: set[str] = set()
    for told in level.tell:
        logins: list[str | None] = [*FINDERS[told](session, clock, owner)]
        if not logins:
            log.warning("nobody hears of alarm %d of %s as %s", alert.level, owner.number, told)
        for login in logins or [None]:
            if login in known:
                continue
            alert.notices.append(JeopardyNotice(told=told, login=login, channels=list(level.channels), at=now))
            known |= {login} if login else set()


def holder(session: Session, clock: SlaClock, owner: Owner) -> list[str]:
    """Who has claimed the open work; where nobody has, the leader of the team it lies with."""
    items = open_items(session, clock, owner)
    claimed = sorted({item.claimed_by for item in items if item.claimed_by})
    return claimed or leader(session, clock, owner)


def leader(session: Session, clock: SlaClock, owner: Owner) -> list[str]:
    """The leaders of the teams with open work; where there is none, the nearest leader."""
    teams = {item.team_code for item in open_items(session, clock, owner) if item.team_code}
    of_teams = (
        select(User.login)
        .join(TeamMember, TeamMember.login == User.login)
        .where(User.role == Role.TEAM_LEADER, User.active, TeamMember.team_code.in_(teams))
    )
    found = sorted(set(session.scalars(of_teams))) if teams else []
    return found or nearest(session, Role.TEAM_LEADER, clock.area)


def manager(session: Session, clock: SlaClock, _owner: Owner) -> list[str]:
    """The operations manager of the local network, else of the province, else of the group."""
    return nearest(session, Role.OPERATIONS_MANAGER, clock.area)


def account_manager(session: Session, clock: SlaClock, owner: Owner) -> list[str]:
    """The customer's own, else those of the area."""
    named = session.scalar(select(Customer.account_manager).where(Customer.customer_no == owner.customer_no))
    own = session.scalar(select(User.login).where(User.login == named, User.active)) if named else None
    return [own] if own else nearest(session, Role.ACCOUNT_MANAGER, clock.area)


def quality(session: Session, clock: SlaClock, _owner: Owner) -> list[str]:
    """Who looks after quality in the area."""
    return nearest(session, Role.QUALITY, clock.area)


def hq_dispatch(session: Session, _clock: SlaClock, _owner: Owner) -> list[str]:
    """The dispatchers of headquarters."""
    query = (
        select(User.login)
        .join(TeamMember, TeamMember.login == User.login)
        .join(Team, Team.code == TeamMember.team_code)
        .where(Team.role == HEADQUARTERS_DISPATCH, User.active)
    )
    return sorted(set(session.scalars(query)))


def hq_manager(session: Session, _clock: SlaClock, _owner: Owner) -> list[str]:
    """The operations managers of headquarters."""
    return nearest(session, Role.OPERATIONS_MANAGER, top_area(session))


#: Everybody that a ladder may name.
FINDERS: Final[Mapping[str, Callable[[Session, SlaClock, Owner], list[str]]]] = {
    "holder": holder,
    "leader": leader,
    "manager": manager,
    "account_manager": account_manager,
    "quality": quality,
    "hq_dispatch": hq_dispatch,
    "hq_manager": hq_manager,
}


def nearest(session: Session, role: Role, area: str) -> list[str]:
    """The people of a role in an area, else in the area above it that has some."""
    place = select(Area.path).where(Area.code == area).scalar_subquery()
    query = (
        select(User.login, Area.path)
        .join(Area, Area.code == User.area)
        .where(User.role == role, User.active, or_(place == Area.path, place.startswith(Area.path + "/")))
    )
    found = session.execute(query).all()
    deepest = max((row.path for row in found), default="")
    return sorted(row.login for row in found if row.path == deepest)


def open_items(session: Session, clock: SlaClock, owner: Owner) -> list[WorkItem]:
    """The open work of what a clock counts for."""
    query = select(WorkItem).where(WorkItem.state.in_([state.value for state in WORK_ITEM_OPEN]))
    if isinstance(owner, TroubleTicket):
        query = query.where(WorkItem.ticket_id == owner.id)
    elif clock.work_order_id is not None:
        query = query.where(WorkItem.work_order_id == clock.work_order_id)
    else:
        query = query.where(WorkItem.order_id == owner.id)
    return list(session.scalars(query))
