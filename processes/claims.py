"""Leases: who may work on a job until when, under which fence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.orm import Session

from processes.faults import fault
from processes.lifecycle import HELD_JOBS, JobState, TriggerState
from processes.store.instances import Timer
from processes.store.jobs import InboxMessage, Job

INTERNAL_ATTEMPTS: Final = 10
#: So long a call that was cut off may still be on its way to the far side, or being done there.
CUT_CALL_SETTLES: Final = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A job as it was when it was leased; ``fence`` proves that the lease is still ours."""

    id: str
    instance_id: str
    root_id: str
    kind: str
    task_id: str | None
    element_id: str | None
    operation: str
    operation_id: str
    adapter: str | None
    payload: Mapping[str, Any]
    phase: str
    attempts: int
    max_attempts: int
    fence: int
    outcome_unknown: bool
    business_key: str
    area: str


@dataclass
class LeaseOffer:
    """A worker's offer to go straight on with the next automatic job of the instance it just moved."""

    owner: str
    lease: timedelta
    blocked: Collection[str]
    taken: Claim | None = None


def claim_of(job: Job) -> Claim:
    """Return what a worker needs of a leased job, independent of any session."""
    return Claim(
        id=job.id,
        instance_id=job.instance_id,
        root_id=job.root_id,
        kind=job.kind,
        task_id=job.task_id,
        element_id=job.element_id,
        operation=job.operation,
        operation_id=job.operation_id,
        adapter=job.adapter,
        payload=job.payload,
        phase=job.phase,
        attempts=job.attempts,
        max_attempts=job.max_attempts,
        fence=job.fence,
        outcome_unknown=job.outcome_unknown,
        business_key=job.business_key,
        area=job.area,
    )


