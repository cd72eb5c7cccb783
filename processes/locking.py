"""Locking an instance, alone or together with a row of it. Parents before children, instances before their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from processes.clock import TIME_COLUMNS
from processes.errors import NotThere
from processes.store.base import Base
from processes.store.instances import ProcessInstance
from processes.store.jobs import Job
from processes.store.rows import Rows, column_names, read_only, table_of
from processes.store.sentences import Sentence

R = TypeVar("R", bound=Base)
#: What the clock columns of a statement gave.
Told = tuple[datetime | None, float | None]


def lock_instance(session: Session, instance_id: str) -> ProcessInstance:
    """Lock the row of an instance and read it afresh. Parents before children, instances before their rows.

    The lock leaves foreign keys alone (FOR NO KEY UPDATE), so that a child may write a job for its locked parent.

    :raises NotThere: no such instance.
    """
    found = LOCK.one(session, id=instance_id)
    if found is None:
        raise NotThere("process instance", instance_id)
    return Rows.of(session).take(ProcessInstance, found)


def lock_by(session: Session, entity: type[R], row_id: str) -> tuple[ProcessInstance, R, Told]:
    """Lock the instance a row belongs to, then the row, and read both, and the clock, in one statement.

    Both are locked: a row that is only read would show itself as it was before the wait for the instance. A job may:
    whoever takes one up changes it, and a change of what is not any more as it was read is refused and begun again.

    :raises NotThere: no such row.
    """
    found = _lock_with(entity).one(session, id=row_id)
    if found is None:
        raise NotThere(entity.__tablename__.replace("_", " "), row_id)
    rows, width = Rows.of(session), len(column_names(ProcessInstance))
    return rows.take(ProcessInstance, found[:width]), rows.take(entity, found[width:-2]), (found[-2], found[-1])


@dataclass
class FreeOnes(Generic[R]):
    """What :func:`lock_free_ones` found: a row of each instance, and the ids of further rows of the same ones."""

    locked: list[tuple[ProcessInstance, R, Told]] = field(default_factory=list)
    further: list[str] = field(default_factory=list)


def lock_free_ones(session: Session, entity: type[R], row_ids: Sequence[str]) -> FreeOnes[R]:
    """Lock those instances of many rows that nobody else has locked, and read each with the first of its rows."""
    size = next(size for size in BATCHES if size >= len(row_ids))
    padded = (*row_ids, *([row_ids[-1]] * (size - len(row_ids))))
    rows, width = Rows.of(session), len(column_names(ProcessInstance))
    free, seen = FreeOnes[R](), set()
    named = {f"row_{place}": row_id for place, row_id in enumerate(padded)}
    place_of, id_at = {row_id: place for place, row_id in enumerate(row_ids)}, width + column_names(entity).index("id")
    for found in sorted(_lock_many(entity, size).all(session, **named), key=lambda row: place_of[row[id_at]]):
        if found[0] in seen:
            free.further.append(read_only(entity, found[width:-2]).__dict__["id"])
            continue
        seen.add(found[0])
        instance, row = rows.take(ProcessInstance, found[:width]), rows.take(entity, found[width:-2])
        free.locked.append((instance, row, (found[-2], found[-1])))
    return free


def _lock() -> Select[Any]:
    instances = table_of(ProcessInstance)
    return select(*instances.columns).where(instances.c.id == bindparam("id")).with_for_update(key_share=True)


def _with_instance(entity: type[Base], chosen: ColumnElement[bool], *, free: bool = False) -> Select[Any]:
    instances, others = table_of(ProcessInstance), table_of(entity)
    both = select(*instances.columns, *others.columns, *TIME_COLUMNS)
    both = both.where(others.c.instance_id == instances.c.id, chosen)
    locked = (instances,) if entity is Job and not free else (instances, others)
    return both.with_for_update(key_share=True, of=locked, skip_locked=free)


@cache
def _lock_with(entity: type[Base]) -> Sentence:
    return Sentence(lambda: _with_instance(entity, table_of(entity).c.id == bindparam("id")))


@cache
def _lock_many(entity: type[Base], count: int) -> Sentence:
    rows = table_of(entity)
    ids = [bindparam(f"row_{place}", type_=rows.c.id.type) for place in range(count)]
    return Sentence(lambda: _with_instance(entity, rows.c.id.in_(ids), free=True))


LOCK: Final = Sentence(_lock)
#: How many rows one statement asks for; a smaller number is filled up, so that there are few statements.
BATCHES: Final = (4, 16, 64)
