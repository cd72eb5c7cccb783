"""Holding an adapter: nobody calls it until somebody lets it go on; jobs for it wait and burn no attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from processes.lifecycle import JobState
from processes.repairs import Why
from processes.store.bulk import HeldAdapter
from processes.store.jobs import Job


@dataclass(frozen=True, kw_only=True)
class Held:
    """An adapter that is held, and how many jobs wait for it."""

    adapter: str
    since: datetime
    by: str
    reason: str
    parked: int


def hold(session: Session, adapter: str, *, why: Why, now: datetime) -> bool:
    """Let no calls go out to an adapter; calls that are out are finished. False: it was held already.

    Workers hear of it with their next look for work, within a second.
    """
    if session.get(HeldAdapter, adapter) is not None:
        return False
    session.add(HeldAdapter(adapter=adapter, since=now, by=why.actor, reason=why.reason))
    session.flush()
    return True


def release(session: Session, adapter: str) -> bool:
    """Let calls go out again: what has waited goes out steadily, as after an outage. False: it was not held."""
    row = session.get(HeldAdapter, adapter)
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def held(session: Session) -> Sequence[Held]:
    """The adapters that are held."""
    parked = select(Job.adapter, func.count().label("number")).where(Job.state == JobState.READY).group_by(Job.adapter)
    waiting = {row.adapter: row.number for row in session.execute(parked)}
    return [
        Held(adapter=row.adapter, since=row.since, by=row.by, reason=row.reason, parked=waiting.get(row.adapter, 0))
        for row in session.scalars(select(HeldAdapter).order_by(HeldAdapter.adapter))
    ]
