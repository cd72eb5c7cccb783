"""The ways out of an incident: try again, with corrected data if need be, or go on with a result of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from processes import answers, corrections, incidents, lost_calls, projection
from processes.errors import IncidentClosed, NotThere, StaleTask, WrongInputs
from processes.job_rows import PERFORMING, UNDOING, ready_state
from processes.lifecycle import EffectState, IncidentState, next_effect_state, next_job_state
from processes.parts import EngineParts
from processes.repairs import Why, note
from processes.running import Place, Running
from processes.spiff.mending import correct, values
from processes.store.instances import Incident
from processes.store.jobs import Effect, Job


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What is to be different at the next try.

    ``inputs``: all inputs of the operation. ``change``: some of them; none takes one away. ``data``: names of the
    process, written before the step is taken again; the inputs are then computed anew. ``nothing_happened``: somebody
    has made sure that the earlier call has had no effect.
    """

    inputs: Mapping[str, Any] | None = None
    change: Mapping[str, Any] | None = None
    data: Mapping[str, Any] | None = None
    nothing_happened: bool = False


def retry(
    parts: EngineParts,
    session: Session,
    incident_id: str,
    *,
    why: Why,
    now: datetime,
    correction: Correction = Correction(),
) -> Incident:
    """Make the job ready again with fresh attempts, or let the engine take the failed step again.

    :raises WrongInputs: the operation does not take these.
    :raises OutcomeOpen: other inputs may go out only once it is known what became of the earlier call.
    """
    running, incident, job = _locked(parts, session, incident_id, actor=why.actor, now=now)
    incidents.resolve(running, incident, "retried")
    if job is None:
        _step_again(running, incident, correction, why)
    else:
        _job_again(running, incident, job, correction, why)
    session.flush()
    return incident


def _step_again(running: Running, incident: Incident, correction: Correction, why: Why) -> None:
    if correction.inputs is not None or correction.change is not None:
        raise WrongInputs("this step failed inside the engine and has no inputs of its own; correct its data")
    task_id, data = incident.task_id or "", correction.data
    before = None if data is None else {"data": values(running.execution, task_id, data)}
    running.execution.retry(task_id, data)
    projection.settle(running)
    after = None if data is None else {"data": dict(data)}
    note(running, why, "retry", subject=incident.id, place=Place.of(incident), before=before, after=after)


def _job_again(running: Running, incident: Incident, job: Job, correction: Correction, why: Why) -> None:
    kept = dict(job.payload.get("inputs", {}))
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    wanted = kept
    if correction.data is not None:
        if job.task_id is None or job.detached or job.kind != "operation":
            raise WrongInputs("nothing waits for this any more that could have other data")
        before["data"] = values(running.execution, job.task_id, correction.data)
        after["data"] = dict(correction.data)
        wanted = correct(running.execution, job.task_id, correction.data)
        running.save()
    if correction.inputs is not None:
        wanted = dict(correction.inputs)
    if correction.change is not None:
        wanted = {name: value for name, value in {**wanted, **correction.change}.items() if value is not None}
    is_other = wanted != kept
    if is_other:
        corrections.require_fitting(running.parts, job, wanted)
        before["inputs"], after["inputs"] = kept, wanted
    job.state = next_job_state(job.state, ready_state(running))
    job.attempts, job.run_at = 0, running.now
    if correction.nothing_happened and job.phase == "ask":
        lost_calls.leave(running.session, job)
    again = "ask" if job.phase == "ask" and not correction.nothing_happened else "perform"
    job.phase = "query" if job.detached or corrections.is_pending(job) else again
    corrections.prepare(running.parts, job, wanted, is_other=is_other, nothing_happened=correction.nothing_happened)
    if job.kind in UNDOING:
        effect = running.session.get_one(Effect, job.payload["effect_seq"])
        effect.state = next_effect_state(effect.state, EffectState.UNDOING)
        effect.undo_operation_id = job.operation_id
    if correction.nothing_happened:
        after["nothing_happened"] = True
    note(
        running,
        why,
        "retry",
        subject=incident.id,
        place=Place.of(incident),
        before=before or None,
        after=after or None,
    )


def skip(
    parts: EngineParts,
    session: Session,
    incident_id: str,
    *,
    result: Mapping[str, Any],
    effect_happened: bool,
    why: Why,
    now: datetime,
) -> Incident:
    """Go on with a result given by a person; that of a failed step is written into the data as it is."""
    running, incident, job = _locked(parts, session, incident_id, actor=why.actor, now=now)
    if job is not None and job.kind not in (*PERFORMING, *UNDOING):
        raise StaleTask("a call cannot be skipped; it has to be tried again")
    incidents.resolve(running, incident, "skipped")
    after = {"result": dict(result), "effect_happened": effect_happened}
    if job is None:
        running.execution.skip(incident.task_id or "", merge=result)
        projection.settle(running)
    else:
        job.last_error = f"skipped by {why.actor}: {why.reason}"
        corrections.forget(job)
        answers.accept(running, job, dict(result), effect_happened=effect_happened)
    note(running, why, "skip", subject=incident.id, place=Place.of(incident), after=after)
    session.flush()
    return incident


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
    if job is None or not (job.kind in UNDOING or job.detached):
        running.require_running()
    return running, incident, job
