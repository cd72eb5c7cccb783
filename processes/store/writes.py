"""Inserts, guarded updates and deletes, as few statements as the database takes.

On PostgreSQL up to eight of them go as the parts of one statement (a WITH of several data-changing parts): a round trip
costs more than what it carries. On SQLite there is none, so each goes by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from sqlalchemy import (
    Delete,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from processes.store.sentences import Sentence

PARTS: Final = 8
#: Statements kept compiled: what changes together is nearly always the same.
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
            _alone(session, some[0])
        else:
            _together(session, some)


def _alone(session: Session, write: Write) -> None:
    touched = _single(write.shape).run(session, **_named(write, ""))
    if write.shape[0] != "insert" and touched != 1:
        raise StaleDataError(f"a row of {write.shape[1].name} was changed by somebody else")


def _together(session: Session, writes: Sequence[Write]) -> None:
    values: dict[str, Any] = {}
    for place, write in enumerate(writes):
        values |= _named(write, f"p{place}_")
    found = _combined(tuple(write.shape for write in writes)).all(session, **values)[0]
    guarded = [write for write in writes if write.shape[0] != "insert"]
    for write, touched in zip(guarded, found[1:], strict=True):
        if touched != 1:
            raise StaleDataError(f"a row of {write.shape[1].name} was changed by somebody else")


def _named(write: Write, prefix: str) -> dict[str, Any]:
    return {f"{prefix}v{place}": value for place, value in enumerate(write.values)}


@lru_cache(KEPT)
def _single(shape: Shape) -> Sentence:
    return Sentence(lambda: _statement(shape, ""))


@lru_cache(KEPT)
def _combined(shapes: tuple[Shape, ...]) -> Sentence:
    """One statement that carries out all; its columns after the first: how many rows each update or delete touched."""

    def build() -> Select[Any]:
        parts = [_statement(shape, f"p{place}_") for place, shape in enumerate(shapes)]
        whole: Select[Any] = select(literal_column("1"))
        for place, part in enumerate(parts):
            if isinstance(part, Insert):
                whole = whole.add_cte(part.cte(f"p{place}"))
            else:
                touched = part.returning(literal_column("1").label("one")).cte(f"p{place}")
                whole = whole.add_columns(select(func.count()).select_from(touched).scalar_subquery())
        return whole

    return Sentence(build)


def _statement(shape: Shape, prefix: str) -> Insert | Update | Delete:
    numbers = iter(range(1_000_000))

    def value(table: Table, name: str) -> Any:
        return bindparam(f"{prefix}v{next(numbers)}", type_=table.columns[name].type)

    if shape[0] == "insert":
        _, table, names, count = shape
        return insert(table).values([{name: value(table, name) for name in names} for _ in range(count)])
    _, table, changed, compared = shape
    new = {name: value(table, name) for name in changed}
    as_read = [table.columns[name] == value(table, name) for name in compared]
    return update(table).where(*as_read).values(new) if new else delete(table).where(*as_read)
