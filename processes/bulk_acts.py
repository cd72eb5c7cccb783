"""What bulk runs can do with the engine's own things; the application adds what is its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes import mending, moving, suspending, undo
from processes.bulk import FAILED_AGAIN, SUCCEEDED, UNDER_WAY, Applied, BulkAct, Subject
from processes.lifecycle import IncidentState, InstanceState
from processes.mending import Correction
from processes.moving import MoveOrder
from processes.parts import EngineParts
from processes.repairs import Why
from processes.store.bulk import BulkItem, BulkRun
from processes.store.instances import Incident

#: Kinds whose subjects are incidents; those of the others are instances.
OF_INCIDENTS: Final = ("retry", "skip")

Doing = Callable[[EngineParts, Session, BulkRun, BulkItem, datetime], Applied]


def register(parts: EngineParts) -> None:
    """Let bulk runs retry, skip, move, suspend, resume and cancel."""
    for kind, do in ACTS.items():
        parts.bulk_acts.setdefault(kind, _bound(parts, do))


def _bound(parts: EngineParts, do: Doing) -> BulkAct:
    return lambda session, run, item, now: do(parts, session, run, item, now)


def why_of(run: BulkRun) -> Why:
    """In whose name and for what reason a run acts."""
    return Why(actor=run.actor, reason=run.reason, run_id=run.id)


def correction_of(params: dict[str, Any]) -> Correction:
    """What is to be different at the next try."""
    return Correction(
        inputs=params.get("inputs"),
        change=params.get("change"),
        data=params.get("data"),
        nothing_happened=bool(params.get("nothing_happened")),
    )


def order_of(params: dict[str, Any]) -> MoveOrder:
    """Where to move a token."""
    return MoveOrder(
        to=params["to"], element_id=params.get("element_id"), data=params.get("data"), undo=params.get("undo")
    )


def _retry(parts: EngineParts, session: Session, run: BulkRun, item: BulkItem, now: datetime) -> Applied:
    wanted = correction_of(run.params)
    incident = mending.retry(parts, session, item.subject_id, why=why_of(run), correction=wanted, now=now)
    if incident.job_id is not None:
        return Applied(outcome=UNDER_WAY, follow={"job_id": incident.job_id})
    again = _open_incident(session, incident.instance_id, incident.task_id)
    if again is None:
        return Applied(outcome=SUCCEEDED)
    return Applied(outcome=FAILED_AGAIN, follow={"incident_id": again.id}, message=again.message)


def _skip(parts: EngineParts, session: Session, run: BulkRun, item: BulkItem, now: datetime) -> Applied:
    mending.skip(
        parts,
        session,
        item.subject_id,
        result=run.params.get("result") or {},
        effect_happened=bool(run.params.get("effect_happened")),
        why=why_of(run),
        now=now,
    )
    return Applied()


def _move(parts: EngineParts, session: Session, run: BulkRun, item: BulkItem, now: datetime) -> Applied:
    row, _ = moving.move(parts, session, item.subject_id, order_of(run.params), why=why_of(run), now=now)
    return Applied(outcome=UNDER_WAY, follow={"move_id": row.id})


def _suspend(parts: EngineParts, session: Session, run: BulkRun, item: BulkItem, now: datetime) -> Applied:
    suspending.suspend(parts, session, item.subject_id, why=why_of(run), now=now)
    return Applied()


def _resume(parts: EngineParts, session: Session, run: BulkRun, item: BulkItem, now: datetime) -> Applied:
    suspending.resume(parts, session, item.subject_id, why=why_of(run), now=now)
    return Applied()


def _cancel(parts: EngineParts, session: Session, run: BulkRun, item: BulkItem, now: datetime) -> Applied:
    why = why_of(run)
    outcome = undo.cancel(parts, session, item.subject_id, reason=why.reason, actor=why.actor, now=now, repair=why)
    ended = outcome.state == InstanceState.CANCELLED
    return Applied(outcome=SUCCEEDED if ended else UNDER_WAY, follow={"root_id": item.subject_id})


def _open_incident(session: Session, instance_id: str, task_id: str | None) -> Incident | None:
    mine = (Incident.instance_id == instance_id, Incident.task_id == task_id, Incident.state == IncidentState.OPEN)
    return session.scalars(select(Incident).where(*mine).limit(1)).first()


def again(session: Session, kind: str, items: Sequence[BulkItem]) -> Iterable[Subject]:
    """What failed in a run, as it is now: an incident that was retried and failed again is a new one."""
    if kind not in OF_INCIDENTS:
        yield from (Subject(id=item.subject_id, business_key=item.business_key) for item in items)
        return
    for item in items:
        by_job = Incident.job_id == item.follow["job_id"] if "job_id" in item.follow else None
        known = Incident.id == item.follow.get("incident_id", item.subject_id)
        rows = select(Incident.id).where(known if by_job is None else by_job, Incident.state == IncidentState.OPEN)
        for incident_id in session.scalars(rows.limit(1)):
            yield Subject(id=incident_id, business_key=item.business_key)


ACTS: Final[dict[str, Doing]] = {
    "retry": _retry,
    "skip": _skip,
    "move": _move,
    "suspend": _suspend,
    "resume": _resume,
    "cancel": _cancel,
}
