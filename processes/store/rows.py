"""The engine's rows that one transaction has taken up to change, or is about to write.

The ORM's unit of work costs a multiple of the statements it writes, so the rows that every step touches go past it: as
objects that look like those of the mapped classes, but are of no session. What changed in them is found by comparing
with what was read, and written at the commit, or before anything else of the session looks at the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import FunctionType
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from processes.store.base import Base
from processes.store.instances import ActivityLog, ProcessInstance, Timer, UserTask
from processes.store.jobs import Job, OutboxEvent
from processes.store.sessions import PENDING
from processes.store.writes import Write, write_all

R = TypeVar("R", bound=Base)
NEVER_CHANGED: Final = frozenset({ActivityLog, OutboxEvent})
#: Rows of one table that go into one statement.
AT_ONCE: Final = 16
#: What must still be as it was read when a row is changed; else somebody came first and the unit begins again.
GUARDED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    ProcessInstance.__tablename__: ("version",),
    Job.__tablename__: ("fence", "state", "detached"),  # all that others change in a job which is in somebody's hands
    Timer.__tablename__: ("state",),
    UserTask.__tablename__: ("state",),
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
        self._removed: list[Write] = []
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
        row = new(entity, **named)
        self._read[id(row)] = (row, named)
        return row

    def remove(self, row: Base) -> None:
        """Delete a row that was taken, if it is still as it was read; one that is not written yet never is."""
        if any(row is one for one in self._new):
            self._new = [one for one in self._new if one is not row]
            return
        _, before = self._read.pop(id(row))
        table, guards = table_of(_entity(row)), GUARDED_BY.get(row.__tablename__, ())
        key = table.primary_key.columns.keys()[0]
        values = [before[key], *(before[name] for name in guards)]
        self._removed.append(Write(("delete", table, (), (key, *guards)), values))

    def then(self, act: Callable[[], None]) -> None:
        """Do something once the commit has succeeded."""
        self._after_commit.append(act)

    def push(self) -> None:
        """Write what is new and what has changed.

        :raises StaleDataError: a row is not any more as it was read.
        """
        changed = list(self._updates())  # first, so that new rows are not compared with themselves
        removed, self._removed = self._removed, []
        writes = [*self._inserts(), *changed, *removed]
        if writes:
            write_all(self._session, writes)

    def committed(self) -> None:
        """Do what was put off until the commit."""
        for act in self._after_commit:
            act()

    def _inserts(self) -> Iterator[Write]:
        added, self._new = self._new, []
        by_table: dict[type[Base], list[Base]] = {}
        for row in added:
            by_table.setdefault(_entity(row), []).append(row)
        for entity in sorted(by_table, key=lambda entity: entity is not ProcessInstance):  # all others point to it
            written = []
            for row in by_table[entity]:
                values = _complete(row)
                if entity not in NEVER_CHANGED:
                    self._read[id(row)] = (row, values)
                written.append(list(values.values()))
            names = column_names(entity, inserted=True)
            for start in range(0, len(written), AT_ONCE):
                some = written[start : start + AT_ONCE]
                yield Write(("insert", table_of(entity), names, len(some)), [value for row in some for value in row])

    def _updates(self) -> Iterator[Write]:
        for row, before in self._read.values():
            now = row.__dict__
            changed = [name for name, value in before.items() if now.get(name) is not value and now[name] != value]
            if not changed:
                continue
            entity = _entity(row)
            guards = GUARDED_BY.get(entity.__tablename__, ())
            if "version" in guards:
                now["version"] = before["version"] + 1
                changed.append("version")
            table = table_of(entity)
            key = table.primary_key.columns.keys()[0]
            values = [*(now[name] for name in changed), before[key], *(before[name] for name in guards)]
            yield Write(("update", table, tuple(changed), (key, *guards)), values)
            before.update({name: now[name] for name in changed})


def new(entity: type[R], **values: Any) -> R:
    """Make a new row, of a class that looks like the mapped one and of which the ORM knows nothing.

    An object of the mapped class would note every change of a value, for a session that never sees it.
    """
    row = _plain(entity)()
    row.__dict__.update(values)
    return cast(R, row)


@cache
def _plain(entity: type[Base]) -> type:
    """The columns of a mapped class as plain attributes, none if nobody set them, and what the class can do itself."""
    columns = dict.fromkeys(column_names(entity))
    own = {
        name: what
        for name, what in vars(entity).items()
        if isinstance(what, FunctionType | property) and not name.startswith("__")
    }
    return type(entity.__name__, (), {**columns, **own, "__tablename__": entity.__tablename__, "__row_of__": entity})


def _entity(row: Base) -> type[Base]:
    found: type[Base] = getattr(row, "__row_of__", type(row))
    return found


def read_only(entity: type[R], values: Iterable[Any]) -> R:
    """Make an object of a row, values in the order of its columns, that is only looked at."""
    return new(entity, **dict(zip(column_names(entity), values, strict=True)))


@cache
def column_names(entity: type[Base], *, inserted: bool = False) -> tuple[str, ...]:
    """The columns of a row in their order; ``inserted``: without the number the database gives."""
    table = table_of(entity)
    numbered = table.autoincrement_column if inserted else None
    return tuple(column.name for column in table.columns if column is not numbered)


def _complete(row: Base) -> dict[str, Any]:
    """The values of a new row in the order of its columns; what nobody set gets its default."""
    given = row.__dict__
    values = {name: given.get(name, default) for name, default in _defaults(_entity(row)).items()}
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
