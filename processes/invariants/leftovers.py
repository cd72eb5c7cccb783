"""I3: nothing is left over: no row waits for an instance that has ended, nothing is late for more than a minute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from processes.invariants.look import TOLERANCE, Look, Violation
from processes.lifecycle import (
    ENDED_INSTANCES,
    ENDED_JOBS,
    HELD_JOBS,
    OPEN_TRIGGERS,
    EffectState,
    InboxState,
    IncidentState,
    InstanceState,
    JobState,
    TriggerState,
    UserTaskState,
)
from processes.store.bulk import HeldAdapter
from processes.store.instances import Incident, MessageSubscription, ProcessInstance, Timer, UserTask
from processes.store.jobs import Effect, InboxMessage, Job
from processes.store.starts import SignalSubscription
from processes.workers import closed_gates

RULE: Final = "I3"
UNTAKEN: Final = (JobState.READY, JobState.WAITING_ANSWER)


def open_rows_of_ended_instances(look: Look) -> Iterator[Violation]:
    """What is open belongs to an instance that has not ended."""
    detached = exists().where(Job.id == Incident.job_id, Job.detached)
    kinds: list[tuple[str, Any, ColumnElement[bool], Any]] = [
        ("job", Job, and_(Job.state.not_in(ENDED_JOBS), ~Job.detached), Job.operation),
        ("user task", UserTask, UserTask.state == UserTaskState.OPEN, UserTask.element_id),
        ("timer", Timer, _open(Timer), Timer.element_id),
        ("message subscription", MessageSubscription, _open(MessageSubscription), MessageSubscription.element_id),
        ("signal subscription", SignalSubscription, _open(SignalSubscription), SignalSubscription.element_id),
        ("incident", Incident, and_(Incident.state == IncidentState.OPEN, ~detached), Incident.code),
    ]
    for name, table, is_open, what in kinds:
        look.counted(RULE, f"open {name}s", table, is_open)
        rows = (
            select(table.id, what.label("what"), ProcessInstance.process_key, ProcessInstance.business_key)
            .join(ProcessInstance, ProcessInstance.id == table.instance_id)
            .where(is_open, ProcessInstance.state.in_(ENDED_INSTANCES))
        )
        for row in look.stream(rows):
            text = f"{name} {row.what} is open, but process {row.process_key} has ended"
            yield Violation(RULE, row.id, text, row.business_key)


def _open(table: type[Any]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = table.state.in_(OPEN_TRIGGERS)
    return found


def _waiting(table: type[Any]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = table.state == TriggerState.WAITING
    return found


def orphans(look: Look) -> Iterator[Violation]:
    """No child runs below a parent that has ended; what undoes people's work does so until that is undone."""
    child, parent = aliased(ProcessInstance), aliased(ProcessInstance)
    undoing = exists().where(Effect.undo_operation_id == child.id, Effect.state == EffectState.UNDOING)
    wanted = or_(
        and_(child.parent_task_id.is_not(None), parent.state == InstanceState.RUNNING),
        and_(child.parent_task_id.is_(None), undoing),
    )
    rows = (
        select(child.id, child.process_key, child.business_key, parent.state.label("state"))
        .join(parent, parent.id == child.parent_id)
        .where(child.state == InstanceState.RUNNING, ~wanted)
    )
    for row in look.stream(rows):
        text = f"process {row.process_key} runs on, but what called it is {row.state}"
        yield Violation(RULE, row.id, text, row.business_key)


def late(look: Look) -> Iterator[Violation]:
    """No lease, timer or news has been left lying for more than a minute."""
    before = look.now - TOLERANCE
    over = or_(Job.lease_until.is_(None), Job.lease_until < before)
    instance = ProcessInstance.business_key
    timers = select(Timer.id, Timer.element_id.label("what"), instance.label("business_key")).join(
        ProcessInstance, ProcessInstance.id == Timer.instance_id
    )
    unleased = or_(InboxMessage.lease_until.is_(None), InboxMessage.lease_until < before)
    news = select(InboxMessage.id, InboxMessage.source.label("what"), literal("").label("business_key"))
    found: list[tuple[Select[*tuple[Any, ...]], str]] = [
        (_jobs().where(Job.state.in_(HELD_JOBS), over), "the lease of job {} ran out more than 60 s ago"),
        # One whose firing failed is in the hands of a job, and that is looked at by itself.
        (
            timers.where(_waiting(Timer), Timer.job_id.is_(None), Timer.due_at < before),
            "timer {} is more than 60 s late",
        ),
        (
            news.where(
                InboxMessage.state == InboxState.RECEIVED,
                InboxMessage.job_id.is_(None),
                InboxMessage.received_at < before,
                unleased,
            ),
            "news from {} has not been looked at for more than 60 s",
        ),
    ]
    look.counted(RULE, "news", InboxMessage, InboxMessage.state == InboxState.RECEIVED)
    for rows, text in found:
        for row in look.stream(rows):
            yield Violation(RULE, row.id, text.format(row.what), row.business_key)


