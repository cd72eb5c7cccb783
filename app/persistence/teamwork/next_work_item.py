"""The most urgent item of somebody's teams that nobody is just taking, however many ask for it at the same instant.

What is offered to somebody else is left to that person for a while.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Integer, Select, String, bindparam, cast, func, literal_column, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.persistence.areas import Area
from app.persistence.scope import OneOf
from app.persistence.teamwork.work_item_search import TEAMS_APART, most_urgent
from app.persistence.teamwork.work_items import WorkItem
from processes.clock import TIME_COLUMNS
from processes.locking import Told
from processes.store.rows import table_of
from processes.store.sentences import Sentence

#: So many of the most urgent items are looked at, those of each team first.
BEGINNING: Final = 30
LOOKED_AT: Final = 1000
TAKING_LOCK: Final = 7_240_005  # PostgreSQL advisory locks: an item that somebody is just taking
ITEMS: Final = table_of(WorkItem).columns
AREAS: Final = table_of(Area).columns


@dataclass(frozen=True)
class FreeItem:
    """An open item in the caller's area and teams, and what the clock columns gave with it."""

    id: str
    user_task_id: str | None
    told: Told


def first_free(session: Session, actor: Actor) -> FreeItem | None:
    """The most urgent open item of the actor's teams that nobody is just taking; None where there is none.

    On PostgreSQL it is the caller's until the end of the transaction, by a lock of its own: the row itself may only be
    locked after the process instance. On SQLite there is one writer.
    """
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    if on_postgresql and 0 < len(actor.teams) <= TEAMS_APART and not actor.demo_any_team:
        below = f"{_plain(actor.area_path)}//%"
        found = NEAR.all(session, teams=sorted(actor.teams), path=actor.area_path, below=below, me=actor.login)
        if found:
            return _item(found[0])
    row = session.execute(_free(most_urgent(actor, LOOKED_AT), locks=on_postgresql)).first()
    return None if row is None else _item(tuple(row))


def _item(row: tuple[Any, ...]) -> FreeItem:
    return FreeItem(row[0], row[1], (row[2], row[3]))


def _plain(path: str) -> str:
    """A path as the beginning of a pattern."""
    return path.replace("/", "//").replace("%", "/%").replace("_", "/_")


def _free(candidates: Select[*tuple[Any, ...]], *, locks: bool) -> Select[*tuple[Any, ...]]:
    """The first candidate that can be locked; they are looked at one by one, in their order."""
    queue = candidates.subquery()
    first = select(queue.c.id, queue.c.user_task_id, *TIME_COLUMNS).limit(_number(1))
    if not locks:
        return first
    return first.where(func.pg_try_advisory_xact_lock(_number(TAKING_LOCK), func.hashtext(cast(queue.c.id, String))))


def _near() -> Select[*tuple[Any, ...]]:
    """The very beginning of the queue of each team, read from its index and compiled once.

    States are said in the words of the index, and the area is looked at afterwards, so that nothing tempts the planner
    to collect and sort what a team has open.
    """
    team = func.unnest(bindparam("teams", type_=ARRAY(String()))).table_valued("code", name="team").render_derived()
    path, below = bindparam("path", type_=String()), bindparam("below", type_=String())
    mine = select(AREAS.code).where(or_(AREAS.path == path, AREAS.path.like(below, escape="/")))
    queue = (
        select(*_urgent_first(ITEMS)[0], ITEMS.user_task_id, ITEMS.area)
        .where(ITEMS.team_code == team.c.code, ITEMS.state == literal_column(f"'{WorkItemState.OPEN}'", String()))
        .where(or_(ITEMS.offered_to.is_(None), ITEMS.offered_to == bindparam("me", type_=String())))
        .order_by(*_urgent_first(ITEMS)[1])
        .limit(_number(BEGINNING))
        .lateral("queue")
    )
    found = (
        select(queue.c.id, queue.c.user_task_id).select_from(team.join(queue, true())).where(OneOf(queue.c.area, mine))
    )
    return _free(found.order_by(*_urgent_first(queue.c)[1]).limit(_number(LOOKED_AT)), locks=True)


def _urgent_first(rows: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The columns by which a queue is sorted, and how."""
    columns = (rows.priority, rows.due_at, rows.created_at, rows.id)
    return columns, (rows.priority.desc(), rows.due_at.asc().nulls_last(), rows.created_at, rows.id)


def _number(value: int) -> Any:
    """A number in the words of the statement: it is part of the plan."""
    return literal_column(str(value), Integer())


NEAR: Final = Sentence(_near)
