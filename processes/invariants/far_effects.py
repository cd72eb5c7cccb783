"""I2: each operation is in force at the far side exactly once if our ledger says so, and not at all if it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from processes.ids import made_at
from processes.invariants.look import TOLERANCE, FarBooks, Look, Violation, batches
from processes.lifecycle import ENDED_JOBS, EffectState, InstanceState, JobState, LostState
from processes.retention import removed_before
from processes.store.instances import Incident, ProcessInstance
from processes.store.jobs import Effect, Job
from processes.store.restores import LostCall

RULE: Final = "I2"
IN_FORCE: Final = (EffectState.CONFIRMED, EffectState.IRREVERSIBLE)


def effects_at_home(look: Look) -> Iterator[Violation]:
    """What our own ledger says of itself: nothing twice, and nothing in force below a cancelled root."""
    look.counted(RULE, "effects", Effect)
    twice = (
        select(
            Effect.instance_id,
            func.min(Effect.operation).label("operation"),
            func.count().label("times"),
            func.min(Effect.business_key).label("business_key"),
        )
        .where(Effect.state.in_(IN_FORCE), Effect.task_id.is_not(None), ~Effect.in_place)
        .group_by(Effect.instance_id, Effect.task_id)
        .having(func.count() > 1)
    )
    for row in look.stream(twice):
        text = f"one step has {row.times} effects of {row.operation} in force"
        yield Violation(RULE, row.instance_id, text, row.business_key)
    left = (
        select(Effect.operation_id, Effect.operation, Effect.state, Effect.business_key)
        .join(ProcessInstance, ProcessInstance.id == Effect.root_instance_id)
        .where(
            ProcessInstance.state == InstanceState.CANCELLED,
            Effect.state.not_in((EffectState.UNDONE, EffectState.IRREVERSIBLE)),
        )
    )
    for row in look.stream(left):
        text = f"{row.operation} is {row.state}, but everything it belongs to is cancelled"
        yield Violation(RULE, row.operation_id, text, row.business_key)


def effects_at_the_far_side(look: Look) -> Iterator[Violation]:
    """Our ledger against the far sides' counts, both ways; nothing where nobody was asked."""
    if look.far is None:
        return
    look.saw(RULE, "operations counted by neighbours", len(look.far))
    removed = removed_before(look.session)
    for piece in batches(look.far.writes()):
        yield from _theirs(look.session, piece, removed)
    yield from _ours(look, look.far)


@dataclass(frozen=True)
class Known:
    """What we know of one operation id."""

    business_key: str = ""
    job: str | None = None  # state of the job that asked for it
    is_undo: bool = False
    is_entered: bool = False  # it is in the ledger, as an effect or as the undo of one


def _is_removed(operation_id: str, removed: datetime | None) -> bool:
    """Whether the key may belong to a tree that was removed: the key itself tells when it was made."""
    if removed is None:
        return False
    try:
        return made_at(operation_id) < removed + TOLERANCE
    except ValueError:
        return False


def _theirs(
    session: Session, piece: Sequence[tuple[str, str, str, int]], removed: datetime | None
) -> Iterator[Violation]:
    known = _known(session, [operation_id for operation_id, *_ in piece])
    lost = _lost(session, [operation_id for operation_id, *_ in piece])
    for operation_id, code, adapter, times in piece:
        ours = known.get(operation_id)
        if times > 1:
            key = ours.business_key if ours else ""
            yield Violation(RULE, operation_id, f"{code} took effect {times} times at {adapter}", key)
        if ours is None and lost.get(operation_id) == LostState.SETTLED:
            continue
        if ours is None and operation_id in lost:
            text = (
                f"{code} took effect at {adapter} after the backup this database was put back from (`yizhan db lost`)"
            )
            yield Violation(RULE, operation_id, text)
        elif ours is None and not _is_removed(operation_id, removed):
            text = f"{code} took effect at {adapter} under a key that nobody here knows: {operation_id}"
            yield Violation(RULE, operation_id, text)
        elif ours is not None and ours.job in ENDED_JOBS and not ours.is_entered:
            what = "undo" if ours.is_undo else "effect"
            text = f"{code} took effect, but its job is {ours.job} and the {what} is not in our ledger"
            yield Violation(RULE, operation_id, text, ours.business_key)


def _known(session: Session, ids: Sequence[str]) -> Mapping[str, Known]:
    entered = {row.operation_id: row.business_key for row in session.execute(_effects(Effect.operation_id, ids))}
    undone = {
        row.operation_id: row.business_key
        for row in session.execute(_effects(Effect.undo_operation_id, ids).where(Effect.state == EffectState.UNDONE))
    }
    booked = {**entered, **undone}
    found = {key: Known(business_key, is_entered=True) for key, business_key in booked.items()}
    jobs = select(Job.operation_id, Job.kind, Job.state, Job.business_key).where(Job.operation_id.in_(ids))
    for row in session.execute(jobs):
        is_entered = row.operation_id in booked
        found[row.operation_id] = Known(row.business_key, row.state, row.kind == "undo", is_entered)
    return found


def _lost(session: Session, ids: Sequence[str]) -> Mapping[str, str]:
    rows = select(LostCall.operation_id, LostCall.state).where(LostCall.operation_id.in_(ids))
    return {row.operation_id: row.state for row in session.execute(rows)}


def _effects(column: InstrumentedAttribute[Any], ids: Sequence[str]) -> Select[*tuple[Any, ...]]:
    return select(column.label("operation_id"), Effect.business_key).where(column.in_(ids))


def _ours(look: Look, far: FarBooks) -> Iterator[Violation]:
    done = exists().where(Job.operation_id == Effect.operation_id, _by_hand())
    undone = exists().where(Job.operation_id == Effect.undo_operation_id, _by_hand())
    columns = (Effect.operation_id, Effect.operation, Effect.undo_operation_id, Effect.undo_operation)
    rows = select(*columns, Effect.state, Effect.business_key, done.label("done"), undone.label("undone"))
    for row in look.stream(rows.where(Effect.adapter.in_(far.asked))):
        if not row.done and far.times(row.operation_id) == 0:
            text = f"{row.operation} is in our ledger, but not at the far side"
            yield Violation(RULE, row.operation_id, text, row.business_key)
        if row.state != EffectState.UNDONE or row.undone or row.undo_operation_id is None:
            continue
        if far.times(row.undo_operation_id) == 0:
            text = f"{row.operation} is undone in our ledger, but {row.undo_operation} never took effect"
            yield Violation(RULE, row.undo_operation_id, text, row.business_key)


def _by_hand() -> ColumnElement[bool]:
    """A person said what had become of the operation; the far side need not know it under its key."""
    skipped = exists().where(Incident.job_id == Job.id, Incident.resolution == "skipped")
    return and_(skipped, Job.state == JobState.DONE)
