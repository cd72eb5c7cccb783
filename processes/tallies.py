"""How often each element was entered and left: sums kept per version and area, lines not summed up yet counted at once.

Nothing is counted while orders run. A chore adds up what is older than half a minute, once; whoever asks gets the sums
and what has been written since, so the answer is never behind.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal_column, select, text, union_all
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from sqlalchemy.orm import Session

from processes.lifecycle import ENDED_JOBS, IncidentState, TriggerState, UserTaskState
from processes.store.history import ElementCount, HistoryMark
from processes.store.instances import (
    ActivityLog,
    Incident,
    MessageSubscription,
    ProcessInstance,
    Timer,
    UserTask,
)
from processes.store.jobs import Job
from processes.store.starts import SignalSubscription

COUNTED: Final = "counted"
#: A line may be committed so long after the time it carries, if its transaction is not to be seen as running.
SETTLES: Final = timedelta(seconds=30)
#: One transaction sums up at least so much time, and as much more as has not many lines.
SPAN: Final = timedelta(minutes=10)
FEW: Final = 20_000
MANY: Final = 200_000
BEFORE_THE_FIRST: Final = timedelta(days=1)
WAYS: Final = ("entered", "completed", "cancelled", "failed")
OLDEST: Final = text(
    "SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """One element of one version. ``passed`` = completed; ``running``: activations open now, failed ones included."""

    definition_id: str
    element_id: str
    entered: int = 0
    completed: int = 0
    cancelled: int = 0
    failed: int = 0
    running: int = 0
    incidents: int = 0


def sum_up(session: Session, *, now: datetime) -> bool:
    """Add the lines of the next stretch of time to the sums; returns whether another stretch is due already.

    One caller at a time: see the chores.
    """
    until = _settled(session, now)
    mark = session.get(HistoryMark, COUNTED)
    since = _beginning(session, until) if mark is None else mark.at
    upto = since
    if since < until:
        upto = _stretch(session, since, until)
        _add(session, since, upto)
    if mark is None:
        session.add(HistoryMark(name=COUNTED, at=upto))
    else:
        mark.at = max(mark.at, upto)
    session.flush()
    return upto < until


def tallies(session: Session, definition_ids: Collection[str], *, areas: Select[Any] | None = None) -> list[Tally]:
    """The figures of every element of these versions that was ever entered, summed up to this moment.

    :param areas: a query for the codes of the areas that count; all, if not given.
    """
    found: dict[tuple[str, str], Tally] = {}
    for row in session.execute(_passed(session, definition_ids, areas)):
        key = (row.definition_id, row.element_id)
        ways = {way: int(getattr(row, way)) for way in WAYS}
        found[key] = Tally(definition_id=key[0], element_id=key[1], **ways)
    for row in session.execute(_open(definition_ids, areas)):
        key = (row.definition_id, row.element_id)
        found[key] = replace(found.get(key) or Tally(definition_id=key[0], element_id=key[1]), running=row.times)
    for row in session.execute(_failed(definition_ids, areas)):
        key = (row.definition_id, row.element_id)
        found[key] = replace(found.get(key) or Tally(definition_id=key[0], element_id=key[1]), incidents=row.times)
    return [found[key] for key in sorted(found)]


def _settled(session: Session, now: datetime) -> datetime:
    """Up to when every line is committed: no transaction is older that could still write one."""
    if session.get_bind().dialect.name != "postgresql":
        return now - SETTLES
    behind = timedelta(0)
    oldest, real = session.scalar(OLDEST), session.scalar(text("SELECT clock_timestamp()"))
    if oldest is not None and real is not None:
        behind = max(behind, real - oldest)
    return now - SETTLES - behind


def _beginning(session: Session, until: datetime) -> datetime:
    """Before the first line: ids are made in the order of time, so the first instance by id is about the oldest."""
    first = session.scalar(select(ProcessInstance.started_at).order_by(ProcessInstance.id).limit(1))
    return until if first is None else min(until, first - BEFORE_THE_FIRST)


def _stretch(session: Session, since: datetime, until: datetime) -> datetime:
    """The end of the next stretch: with some thousands of lines, however quiet or busy the time was."""
    span = SPAN
    while since + span < until and _lines(session, since, since + span, FEW) < FEW:
        span *= 2
    while span > SPAN and _lines(session, since, min(until, since + span), MANY) >= MANY:
        span /= 2
    return min(until, since + span)


def _lines(session: Session, since: datetime, until: datetime, most: int) -> int:
    """How many lines there are between, counted up to ``most``."""
    some = select(ActivityLog.seq).where(ActivityLog.at > since, ActivityLog.at <= until).limit(most)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _counts(*where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Lines by version, element and area; those of the instance as a whole are of no element."""
    ways = [func.sum(case((ActivityLog.event == way, 1), else_=0)).label(way) for way in WAYS]
    columns = (ProcessInstance.definition_id, ActivityLog.element_id, ProcessInstance.area)
    return (
        select(*columns, *ways)
        .join(ProcessInstance, ProcessInstance.id == ActivityLog.instance_id)
        .where(ActivityLog.element_id != "", ActivityLog.event.in_(WAYS), *where)
        .group_by(*columns)
    )


