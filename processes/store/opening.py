"""How a database is opened, with the time-outs and settings the engine relies on (PostgreSQL and SQLite)."""

from __future__ import annotations

import math
import time
from functools import partial
from importlib import import_module
from typing import Any, Final, cast

from sqlalchemy import (
    Dialect,
    Engine,
    create_engine,
    event,
)
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, StaticPool

from processes.store.write_queue import QueuedConnection, WriteQueue, queue_up

BUSY_TIMEOUT_S: Final = 5
ASK_AFTER_S: Final = 1.0
#: In the ``info`` of a connection to SQLite: the queue of its writers.
QUEUE: Final = "processes.queue"
SQLITE_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 0",  # one thread checkpoints, see processes/store/checkpoint.py
    "PRAGMA journal_size_limit = 16777216",  # bytes the log keeps once it begins again from its start
    "PRAGMA mmap_size = 0",
)


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
