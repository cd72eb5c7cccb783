"""Leases: who may work on a job until when, under which fence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    or_,
    update,
)
from sqlalchemy.orm import Session

from processes.claim_statements import CLAIM_INBOX, CLAIM_TIMERS, DUE, HELD, claiming_jobs
from processes.clock import Clock
from processes.faults import fault
from processes.lifecycle import HELD_JOBS, JobState
from processes.parking import given_back
from processes.store.instances import Timer
from processes.store.jobs import InboxMessage, Job
from processes.store.rows import read_only

#: A job of our own is tried so often, whether it fails or takes its worker with it; then it is an incident.
INTERNAL_ATTEMPTS: Final = 5
LEASED_AT_ONCE: Final = 8
#: So long a call that was cut off may still be on its way to the far side, or being done there.
CUT_CALL_SETTLES: Final = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A job as it was when it was leased; ``fence`` proves that the lease is still ours.

    ``deaths``: how many workers it was in the hand of when they died.
    """

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
    deaths: int


@dataclass
class LeaseOffer:
    """A worker's offer to go straight on with the next automatic jobs of the instance it just moved.

    ``room``: how many calls outside it could make besides its first; what needs nobody outside is done one by one.
    ``own``: the rows of those among ``taken`` that need nobody outside.
    """

    owner: str
    lease: timedelta
    blocked: Collection[str]
    room: int = 0
    taken: list[Claim] = field(default_factory=list)
    own: list[Job] = field(default_factory=list)

    def accepts(self, adapter: str | None) -> bool:
        """Whether a job for this adapter (none = done in this process) may be leased at once."""
        if adapter is None:
            return len(self.taken) < LEASED_AT_ONCE
        return adapter not in self.blocked and sum(1 for claim in self.taken if claim.adapter) <= self.room

    def keep_back(self, job: Job) -> None:
        """This job is done before the offer is handed over."""
        self.own.remove(job)
        self.taken = [claim for claim in self.taken if claim.id != job.id]


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
        deaths=job.deaths,
    )


@dataclass(frozen=True)
class Due:
    """What one cheap look found before anything is leased. ``now``: when it looked.

    Leases are not looked at: what somebody else has in hand may count as due here, and is not leased again.
    """

    now: datetime
    news: bool
    timers: bool
    jobs: bool
    starts: bool
    held: bool


def what_is_due(session: Session, clock: Clock) -> Due:
    """Look for news, due timers, jobs and starts, and adapters that are held, and at the clock, in one statement."""
    *told, news, timer_at, job_at, start_at, held = DUE.all(session)[0]
    now = clock.told(*told)

    def has_come(at: datetime | None) -> bool:
        return at is not None and at <= now

    return Due(now, bool(news), has_come(timer_at), has_come(job_at), has_come(start_at), bool(held))


def held_adapters(session: Session) -> list[str]:
    """The adapters that are to get no calls."""
    return [adapter for (adapter,) in HELD.all(session)]


def claim_jobs(
    session: Session,
    *,
    owner: str,
    limit: int,
    lease: timedelta,
    blocked: Collection[str],
    first_only: Collection[str] = (),
    now: datetime,
) -> list[Claim]:
    """Lease up to ``limit`` due jobs; attempts are counted here, and a call that goes out next is marked sent.

    :param blocked: adapters whose breaker is open or whose share of this worker is used up.
    :param first_only: adapters that get no repeats now.
    """
    fewer = sorted(set(first_only).difference(blocked))
    left_out = {f"blocked_{place}": adapter for place, adapter in enumerate(sorted(blocked))}
    left_out |= {f"first_only_{place}": adapter for place, adapter in enumerate(fewer)}
    sentence = claiming_jobs(len(blocked), len(fewer))
    fault("op.before_sent_commit")
    leased = sentence.all(session, owner=owner, limit=limit, until=now + lease, now=now, **left_out)
    return sorted((claim_of(read_only(Job, row[:-1])) for row in leased), key=lambda claim: claim.id)


def lease_at_once(job: Job, offer: LeaseOffer, now: datetime) -> None:
    """Give a job that is just being written to the worker that made it."""
    job.state = JobState.LEASED if job.adapter is None else JobState.SENT
    job.lease_owner, job.lease_until = offer.owner, now + offer.lease
    job.fence, job.attempts = 1, 1
    job.sent_at = None if job.adapter is None else now
    offer.taken.append(claim_of(job))
    if job.adapter is None:
        offer.own.append(job)


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
                state=given_back(case((Job.phase == "query", JobState.WAITING_ANSWER), else_=JobState.READY)),
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
                state=given_back(),
                lease_owner=None,
                lease_until=None,
                run_at=now + CUT_CALL_SETTLES if claim.adapter else now,
            )
            .execution_options(synchronize_session=False)
        )


def release_triggers(session: Session, row_ids: Collection[str], *, owner: str) -> None:
    """Give back timers and news that were leased and never looked at, as if they had not been leased."""
    for table in (Timer, InboxMessage):
        mine = (table.id.in_(row_ids), table.lease_owner == owner)
        fresh = update(table).where(*mine).values(lease_until=None, attempts=table.attempts - 1)
        session.execute(fresh.execution_options(synchronize_session=False))


def put_off(
    session: Session,
    entity: type[Timer | InboxMessage],
    row_ids: Collection[str],
    *,
    owner: str,
    until: datetime,
) -> None:
    """Let leased timers or news be claimed again at a certain instant, as if they had not been leased."""
    session.execute(
        update(entity)
        .where(entity.id.in_(row_ids), entity.lease_owner == owner)
        .values(lease_until=until, attempts=entity.attempts - 1)
        .execution_options(synchronize_session=False)
    )


#: The id of a leased row, and how often it has been leased.
Leased = tuple[str, int]


def claim_timers(session: Session, *, owner: str, limit: int, lease: timedelta, now: datetime) -> list[Leased]:
    """Lease timers that came due, in the order they did. An old lease that ran out does not hinder."""
    rows = CLAIM_TIMERS.all(session, owner=owner, limit=limit, until=now + lease, now=now)
    return [(row_id, attempts) for _due_at, row_id, attempts, _ in sorted(rows)]


def claim_inbox(session: Session, *, owner: str, limit: int, lease: timedelta, now: datetime) -> list[Leased]:
    """Lease news that nobody has looked at, in the order of arrival."""
    rows = CLAIM_INBOX.all(session, owner=owner, limit=limit, until=now + lease, now=now)
    return [(row_id, attempts) for _received_at, row_id, attempts, _ in sorted(rows)]
