"""Declarative base, column types, and how a database is opened (PostgreSQL and SQLite)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import orjson
from sqlalchemy import DateTime, Dialect, Engine, MetaData, String, Text, TypeDecorator, create_engine, event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from processes.store.write_queue import QueuedConnection, WriteQueue, queue_up

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
ID_CHARS: Final = 36
BUSY_TIMEOUT_S: Final = 5
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


class Uuid(TypeDecorator[str]):
    """A UUIDv7 as 36 characters of text, made by the id port and never by the database."""

    impl = String(ID_CHARS)
    cache_ok = True


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
    return create_engine(
        address,
        hide_parameters=True,  # an error's text goes to logs and incidents; values are none of their business
        pool_size=pool_size,
        pool_timeout=pool_timeout_s,
        pool_pre_ping=True,
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
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", partial(_begin_sqlite, WriteQueue(longest_wait_s=BUSY_TIMEOUT_S)))
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
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
    """Return sessions for writing: on SQLite each holds the write lock from its first statement."""
    return sessionmaker(engine, expire_on_commit=False)


def read_session_factory(engine: Engine) -> Sessions:
    """Return sessions for reading only: they take no write lock on SQLite and must not write."""
    return sessionmaker(engine.execution_options(read_only=True), expire_on_commit=False)
