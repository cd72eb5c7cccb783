"""Everything about one incident: cause, tries, what was sent and what came back, fit to be shown."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from adapters.redaction import redacted
from app.domain.actors import Actor
from app.services.fallout_desk import found_incident
from processes.store.instances import ProcessInstance
from processes.store.jobs import Job


def incident_view(session: Session, incident_id: str, actor: Actor) -> dict[str, Any]:
    """The incident with its job. :raises NotFound: no such incident in the caller's area."""
    incident = found_incident(session, incident_id, actor, "ops.view")
    job = session.get(Job, incident.job_id) if incident.job_id else None
    instance = session.get_one(ProcessInstance, incident.instance_id)
    names = (
        *("id", "state", "code", "operation", "cause", "cause_key", "element_id", "instance_id", "root_id", "area"),
        *("opened_at", "resolved_at", "resolved_by", "resolution"),
    )
    shown = {name: getattr(incident, name) for name in names}
    shown |= {"process_key": instance.process_key, "business_key": instance.business_key}
    shown |= {"message": redacted(incident.message), "attempts": 0, "max_attempts": None, "tries": []}
    if job is None:
        return shown | {"inputs": None, "operation_id": None, "outcome_unknown": False}
    return shown | {
        "operation_id": job.operation_id,
        "attempts": job.attempts,
        "max_attempts": job.max_attempts,
        "tries": [_shown(line) for line in job.payload.get("tries", ())],
        "inputs": redacted(job.payload.get("inputs")),
        "rejected_code": job.rejected_code,
        "last_error": redacted(job.last_error),
        "outcome_unknown": job.outcome_unknown,
    }


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    # The stack is our own code and holds no values, and it is longer than what is usually kept of a text.
    return {**{name: redacted(value) for name, value in line.items() if name != "stack"}, **_stack(line)}


def _stack(line: dict[str, Any]) -> dict[str, Any]:
    lines = [text for text in str(line.get("stack", "")).splitlines() if text.lstrip().startswith(("File ", "in "))]
    return {"stack": "\n".join(lines)} if lines else {}
