"""What a worker had in hand when it died, or stood still past its lease, or does not know of: taken back for others."""

from __future__ import annotations

import random
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from adapters.operations import UnknownOperation
from processes.claims import CUT_CALL_SETTLES
from processes.handlers import operation_of
from processes.lifecycle import HELD_JOBS, JobState
from processes.parking import given_back
from processes.parts import EngineParts
from processes.store.instances import Timer
from processes.store.jobs import InboxMessage, Job

#: What has lost its worker more than once comes back apart from each other, at most so much later.
APART_CAP_S: Final = 30.0
#: A neighbour that knows such an operation again may get it twice at the same time.
REPEATED_AT_ONCE: Final = frozenset({"keyed", "readonly"})


def take_from_the_dead(
    session: Session, parts: EngineParts, names: Collection[str], *, now: datetime, apart_s: float
) -> int:
    """Take what these workers had, whose processes are no more; returns how many jobs.

    Nobody needs to wait for their leases to run out. ``apart_s`` is what :data:`APART_CAP_S` says.
    """
    for table in (Timer, InboxMessage):
        theirs = update(table).where(table.lease_owner.in_(names), table.lease_until.is_not(None))
        theirs = theirs.values(lease_until=None, lease_owner=None)
        session.execute(theirs.execution_options(synchronize_session=False))
    held = and_(Job.lease_owner.in_(names), Job.lease_until.is_not(None))
    return _take_back(session, parts, held, now=now, apart_s=apart_s)


def take_what_ran_out(session: Session, parts: EngineParts, *, now: datetime, apart_s: float) -> int:
    """Take back jobs whose lease is over; returns how many. ``apart_s`` is what :data:`APART_CAP_S` says."""
    return _take_back(session, parts, Job.lease_until < now, now=now, apart_s=apart_s)


def leased_to(session: Session, owner: str) -> set[str]:
    """The jobs a worker has by the books."""
    mine = select(Job.id).where(Job.lease_owner == owner, Job.lease_until.is_not(None), Job.state.in_(HELD_JOBS))
    return set(session.scalars(mine))


def let_go_of(session: Session, parts: EngineParts, owner: str, job_ids: Collection[str], *, now: datetime) -> int:
    """Take back jobs that were leased to a living worker which knows nothing of it; returns how many.

    The database carried out a commit, and its answer was lost with the connection.
    """
    which = and_(Job.id.in_(job_ids), Job.lease_owner == owner)
    return _take_back(session, parts, which, now=now, apart_s=APART_CAP_S, died=0)


def _take_back(
    session: Session,
    parts: EngineParts,
    which: ColumnElement[bool],
    *,
    now: datetime,
    apart_s: float,
    died: int = 1,
) -> int:
    """Make jobs ready for others, and count that they lost their worker. A call that was out has an unknown outcome."""
    # A job whose worker stands still in mid-transaction is locked: it must not hold up the others.
    free = select(Job.id).where(Job.state.in_(HELD_JOBS), which).with_for_update(skip_locked=True).cte()
    was_out = and_(Job.state == JobState.SENT, Job.phase == "perform")
    taken = session.execute(
        update(Job)
        .where(Job.id.in_(select(free.c.id)))
        .values(
            outcome_unknown=or_(Job.outcome_unknown, was_out),
            state=given_back(),
            lease_owner=None,
            lease_until=None,
            run_at=now,
            deaths=Job.deaths + died,
        )
        .returning(Job.id, Job.operation, Job.adapter, Job.outcome_unknown, Job.sent_at, Job.deaths)
        .execution_options(synchronize_session=False)
    ).all()
    for job in taken:
        run_at = max(_settled(parts, job, now), now + _apart(parts.rng, job.deaths, apart_s))
        if run_at > now:
            later = update(Job).where(Job.id == job.id).values(run_at=run_at)
            session.execute(later.execution_options(synchronize_session=False))
    return len(taken)


def _apart(rng: random.Random, deaths: int, cap_s: float) -> timedelta:
    """How long a job waits that has lost so many workers.

    One of those that a dead worker had may have killed it: they are not to be claimed together again and again, and
    what kills is to do so ever more rarely.
    """
    return timedelta(seconds=rng.uniform(0, min(cap_s, 2.0**deaths)) if deaths > 1 else 0)


def _settled(parts: EngineParts, job: Any, now: datetime) -> datetime:
    """From when on a job may be done again: a call that was cut off may still be under way."""
    if job.adapter is None or not job.outcome_unknown or job.sent_at is None:
        return now
    try:
        is_known_again = operation_of(parts, job.operation).idempotency in REPEATED_AT_ONCE
    except UnknownOperation:
        is_known_again = False
    settled: datetime = job.sent_at + CUT_CALL_SETTLES
    return now if is_known_again else max(now, settled)
