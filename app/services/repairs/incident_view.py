"""Everything about one incident: cause, tries, what was sent and what came back, fit to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.operations import OperationRegistry
from adapters.redaction import redacted
from app.domain.actors import Actor
from app.services.ordering.subject_names import names_of
from app.services.repairs.fallout_desk import found_incident
from app.services.repairs.incident_groups import meaning
from processes.store.instances import Incident, ProcessInstance
from processes.store.jobs import Job

LISTED: Final = (
    *("id", "state", "code", "message", "operation", "cause", "cause_key", "element_id", "instance_id", "area"),
    *("opened_at", "resolved_at", "resolved_by", "resolution"),
)


def listed(session: Session, rows: Sequence[Incident]) -> list[Mapping[str, Any]]:
    """Incidents as rows of a list: in which process, and about which order or ticket."""
    ids = {row.instance_id for row in rows}
    of = select(ProcessInstance.id, ProcessInstance.process_key, ProcessInstance.business_key)
    places = {row.id: row for row in session.execute(of.where(ProcessInstance.id.in_(ids)))}
    names = names_of(session, {place.business_key for place in places.values()})
    return [
        {
            **{name: getattr(row, name) for name in LISTED},
            "process_key": places[row.instance_id].process_key,
            "about": names[places[row.instance_id].business_key],
        }
        for row in rows
    ]


def incident_view(session: Session, incident_id: str, actor: Actor, registry: OperationRegistry) -> dict[str, Any]:
    """The incident with its job. :raises NotFound: no such incident in the caller's area."""
    incident = found_incident(session, incident_id, actor, "ops.view")
    job = session.get(Job, incident.job_id) if incident.job_id else None
    instance = session.get_one(ProcessInstance, incident.instance_id)
    names = (
        *("id", "state", "code", "operation", "cause", "cause_key", "element_id", "instance_id", "root_id", "area"),
        *("opened_at", "resolved_at", "resolved_by", "resolution"),
    )
    shown = {name: getattr(incident, name) for name in names}
    key = instance.business_key
    shown |= {"process_key": instance.process_key, "business_key": key, "about": names_of(session, [key])[key]}
    answers = registry.get(incident.operation).outputs if incident.operation in registry.codes() else ()
    shown |= {"result_names": list(answers), "known": meaning(session, incident.code)}
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
