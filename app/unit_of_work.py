"""One use case, one transaction: commit at the end, roll back on any error, then ring the bells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, sessionmaker

Sessions = sessionmaker[Session]


@dataclass(frozen=True)
class Tx:
    """An open write transaction; ``after_commit`` runs in order once the commit is known to have happened."""

    session: Session
    after_commit: list[Callable[[], None]] = field(default_factory=list)


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
