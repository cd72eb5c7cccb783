"""I5, the engine's half: the history of an instance has no gaps, and nothing has ended without its time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import func, or_, select

from processes.invariants.look import Look, Violation
from processes.lifecycle import ENDED_INSTANCES, ENDED_JOBS, UserTaskState
from processes.store.instances import ActivityLog, ProcessInstance, UserTask
from processes.store.jobs import Effect, Job

RULE: Final = "I5"


def gaps(look: Look) -> Iterator[Violation]:
    """The lines of a history are numbered from 1 to the number its instance knows."""
    look.counted(RULE, "instances", ProcessInstance)
    look.counted(RULE, "lines of instances", ActivityLog)
    lines = (
        select(
            ActivityLog.instance_id,
            func.count().label("lines"),
            func.min(ActivityLog.seq).label("first"),
            func.max(ActivityLog.seq).label("last"),
        )
        .group_by(ActivityLog.instance_id)
        .subquery()
    )
    has, last = func.coalesce(lines.c.lines, 0), func.coalesce(lines.c.last, 0)
    wanted = ProcessInstance.log_seq
    columns = (ProcessInstance.id, ProcessInstance.business_key, ProcessInstance.process_key)
    rows = (
        select(*columns, wanted.label("wanted"), has.label("has"), last.label("last"))
        .outerjoin(lines, lines.c.instance_id == ProcessInstance.id)
        .where(or_(has != wanted, last != wanted, func.coalesce(lines.c.first, 1) != 1))
    )
    for row in look.stream(rows):
        numbers = f"{row.wanted} lines; it has {row.has}, the last is {row.last}"
        text = f"the history of process {row.process_key} should have {numbers}"
        yield Violation(RULE, row.id, text, row.business_key)


def ends(look: Look) -> Iterator[Violation]:
    """What has ended says when, what has not does not."""
    owner = ProcessInstance.business_key
    kinds: list[tuple[str, Any, tuple[str, ...], Any, Any]] = [
        ("process", ProcessInstance, ENDED_INSTANCES, ProcessInstance.process_key, owner),
        ("job", Job, ENDED_JOBS, Job.kind, Job.business_key),
        ("user task", UserTask, (UserTaskState.COMPLETED, UserTaskState.CANCELLED), UserTask.element_id, None),
    ]
    for name, table, ended, what, business_key in kinds:
        key = what if business_key is None else business_key
        rows = select(table.id, what.label("what"), table.state, key.label("business_key")).where(
            table.state.in_(ended) != table.ended_at.is_not(None)
        )
        for row in look.stream(rows):
            key_of = row.business_key if business_key is not None else ""
            text = f"{name} {row.what} is {row.state}, and the time of its end does not fit that"
            yield Violation(RULE, row.id, text, key_of)


def strays(look: Look) -> Iterator[Violation]:
    """What is written for every step belongs to an instance that is there; no foreign key looks after that."""
    kinds: list[tuple[str, Any, Any, Any]] = [
        ("line of history", ActivityLog, ActivityLog.instance_id, ActivityLog.element_id),
        ("job", Job, Job.instance_id, Job.kind),
        ("effect", Effect, Effect.instance_id, Effect.operation),
        ("user task", UserTask, UserTask.instance_id, UserTask.element_id),
    ]
    for name, table, instance_id, what in kinds:
        owner = select(ProcessInstance.id).where(ProcessInstance.id == instance_id)
        rows = select(instance_id.label("id"), what.label("what")).select_from(table).where(~owner.exists())
        for row in look.stream(rows):
            yield Violation(RULE, row.id, f"{name} {row.what} belongs to a process that is not there")
