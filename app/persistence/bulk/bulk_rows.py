"""Adding rows that are not there yet, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import insert, inspect, select, update
from sqlalchemy.orm import Session

from processes.store.base import Base


def add_missing(session: Session, entity: type[Base], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert the rows whose primary key is not known; rows that are there stay as they are.

    :return: how many were new.
    """
    keys = _key_names(entity)
    known = {tuple(row) for row in session.execute(select(*(getattr(entity, key) for key in keys)))}
    new = [dict(row) for row in rows if tuple(row[key] for key in keys) not in known]
    if new:
        names = {name for row in new for name in row}
        session.execute(insert(entity), [{**dict.fromkeys(names), **row} for row in new])
    return len(new)


def replace_all(session: Session, entity: type[Base], rows: Iterable[Mapping[str, Any]]) -> int:
    """Bring rows to what the data says: known ones are updated, new ones added, none is taken away.

    For what belongs to the product and not to its users.

    :return: how many were new.
    """
    keys = _key_names(entity)
    given = [dict(row) for row in rows]
    known = {tuple(row) for row in session.execute(select(*(getattr(entity, key) for key in keys)))}
    old = [row for row in given if tuple(row[key] for key in keys) in known]
    if old:
        session.execute(update(entity), old)
    return add_missing(session, entity, given)


def _key_names(entity: type[Base]) -> list[str]:
    mapper = inspect(entity)
    return [mapper.get_property_by_column(column).key for column in mapper.primary_key]
