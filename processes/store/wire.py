"""Statements straight over psycopg's libpq: prepared once per connection, each one call that lets other threads run.

psycopg's cursor drives every statement through a generator that sends, waits and fetches in steps of Python: a tenth of
what an order cost. What belongs to psycopg stays with it: the connection, the end of a transaction, the
conversion of values, the classes of errors.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

#: Statements kept prepared on one connection, as many as psycopg keeps: each takes memory in the server.
PREPARED: Final = 100
GOOD: Final = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
#: How a value goes out by its kind: bytes as they are, all else as text, whose type the server knows from its place.
FORMATS: Final = {True: PyFormat.BINARY, False: PyFormat.TEXT}


class Wire:
    """Speaks for one connection; like a cursor, it holds the answer to its last statement."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._libpq = connection.pgconn
        self._converter = Transformer(connection)
        self._prepared: OrderedDict[str, bytes | None] = OrderedDict()  # no name yet = met once
        self._names = 0
        self._answer: PGresult | None = None

    def execute(self, statement: str, values: Sequence[Any]) -> None:
        """Carry out a statement with ``$1`` parameters, in a transaction. :raises psycopg.Error: what went wrong."""
        if self.is_idle and not self._connection.autocommit:
            self.command(_begin(self._connection))
        formats = [FORMATS[type(value) is bytes] for value in values]
        given: list[Any] = list(self._converter.dump_sequence(values, formats))
        if name := self._name(statement):
            answer = self._libpq.exec_prepared(name, given, self._converter.formats)
        else:
            answer = self._libpq.exec_params(statement.encode(), given, None, self._converter.formats)
        self._answer = self._done(answer)

    def command(self, words: bytes) -> None:
        """Say something that has no values and no rows. :raises psycopg.Error: what went wrong."""
        self._done(self._libpq.exec_(words))

    def forget_all(self) -> None:
        """Have the server forget every statement that is prepared on this connection."""
        self._prepared.clear()
        self.command(b"DEALLOCATE ALL")

    @property
    def is_idle(self) -> bool:
        """Whether no transaction is open."""
        return self._libpq.transaction_status == TransactionStatus.IDLE

    @property
    def answer(self) -> PGresult:
        """What the last statement gave. :raises psycopg.InterfaceError: there was none."""
        if self._answer is None:
            raise psycopg.InterfaceError("nothing was executed")
        return self._answer

    @property
    def rowcount(self) -> int:
        """How many rows the last statement touched."""
        return self.answer.command_tuples or 0

    @property
    def description(self) -> list[tuple[None, int]]:
        """Of each column its type, as the driver's code, in the second place."""
        return [(None, self.answer.ftype(place)) for place in range(self.answer.nfields)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows of the last statement."""
        self._converter.set_pgresult(self.answer)
        return self._converter.load_rows(0, self.answer.ntuples, tuple)

    def _name(self, statement: str) -> bytes | None:
        """The name a statement is prepared under; none when it is met for the first time, which may be the last."""
        if statement not in self._prepared:
            self._prepared[statement] = None
            if len(self._prepared) > PREPARED:
                _, oldest = self._prepared.popitem(last=False)
                if oldest is not None:
                    self.command(b"DEALLOCATE " + oldest)
            return None
        self._prepared.move_to_end(statement)
        name = self._prepared[statement]
        if name is None:
            self._names += 1
            name = b"yizhan_%d" % self._names
            self._done(self._libpq.prepare(name, statement.encode()))
            self._prepared[statement] = name
        return name

    def _done(self, answer: PGresult) -> PGresult:
        if answer.status in GOOD:
            return answer
        if answer.error_field(DiagnosticField.SQLSTATE) is None:  # the line broke before the server could say anything
            raise psycopg.OperationalError(answer.get_error_message())
        raise error_from_result(answer, self._connection.info.encoding)


class WiredConnection(psycopg.Connection[Any]):
    """psycopg's connection, with its wire."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.wire = Wire(self)

    def commit(self) -> None:
        """End the transaction, all of it is kept."""
        if not self.wire.is_idle:
            self.wire.command(b"COMMIT")

    def rollback(self) -> None:
        """End the transaction, nothing is kept of it.

        psycopg has the server forget what is prepared at every rollback. Here that happens after a failure only: a
        statement may have failed because a table is no longer what it was prepared for.
        """
        if self.pgconn.transaction_status == TransactionStatus.INTRANS:
            self.wire.command(b"ROLLBACK")
        elif self.pgconn.transaction_status != TransactionStatus.IDLE:
            super().rollback()  # after it psycopg believes that nothing is prepared, whether it said so or not
            self.wire.forget_all()


def _begin(connection: psycopg.Connection[Any]) -> bytes:
    level = connection.isolation_level
    words = [b"BEGIN"] if level is None else [b"BEGIN ISOLATION LEVEL", level.name.replace("_", " ").encode()]
    return b" ".join([*words, b"READ ONLY"] if connection.read_only else words)
