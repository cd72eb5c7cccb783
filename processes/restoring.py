"""A database that was put back from a backup: what the far sides have done since then is not in it.

Before anything is done with it, every open call is marked so that the far side is asked about it first, and the far
sides name what they did under keys that are not in our books. What becomes of those: :mod:`processes.lost_calls`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from adapters.operations import OperationRegistry
from processes import home
from processes.ids import Ids, first_made_at, made_at
from processes.invariants.look import batches
from processes.lifecycle import JobState, LostState
from processes.parking import given_back
from processes.store.base import IS_UUID
from processes.store.bulk import HeldAdapter
from processes.store.instances import ProcessInstance
from processes.store.jobs import Effect, Job
from processes.store.restores import LostCall, Restoration

#: Calls so much older than the youngest thing in the backup are looked for as well: nobody's clock is exact.
SLACK: Final = timedelta(hours=1)
OPEN: Final = (JobState.READY, JobState.SENT, JobState.WAITING_ANSWER, JobState.SUSPENDED, JobState.INCIDENT)


def begin(
    session: Session, registry: OperationRegistry, ids: Ids, *, actor: str, reason: str, takes_over: bool, now: datetime
) -> Restoration:
    """Close the database and mark every open call; one that is under way already is gone on with."""
    home.move_in(session, now=now, closed=True)
    found, marked = under_way(session), _mark(session, registry, now)
    if found is None:
        found = Restoration(id=ids(), began_at=now, as_of=youngest(session), told={}, silent={})
    found.actor, found.reason, found.takes_over, found.marked = actor, reason, takes_over, marked
    session.add(found)
    session.flush()
    return found


def under_way(session: Session) -> Restoration | None:
    """The restoration that has not come to its end."""
    rows = select(Restoration).where(Restoration.ended_at.is_(None)).order_by(Restoration.began_at.desc())
    return session.scalars(rows.limit(1)).first()


def latest(session: Session) -> Restoration | None:
    """The last restoration of this database."""
    return session.scalars(select(Restoration).order_by(Restoration.began_at.desc()).limit(1)).first()


def youngest(session: Session) -> datetime | None:
    """When the youngest job or instance in the books was made, by its id; None: there is none."""
    found = []
    for column in (Job.id, ProcessInstance.id):
        last = session.scalar(select(column).order_by(column.desc()).limit(1))
        if last is not None:
            found.append(made_at(last))
    return max(found, default=None)


def first_key(restoration: Restoration) -> str:
    """The key from which on calls may be missing in our books."""
    return "" if restoration.as_of is None else first_made_at(restoration.as_of - SLACK)


def _mark(session: Session, registry: OperationRegistry, now: datetime) -> dict[str, int]:
    """Nobody holds a job any more, and what is to be done next is asked about first; returns how many by adapter.

    Questions may just be asked again. What cannot be asked about is looked up in the book of calls, see
    :func:`keep_told`.
    """
    reads = [code for code in registry.codes() if not registry.get(code).is_write]
    rows = (Job.adapter.is_not(None), Job.state.in_(OPEN), Job.operation.not_in([*reads, *_unasked(registry)]))
    counted = select(Job.adapter, func.count()).where(*rows).group_by(Job.adapter)
    marked = {str(adapter): int(number) for adapter, number in session.execute(counted)}
    free = {"lease_owner": None, "lease_until": None, "fence": Job.fence + 1, "attempts": 0}
    waits = Job.state == JobState.WAITING_ANSWER
    session.execute(
        update(Job)
        .where(*rows)
        .values(
            state=case((Job.state == JobState.SENT, given_back()), else_=Job.state),
            phase=case((waits, Job.phase), else_="ask"),
            outcome_unknown=True,
            run_at=now,
            **free,
        )
        .execution_options(synchronize_session=False)
    )
    return marked


def keep_told(
    session: Session,
    registry: OperationRegistry,
    restoration: Restoration,
    adapter: str,
    calls: Iterable[Mapping[str, Any]],
) -> int:
    """Keep what one far side says it was asked to do and we know nothing of; returns how many those are."""
    since, told, lost, done = first_key(restoration), 0, 0, set[str]()
    unasked = _unasked(registry)
    mine = (row for row in calls if _is_of(registry, row, adapter))
    for piece in batches(mine):
        told += len(piece)
        ours = _ours(session, [str(row["key"]) for row in piece])
        done |= {str(row["key"]) for row in piece if row.get("operation") in unasked} & ours
        rows = [_lost(restoration, adapter, row) for row in piece if _is_lost(row, since, ours)]
        lost += len(rows)
        if rows:
            insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
            session.execute(insert(LostCall).on_conflict_do_nothing(index_elements=["operation_id"]), rows)
    restoration.told = {**restoration.told, adapter: told}
    restoration.silent = {name: why for name, why in restoration.silent.items() if name != adapter}
    _leave_to_persons(session, registry, adapter, done)
    session.flush()
    return lost


def keep_silent(
    session: Session, registry: OperationRegistry, restoration: Restoration, adapter: str, why: str
) -> None:
    """A far side has named no calls, for that reason; what it cannot be asked about either is for persons."""
    restoration.silent = {**restoration.silent, adapter: why}
    _leave_to_persons(session, registry, adapter, None)
    session.flush()


def _leave_to_persons(
    session: Session, registry: OperationRegistry, adapter: str, done: Collection[str] | None
) -> None:
    """Calls that a far side cannot be asked about: those that it has done, or may have, have an unknown outcome."""
    rows = (Job.adapter == adapter, Job.state.in_(OPEN), Job.operation.in_(_unasked(registry)))
    for job_id, key in session.execute(select(Job.id, Job.operation_id).where(*rows)).all():
        if done is None or key in done:
            unknown = update(Job).where(Job.id == job_id).values(outcome_unknown=True)
            session.execute(unknown.execution_options(synchronize_session=False))


def finish(session: Session, restoration: Restoration, *, held: Iterable[str], now: datetime) -> None:
    """Open the database again; far sides that were not asked get no calls until somebody lets them."""
    for adapter in held:
        if session.get(HeldAdapter, adapter) is None:
            why = "not asked yet what it did after the backup"
            session.add(HeldAdapter(adapter=adapter, since=now, by=restoration.actor, reason=why))
    restoration.ended_at = now
    home.move_in(session, now=now, closed=False)
    session.flush()


def _unasked(registry: OperationRegistry) -> list[str]:
    return [code for code in registry.codes() if registry.get(code).idempotency == "neither"]


def _is_of(registry: OperationRegistry, row: Mapping[str, Any], adapter: str) -> bool:
    code = str(row.get("operation"))
    return "key" in row and (code not in registry or registry.get(code).adapter == adapter)


def _is_lost(row: Mapping[str, Any], since: str, ours: Collection[str]) -> bool:
    """Whether it is a write of this house, made after the backup, that had its effect or still may."""
    key = str(row["key"])
    if not row.get("is_write", True) or row.get("state") == "rejected" or key in ours or key <= since:
        return False
    return bool(IS_UUID(key)) and key[14] == "7"  # else it is the key of somebody else


def _lost(restoration: Restoration, adapter: str, row: Mapping[str, Any]) -> dict[str, Any]:
    told_at, digest = row.get("at"), row.get("digest")
    return {
        "operation_id": str(row["key"]),
        "restoration_id": restoration.id,
        "adapter": adapter,
        "operation": str(row.get("operation") or "")[:120],
        "business_key": str(row.get("business_key") or "")[:255],
        "digest": None if digest is None else str(digest)[:64],
        "done_at": None if told_at is None else str(told_at)[:40],
        "state": LostState.OPEN,
    }


def _ours(session: Session, keys: Sequence[str]) -> set[str]:
    columns: Iterator[Any] = iter((Job.operation_id, Effect.operation_id, Effect.undo_operation_id))
    return {str(key) for column in columns for key in session.scalars(select(column).where(column.in_(keys)))}