def _jobs() -> Select[*tuple[Any, ...]]:
    what = func.coalesce(func.nullif(Job.operation, ""), Job.kind)
    return select(Job.id, what.label("what"), Job.business_key)


def passed_over(look: Look) -> Iterator[Violation]:
    """No job has been due for more than a minute while nobody takes any of its kind.

    The jobs of a neighbour whose gate is closed are not taken, and that is right; where calls go out, a queue is long.
    """
    before = look.now - TOLERANCE
    closed = closed_gates(look.session, look.now)
    closed.update(look.session.scalars(select(HeldAdapter.adapter)))
    called = select(Job.adapter).where(Job.sent_at > before, Job.adapter.is_not(None)).distinct()
    busy = set(look.session.scalars(called))
    for row in look.stream(_jobs().add_columns(Job.adapter).where(Job.state.in_(UNTAKEN), Job.run_at < before)):
        if row.adapter is None or not (closed[row.adapter] or row.adapter in busy):
            text = f"job {row.what} has been due for more than 60 s and nobody takes it"
            yield Violation(RULE, row.id, text, row.business_key)


def jobs_and_incidents(look: Look) -> Iterator[Violation]:
    """A job that stands still has one open incident, and an open incident has a job that stands still."""
    opened = and_(Incident.job_id == Job.id, Incident.state == IncidentState.OPEN)
    asking = aliased(Job)
    travelling = exists().where(
        asking.root_id == Job.root_id,
        asking.kind.in_(("child_error", "unhandled_error")),
        asking.state.not_in(ENDED_JOBS),
    )
    for row in look.stream(_jobs().where(Job.state == JobState.INCIDENT, ~exists().where(opened), ~travelling)):
        yield Violation(RULE, row.id, f"job {row.what} stands still without an incident", row.business_key)
    moved_on = (
        select(Incident.id, Incident.code, Job.state, Job.business_key)
        .join(Job, Job.id == Incident.job_id)
        .where(Incident.state == IncidentState.OPEN, Job.state != JobState.INCIDENT)
    )
    for row in look.stream(moved_on):
        yield Violation(RULE, row.id, f"incident {row.code} is open, but its job is {row.state}", row.business_key)


def twice(look: Look) -> Iterator[Violation]:
    """Nothing is asked for twice: one open user task, job or incident per activation."""
    kinds: list[tuple[str, Any, ColumnElement[bool]]] = [
        ("user tasks", UserTask, UserTask.state == UserTaskState.OPEN),
        ("jobs", Job, and_(Job.kind == "operation", Job.state.not_in(ENDED_JOBS))),
        ("incidents", Incident, Incident.state == IncidentState.OPEN),
        ("timers", Timer, _waiting(Timer)),
        ("message subscriptions", MessageSubscription, _waiting(MessageSubscription)),
        ("signal subscriptions", SignalSubscription, _waiting(SignalSubscription)),
    ]
    for name, table, is_open in kinds:
        rows = (
            select(
                table.instance_id,
                table.element_id,
                func.count().label("times"),
                func.min(ProcessInstance.business_key).label("business_key"),
            )
            .join(ProcessInstance, ProcessInstance.id == table.instance_id)
            .where(is_open, table.task_id.is_not(None))
            .group_by(table.instance_id, table.element_id, table.task_id)
            .having(func.count() > 1)
        )
        for row in look.stream(rows):
            text = f"{row.times} {name} are open for one step {row.element_id}"
            yield Violation(RULE, row.instance_id, text, row.business_key)
