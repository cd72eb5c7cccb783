"""Incidents: why an instance cannot go on, and the ways out: try again, or skip with a result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from processes import answers, projection
from processes.errors import IncidentClosed, NotThere, StaleTask
from processes.job_rows import let_go
from processes.lifecycle import (
    ENDED_JOBS,
    EffectState,
    InboxState,
    IncidentState,
    JobState,
    next_effect_state,
    next_job_state,
)
from processes.parts import EngineParts
from processes.running import Place, Running
from processes.spiff.bridge import Failure
from processes.store.instances import Incident
from processes.store.jobs import Effect, InboxMessage, Job


def open_for_job(running: Running, job: Job, code: str, message: str) -> Incident:
    """Stop a job and say why; somebody has to act."""
    job.state = JobState.INCIDENT
    job.last_error = message
    job.lease_owner, job.lease_until, job.callback_deadline_at = None, None, None
    return _open(running, job.id, Place.of(job), code, message)


def open_for_step(running: Running, failure: Failure) -> Incident:
    """A step failed inside the engine: an expression, a flow nobody can take, too many steps."""
    return _open(running, None, Place(failure.element_id, failure.task_id), failure.code, failure.message)


def _open(running: Running, job_id: str | None, place: Place, code: str, message: str) -> Incident:
    incident = Incident(
        id=running.parts.ids(),
        instance_id=running.instance.id,
        root_id=running.instance.root_id,
        job_id=job_id,
        task_id=place.task_id,
        element_id=place.element_id or "",
        loop_index=place.loop_index,
        code=code,
        message=message,
        area=running.instance.area,
        state=IncidentState.OPEN,
        opened_at=running.now,
    )
    running.add(incident)
    running.parts.counters.add("incidents")
    detail = {"incident_id": incident.id, "code": code, "message": message}
    running.emit("incident_opened", place, detail)
    return incident


def resolve(running: Running, incident: Incident, resolution: str) -> None:
    """Close an incident: ``retried``, ``skipped``, ``answered``, ``completed`` or ``cancelled``."""
    incident.state = IncidentState.RESOLVED
    incident.resolved_at, incident.resolved_by, incident.resolution = running.now, running.actor, resolution
    detail = {
        "incident_id": incident.id,
        "code": incident.code,
        "message": incident.message,
        "resolution": resolution,
    }
    running.emit("incident_resolved", Place.of(incident), detail)


def close_for_task(running: Running, task_id: str, resolution: str) -> None:
    """Close the incidents of a task that has ended."""
    mine = Incident.instance_id == running.instance.id, Incident.task_id == task_id
    rows = select(Incident).where(*mine, Incident.state == IncidentState.OPEN)
    for incident in running.session.scalars(rows.order_by(Incident.id)).all():
        job = running.session.get(Job, incident.job_id) if incident.job_id else None
        if job is None or job.kind != "undo":
            resolve(running, incident, resolution)


def close_for_job(running: Running, job: Job, resolution: str) -> None:
    """Close the open incident of a job, if it has one."""
    rows = select(Incident).where(Incident.job_id == job.id, Incident.state == IncidentState.OPEN)
    for incident in running.session.scalars(rows).all():
        resolve(running, incident, resolution)


def let_go_of_trigger(running: Running, job_id: str) -> None:
    """The wait that a job was to end is over: end the job and its incident, and let others have the message."""
    job = running.session.get(Job, job_id, populate_existing=True)
    if job is not None and job.state not in ENDED_JOBS:
        close_for_job(running, job, "cancelled")
        let_go([job], running.now)
    kept = (InboxMessage.job_id == job_id, InboxMessage.state == InboxState.RECEIVED)
    running.session.execute(update(InboxMessage).where(*kept).values(job_id=None, attempts=0))


def _locked(
    parts: EngineParts, session: Session, incident_id: str, *, actor: str, now: datetime
) -> tuple[Running, Incident, Job | None]:
    found = session.get(Incident, incident_id)
    if found is None:
        raise NotThere("incident", incident_id)
    running = Running.locked(parts, session, found.instance_id, now=now, actor=actor)
    incident = session.get_one(Incident, incident_id, populate_existing=True)
    if incident.state != IncidentState.OPEN:
        raise IncidentClosed(f"incident {incident_id} was {incident.resolution} at {incident.resolved_at}")
    job = session.get_one(Job, incident.job_id, populate_existing=True) if incident.job_id else None
    if job is None or not (job.kind == "undo" or job.detached):
        running.require_running()
    return running, incident, job


def retry(
    parts: EngineParts,
    session: Session,
    incident_id: str,
    *,
    inputs: Mapping[str, Any] | None,
    actor: str,
    now: datetime,
) -> Incident:
    """Make the job ready again with fresh attempts, or let the engine take the failed step again."""
    running, incident, job = _locked(parts, session, incident_id, actor=actor, now=now)
    resolve(running, incident, "retried")
    if job is None:
        running.execution.retry(incident.task_id or "")
        projection.settle(running)
        return incident
    job.state = next_job_state(job.state, JobState.READY)
    job.attempts, job.run_at = 0, now
    job.phase = "query" if job.detached else "perform"
    if inputs is not None:
        job.payload = {**job.payload, "inputs": dict(inputs)}
    if job.rejected_code is not None or inputs is not None:
        # The far side keeps its answer under the old id; a refusal left no effect, so this is a new call.
        job.operation_id, job.rejected_code, job.outcome_unknown = parts.ids(), None, False
    if job.kind == "undo":
        _effect_again(session, job)
    session.flush()
    return incident


def _effect_again(session: Session, job: Job) -> None:
    effect = session.get_one(Effect, job.payload["effect_seq"])
    effect.state = next_effect_state(effect.state, EffectState.UNDOING)
    effect.undo_operation_id = job.operation_id


def skip(
    parts: EngineParts,
    session: Session,
    incident_id: str,
    *,
    result: Mapping[str, Any],
    reason: str,
    effect_happened: bool,
    actor: str,
    now: datetime,
) -> Incident:
    """Go on with a result given by a person; that of a failed step is written into the data as it is."""
    running, incident, job = _locked(parts, session, incident_id, actor=actor, now=now)
    if job is not None and job.kind not in ("operation", "undo"):
        raise StaleTask("a call cannot be skipped; it has to be tried again")
    resolve(running, incident, "skipped")
    if job is None:
        running.execution.skip(incident.task_id or "", merge=result)
        projection.settle(running)
        return incident
    job.last_error = f"skipped by {actor}: {reason}"
    answers.accept(running, job, dict(result), effect_happened=effect_happened)
    session.flush()
    return incident
