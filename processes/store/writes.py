"""Inserts, guarded updates and deletes, as few statements as the database takes.

On PostgreSQL up to eight of them go as the parts of one statement (a WITH of several data-changing parts): a round trip
costs more than what it carries. On SQLite there is none, so each goes by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from sqlalchemy import Delete, Insert, Table, Update, bindparam, delete, insert, literal_column, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.dml import ReturningDelete, ReturningUpdate

from processes.store.sentences import Part, Sentence, all_at_once

PARTS: Final = 8
#: Statements kept compiled; so many kinds of rows, and columns that change together, there are not.
KEPT: Final = 1024

#: ``insert``: table, columns, number of rows. ``update``, ``delete``: table, columns set (none to delete), columns
#: compared (the key first).
Shape = (
    tuple[Literal["insert"], Table, tuple[str, ...], int]
    | tuple[Literal["update", "delete"], Table, tuple[str, ...], tuple[str, ...]]
)


@dataclass(frozen=True)
class Write:
    """One statement: its shape, and its values in the order of the shape."""

    shape: Shape
    values: list[Any]


def write_all(session: Session, writes: Sequence[Write]) -> None:
    """Write in this order. :raises StaleDataError: a row to be changed or deleted is not any more as it was read."""
    at_once = PARTS if session.get_bind().dialect.name == "postgresql" else 1
    for start in range(0, len(writes), at_once):
        some = writes[start : start + at_once]
        if len(some) == 1:
            touched = [_alone(session, some[0])]
        else:
            touched = all_at_once(session, [Part(_counted(write.shape), _named(write)) for write in some])
        for write, count in zip(some, touched, strict=True):
            if write.shape[0] != "insert" and count != 1:
                raise StaleDataError(f"a row of {write.shape[1].name} was changed by somebody else")


def _alone(session: Session, write: Write) -> int:
    return _single(write.shape).run(session, **_named(write))


def _named(write: Write) -> dict[str, Any]:
    return {f"v{place}": value for place, value in enumerate(write.values)}


@lru_cache(KEPT)
def _single(shape: Shape) -> Sentence:
    return Sentence(lambda: _statement(shape))


@lru_cache(KEPT)
def _counted(shape: Shape) -> Sentence:
    """The same with a row for each row that it touched."""

    def build() -> Insert | ReturningUpdate[Any] | ReturningDelete[Any]:
        statement = _statement(shape)
        return statement if isinstance(statement, Insert) else statement.returning(literal_column("1"))

    return Sentence(build)


def _statement(shape: Shape) -> Insert | Update | Delete:
    numbers = iter(range(1_000_000))

    def value(table: Table, name: str) -> Any:
        return bindparam(f"v{next(numbers)}", type_=table.columns[name].type)

    if shape[0] == "insert":
        _, table, names, count = shape
        return insert(table).values([{name: value(table, name) for name in names} for _ in range(count)])
    _, table, changed, compared = shape
    new = {name: value(table, name) for name in changed}
    as_read = [table.columns[name] == value(table, name) for name in compared]
    return update(table).where(*as_read).values(new) if new else delete(table).where(*as_read)