def _add(session: Session, since: datetime, until: datetime) -> None:
    names = ("definition_id", "element_id", "area", *WAYS)
    kind = insert_on_postgresql if session.get_bind().dialect.name == "postgresql" else insert_on_sqlite
    # The order keeps two writers from waiting for each other; SQLite needs a WHERE before ON CONFLICT.
    rows = _counts(ActivityLog.at > since, ActivityLog.at <= until).order_by(*map(literal_column, ("1", "2", "3")))
    adding = kind(ElementCount).from_select(names, rows)
    sums = {way: getattr(ElementCount, way) + getattr(adding.excluded, way) for way in WAYS}
    session.execute(adding.on_conflict_do_update(index_elements=list(names[:3]), set_=sums))


def _passed(session: Session, definition_ids: Collection[str], areas: Select[Any] | None) -> Select[*tuple[Any, ...]]:
    mark = session.get(HistoryMark, COUNTED)
    mine: list[ColumnElement[bool]] = [ProcessInstance.definition_id.in_(definition_ids)]
    if mark is not None:
        mine.append(ActivityLog.at > mark.at)
    if areas is not None:
        mine.append(ProcessInstance.area.in_(areas))
    kept = select(
        ElementCount.definition_id, ElementCount.element_id, *(getattr(ElementCount, way).label(way) for way in WAYS)
    ).where(ElementCount.definition_id.in_(definition_ids))
    if areas is not None:
        kept = kept.where(ElementCount.area.in_(areas))
    fresh = _counts(*mine).subquery()
    both = union_all(
        kept, select(fresh.c.definition_id, fresh.c.element_id, *(fresh.c[way] for way in WAYS))
    ).subquery()
    sums = [func.sum(both.c[way]).label(way) for way in WAYS]
    return select(both.c.definition_id, both.c.element_id, *sums).group_by(both.c.definition_id, both.c.element_id)


def _live(definition_ids: Collection[str], areas: Select[Any] | None) -> Subquery:
    live = select(ProcessInstance.id, ProcessInstance.definition_id).where(
        ProcessInstance.definition_id.in_(definition_ids), ProcessInstance.ended_at.is_(None)
    )
    return (live if areas is None else live.where(ProcessInstance.area.in_(areas))).subquery()


def _open(definition_ids: Collection[str], areas: Select[Any] | None) -> Select[*tuple[Any, ...]]:
    tasks = open_tasks(_live(definition_ids, areas))
    columns = (tasks.c.definition_id, tasks.c.element_id)
    return select(*columns, func.count().label("times")).group_by(*columns)


def open_tasks(live: Subquery) -> Subquery:
    """What the rows of some instances (``id``, ``definition_id``) wait for, each task once.

    Columns: ``definition_id``, ``element_id``, ``instance_id``, ``task_id``.
    """
    operation = and_(Job.kind == "operation", Job.state.not_in(ENDED_JOBS), ~Job.detached)
    kinds: list[tuple[Any, Any]] = [
        (UserTask, UserTask.state == UserTaskState.OPEN),
        (Timer, Timer.state == TriggerState.WAITING),
        (MessageSubscription, MessageSubscription.state == TriggerState.WAITING),
        (SignalSubscription, SignalSubscription.state == TriggerState.WAITING),
        (Job, operation),
        (Incident, and_(Incident.state == IncidentState.OPEN, Incident.job_id.is_(None))),
    ]
    parts = [
        select(live.c.definition_id, table.element_id.label("element_id"), table.instance_id, table.task_id)
        .join(live, live.c.id == table.instance_id)
        .where(is_open, table.task_id.is_not(None))
        for table, is_open in kinds
    ]
    child = ProcessInstance
    calls = (
        select(
            live.c.definition_id,
            child.parent_element_id.label("element_id"),
            child.parent_id.label("instance_id"),
            child.parent_task_id.label("task_id"),
        )
        .join(live, live.c.id == child.parent_id)
        .where(child.ended_at.is_(None), child.parent_element_id.is_not(None))
    )
    # UNION, not UNION ALL: a task may wait for more than one thing.
    return parts[0].union(*parts[1:], calls).subquery()


def _failed(definition_ids: Collection[str], areas: Select[Any] | None) -> Select[*tuple[Any, ...]]:
    live = _live(definition_ids, areas)
    columns = (live.c.definition_id, Incident.element_id)
    return (
        select(*columns, func.count().label("times"))
        .join(live, live.c.id == Incident.instance_id)
        .where(Incident.state == IncidentState.OPEN)
        .group_by(*columns)
    )