def claim_jobs(
    session: Session, *, owner: str, limit: int, lease: timedelta, blocked: Collection[str], now: datetime
) -> list[Claim]:
    """Lease up to ``limit`` due jobs; attempts are counted here, and a call that goes out next is marked sent.

    :param blocked: adapters whose breaker is open or whose share of this worker is used up.
    """
    due = and_(Job.state.in_((JobState.READY, JobState.WAITING_ANSWER)), Job.run_at <= now)
    if blocked:
        due = and_(due, or_(Job.adapter.is_(None), Job.adapter.not_in(sorted(blocked))))
    # A common table expression with FOR UPDATE runs once; as a plain sub-select it might run once per row.
    chosen = select(Job.id).where(due).order_by(Job.run_at, Job.id).limit(limit).with_for_update(skip_locked=True).cte()
    calls_out = and_(Job.adapter.is_not(None), Job.phase == "perform")
    statement = (
        update(Job)
        .where(Job.id.in_(select(chosen.c.id)))
        .values(
            state=case((Job.adapter.is_(None), JobState.LEASED), else_=JobState.SENT),
            lease_until=now + lease,
            lease_owner=owner,
            fence=Job.fence + 1,
            attempts=Job.attempts + 1,
            sent_at=case((calls_out, now), else_=Job.sent_at),
        )
        .returning(Job)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    claims = [claim_of(job) for job in session.scalars(statement)]
    if any(claim.adapter for claim in claims):
        fault("op.before_sent_commit")
    return sorted(claims, key=lambda claim: claim.id)


def lease_at_once(job: Job, offer: LeaseOffer, now: datetime) -> None:
    """Give a job that is just being written to the worker that made it."""
    job.state = JobState.LEASED if job.adapter is None else JobState.SENT
    job.lease_owner, job.lease_until = offer.owner, now + offer.lease
    job.fence, job.attempts = 1, 1
    job.sent_at = None if job.adapter is None else now
    offer.taken = claim_of(job)


def _held(claim: Claim) -> ColumnElement[bool]:
    return and_(Job.id == claim.id, Job.fence == claim.fence, Job.state.in_(HELD_JOBS))


def renew(session: Session, claims: Collection[Claim], *, lease: timedelta, now: datetime) -> list[Claim]:
    """Lengthen the leases; returns the claims that are no longer ours."""
    fault("lease.before_renew")
    lost = []
    for claim in claims:
        longer = update(Job).where(_held(claim)).values(lease_until=now + lease).returning(Job.id)
        if session.execute(longer.execution_options(synchronize_session=False)).first() is None:
            lost.append(claim)
    return lost


def release(session: Session, claims: Collection[Claim]) -> None:
    """Give back jobs that were claimed and never begun, as if they had not been claimed."""
    for claim in claims:
        session.execute(
            update(Job)
            .where(_held(claim))
            .values(
                state=case((Job.phase == "query", JobState.WAITING_ANSWER), else_=JobState.READY),
                lease_owner=None,
                lease_until=None,
                attempts=Job.attempts - 1,
            )
            .execution_options(synchronize_session=False)
        )


def let_go(session: Session, claims: Collection[Claim], *, now: datetime) -> None:
    """Give back jobs that were begun and will not be finished here. A call that is out has an unknown outcome."""
    is_out = and_(Job.state == JobState.SENT, Job.phase == "perform")
    for claim in claims:
        session.execute(
            update(Job)
            .where(_held(claim))
            .values(
                outcome_unknown=or_(Job.outcome_unknown, is_out),
                state=JobState.READY,
                lease_owner=None,
                lease_until=None,
                run_at=now + CUT_CALL_SETTLES if claim.adapter else now,
            )
            .execution_options(synchronize_session=False)
        )


def release_triggers(session: Session, row_ids: Collection[str], *, owner: str) -> None:
    """Give back timers and news that were leased and never looked at."""
    for table in (Timer, InboxMessage):
        mine = (table.id.in_(row_ids), table.lease_owner == owner)
        session.execute(
            update(table).where(*mine).values(lease_until=None).execution_options(synchronize_session=False)
        )


def expire(session: Session, *, now: datetime, gone: Collection[str] = ()) -> int:
    """Take back the leases that ran out; returns how many jobs. A call that was out has an unknown outcome.

    :param gone: names of workers known to be dead, whose leases need not run out first.
    """
    over = Job.lease_until < now
    if gone:
        over = or_(over, Job.lease_owner.in_(gone))
        for table in (Timer, InboxMessage):
            of_the_dead = update(table).where(table.lease_owner.in_(gone)).values(lease_until=None, lease_owner=None)
            session.execute(of_the_dead.execution_options(synchronize_session=False))
    statement = (
        update(Job)
        .where(Job.state.in_(HELD_JOBS), over)
        .values(
            outcome_unknown=or_(Job.outcome_unknown, and_(Job.state == JobState.SENT, Job.phase == "perform")),
            state=JobState.READY,
            lease_owner=None,
            lease_until=None,
            run_at=now,
        )
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(statement).all())


def claim_timers(session: Session, *, owner: str, limit: int, lease: timedelta, now: datetime) -> list[str]:
    """Lease timers that came due; returns their ids. An old lease that ran out does not hinder."""
    free = or_(Timer.lease_until.is_(None), Timer.lease_until < now)
    due = and_(Timer.state == TriggerState.WAITING, Timer.due_at <= now, free)
    chosen = select(Timer.id).where(due).order_by(Timer.due_at).limit(limit).with_for_update(skip_locked=True).cte()
    statement = (
        update(Timer)
        .where(Timer.id.in_(select(chosen.c.id)))
        .values(lease_owner=owner, lease_until=now + lease)
        .returning(Timer.id)
        .execution_options(synchronize_session=False)
    )
    return list(session.scalars(statement))


def claim_inbox(session: Session, *, owner: str, limit: int, lease: timedelta, now: datetime) -> list[str]:
    """Lease news that nobody has looked at; returns their ids in the order of arrival."""
    free = or_(InboxMessage.lease_until.is_(None), InboxMessage.lease_until < now)
    chosen = (
        select(InboxMessage.id)
        .where(InboxMessage.state == "received", free)
        .order_by(InboxMessage.received_at, InboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte()
    )
    statement = (
        update(InboxMessage)
        .where(InboxMessage.id.in_(select(chosen.c.id)))
        .values(lease_owner=owner, lease_until=now + lease)
        .returning(InboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(statement))
