"""Incidents: why an instance cannot go on. The ways out are in :mod:`processes.mending`."""

from __future__ import annotations

from sqlalchemy import select, update

from processes.causes import cause_key, normalised
from processes.job_rows import UNDOING, let_go, note_try
from processes.lifecycle import ENDED_JOBS, InboxState, IncidentState, JobState
from processes.running import Place, Running
from processes.spiff.bridge import Failure
from processes.store.instances import Incident
from processes.store.jobs import InboxMessage, Job


def open_for_job(running: Running, job: Job, code: str, message: str, stack: str | None = None) -> Incident:
    """Stop a job and say why; somebody has to act."""
    job.state = JobState.INCIDENT
    note_try(job, message, running.now, stack)
    job.last_error = message
    job.lease_owner, job.lease_until, job.callback_deadline_at = None, None, None
    return _open(running, job.id, Place.of(job), code, message, job.operation)


def open_for_step(running: Running, failure: Failure) -> Incident:
    """A step failed inside the engine: an expression, a flow nobody can take, too many steps."""
    return _open(running, None, Place(failure.element_id, failure.task_id), failure.code, failure.message, "")


def _open(running: Running, job_id: str | None, place: Place, code: str, message: str, operation: str) -> Incident:
    cause = normalised(message)
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
        operation=operation,
        cause=cause,
        cause_key=cause_key(code, operation, cause),
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
        if job is None or job.kind not in UNDOING:
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
