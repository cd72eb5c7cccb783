"""Statements that are compiled once and then handed straight to the database's driver.

The hot path of the engine runs a handful of statements for every step of every order. Building, caching and executing
them through the ORM costs several times what the database needs for them; the statements here are written with
SQLAlchemy, compiled once per kind of database, and executed on the connection of the session, inside its transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from sqlalchemy import Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

Processor = Callable[[Any], Any] | None
Statement = Select[*tuple[Any, ...]] | ReturningInsert[Any] | ReturningUpdate[Any] | Insert | Update


class _Compiled:
    """One statement for one kind of database: its text, and how values go in and come out."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled = cast(Any, statement.compile(dialect=_named(dialect)))
        self.text = str(compiled)
        self.fixed: dict[str, Any] = {}
        self.binds: list[tuple[str, Processor]] = []
        for name, bind in compiled.binds.items():
            process = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if bind.required:
                self.binds.append((name, process))
            else:
                self.fixed[name] = process(bind.value) if process else bind.value
        self._types = [column.type.dialect_impl(dialect) for column in statement.exported_columns]
        self._dialect = dialect
        self._results: list[Processor] | None = None

    def results(self, cursor: Any) -> list[Processor]:
        """How the values of each column come out; the driver's type codes are the same every time."""
        if self._results is None:
            codes = [column[1] for column in cursor.description]
            pairs = zip(self._types, codes, strict=True)
            self._results = [kind.result_processor(self._dialect, code) for kind, code in pairs]
        return self._results

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(self.fixed)
        for name, process in self.binds:
            value = given[name]
            found[name] = value if process is None else process(value)
        return found


def _named(dialect: Dialect) -> Dialect:
    """The same dialect, with parameters by name also where the driver's default is by place."""
    return dialect if dialect.paramstyle in ("named", "pyformat") else cast(Any, type(dialect))(paramstyle="named")


class Sentence:
    """A statement whose parameters are :func:`~sqlalchemy.bindparam` names; compiled at first use."""

    def __init__(self, build: Callable[[], Statement]) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def all(self, session: Session, **values: Any) -> list[tuple[Any, ...]]:
        """Execute and return every row, values as their columns' types give them."""
        compiled, cursor = self._execute(session, values)
        try:
            rows = cursor.fetchall()
            processes = compiled.results(cursor)
        finally:
            cursor.close()
        return [
            tuple(value if process is None else process(value) for process, value in zip(processes, row, strict=True))
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
        cursor.close()
        return count

    def _execute(self, session: Session, values: Mapping[str, Any]) -> tuple[_Compiled, Any]:
        connection = session.connection()
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._build(), dialect)
        cursor = connection.connection.cursor()
        failures = dialect.loaded_dbapi.Error
        try:
            cursor.execute(compiled.text, compiled.values(values))
        except failures as error:
            lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
            if lost:
                connection.invalidate(error)
            raise DBAPIError.instance(
                compiled.text,
                None,
                error,
                failures,
                hide_parameters=True,
                connection_invalidated=lost,
                dialect=dialect,
            ) from error
        return compiled, cursor
