"""Declarative base, column types, and how a database is opened (PostgreSQL and SQLite)."""

from __future__ import annotations

import math
import re
import time
import zlib
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import Any, Final, Protocol, cast

import orjson
from sqlalchemy import (
    DateTime,
    Dialect,
    Engine,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, StaticPool
from sqlalchemy.types import TypeEngine

from processes.store.write_queue import QueuedConnection, WriteQueue, queue_up

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
ID_CHARS: Final = 36
IS_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
NOBODY: Final = "00000000-0000-0000-0000-000000000000"
BUSY_TIMEOUT_S: Final = 5
ASK_AFTER_S: Final = 1.0
PENDING: Final = "processes.pending"
#: In the ``info`` of a connection to SQLite: the queue of its writers.
QUEUE: Final = "processes.queue"
CURSOR: Final = "processes.cursor"
SQLITE_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 0",  # one thread checkpoints, see processes/store/checkpoint.py
    "PRAGMA journal_size_limit = 16777216",  # bytes the log keeps once it begins again from its start
    "PRAGMA mmap_size = 0",
)


class Base(DeclarativeBase):
    """Every table of the product; names of keys and indexes are made here so that migrations can name them."""

    metadata = MetaData(naming_convention=NAMING)


def rows_that(condition: str, name: str, *columns: str) -> Index:
    """An index over the rows for which something holds: what is done leaves it, and costs it nothing more.

    A statement that wants it must say the condition in the same words, with values and not with parameters.
    """
    return Index(name, *columns, **only_where(condition))


def only_where(condition: str) -> dict[str, Any]:
    """What makes an index one over the rows for which something holds."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


def trigrams(name: str, *columns: str) -> Index:
    """An index that finds texts by any part of at least three letters; only on PostgreSQL, with its extension pg_trgm.

    Elsewhere the rows are read one by one. It serves one column or several of which any may hold the text.
    """
    return for_postgresql(
        Index(name, *columns, postgresql_using="gin", postgresql_ops=dict.fromkeys(columns, "gin_trgm_ops"))
    )


def for_postgresql(index: Index) -> Index:
    """An index that is made on PostgreSQL only: where rows are few, it costs more than it saves."""
    index.info["only"] = "postgresql"
    index.ddl_if(dialect="postgresql")
    return index


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out on both databases; a naive value raises :class:`ValueError`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time without a zone: {value.isoformat()}")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonDoc(TypeDecorator[Any]):
    """A JSON document kept as text, keys in the order they came; never JSONB, which reorders them.

    Replace the value to change it: edits inside it are not noticed.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class PackedJson(TypeDecorator[Any]):
    """A JSON document that is written once and seldom read, packed; one from before it was packed is read as well."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.compress(orjson.dumps(value), 1)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(plain_json(value))


def plain_json(kept: bytes) -> bytes:
    """What a :class:`PackedJson` says."""
    return kept if kept[:1] in (b"{", b"[") else zlib.decompress(kept)


class Uuid(TypeDecorator[str]):
    """A UUIDv7 as text, made by the id port and never by the database; PostgreSQL keeps it in 16 bytes, SQLite in 36.

    What is no UUID at all is asked for as the one that nothing has, so it is not found on either database.
    """

    impl = String
    cache_ok = True

    def __init__(self, chars: int = ID_CHARS) -> None:
        """``chars``: room in a database that keeps it as text."""
        super().__init__(chars)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=False))
        return self.impl_instance

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name != "postgresql" or IS_UUID(value):
            return value
        return NOBODY


#: One activation of an element.
TaskId: Final = Uuid(64)
Sessions = sessionmaker[Session]


def create_database_engine(
    url: str | URL,
    *,
    application_name: str,
    statement_timeout_s: float = 15.0,
    lock_timeout_s: float = 3.0,
    idle_transaction_timeout_s: float = 10.0,
    pool_size: int = 10,
    pool_timeout_s: float = 5.0,
) -> Engine:
    """Open a database with the time-outs and PRAGMAs the engine relies on.

    :param application_name: shown in ``pg_stat_activity``.
    :param statement_timeout_s: longest statement on PostgreSQL; 5 for web, 15 for workers.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address, pool_size=pool_size, pool_timeout_s=pool_timeout_s)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    options = {
        "statement_timeout": int(statement_timeout_s * 1000),
        "lock_timeout": int(lock_timeout_s * 1000),
        "idle_in_transaction_session_timeout": int(idle_transaction_timeout_s * 1000),
        "timezone": "UTC",
    }
    engine = create_engine(
        address,
        hide_parameters=True,  # an error's text goes to logs and incidents; values are none of their business
        pool_size=pool_size,
        pool_timeout=pool_timeout_s,
        pool_recycle=1800,
        connect_args={
            "application_name": application_name,
            "connect_timeout": 3,
            "tcp_user_timeout": 5000,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
    )
    event.listen(engine, "do_connect", _connect_by_wire)
    event.listen(engine, "connect", read_uuids_as_text)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_try_if_idle, engine.dialect))
    return engine


