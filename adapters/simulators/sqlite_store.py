"""Books in an SQLite file: they survive a kill of the process at any moment."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from adapters.simulators.store import INDEXED, Doc, Row, Store

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS document (
    book TEXT NOT NULL, key TEXT NOT NULL, product_id TEXT, state TEXT, site TEXT, ref TEXT, due REAL,
    body TEXT NOT NULL, PRIMARY KEY (book, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS document_product ON document (book, product_id) WHERE product_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS document_site ON document (book, site, state, key) WHERE site IS NOT NULL;
CREATE INDEX IF NOT EXISTS document_state ON document (book, state, key) WHERE state IS NOT NULL;
CREATE INDEX IF NOT EXISTS document_ref ON document (book, ref) WHERE ref IS NOT NULL;
CREATE INDEX IF NOT EXISTS document_due ON document (book, due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""
_BUSY_MS: Final = 20_000


class SqliteDatabase:
    """One connection per thread; every transaction takes the write lock at once (one call, one transaction)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        with closing(self._open()) as connection:
            connection.executescript(_TABLES)

    @contextmanager
    def transaction(self) -> Iterator[Store]:
        """See :class:`adapters.simulators.store.Database`."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield SqliteStore(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection of this thread."""
        if connection := getattr(self._local, "connection", None):
            connection.close()
            self._local.connection = None

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
        return connection

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=_BUSY_MS / 1000)
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        connection.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing in WAL mode; only a power cut could lose the last calls.
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection


class SqliteStore:
    """The books as one open transaction sees them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, book: str, key: str) -> Doc | None:
        row = self._connection.execute("SELECT body FROM document WHERE book=? AND key=?", (book, key)).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, book: str, key: str, doc: Doc) -> None:
        fields = [doc.get(name) for name in INDEXED]
        self._connection.execute(
            "INSERT INTO document (book, key, product_id, state, site, ref, due, body) VALUES (?,?,?,?,?,?,?,?)"
            " ON CONFLICT (book, key) DO UPDATE SET product_id=excluded.product_id, state=excluded.state,"
            " site=excluded.site, ref=excluded.ref, due=excluded.due, body=excluded.body",
            (book, key, *fields, doc.get("due"), json.dumps(doc)),
        )

    def delete(self, book: str, key: str) -> None:
        self._connection.execute("DELETE FROM document WHERE book=? AND key=?", (book, key))

    def find(self, book: str, *, limit: int | None = None, **match: str) -> list[Row]:
        if unknown := set(match) - set(INDEXED):
            raise ValueError(f"not indexed: {sorted(unknown)}")
        where = " AND ".join(("book=?", *(f"{name}=?" for name in match)))
        return self._rows(f"{where} ORDER BY key LIMIT ?", book, *match.values(), -1 if limit is None else limit)

    def due(self, book: str, until_s: float, limit: int) -> list[Row]:
        return self._rows("book=? AND due IS NOT NULL AND due<=? ORDER BY due, key LIMIT ?", book, until_s, limit)

    def next_due(self, book: str) -> float | None:
        query = "SELECT min(due) FROM document WHERE book=? AND due IS NOT NULL"
        found: float | None = self._connection.execute(query, (book,)).fetchone()[0]
        return found

    def page(self, book: str, after: str, limit: int) -> list[Row]:
        return self._rows("book=? AND key>? ORDER BY key LIMIT ?", book, after, limit)

    def next_number(self, counter: str) -> int:
        query = (
            "INSERT INTO counter (name, value) VALUES (?, 1)"
            " ON CONFLICT (name) DO UPDATE SET value=value+1 RETURNING value"
        )
        number: int = self._connection.execute(query, (counter,)).fetchone()[0]
        return number

    def wipe(self) -> None:
        self._connection.execute("DELETE FROM document")
        self._connection.execute("DELETE FROM counter")

    def _rows(self, where: str, *values: Any) -> list[Row]:
        query = f"SELECT key, body FROM document WHERE {where}"  # noqa: S608 - only fixed column names go in
        return [(key, json.loads(body)) for key, body in self._connection.execute(query, values).fetchall()]
