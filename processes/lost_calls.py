"""What the far sides did after the backup, when the process comes to the same step again.

A call for the same operation and the same subject is not sent: the job takes the key of the one that was lost, and the
far side is asked for its answer. If both asked for the same, a worker does so by itself; else a person looks first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from adapters.digests import digest_of
from processes import incidents, undo
from processes.job_rows import ready_state
from processes.lifecycle import LostState, next_job_state, next_lost_state
from processes.running import Running
from processes.store.jobs import Effect, Job
from processes.store.restores import LostCall, Restoration

CODE: Final = "done-after-backup"
#: A worker that meets one somebody else has just met looks again after so long.
LOOK_AGAIN: Final = timedelta(seconds=1)


def meet(running: Running, job: Job) -> None:
    """A call is about to go out that was made before, after the backup, under another key."""
    rows = _open(running.session, job)
    if not rows:
        job.attempts -= 1
        _put_back(running, job, running.now + LOOK_AGAIN)
        return
    mine = digest_of(job.operation, job.payload.get("inputs", {}), job.business_key)
    same = next((row for row in rows if row.digest == mine), None)
    row = same or rows[0]
    row.state, row.job_id = next_lost_state(row.state, LostState.TAKEN_OVER), job.id
    job.operation_id, job.phase, job.outcome_unknown, job.attempts = row.operation_id, "ask", True, 0
    if job.kind == "undo":
        running.session.get_one(Effect, job.payload["effect_seq"]).undo_operation_id = row.operation_id
    if same is not None or (len(rows) == 1 and _takes_over(running.session, row)):
        _put_back(running, job, running.now)
        return
    message = (
        f"{job.adapter} did this after the backup from which the database was put back, under key {row.operation_id} "
        f"at {row.done_at or 'a time not known'}, with other inputs or with inputs nobody knows. A retry takes its "
        "answer over; a retry that says that nothing has happened does it once more"
    )
    if job.kind == "undo":
        undo.effect_stuck(running, job, CODE, message)
    else:
        incidents.open_for_job(running, job, CODE, message)


def leave(session: Session, job: Job) -> None:
    """Somebody has a job done once more although the far side has done it: what it did stays on the list."""
    mine = update(LostCall).where(LostCall.job_id == job.id, LostCall.state == LostState.TAKEN_OVER)
    session.execute(mine.values(state=LostState.LEFT, job_id=None).execution_options(synchronize_session=False))


def listed(session: Session, *, everything: bool = False) -> Sequence[LostCall]:
    """Those a person may have to see to, by subject; with ``everything`` also those that have been seen to."""
    rows = select(LostCall).order_by(LostCall.business_key, LostCall.operation_id)
    if not everything:
        rows = rows.where(LostCall.state.in_((LostState.OPEN, LostState.LEFT)))
    return session.scalars(rows).all()


def settle(session: Session, keys: Collection[str], *, actor: str, note: str, now: datetime) -> list[str]:
    """A person has seen to these; returns the keys that were on the list."""
    rows = select(LostCall).where(LostCall.operation_id.in_(keys), LostCall.state.in_((LostState.OPEN, LostState.LEFT)))
    found = session.scalars(rows.with_for_update()).all()
    for row in found:
        row.state = next_lost_state(row.state, LostState.SETTLED)
        row.settled_at, row.settled_by, row.note = now, actor, note
    session.flush()
    return [row.operation_id for row in found]


def _open(session: Session, job: Job) -> Sequence[LostCall]:
    rows = select(LostCall).where(
        LostCall.state == LostState.OPEN, LostCall.operation == job.operation, LostCall.business_key == job.business_key
    )
    return session.scalars(rows.order_by(LostCall.operation_id).with_for_update()).all()


def _takes_over(session: Session, row: LostCall) -> bool:
    found = session.get(Restoration, row.restoration_id)
    return found is not None and found.takes_over


def _put_back(running: Running, job: Job, at: datetime) -> None:
    job.state = next_job_state(job.state, ready_state(running))
    job.run_at = at
    job.lease_owner, job.lease_until = None, None
