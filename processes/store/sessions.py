"""Sessions for writing, for single statements and for reading; what a transaction puts off until its end."""

from __future__ import annotations

from typing import Any, Final, Protocol

from sqlalchemy import (
    Engine,
    event,
)
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

PENDING: Final = "processes.pending"
CURSOR: Final = "processes.cursor"
Sessions = sessionmaker[Session]


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