def _connect_by_wire(_dialect: Dialect, _entry: object, words: Any, named: Any) -> Any:
    wire = import_module("processes.store.wire")  # the driver is loaded where it is used
    return wire.WiredConnection.connect(*words, **named)


def read_uuids_as_text(connection: DBAPIConnection, _entry: object = None) -> None:
    """Ids are text all through the house; the driver would make an object of each first."""
    adapters = cast(Any, connection).adapters
    adapters.register_loader("uuid", adapters.get_loader(adapters.types["text"].oid, 0))


def _note_use(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info["used"] = time.monotonic()


def _try_if_idle(
    dialect: Dialect, connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Ask a connection that has rested whether it is still there.

    One in steady use is found out by its next statement: asking before every transaction would be a tenth of its cost.
    """
    if time.monotonic() - entry.info.get("used", math.inf) < ASK_AFTER_S:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as problem:
        raise DisconnectionError from problem


def _open_sqlite(address: URL, *, pool_size: int, pool_timeout_s: float) -> Engine:
    in_memory = address.database in (None, "", ":memory:")
    if in_memory:
        engine = create_engine(
            address, hide_parameters=True, poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
    else:
        factory = {"factory": QueuedConnection}
        engine = create_engine(
            address, hide_parameters=True, pool_size=pool_size, pool_timeout=pool_timeout_s, connect_args=factory
        )
    queue = WriteQueue(longest_wait_s=BUSY_TIMEOUT_S)
    event.listen(engine, "connect", partial(_prepare_sqlite, queue))
    event.listen(engine, "begin", partial(_begin_sqlite, queue))
    return engine


def _prepare_sqlite(queue: WriteQueue, connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    entry.info[QUEUE] = queue
    # The driver would open its transaction only before the first write, outside of which the reads
    # stand: updates get lost. So the driver keeps out and `_begin_sqlite` says BEGIN.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(queue: WriteQueue, connection: Connection) -> None:
    if connection.get_execution_options().get("read_only", False):
        connection.exec_driver_sql("BEGIN")
        return
    queue_up(connection.connection.dbapi_connection, queue)
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def session_factory(engine: Engine) -> Sessions:
    """Return sessions for writing: on SQLite each holds the write lock from its first statement.

    What waits to be written in ``session.info[PENDING]`` is written before anything else of the session looks at the
    database, and at the commit.
    """
    sessions = sessionmaker(engine, expire_on_commit=False, info={CURSOR: None})
    event.listen(sessions, "do_orm_execute", _before_execute)
    event.listen(sessions, "before_flush", _before_flush)
    event.listen(sessions, "before_commit", _push)
    event.listen(sessions, "after_commit", _after_commit)
    event.listen(sessions, "after_rollback", _forget)
    return sessions


def by_statement(sessions: Sessions) -> Sessions:
    """The same sessions with every statement a transaction of its own, which saves its BEGIN and COMMIT.

    On SQLite, where those cost nothing, they stay as they are.
    """
    engine: Engine = sessions.kw["bind"]
    if engine.dialect.name == "sqlite":
        return sessions
    return session_factory(engine.execution_options(isolation_level="AUTOCOMMIT"))


def for_a_look(sessions: Sessions) -> Sessions:
    """The same for single statements that only read: nobody has to wait for them."""
    engine: Engine = sessions.kw["bind"]
    return read_session_factory(engine) if engine.dialect.name == "sqlite" else by_statement(sessions)


class Pending(Protocol):
    """What a transaction has put off."""

    def push(self) -> None:
        """Write it."""

    def committed(self) -> None:
        """The commit has succeeded."""


def _push(session: Session) -> None:
    pending: Pending | None = session.info.get(PENDING)
    if pending is not None:
        pending.push()


def _before_execute(state: ORMExecuteState) -> None:
    _push(state.session)


def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    _push(session)


def _after_commit(session: Session) -> None:
    session.info[CURSOR] = None
    pending: Pending | None = session.info.pop(PENDING, None)
    if pending is not None:
        pending.committed()


def _forget(session: Session) -> None:
    session.info[CURSOR] = None
    session.info.pop(PENDING, None)


def read_session_factory(engine: Engine) -> Sessions:
    """Return sessions for reading only: they take no write lock on SQLite and must not write."""
    return sessionmaker(engine.execution_options(read_only=True), expire_on_commit=False)
