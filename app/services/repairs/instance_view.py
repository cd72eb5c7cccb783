"""One process instance as operators need it before they touch it: where it stands, what it waits for, its data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.redaction import redacted
from app.deps import Deps
from app.domain.actors import Actor
from app.services.ordering.subject_names import names_of
from app.services.repairs.repair_desk import found_instance
from app.unit_of_work import read
from processes.lifecycle import ENDED_JOBS, OPEN_TRIGGERS, IncidentState, UserTaskState
from processes.looking import inside
from processes.queries import point_of_no_return
from processes.store.instances import Incident, MessageSubscription, ProcessInstance, Timer, UserTask
from processes.store.jobs import Effect, Job
from processes.store.starts import SignalSubscription

NAMES = ("id", "root_id", "parent_id", "parent_element_id", "process_key", "business_key", "area", "state")
TIMES = ("started_at", "started_by", "suspended_at", "ended_at", "cancel_reason")


def instance_view(instance_id: str, actor: Actor, deps: Deps) -> dict[str, Any]:
    """Everything about one instance but its history; data fit to be shown.

    :raises NotFound: no such instance in the caller's area.
    """
    with read(deps.read_sessions) as session:
        row = found_instance(session, instance_id, actor, "ops.view")
        drawn = deps.engine.parts.definitions.process(session, row.definition_id)
        looked = inside(deps.engine.parts, session, row, now=deps.clock(session))
        tokens = [
            {**vars(one), "name": element.name if element else "", "name_en": element.name_en if element else ""}
            for one in looked.tokens
            for element in [drawn.elements.get(one.element_id)]
        ]
        return {
            **{name: getattr(row, name) for name in (*NAMES, *TIMES)},
            "version": drawn.version,
            "about": names_of(session, [row.business_key])[row.business_key],
            "point_of_no_return": point_of_no_return(session, row.root_id),
            "tokens": tokens,
            "waits": _waits(session, row),
            "incidents": _incidents(session, row.id),
            "called": _called(session, deps, row.id),
            "effects": _effects(session, row),
            "data": redacted(looked.data),
        }


def _waits(session: Session, row: ProcessInstance) -> list[Mapping[str, Any]]:
    """People, jobs, timers, messages and signals; ``what`` says which operation, message or signal."""
    tasks = select(UserTask).where(UserTask.instance_id == row.id, UserTask.state == UserTaskState.OPEN)
    jobs = select(Job).where(Job.root_id == row.root_id, Job.instance_id == row.id, Job.state.not_in(ENDED_JOBS))
    timers = select(Timer).where(Timer.instance_id == row.id, Timer.state.in_(OPEN_TRIGGERS))
    subscribed = select(MessageSubscription).where(
        MessageSubscription.instance_id == row.id, MessageSubscription.state.in_(OPEN_TRIGGERS)
    )
    found: list[Mapping[str, Any]] = [
        {"kind": "user", "element_id": task.element_id, "what": "", "since": task.opened_at}
        for task in session.scalars(tasks.order_by(UserTask.id))
    ]
    found += [_of_job(job) for job in session.scalars(jobs.order_by(Job.id))]
    found += [
        {
            "kind": "timer",
            "element_id": timer.element_id,
            "what": "",
            "since": timer.armed_at,
            "until": timer.due_at,
        }
        for timer in session.scalars(timers.order_by(Timer.due_at))
    ]
    found += [
        {
            "kind": "message",
            "element_id": wait.element_id,
            "what": f"{wait.name} {wait.key}".strip(),
            "since": wait.opened_at,
        }
        for wait in session.scalars(subscribed.order_by(MessageSubscription.id))
    ]
    signals = select(SignalSubscription).where(
        SignalSubscription.instance_id == row.id, SignalSubscription.state.in_(OPEN_TRIGGERS)
    )
    found += [
        {"kind": "signal", "element_id": wait.element_id, "what": wait.name, "since": wait.opened_at}
        for wait in session.scalars(signals.order_by(SignalSubscription.id))
    ]
    return found


def _of_job(job: Job) -> dict[str, Any]:
    return {
        "kind": "job",
        "element_id": job.element_id or "",
        "what": job.operation or job.kind,
        "state": job.state,
        "since": job.sent_at or job.created_at,
        "until": job.callback_deadline_at or job.run_at,
        "attempts": job.attempts,
        "max_attempts": job.max_attempts,
        "last_error": redacted(job.last_error),
    }


def _incidents(session: Session, instance_id: str) -> list[Mapping[str, Any]]:
    rows = select(Incident).where(Incident.instance_id == instance_id, Incident.state == IncidentState.OPEN)
    names = ("id", "code", "element_id", "operation", "opened_at")
    return [
        {**{name: getattr(row, name) for name in names}, "message": redacted(row.message)}
        for row in session.scalars(rows.order_by(Incident.opened_at, Incident.id))
    ]


def _called(session: Session, deps: Deps, instance_id: str) -> list[Mapping[str, Any]]:
    rows = session.scalars(
        select(ProcessInstance).where(ProcessInstance.parent_id == instance_id).order_by(ProcessInstance.id)
    )
    drawn = deps.engine.parts.definitions
    return [
        {
            "id": row.id,
            "process_key": row.process_key,
            "version": drawn.process(session, row.definition_id).version,
            "element_id": row.parent_element_id,
            "loop_index": row.parent_loop_index,
            "state": row.state,
        }
        for row in rows
    ]


def _effects(session: Session, instance: ProcessInstance) -> list[Mapping[str, Any]]:
    mine = (Effect.root_instance_id == instance.root_id, Effect.instance_id == instance.id)
    rows = select(Effect).where(*mine).order_by(Effect.seq)
    names = ("seq", "element_id", "operation", "undo_operation", "state", "confirmed_at")
    return [{name: getattr(row, name) for name in names} for row in session.scalars(rows)]
