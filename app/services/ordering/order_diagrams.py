"""Where an order stands in the drawings of its plan: which processes carry it out, and what became of each element."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.persistence.ordering.order_trees import in_tree_of
from app.persistence.scope import scoped
from app.persistence.teamwork.work_items import WorkItem
from processes.lifecycle import ENDED_JOBS, OPEN_TRIGGERS, EffectState, IncidentState, JobState, UserTaskState
from processes.store.bulk import Repair
from processes.store.definitions import ProcessDefinition
from processes.store.instances import ActivityLog, Incident, MessageSubscription, ProcessInstance, Timer, UserTask
from processes.store.jobs import Effect, Job
from processes.store.starts import SignalSubscription

#: ``here``: a token stands there. ``again``: it waits for the next try. ``left``: it was begun and taken away.
MarkState = Literal["failed", "again", "here", "undone", "skipped", "done", "left"]

#: Of a plan that has gone round and round, the newest lines of this many say how it stands.
MOST_LINES: Final = 4_000
#: The tables whose open rows a token waits for.
WAITS: Final[Sequence[tuple[type[Any], Any]]] = (
    (UserTask, UserTask.state == UserTaskState.OPEN),
    (Timer, Timer.state.in_(OPEN_TRIGGERS)),
    (MessageSubscription, MessageSubscription.state.in_(OPEN_TRIGGERS)),
    (SignalSubscription, SignalSubscription.state.in_(OPEN_TRIGGERS)),
)
#: They wait beside an activity, or before there is one: no token stands at them.
NOBODY_STANDS_AT: Final = frozenset({"boundaryEvent", "startEvent"})


@dataclass(frozen=True, kw_only=True)
class Run:
    """One process of an order's tree. ``incidents``: how many are open in it."""

    id: str
    parent_id: str | None
    parent_element_id: str | None
    depth: int
    definition_id: str
    key: str
    version: int
    name_zh: str
    name_en: str
    state: str
    business_key: str
    started_at: datetime
    ended_at: datetime | None
    suspended_at: datetime | None
    incidents: int


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What became of one element in one process. ``tokens``: how many stand there; ``times``: how often it was done.

    ``since``: when it was last entered, or ended. ``late``: what people do there is overdue.
    ``attempts`` of ``most`` tries are used, the next is at ``next_at``.
    """

    element_id: str
    state: MarkState
    tokens: int = 0
    times: int = 0
    since: datetime | None = None
    by: str = ""
    late: bool = False
    attempts: int = 0
    most: int = 0
    next_at: datetime | None = None


def runs_of(session: Session, order: str, actor: Actor) -> list[Run]:
    """The processes of an order that lie in the actor's area, callers before what they called.

    :param order: its number or id. :raises NotFound: no such order in the actor's area.
    """
    failed = dict(_incidents(session, order, actor))
    query = select(ProcessInstance, ProcessDefinition.version, ProcessDefinition.name, ProcessDefinition.name_en)
    query = query.join(ProcessDefinition, ProcessDefinition.id == ProcessInstance.definition_id)
    rows = session.execute(
        scoped(query, ProcessInstance, actor)
        .where(in_tree_of(session, order, actor))
        .order_by(ProcessInstance.depth, ProcessInstance.id)
    )
    return [
        Run(
            id=row.id,
            parent_id=row.parent_id,
            parent_element_id=row.parent_element_id,
            depth=row.depth,
            definition_id=row.definition_id,
            key=row.process_key,
            version=version,
            name_zh=name,
            name_en=name_en or name,
            state=row.state,
            business_key=row.business_key,
            started_at=row.started_at,
            ended_at=row.ended_at,
            suspended_at=row.suspended_at,
            incidents=failed.get(row.id, 0),
        )
        for row, version, name, name_en in rows
    ]


def worth_showing(runs: Sequence[Run]) -> Run | None:
    """The process to open first: the deepest with an incident, else the plan of an item under way, else the first."""
    broken = [run for run in runs if run.incidents]
    if broken:
        return broken[-1]
    live = [run for run in runs if run.depth == 1 and run.ended_at is None]
    plans = [run for run in runs if run.depth == 1]
    return next(iter([*live, *plans, *runs]), None)


def marks_of(session: Session, run: Run, kinds: Mapping[str, str], now: datetime) -> dict[str, Mark]:
    """What became of every element that was ever entered.

    :param kinds: the BPMN type of each element of the drawing; what is not in it is left out.
    """
    found = _passed(session, run)
    tokens = _tokens(session, run)
    broken = _broken(session, run)
    again = _again(session, run)
    undone, skipped, late = _undone(session, run), _skipped(session, run), _late(session, run, now)
    marks = {}
    for element_id in [*found, *(one for one in (*tokens, *broken) if one not in found)]:
        kind = kinds.get(element_id)
        if kind is None:
            continue
        last, times, at, by = found.get(element_id, ("entered", 0, None, ""))
        stands = 0 if kind in NOBODY_STANDS_AT else len(tokens.get(element_id, ()))
        tries = again.get(element_id)
        state: MarkState = "done" if last == "completed" else "here" if last == "entered" else "left"
        if stands:
            state = "again" if tries else "here"
        elif element_id in undone and state != "here":
            state = "undone"
        elif element_id in skipped and state == "done":
            state = "skipped"
        if run.ended_at is not None and state == "here":
            state = "left"
        if element_id in broken:
            state, stands = "failed", max(stands, 1)
        tries = tries or (0, 0, None)
        marks[element_id] = Mark(
            element_id=element_id,
            state=state,
            tokens=stands,
            times=times,
            since=broken.get(element_id) or at,
            by=by,
            late=element_id in late,
            attempts=tries[0],
            most=tries[1],
            next_at=tries[2],
        )
    return marks


def called_by(runs: Sequence[Run], run: Run) -> dict[str, list[Run]]:
    """What a process has called, by the element that called it."""
    found: dict[str, list[Run]] = defaultdict(list)
    for one in runs:
        if one.parent_id == run.id and one.parent_element_id:
            found[one.parent_element_id].append(one)
    return found


def way_to(runs: Sequence[Run], run: Run) -> list[Run]:
    """The process and its callers, the outermost first."""
    by_id = {one.id: one for one in runs}
    way = [run]
    while way[0].parent_id in by_id:
        way.insert(0, by_id[str(way[0].parent_id)])
    return way


def _incidents(session: Session, order: str, actor: Actor) -> list[tuple[str, int]]:
    query = (
        select(Incident.instance_id, func.count())
        .join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .where(in_tree_of(session, order, actor), Incident.state == IncidentState.OPEN)
        .group_by(Incident.instance_id)
    )
    return [(instance_id, int(count)) for instance_id, count in session.execute(query)]


def _passed(session: Session, run: Run) -> dict[str, tuple[str, int, datetime | None, str]]:
    """By element, in the order in which they were first entered: last event, times completed, when, and by whom."""
    columns = (ActivityLog.element_id, ActivityLog.event, ActivityLog.at, ActivityLog.actor)
    rows = session.execute(
        select(*columns)
        .where(ActivityLog.instance_id == run.id, ActivityLog.element_id != "")
        .order_by(ActivityLog.seq.desc())
        .limit(MOST_LINES)
    ).all()
    found: dict[str, tuple[str, int, datetime | None, str]] = {}
    for element_id, event, at, actor in reversed(rows):
        last, times, since, by = found.get(element_id, ("", 0, None, ""))
        if event == "completed":
            last, times, since, by = event, times + 1, at, actor or ""
        elif event in ("entered", "cancelled", "failed", "compensated"):
            last, since = event, at
        found[element_id] = (last or "entered", times, since or at, by)
    return found


def _tokens(session: Session, run: Run) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for table, is_open in WAITS:
        rows = select(table.element_id, table.task_id).where(table.instance_id == run.id, is_open)
        for element_id, task_id in session.execute(rows):
            found[element_id or ""].add(task_id or "")
    jobs = select(Job.element_id, Job.task_id).where(
        Job.instance_id == run.id, Job.kind == "operation", Job.state.not_in(ENDED_JOBS), ~Job.detached
    )
    for element_id, task_id in session.execute(jobs):
        found[element_id or ""].add(task_id or "")
    child = ProcessInstance
    calls = select(child.parent_element_id, child.parent_task_id).where(
        child.parent_id == run.id, child.ended_at.is_(None), child.parent_element_id.is_not(None)
    )
    for element_id, task_id in session.execute(calls):
        found[element_id or ""].add(task_id or "")
    return found


def _broken(session: Session, run: Run) -> dict[str, datetime]:
    rows = select(Incident.element_id, func.min(Incident.opened_at)).where(
        Incident.instance_id == run.id, Incident.state == IncidentState.OPEN
    )
    return dict(session.execute(rows.group_by(Incident.element_id)).all())


def _again(session: Session, run: Run) -> dict[str, tuple[int, int, datetime | None]]:
    """Steps whose call has failed and will be tried again: tries used, tries there are, when the next one is."""
    rows = select(Job.element_id, Job.attempts, Job.max_attempts, Job.run_at).where(
        Job.instance_id == run.id, Job.state == JobState.READY, Job.attempts > 0, Job.last_error.is_not(None)
    )
    return {element_id or "": (used, most, at) for element_id, used, most, at in session.execute(rows)}


def _late(session: Session, run: Run, now: datetime) -> set[str]:
    """Elements at which a person's work is overdue."""
    rows = (
        select(UserTask.element_id)
        .join(WorkItem, WorkItem.user_task_id == UserTask.id)
        .where(UserTask.instance_id == run.id, UserTask.state == UserTaskState.OPEN, WorkItem.due_at < now)
    )
    return set(session.scalars(rows))


def _undone(session: Session, run: Run) -> set[str]:
    """Elements of which every effect was undone."""
    rows = session.execute(select(Effect.element_id, Effect.state).where(Effect.instance_id == run.id))
    states: dict[str, set[str]] = defaultdict(set)
    for element_id, state in rows:
        states[element_id].add(state)
    return {element_id for element_id, found in states.items() if found == {EffectState.UNDONE}}


def _skipped(session: Session, run: Run) -> set[str]:
    rows = select(Repair.element_id).where(Repair.instance_id == run.id, Repair.action == "skip")
    return {str(element_id) for element_id in session.scalars(rows) if element_id}
