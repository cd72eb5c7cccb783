"""One use case, one transaction: commit at the end, roll back on any error, then ring the bells."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

Sessions = sessionmaker[Session]
P = ParamSpec("P")
T = TypeVar("T")
TRIES: Final = 5
FIRST_WAIT_S: Final = 0.02
#: Serialisation failure, deadlock, lock not available: the database has rolled everything back for certain.
ROLLED_BACK: Final = frozenset({"40001", "40P01", "55P03"})


@dataclass(frozen=True)
class Tx:
    """An open write transaction; ``after_commit`` runs in order once the commit is known to have happened."""

    session: Session
    after_commit: list[Callable[[], None]] = field(default_factory=list)


def retried(use_case: Callable[P, T]) -> Callable[P, T]:
    """Begin a use case again, up to five times with full jitter, when it lost against another one.

    Only after errors that leave nothing done for certain; an error at commit means "unknown" and goes up.
    """

    @functools.wraps(use_case)
    def again(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(1, TRIES):
            try:
                return use_case(*args, **kwargs)
            except (DBAPIError, StaleDataError) as error:
                if not left_nothing_done(error):
                    raise
            time.sleep(random.uniform(0, FIRST_WAIT_S * 2**attempt))  # noqa: S311 - spreads waits, hides nothing
        return use_case(*args, **kwargs)

    return again


def left_nothing_done(error: DBAPIError | StaleDataError) -> bool:
    """Whether the transaction of this error has been rolled back for certain and may succeed if begun again."""
    if isinstance(error, StaleDataError):
        return True
    return getattr(error.orig, "sqlstate", None) in ROLLED_BACK or "database is locked" in str(error.orig)


@contextmanager
def transaction(sessions: Sessions) -> Iterator[Tx]:
    """Open a write transaction; the block's success commits it.

    A commit error means "outcome unknown", so nothing of ``after_commit`` runs and the error goes up.
    """
    with sessions() as session:
        tx = Tx(session)
        with session.begin():
            yield tx
    for ring in tx.after_commit:
        ring()


@contextmanager
def read(sessions: Sessions) -> Iterator[Session]:
    """Open a read-only session: nothing it does is kept, and what was read stays readable after it is closed."""
    with sessions() as session:
        yield session
        # A roll-back would make the driver forget every statement it has prepared on this connection.
        session.commit()
