"""A unit of work that is safe to repeat: retried when the database says "try again" or says nothing.

An error at commit means "outcome unknown". So every unit handed in here must turn into a no-op when it has
already been carried out: it checks a fence, a state or a unique key first.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from processes.store.sessions import Sessions

T = TypeVar("T")

TRIES: Final = 5
FIRST_WAIT_S: Final = 0.05
CAP_S: Final = 2.0
#: What is done and only has to be written down waits so long for a database that has gone away.
PATIENCE_S: Final = 120.0
CANNOT_CONNECT_NOW: Final = "57P03"
NOT_LET_IN: Final = ("OperationalError", "ConnectionTimeout")
# serialisation failure, deadlock, lock not available, the server is going away or starting
RETRYABLE: Final = ("40001", "40P01", "55P03", "57P01", "57P02", "57P03")


def worth_retrying(error: Exception) -> bool:
    """Whether the same unit of work may succeed if it is begun again."""
    if isinstance(error, StaleDataError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is not None:
        return sqlstate in RETRYABLE or sqlstate.startswith("08")
    text = str(error.orig)
    if "database is locked" in text or "database is busy" in text:
        return True
    # libpq gives no code when the line broke before the server could say anything
    return type(error.orig).__name__ == "OperationalError" and type(error.orig).__module__.startswith("psycopg")


def is_away(error: Exception) -> bool:
    """Whether nobody let us in: there is no server, or it starts. A line that broke at work is another matter."""
    if not isinstance(error, DBAPIError) or error.connection_invalidated:
        return False
    kind, sqlstate = type(error.orig), getattr(error.orig, "sqlstate", None)
    if not kind.__module__.startswith("psycopg"):
        return False
    return sqlstate == CANNOT_CONNECT_NOW or (sqlstate is None and kind.__name__ in NOT_LET_IN)


def lacks_means(error: Exception) -> bool:
    """Whether the database lacks room, memory or a disk that works: whatever was asked of it is not at fault."""
    if not isinstance(error, DBAPIError):
        return False
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is not None:
        return bool(sqlstate.startswith(("53", "58")))
    name = getattr(error.orig, "sqlite_errorname", None) or ""
    return name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN"))


def run_unit(
    sessions: Sessions,
    work: Callable[[Session], T],
    *,
    rng: random.Random,
    on_retry: Callable[[], None] = lambda: None,
    tries: int = TRIES,
    patience_s: float = 0.0,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Run ``work`` in a transaction and commit it; begin again, with full jitter, when that is worth it.

    :param patience_s: so many seconds more, and as often as need be, while nobody lets us in.
    """
    attempt, in_vain, until = 0, 0, time.monotonic() + patience_s
    while True:
        attempt += 1
        try:
            with sessions() as session, session.begin():
                return work(session)
        except (DBAPIError, StaleDataError) as error:
            if is_away(error) and time.monotonic() < until:
                attempt, in_vain = attempt - 1, in_vain + 1
            elif attempt >= tries or not worth_retrying(error):
                raise
            on_retry()
        sleep(rng.uniform(0, min(CAP_S, FIRST_WAIT_S * 2 ** (attempt + in_vain))))
