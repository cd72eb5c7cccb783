"""How long the elements of a process took, from the history of the processes that were begun last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.persistence.scope import scoped
from app.persistence.teamwork.work_items import WorkItem
from processes.store.instances import ActivityLog, Incident, ProcessInstance, UserTask

#: So many processes are looked at, the newest ones; more would cost more than they say.
MOST_RUNS: Final = 1_000


@dataclass
class ElementTimes:
    """One element. Spans of what is done, and of what still goes on as long as it has gone on so far (``open``).

    ``waits`` and ``works``: of what people did, before and after somebody took it. ``failures``: incidents; ``late``:
    to-dos that were done, or are open, after they were due.
    """

    spans: list[timedelta] = field(default_factory=list)
    open: list[timedelta] = field(default_factory=list)
    waits: list[timedelta] = field(default_factory=list)
    works: list[timedelta] = field(default_factory=list)
    entered: int = 0
    failures: int = 0
    late: int = 0


@dataclass(frozen=True)
class Sample:
    """The processes that were looked at, and the times by element. ``between``: see :func:`sample`."""

    runs: int
    is_all: bool
    elements: dict[str, ElementTimes]
    between: Sequence[timedelta]


def sample(
    session: Session,
    actor: Actor,
    definition_ids: Collection[str],
    *,
    since: datetime,
    now: datetime,
    pair: tuple[str, str] | None = None,
) -> Sample:
    """Times of the newest ``MOST_RUNS`` processes of these versions that were begun since then, in the actor's area.

    :param pair: two elements: ``between`` is how long it took from the end of the first to the beginning of the second.
    """
    mine = scoped(select(ProcessInstance.id), ProcessInstance, actor).where(
        ProcessInstance.definition_id.in_(definition_ids), ProcessInstance.started_at >= since
    )
    ids = list(session.scalars(mine.order_by(ProcessInstance.id.desc()).limit(MOST_RUNS + 1)))
    is_all, ids = len(ids) <= MOST_RUNS, ids[:MOST_RUNS]
    found: dict[str, ElementTimes] = defaultdict(ElementTimes)
    if not ids:
        return Sample(0, True, found, ())
    between = _spans(session, ids, found, now, pair)
    _people(session, ids, found, now)
    failed = (
        select(Incident.element_id, func.count()).where(Incident.instance_id.in_(ids)).group_by(Incident.element_id)
    )
    for element_id, count in session.execute(failed):
        found[element_id].failures = int(count)
    return Sample(len(ids), is_all, found, between)


def _spans(
    session: Session,
    ids: Sequence[str],
    found: dict[str, ElementTimes],
    now: datetime,
    pair: tuple[str, str] | None,
) -> list[timedelta]:
    columns = (ActivityLog.instance_id, ActivityLog.task_id, ActivityLog.element_id, ActivityLog.event, ActivityLog.at)
    live = dict(
        session.execute(select(ProcessInstance.id, ProcessInstance.ended_at).where(ProcessInstance.id.in_(ids))).all()
    )
    lines = session.execute(
        select(*columns)
        .where(ActivityLog.instance_id.in_(ids), ActivityLog.element_id != "")
        .order_by(ActivityLog.instance_id, ActivityLog.seq)
    )
    begun: dict[tuple[str, str | None, str], datetime] = {}
    left: dict[str, datetime] = {}
    between = []
    for instance_id, task_id, element_id, event, at in lines:
        key = (instance_id, task_id, element_id)
        times = found[element_id]
        if event == "entered":
            begun[key] = at
            times.entered += 1
            if pair and element_id == pair[1] and instance_id in left:
                between.append(at - left.pop(instance_id))
        elif event == "completed":
            times.spans.append(at - begun.pop(key, at))
            if pair and element_id == pair[0]:
                left[instance_id] = at
        elif event in ("cancelled", "failed"):
            begun.pop(key, None)
    for (instance_id, _, element_id), at in begun.items():
        if live.get(instance_id) is None:
            found[element_id].open.append(now - at)
    return between


def _people(session: Session, ids: Sequence[str], found: dict[str, ElementTimes], now: datetime) -> None:
    columns = (WorkItem.created_at, WorkItem.claimed_at, WorkItem.completed_at, WorkItem.due_at, WorkItem.state)
    rows = session.execute(
        select(UserTask.element_id, *columns)
        .join(WorkItem, WorkItem.user_task_id == UserTask.id)
        .where(UserTask.instance_id.in_(ids))
    )
    for element_id, created, claimed, completed, due, state in rows:
        times = found[element_id]
        is_open = state in ("open", "claimed", "paused")
        end = completed or (now if is_open else None)
        if end is None:
            continue
        times.waits.append(max((claimed or end) - created, timedelta()))
        if claimed is not None:
            times.works.append(max(end - claimed, timedelta()))
        if due is not None and end > due:
            times.late += 1
