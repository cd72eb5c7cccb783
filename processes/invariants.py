"""What must be true of the engine's tables at any quiet moment; each rule names what breaks it.

``I1`` everything that runs waits for something; ``I2`` each effect is in force exactly once at the far side;
``I3`` nothing is left over; ``I5`` the history has no gaps; ``I6`` a cancelled tree has nothing left in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from processes.lifecycle import (
    ENDED_INSTANCES,
    ENDED_JOBS,
    HELD_JOBS,
    EffectState,
    IncidentState,
    InstanceState,
    JobState,
    TriggerState,
    UserTaskState,
)
from processes.store.instances import (
    ActivityLog,
    Incident,
    MessageSubscription,
    ProcessInstance,
    Timer,
    UserTask,
)
from processes.store.jobs import Effect, Job

TOLERANCE: Final = timedelta(seconds=60)
LIVE: Final = (InstanceState.RUNNING, InstanceState.CANCELLING)


@dataclass(frozen=True)
class Violation:
    """One rule broken by one thing."""

    rule: str
    subject: str
    message: str


def violations(
    session: Session, *, now: datetime, far_effects: Iterable[Mapping[str, Any]] | None = None
) -> list[Violation]:
    """Return everything that is not as it must be; empty = all is well.

    :param far_effects: what the far sides count, rows of ``operation_id``, ``operation``, ``adapter``, ``count`` and
        ``is_write`` (true if missing); none = not asked, so ``I2`` is not checked.
    """
    found = [
        *_waits_for_nothing(session),
        *_left_over(session),
        *_late(session, now),
        *_jobs_and_incidents(session),
        *_gaps(session),
        *_still_in_force(session),
    ]
    if far_effects is not None:
        found += _counted_elsewhere(session, list(far_effects))
    return found


def _waits_for_nothing(session: Session) -> list[Violation]:
    child = aliased(ProcessInstance)
    me = ProcessInstance.id
    waits = or_(
        exists().where(Job.instance_id == me, Job.state.not_in(ENDED_JOBS)),
        exists().where(UserTask.instance_id == me, UserTask.state == UserTaskState.OPEN),
        exists().where(Timer.instance_id == me, Timer.state == TriggerState.WAITING),
        exists().where(MessageSubscription.instance_id == me, MessageSubscription.state == TriggerState.WAITING),
        exists().where(Incident.instance_id == me, Incident.state == IncidentState.OPEN),
        exists().where(child.parent_id == me, child.state.in_(LIVE)),
        # frozen below a root that is still undoing
        and_(ProcessInstance.state == InstanceState.CANCELLING, ProcessInstance.parent_id.is_not(None)),
    )
    rows = select(ProcessInstance).where(ProcessInstance.state.in_(LIVE), ~waits)
    return [
        Violation("I1", row.id, f"{row.process_key} of {row.business_key} is {row.state} and waits for nothing")
        for row in session.scalars(rows)
    ]


def _left_over(session: Session) -> list[Violation]:
    found = []
    kinds: list[tuple[str, Any, ColumnElement[bool]]] = [
        ("job", Job, and_(Job.state.not_in(ENDED_JOBS), ~Job.detached)),
        ("user task", UserTask, UserTask.state == UserTaskState.OPEN),
        ("timer", Timer, Timer.state == TriggerState.WAITING),
        ("message subscription", MessageSubscription, MessageSubscription.state == TriggerState.WAITING),
        ("incident", Incident, and_(Incident.state == IncidentState.OPEN, ~_of_detached_job())),
    ]
    for name, table, is_open in kinds:
        ended = ProcessInstance.state.in_(ENDED_INSTANCES)
        rows = select(table.id, table.instance_id).join(ProcessInstance, ProcessInstance.id == table.instance_id)
        for row_id, instance_id in session.execute(rows.where(is_open, ended)):
            found.append(Violation("I3", row_id, f"{name} is open, but instance {instance_id} has ended"))
    return found


def _of_detached_job() -> ColumnElement[bool]:
    return exists().where(Job.id == Incident.job_id, Job.detached)


def _late(session: Session, now: datetime) -> list[Violation]:
    leases = select(Job.id).where(Job.state.in_(HELD_JOBS), Job.lease_until < now - TOLERANCE)
    timers = select(Timer.id).where(Timer.state == TriggerState.WAITING, Timer.due_at < now - TOLERANCE)
    return [
        *(Violation("I3", job_id, "the lease ran out more than 60 s ago") for job_id in session.scalars(leases)),
        *(Violation("I3", timer_id, "the timer is more than 60 s late") for timer_id in session.scalars(timers)),
    ]


def _jobs_and_incidents(session: Session) -> list[Violation]:
    has_incident = exists().where(Incident.job_id == Job.id, Incident.state == IncidentState.OPEN)
    asking = aliased(Job)
    travelling = exists().where(
        asking.root_id == Job.root_id,
        asking.kind.in_(("child_error", "unhandled_error")),
        asking.state.not_in(ENDED_JOBS),
    )
    silent = select(Job.id).where(Job.state == JobState.INCIDENT, ~has_incident, ~travelling)
    moved_on = (
        select(Incident.id)
        .join(Job, Job.id == Incident.job_id)
        .where(Incident.state == IncidentState.OPEN, Job.state != JobState.INCIDENT)
    )
    twice = (
        select(UserTask.task_id, func.count())
        .where(UserTask.state == UserTaskState.OPEN)
        .group_by(UserTask.instance_id, UserTask.task_id)
        .having(func.count() > 1)
    )
    return [
        *(Violation("I3", job_id, "the job stands still without an incident") for job_id in session.scalars(silent)),
        *(Violation("I3", row_id, "the incident is open, but its job goes on") for row_id in session.scalars(moved_on)),
        *(Violation("I3", task_id, f"{count} user tasks are open for it") for task_id, count in session.execute(twice)),
    ]


def _gaps(session: Session) -> list[Violation]:
    counts = (
        select(ActivityLog.instance_id, func.count().label("rows"), func.max(ActivityLog.seq).label("last"))
        .group_by(ActivityLog.instance_id)
        .subquery()
    )
    rows = (
        select(ProcessInstance.id, ProcessInstance.log_seq, counts.c.rows, counts.c.last)
        .outerjoin(counts, counts.c.instance_id == ProcessInstance.id)
        .where(
            or_(
                func.coalesce(counts.c.rows, 0) != ProcessInstance.log_seq,
                func.coalesce(counts.c.last, 0) != ProcessInstance.log_seq,
            )
        )
    )
    return [
        Violation("I5", instance_id, f"the history should have {wanted} rows, has {count or 0}, the last is {last}")
        for instance_id, wanted, count, last in session.execute(rows)
    ]


def _still_in_force(session: Session) -> list[Violation]:
    rows = (
        select(Effect.operation_id, Effect.operation, Effect.state)
        .join(ProcessInstance, ProcessInstance.id == Effect.root_instance_id)
        .where(
            ProcessInstance.state == InstanceState.CANCELLED,
            Effect.state.not_in((EffectState.UNDONE, EffectState.IRREVERSIBLE)),
        )
    )
    return [
        Violation("I6", operation_id, f"{operation} is {state}, but its tree is cancelled")
        for operation_id, operation, state in session.execute(rows)
    ]


def _counted_elsewhere(session: Session, far_effects: list[Mapping[str, Any]]) -> list[Violation]:
    # A question may be asked again after a crash; it changes nothing.
    writes = [row for row in far_effects if row.get("is_write", True)]
    found = [
        Violation("I2", str(row["operation_id"]), f"{row['operation']} took effect {row['count']} times")
        for row in writes
        if row["count"] > 1
    ]
    there = {str(row["operation_id"]) for row in far_effects if row["count"] > 0}
    written = {str(row["operation_id"]) for row in writes if row["count"] > 0}
    asked = {str(row["adapter"]) for row in far_effects}
    ours = session.execute(select(Effect.operation_id, Effect.operation).where(Effect.adapter.in_(asked)))
    found += [
        Violation("I2", operation_id, f"{operation} is in our ledger, but not at the far side")
        for operation_id, operation in ours
        if operation_id not in there
    ]
    ended = select(Job.operation_id, Job.operation).where(
        Job.kind == "operation", Job.state == JobState.CANCELLED, Job.adapter.in_(asked)
    )
    found += [
        Violation("I2", operation_id, f"{operation} took effect, but its job was cancelled without entering it")
        for operation_id, operation in session.execute(ended)
        if operation_id in written
    ]
    return found
