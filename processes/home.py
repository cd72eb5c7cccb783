"""Where a database is at home: how a copy of it, or one put back from a backup, is known for what it is.

A backup that was put back is somewhere else: in another cluster, another database, other tables, another file. Only a
copy of every byte of a server's files cannot be told from the original by looking at it; that one has to be declared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.orm import Session

from processes.store.restores import DatabaseHome, LostCall

#: The identity of the cluster, the database and this very table: whatever is restored gets others.
POSTGRESQL_PLACE: Final = text(
    "SELECT (SELECT system_identifier FROM pg_control_system())"
    " || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())"
    " || '/' || 'database_home'::regclass::oid"
)
#: A subject and what is to be done for it: the business key comes second.
Lost = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Home:
    """What a look at the database tells. ``is_closed``: it is being compared with the far sides. ``is_elsewhere``: it
    is a copy, or was put back from a backup. ``lost``: operations and subjects of calls made after that backup."""

    is_closed: bool = False
    is_elsewhere: bool = False
    lost: Lost = frozenset()


def place_of(connection: Connection) -> str | None:
    """Where this database lies; None: nobody can tell (a database in memory)."""
    if connection.dialect.name == "postgresql":
        return str(connection.scalar(POSTGRESQL_PLACE))
    files = connection.exec_driver_sql("PRAGMA database_list").all()
    path = next((str(row[2]) for row in files if row[1] == "main"), "")
    return f"inode {Path(path).stat().st_ino}" if path else None


def look(connection: Connection) -> Home:
    """How it stands with the database; nothing is written."""
    row = connection.execute(select(DatabaseHome.place, DatabaseHome.closed_at)).first()
    if row is None:
        return Home()
    here = place_of(connection)
    rows = select(LostCall.operation, LostCall.business_key).where(LostCall.state == text("'open'"))
    return Home(
        is_closed=row.closed_at is not None,
        is_elsewhere=None not in (row.place, here) and row.place != here,
        lost=frozenset((operation, business_key) for operation, business_key in connection.execute(rows)),
    )


def settle_in(session: Session, *, now: datetime) -> None:
    """Note where the database is at home, if nobody has yet."""
    if not session.scalar(select(func.count()).select_from(DatabaseHome)):
        session.add(DatabaseHome(id=1, place=place_of(session.connection()), noted_at=now))
        session.flush()


def move_in(session: Session, *, now: datetime, closed: bool) -> None:
    """From now on the database is at home where it is. ``closed``: nothing may be done with it for the time being."""
    settle_in(session, now=now)
    place = place_of(session.connection())
    session.execute(update(DatabaseHome).values(place=place, noted_at=now, closed_at=now if closed else None))
