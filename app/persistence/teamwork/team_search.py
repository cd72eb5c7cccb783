"""Finding teams for work: those of a role over an area, how much each has to do, and who works in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Integer, Select, bindparam, func, literal_column, not_, or_, select
from sqlalchemy.orm import Session

from app.domain.actors import Role
from app.domain.teamwork.dispatch import Crew, Hand, Load
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.domain.words import Words
from app.persistence.areas import Area
from app.persistence.counter.customers import Address
from app.persistence.filters import at_most, in_words
from app.persistence.ordering.orders import ProductOrderItem
from app.persistence.people import Team, TeamMember, User
from app.persistence.teamwork.absences import Absence
from app.persistence.teamwork.work_items import WorkItem
from processes.store.rows import table_of
from processes.store.sentences import Sentence

#: So many open to-dos of a team are counted, from the beginning of an index; who has more is full anyway.
COUNTED: Final = 500


TEAMS: Final = table_of(Team).c
AREAS: Final = table_of(Area).c
ITEMS: Final = table_of(WorkItem).c
USERS: Final = table_of(User).c
MEMBERS: Final = table_of(TeamMember).c
CREW: Final = ("code", "role", "name_zh", "name_en", "skills", "tiers", "districts")


def crews_over(session: Session, role: str, area: str) -> list[Crew]:
    """The teams of a role in an area and above it, by code."""
    return [_crew(*row) for row in OVER.all(session, role=role, area=area)]


def crew_named(session: Session, code: str | None) -> Crew | None:
    """One team, None where there is none of that code."""
    found = NAMED.one(session, code=code)
    return _crew(*found) if found else None


def _crew(
    code: str,
    role: str,
    name_zh: str,
    name_en: str,
    skills: list[str],
    tiers: list[str],
    districts: list[str],
    area_path: str,
) -> Crew:
    return Crew(
        code=code,
        role=role,
        name=Words(name_zh, name_en),
        area_path=area_path,
        skills=frozenset(skills),
        tiers=frozenset(tiers),
        districts=frozenset(districts),
    )


def loads_of(session: Session, codes: Sequence[str], day: date) -> dict[str, Load]:
    """What each of these teams has open, and how many of its people are there on a day. Reads the beginning of an
    index of open to-dos, never all of them."""
    session.flush()  # what this transaction has opened counts too
    return {code: Load(*(LOAD.one(session, team=code, day=day) or (0, 0))) for code in codes}


def hands_of(session: Session, codes: Collection[str], day: date) -> list[Hand]:
    """Who of these teams is there on a day, and how much each has claimed or is offered."""
    session.flush()
    return [
        Hand(
            login=login,
            team=code,
            skills=frozenset(skills),
            open_items=mine + waiting,
            most=most,
            leads=role == Role.TEAM_LEADER,
        )
        for code in sorted(codes)
        for login, role, skills, most, mine, waiting in HANDS.all(session, team=code, day=day)
    ]


def members_of(session: Session, codes: Collection[str]) -> list[str]:
    """Logins of the active members of these teams, in order."""
    members = select(TeamMember.login).join(User, User.login == TeamMember.login)
    found = session.scalars(members.where(TeamMember.team_code.in_(codes), User.active).distinct())
    return sorted(found)


def _crews(*conditions: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*(TEAMS[name] for name in CREW), AREAS.path)
        .join_from(table_of(Team), table_of(Area), AREAS.code == TEAMS.area)
        .where(*conditions)
        .order_by(TEAMS.code)
    )


def _over() -> Select[*tuple[Any, ...]]:
    here = table_of(Area).alias("here")
    place = select(here.c.path).where(here.c.code == bindparam("area")).scalar_subquery()
    return _crews(TEAMS.role == bindparam("role"), or_(place == AREAS.path, place.startswith(AREAS.path + "/")))


def _load() -> Select[*tuple[Any, ...]]:
    is_open = in_words(ITEMS.state, WORK_ITEM_OPEN)
    rows: Select[Any] = select(literal_column("1").label("one")).where(ITEMS.team_code == bindparam("team"), is_open)
    counted = select(func.count()).select_from(rows.limit(at_most(COUNTED)).subquery())
    people = (
        select(func.count())
        .select_from(table_of(TeamMember).join(table_of(User), USERS.login == MEMBERS.login))
        .where(MEMBERS.team_code == bindparam("team"), USERS.active, _is_there())
    )
    return select(counted.scalar_subquery(), people.scalar_subquery())


def _hands() -> Select[*tuple[Any, ...]]:
    def count(*conditions: Any) -> Any:
        found = select(func.count()).select_from(table_of(WorkItem)).where(*conditions)
        return found.correlate(table_of(User)).scalar_subquery()

    return (
        select(
            *(USERS[name] for name in ("login", "role", "skills", "max_open_items")),
            count(ITEMS.claimed_by == USERS.login, in_words(ITEMS.state, WORK_ITEM_OPEN)).label("mine"),
            count(ITEMS.offered_to == USERS.login, in_words(ITEMS.state, [WorkItemState.OPEN])).label("offered"),
        )
        .join_from(table_of(User), table_of(TeamMember), MEMBERS.login == USERS.login)
        .where(MEMBERS.team_code == bindparam("team"), USERS.active, _is_there())
        .order_by(USERS.login)
    )


def _is_there() -> ColumnElement[bool]:
    """That nothing says of a user that he or she is absent on ``day``."""
    away = table_of(Absence).c
    day = bindparam("day", type_=Date())
    noted = select(away.id).where(away.login == USERS.login, away.from_day <= day, away.until_day >= day)
    return not_(noted.correlate(table_of(User)).exists())


OVER: Final = Sentence(_over)
NAMED: Final = Sentence(lambda: _crews(TEAMS.code == bindparam("code")))
LOAD: Final = Sentence(_load)
HANDS: Final = Sentence(_hands)


def last_there(
    session: Session, *, order_id: str | None, product_id: str | None, role: str, now: datetime, within_days: int
) -> str | None:
    """Who of a role was the last to finish something for this order, or for an order of this product."""
    since = now - timedelta(days=within_days)
    found = LAST_THERE.one(session, order_id=order_id, product_id=product_id, role=role, since=since)
    return found[0] if found else None


def _last_there() -> Select[*tuple[Any, ...]]:
    lines = table_of(ProductOrderItem).c
    of_product = select(lines.order_id).where(lines.product_id == bindparam("product_id"))
    return (
        select(ITEMS.completed_by)
        .where(
            or_(ITEMS.order_id == bindparam("order_id"), ITEMS.order_id.in_(of_product)),
            ITEMS.team_role == bindparam("role"),
            ITEMS.completed_at >= bindparam("since"),
        )
        .order_by(ITEMS.completed_at.desc())
        .limit(literal_column("1", Integer()))
    )


LAST_THERE: Final = Sentence(_last_there)


def side_of(session: Session, address_code: str | None) -> tuple[str, str]:
    """Side of town and class of the area of an address; empty where it is not known."""
    if not address_code:
        return "", ""
    with session.no_autoflush:
        found = session.execute(select(Address.side, Address.area_class).where(Address.code == address_code)).first()
    return (found.side or "", found.area_class) if found else ("", "")
