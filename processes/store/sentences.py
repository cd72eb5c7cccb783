"""Statements that are compiled once and then handed straight to the database's driver.

The hot path of the engine runs a handful of statements for every step of every order. Building, caching and executing
them through the ORM costs several times what the database needs for them; the statements here are written with
SQLAlchemy, compiled once per kind of database, and executed on the connection of the session, inside its transaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from sqlalchemy import BindParameter, Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert, ReturningUpdate

from processes.store.sessions import CURSOR

Processor = Callable[[Any], Any] | None
Statement = (
    Select[*tuple[Any, ...]]
    | ReturningInsert[Any]
    | ReturningUpdate[Any]
    | ReturningDelete[Any]
    | Insert
    | Update
    | Delete
)
PARAMETER: Final = re.compile(r"\$(\d+)")
#: Texts of statements that go together; another one is put together in a tenth of a millisecond.
TOGETHER_KEPT: Final = 256


class _Compiled:
    """One statement for one kind of database: its text, and how values go in and come out."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        self._dialect = dialect
        compiled = cast(Any, statement.compile(dialect=_by_place(dialect)))
        self.text = str(compiled)
        self._binds = [self._bind(name, compiled.binds[name]) for name in compiled.positiontup]
        self._types = [column.type.dialect_impl(dialect) for column in statement.exported_columns]
        self._results: list[Processor] | None = None
        self.parameters = len(self._binds)
        self.gives_rows = bool(self._types)

    def results(self, cursor: Any) -> list[Processor]:
        """How the values of each column come out; the driver's type codes are the same every time."""
        if self._results is None:
            codes = [column[1] for column in cursor.description]
            pairs = zip(self._types, codes, strict=True)
            self._results = [kind.result_processor(self._dialect, code) for kind, code in pairs]
        return self._results

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters in their places."""
        return [
            fixed if name is None else value if (value := given[name]) is None or process is None else process(value)
            for name, process, fixed in self._binds
        ]

    def _bind(self, name: str, bind: BindParameter[Any]) -> tuple[str | None, Processor, Any]:
        """The name whose value goes into one place and how, or the value that always does."""
        process = bind.type.dialect_impl(self._dialect).bind_processor(self._dialect)
        if bind.required:
            return name, process, None
        return None, None, process(bind.value) if process else bind.value


def _by_place(dialect: Dialect) -> Dialect:
    """The same dialect with parameters by place, as the driver likes them best."""
    style = "numeric_dollar" if dialect.name == "postgresql" else "qmark"
    return cast(Dialect, cast(Any, type(dialect))(paramstyle=style))


class Sentence:
    """A statement whose parameters are :func:`~sqlalchemy.bindparam` names; compiled at first use."""

    def __init__(self, build: Callable[[], Statement]) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def all(self, session: Session, **values: Any) -> list[tuple[Any, ...]]:
        """Execute and return every row, values as their columns' types give them."""
        compiled, cursor = self._execute(session, values)
        rows = cursor.fetchall()
        processes = compiled.results(cursor)
        return [
            tuple(
                [
                    value if value is None or process is None else process(value)
                    for process, value in zip(processes, row, strict=True)
                ]
            )
            for row in rows
        ]

    def one(self, session: Session, **values: Any) -> tuple[Any, ...] | None:
        """Execute and return the first row, or none."""
        rows = self.all(session, **values)
        return rows[0] if rows else None

    def run(self, session: Session, **values: Any) -> int:
        """Execute and return how many rows it touched."""
        _, cursor = self._execute(session, values)
        count: int = cursor.rowcount
        return count

    def compiled(self, dialect: Dialect) -> _Compiled:
        """The statement for one kind of database."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _Compiled(self._build(), dialect)
        return found

    def _execute(self, session: Session, values: Mapping[str, Any]) -> tuple[_Compiled, Any]:
        connection, cursor = _cursor(session)
        compiled = self.compiled(connection.dialect)
        _carry_out(connection, cursor, compiled.text, compiled.values(values))
        return compiled, cursor


@dataclass(frozen=True)
class Part:
    """One of several statements that go together, and its values."""

    sentence: Sentence
    values: Mapping[str, Any]


def all_at_once(session: Session, parts: Sequence[Part]) -> list[int]:
    """Carry out several statements that change rows as one, on PostgreSQL.

    :returns: of each how many rows it gave back; 0 for one that gives none.
    """
    connection, cursor = _cursor(session)
    compiled = [part.sentence.compiled(connection.dialect) for part in parts]
    text, asked = _together(tuple(compiled))
    values = [value for one, part in zip(compiled, parts, strict=True) for value in one.values(part.values)]
    _carry_out(connection, cursor, text, values)
    counts = iter(cursor.fetchall()[0][1:])
    return [next(counts) if asks else 0 for asks in asked]


@lru_cache(TOGETHER_KEPT)
def _together(parts: tuple[_Compiled, ...]) -> tuple[str, list[bool]]:
    """A WITH of all parts, and which of them say how many rows they touched; parameters are numbered through."""
    texts, counts, before = [], ["1"], 0
    for place, part in enumerate(parts):
        texts.append(f"p{place} AS ({_renumbered(part.text, before)})")
        before += part.parameters
        if part.gives_rows:
            counts.append(f"(SELECT count(*) FROM p{place})")  # noqa: S608  a number
    return f"WITH {', '.join(texts)} SELECT {', '.join(counts)}", [part.gives_rows for part in parts]


def _renumbered(text: str, before: int) -> str:
    return PARAMETER.sub(lambda found: f"${int(found[1]) + before}", text)


def _carry_out(connection: Connection, cursor: Any, text: str, values: Sequence[Any]) -> None:
    failures = connection.dialect.loaded_dbapi.Error
    try:
        cursor.execute(text, values)
    except failures as error:
        raise _told(error, connection, cursor, text) from error


def _cursor(session: Session) -> tuple[Connection, Any]:
    """The connection of the transaction a session is in, and what carries out all its sentences."""
    kept: tuple[Connection, Any] | None = session.info.get(CURSOR)
    if kept is None:
        connection = session.connection()
        driver = cast(Any, connection.connection.driver_connection)
        kept = connection, driver.wire if connection.dialect.name == "postgresql" else driver.cursor()
        if CURSOR in session.info:  # a session that forgets it at the end of its transaction
            session.info[CURSOR] = kept
    return kept


def _told(error: Exception, connection: Connection, cursor: Any, statement: str) -> BaseException:
    """The error as SQLAlchemy would raise it; a connection that is lost is marked so."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(cast(Any, error), connection.connection.dbapi_connection, cursor)
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        statement,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=dialect,
    )
