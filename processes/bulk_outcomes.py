"""What came of the subjects a bulk run has touched: "retried" says nothing of that, the rows behind it do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from processes.bulk import FAILED_AGAIN, SUCCEEDED, UNDER_WAY
from processes.lifecycle import IncidentState, InstanceState, JobState, MoveState
from processes.store.bulk import BulkItem, Move
from processes.store.instances import Incident, ProcessInstance
from processes.store.jobs import Job

AT_ONCE: Final = 500
CANCELLED: Final = "cancelled"
GONE: Final = "gone"
#: Outcome, and the code and text of what failed again.
Found = tuple[str, str | None, str | None]


class Outcomes:
    """Looks at the items whose outcome is open, some at a time, again and again from the start."""

    def __init__(self) -> None:
        self._after: tuple[str, int] = ("", 0)

    def look(self, session: Session, *, now: datetime) -> int:
        """Write down what is known by now; returns how many outcomes were settled."""
        run_id, seq = self._after
        behind = tuple_(literal(run_id, BulkItem.run_id.type), literal(seq, BulkItem.seq.type))
        rows = select(BulkItem).where(BulkItem.outcome == UNDER_WAY, tuple_(BulkItem.run_id, BulkItem.seq) > behind)
        rows = rows.order_by(BulkItem.run_id, BulkItem.seq).limit(AT_ONCE).with_for_update(skip_locked=True)
        items = session.scalars(rows).all()
        self._after = (items[-1].run_id, items[-1].seq) if len(items) == AT_ONCE else ("", 0)
        settled = 0
        jobs = _jobs(session, [item.follow["job_id"] for item in items if "job_id" in item.follow])
        for item in items:
            outcome, code, message = _outcome(session, item.follow, jobs)
            if outcome != UNDER_WAY:
                item.outcome, item.code, item.message, item.settled_at = outcome, code, message, now
                settled += 1
        session.flush()
        return settled


def _jobs(session: Session, ids: list[str]) -> dict[str, str]:
    if not ids:
        return {}
    return {row.id: row.state for row in session.execute(select(Job.id, Job.state).where(Job.id.in_(ids)))}


def _outcome(session: Session, follow: Mapping[str, Any], jobs: Mapping[str, str]) -> Found:
    if "job_id" in follow:
        return _of_job(session, follow["job_id"], jobs.get(follow["job_id"]))
    if "move_id" in follow:
        move = session.get(Move, follow["move_id"])
        known = {MoveState.DONE: SUCCEEDED, MoveState.CANCELLED: CANCELLED, MoveState.UNDOING: UNDER_WAY}
        return (GONE if move is None else known[MoveState(move.state)]), None, None
    if "root_id" in follow:
        return _of_tree(session, follow["root_id"])
    return SUCCEEDED, None, None


def _of_job(session: Session, job_id: str, state: str | None) -> Found:
    known = {None: GONE, JobState.DONE: SUCCEEDED, JobState.CANCELLED: CANCELLED}
    if state != JobState.INCIDENT:
        return known.get(state if state is None else JobState(state), UNDER_WAY), None, None
    opened = select(Incident).where(Incident.job_id == job_id, Incident.state == IncidentState.OPEN)
    incident = session.scalars(opened.limit(1)).first()
    # Without one the error is still on its way up the linked calls.
    return (UNDER_WAY, None, None) if incident is None else (FAILED_AGAIN, incident.code, incident.message)


def _of_tree(session: Session, root_id: str) -> Found:
    root = session.get(ProcessInstance, root_id)
    if root is None or root.state == InstanceState.CANCELLED:
        return (SUCCEEDED if root is not None else GONE), None, None
    opened = select(Incident).where(Incident.root_id == root_id, Incident.state == IncidentState.OPEN)
    incident = session.scalars(opened.order_by(Incident.id).limit(1)).first()
    # Not settled for good: the undo that is stuck may be mended, and then the tree ends after all.
    return (UNDER_WAY, None, None) if incident is None else (FAILED_AGAIN, incident.code, incident.message)
