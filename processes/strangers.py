"""Work that a program of another version has written and this one does not know: left to workers who do.

While processes are exchanged one by one, old and new ones work side by side. What the old ones cannot read or do is no
failure: as long as a worker of another version is alive, it is put back without an attempt burned. When nobody else is
there, it counts as an ordinary failure, so that in the end a person hears of it.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlalchemy import literal, or_, select, update
from sqlalchemy.orm import Session

from adapters.operations import UnknownOperation
from processes.claims import Claim
from processes.errors import SnapshotTooOld, UnknownHere
from processes.lifecycle import HELD_JOBS
from processes.parking import given_back
from processes.parts import EngineParts
from processes.spiff.registry import SPEC_FORMAT
from processes.spiff.snapshot import FORMAT
from processes.store.jobs import Job, WorkerHeartbeat
from processes.workers import ALIVE_WITHIN, HERE

FOREIGN: Final = (SnapshotTooOld, UnknownHere, UnknownOperation)
#: How soon the others get their chance: long enough not to be the first again, short enough to cost nobody a minute.
PUT_BACK_S: Final = (1.0, 4.0)
log = logging.getLogger(__name__)


def version_of(parts: EngineParts) -> str:
    """Name the program, and what it understands: formats, operations, the steps it does itself."""
    knows = [FORMAT, SPEC_FORMAT, sorted(parts.registry.codes()), sorted(parts.in_process)]
    return f"{parts.program}+{hashlib.sha256(orjson.dumps(knows)).hexdigest()[:8]}"


def are_at_work(session: Session, parts: EngineParts, now: datetime) -> bool:
    """Whether a worker of another version is alive."""
    others = select(WorkerHeartbeat.name).where(
        WorkerHeartbeat.state.in_(HERE),
        WorkerHeartbeat.seen_at > now - ALIVE_WITHIN,
        WorkerHeartbeat.version.not_in(("", version_of(parts))),
    )
    return session.scalars(others.limit(1)).first() is not None


def leave_operation(session: Session, parts: EngineParts, code: str, now: datetime) -> None:
    """:raises UnknownHere: somebody of another version may know the operation."""
    if are_at_work(session, parts, now):
        raise UnknownHere(f"operation {code!r} is not known to this version")


def leave(session: Session, parts: EngineParts, claim: Claim, error: Exception, *, now: datetime) -> bool:
    """Put a job back for workers of another version; false: there are none."""
    if not are_at_work(session, parts, now):
        return False
    # A result that could not be recorded belongs to a call that was made.
    stayed_in = isinstance(error, UnknownHere) and error.before_call
    went_out = claim.adapter is not None and claim.phase == "perform" and not stayed_in
    wait = timedelta(seconds=parts.rng.uniform(*PUT_BACK_S))
    session.execute(
        update(Job)
        .where(Job.id == claim.id, Job.fence == claim.fence, Job.state.in_(HELD_JOBS))
        .values(
            state=given_back(),
            run_at=now + wait,
            attempts=Job.attempts - 1,
            outcome_unknown=or_(Job.outcome_unknown, literal(went_out)),
            last_error=f"left to workers of another version: {error}",
            lease_owner=None,
            lease_until=None,
        )
        .execution_options(synchronize_session=False)
    )
    log.warning("job %s (%s) is left to workers of another version: %s", claim.id, claim.kind, error)
    parts.counters.add("left_to_others")
    return True
