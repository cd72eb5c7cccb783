"""Who works: the list of workers, and the orders to claim nothing more (drain)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from processes.lifecycle import HELD_JOBS, InboxState, TriggerState
from processes.store.instances import Timer
from processes.store.jobs import InboxMessage, Job, WorkerDrain, WorkerHeartbeat

#: A worker gives a sign of life every few seconds; one that has not for so long is lost.
ALIVE_WITHIN: Final = timedelta(seconds=30)


class WorkerState(StrEnum):
    """``died``: its process is no more and had not stopped. ``lost`` is never stored: it is what a worker without signs
    of life is called."""

    RUNNING = "running"
    DRAINING = "draining"
    STOPPED = "stopped"
    DIED = "died"
    LOST = "lost"


#: States of a worker whose process should be there, and of one whose process is not.
HERE: Final = (WorkerState.RUNNING, WorkerState.DRAINING)
GONE: Final = (WorkerState.STOPPED, WorkerState.DIED)


class DrainScope(StrEnum):
    """For whom a drain is."""

    ALL = "all"
    HOST = "host"
    WORKER = "worker"


@dataclass(frozen=True, kw_only=True)
class WorkerLine:
    """One worker as people see it. ``in_hand``: leased to it by the books, whatever it says itself."""

    name: str
    host: str
    pid: int
    state: WorkerState
    threads: int
    in_hand: int
    seen_s: float


def list_workers(session: Session, now: datetime, *, with_stopped: bool = False) -> list[WorkerLine]:
    """Every worker that should be there, by host and start; ``with_stopped``: those that died as well."""
    rows = session.scalars(
        select(WorkerHeartbeat).order_by(WorkerHeartbeat.host, WorkerHeartbeat.started_at, WorkerHeartbeat.name)
    ).all()
    leased = leases_by_owner(session)
    lines = [_line(row, leased[row.name], now) for row in rows]
    return [line for line in lines if with_stopped or line.state not in GONE]


def _line(row: WorkerHeartbeat, leased: int, now: datetime) -> WorkerLine:
    state = WorkerState(row.state)
    if state in HERE and row.seen_at < now - ALIVE_WITHIN:
        state = WorkerState.LOST
    return WorkerLine(
        name=row.name,
        host=row.host,
        pid=row.pid,
        state=state,
        threads=row.threads,
        in_hand=leased,
        seen_s=round(max(0.0, (now - row.seen_at).total_seconds()), 1),
    )


def workers_by_state(session: Session, now: datetime) -> Counter[str]:
    """How many workers are running, draining or lost."""
    seen = WorkerHeartbeat.seen_at >= now - ALIVE_WITHIN
    found: Counter[str] = Counter()
    rows = session.execute(
        select(WorkerHeartbeat.state, seen, func.count())
        .where(WorkerHeartbeat.state.in_(HERE))
        .group_by(WorkerHeartbeat.state, seen)
    )
    for state, is_seen, number in rows:
        found[state if is_seen else WorkerState.LOST] += number
    return found


def closed_gates(session: Session, now: datetime) -> Counter[str]:
    """The neighbours that get no calls from some living workers, with how many these are."""
    here = select(WorkerHeartbeat.counters).where(
        WorkerHeartbeat.state.in_(HERE), WorkerHeartbeat.seen_at >= now - ALIVE_WITHIN
    )
    rows = session.scalars(here).all()
    names = [name for counters in rows for name, state in counters.items() if name.endswith(":breaker") and state > 0]
    return Counter(name.split(":")[1] for name in names)


def leases_by_owner(session: Session) -> Counter[str]:
    """How many jobs, timers and news each worker has leased."""
    found: Counter[str] = Counter()
    for table, is_held in (
        (Job, Job.state.in_(HELD_JOBS)),
        (Timer, and_(Timer.state == TriggerState.WAITING, Timer.lease_until.is_not(None))),
        (InboxMessage, and_(InboxMessage.state == InboxState.RECEIVED, InboxMessage.lease_until.is_not(None))),
    ):
        rows = session.execute(select(table.lease_owner, func.count()).where(is_held).group_by(table.lease_owner))
        for owner, number in rows:
            found[owner or ""] += number
    return found


def order_drain(session: Session, scope: DrainScope, name: str, now: datetime) -> None:
    """Tell one worker, a host's or all of them to claim nothing more; they hear it with their next sign of life."""
    session.merge(WorkerDrain(scope=scope.value, name=name, began_at=now))


def end_drains(session: Session) -> int:
    """Everybody may claim again; returns how many orders there were."""
    ended = session.execute(delete(WorkerDrain).returning(WorkerDrain.scope))
    return len(ended.all())


def drains(session: Session) -> Sequence[WorkerDrain]:
    """The orders in force."""
    return session.scalars(select(WorkerDrain).order_by(WorkerDrain.began_at)).all()


def is_drained(session: Session, *, worker: str, host: str) -> bool:
    """Whether an order in force is for this worker."""
    for_us = or_(
        WorkerDrain.scope == DrainScope.ALL,
        and_(WorkerDrain.scope == DrainScope.HOST, WorkerDrain.name == host),
        and_(WorkerDrain.scope == DrainScope.WORKER, WorkerDrain.name == worker),
    )
    return session.scalar(select(func.count()).select_from(WorkerDrain).where(for_us)) != 0


def still_at_work(lines: Collection[WorkerLine], scope: DrainScope, name: str) -> list[WorkerLine]:
    """Those an order is for who have not heard it yet, or have something in hand."""
    meant = [line for line in lines if is_meant(line, scope, name)]
    return [line for line in meant if line.state in HERE and (line.state is WorkerState.RUNNING or line.in_hand)]


def is_meant(line: WorkerLine, scope: DrainScope, name: str) -> bool:
    """Whether an order of this kind is for that worker."""
    return scope is DrainScope.ALL or name == (line.host if scope is DrainScope.HOST else line.name)
