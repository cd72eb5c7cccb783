"""The engine's rows that one transaction has taken up to change, or is about to write.

The ORM's unit of work costs a multiple of the statements it writes, so the rows that every step touches go past it: as
objects of the mapped classes, but of no session. What changed in them is found by comparing with what was read, and
written at the commit, or before anything else of the session looks at the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from processes.store.base import PENDING, Base
from processes.store.instances import ProcessInstance, Timer, UserTask
from processes.store.jobs import InboxMessage, Job
from processes.store.sentences import Sentence

R = TypeVar("R", bound=Base)
#: Rows of one table that go into one statement.
AT_ONCE: Final = 16
#: What must still be as it was read when a row is changed; else somebody came first and the unit begins again.
GUARDED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    ProcessInstance.__tablename__: ("version",),
    Job.__tablename__: ("fence", "state"),
    Timer.__tablename__: ("state",),
    UserTask.__tablename__: ("state",),
    InboxMessage.__tablename__: ("state",),
}


def table_of(entity: type[Base]) -> Table:
    """The table of a mapped class."""
    return cast(Table, entity.__table__)


class Rows:
    """What one transaction changes. Made by :meth:`of`, gone with the transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._new: list[Base] = []
        self._read: dict[int, tuple[Base, dict[str, Any]]] = {}
        self._after_commit: list[Callable[[], None]] = []

    @classmethod
    def of(cls, session: Session) -> Rows:
        """The rows of the transaction a session is in."""
        found: Rows | None = session.info.get(PENDING)
        if found is None:
            found = session.info[PENDING] = cls(session)
        return found

    def add(self, row: Base) -> None:
        """Write this new row."""
        self._new.append(row)

    def take(self, entity: type[R], values: Iterable[Any]) -> R:
        """Make an object of a row just read, values in the order of its columns; changes to it will be written."""
        named = dict(zip(column_names(entity), values, strict=True))
        row = entity()
        row.__dict__.update(named)
        self._read[id(row)] = (row, named)
        return row

    def then(self, act: Callable[[], None]) -> None:
        """Do something once the commit has succeeded."""
        self._after_commit.append(act)

    def push(self) -> None:
        """Write what is new and what has changed.

        :raises StaleDataError: a row is not any more as it was read.
        """
        new, self._new = self._new, []
        by_table: dict[type[Base], list[Base]] = {}
        for row in new:
            by_table.setdefault(type(row), []).append(row)
        for entity in sorted(by_table, key=lambda entity: entity is not ProcessInstance):  # all others point to it
            self._insert(entity, by_table[entity])
        for row, before in list(self._read.values()):
            self._update(row, before)

    def committed(self) -> None:
        """Do what was put off until the commit."""
        for act in self._after_commit:
            act()

    def _insert(self, entity: type[Base], rows: list[Base]) -> None:
        written = [_complete(row) for row in rows]
        for start in range(0, len(rows), AT_ONCE):
            some = written[start : start + AT_ONCE]
            values = {
                placed: value
                for places, row in zip(_places(entity), some, strict=False)
                for placed, value in zip(places, row.values(), strict=True)
            }
            _insert_sentence(entity, len(some)).run(self._session, **values)
        for row, as_written in zip(rows, written, strict=True):
            self._read[id(row)] = (row, as_written)

    def _update(self, row: Base, before: dict[str, Any]) -> None:
        now = row.__dict__
        changed = tuple(name for name, value in before.items() if now.get(name) is not value and now[name] != value)
        if not changed:
            return
        entity = type(row)
        guards = GUARDED_BY.get(entity.__tablename__, ())
        if "version" in guards:
            now["version"] = before["version"] + 1
            changed = (*changed, "version")
        values = {f"new_{name}": now[name] for name in changed} | {f"old_{name}": before[name] for name in guards}
        key = table_of(entity).primary_key.columns.keys()[0]
        touched = _update_sentence(entity, changed).run(self._session, **values, key=before[key])
        if touched != 1:
            raise StaleDataError(f"a row of {entity.__tablename__} was changed by somebody else")
        before.update({name: now[name] for name in changed})


def new(entity: type[R], **values: Any) -> R:
    """Make a new row; the ORM's own constructor notes each value as a change, for a session that never sees it."""
    row = entity()
    row.__dict__.update(values)
    return row


def read_only(entity: type[R], values: Iterable[Any]) -> R:
    """Make an object of a row, values in the order of its columns, that is only looked at."""
    row = entity()
    row.__dict__.update(zip(column_names(entity), values, strict=True))
    return row


@cache
def column_names(entity: type[Base], *, inserted: bool = False) -> tuple[str, ...]:
    """The columns of a row in their order; ``inserted``: without the number the database gives."""
    table = table_of(entity)
    numbered = table.autoincrement_column if inserted else None
    return tuple(column.name for column in table.columns if column is not numbered)


def _complete(row: Base) -> dict[str, Any]:
    """The values of a new row in the order of its columns; what nobody set gets its default."""
    given = row.__dict__
    values = {name: given.get(name, default) for name, default in _defaults(type(row)).items()}
    given.update(values)
    return values


@cache
def _defaults(entity: type[Base]) -> dict[str, Any]:
    columns = table_of(entity).columns
    found = {}
    for name in column_names(entity, inserted=True):
        default = columns[name].default
        found[name] = default.arg if isinstance(default, ScalarElementColumnDefault) else None
    return found


@cache
def _places(entity: type[Base]) -> list[list[str]]:
    """The names of the parameters of a statement that writes many rows, row by row."""
    return [[f"{name}_{place}" for name in column_names(entity, inserted=True)] for place in range(AT_ONCE)]


@cache
def _insert_sentence(entity: type[Base], count: int) -> Sentence:
    names = column_names(entity, inserted=True)
    table = table_of(entity)

    def build() -> Any:
        return insert(table).values(
            [
                {
                    name: bindparam(placed, type_=table.columns[name].type)
                    for name, placed in zip(names, places, strict=True)
                }
                for places in _places(entity)[:count]
            ]
        )

    return Sentence(build)


@cache
def _update_sentence(entity: type[Base], changed: tuple[str, ...]) -> Sentence:
    table = table_of(entity)
    key = next(iter(table.primary_key.columns))

    def build() -> Any:
        new = {name: bindparam(f"new_{name}", type_=table.columns[name].type) for name in changed}
        as_read = [
            table.columns[name] == bindparam(f"old_{name}", type_=table.columns[name].type)
            for name in GUARDED_BY.get(entity.__tablename__, ())
        ]
        return update(table).where(key == bindparam("key", type_=key.type), *as_read).values(new)

    return Sentence(build)
