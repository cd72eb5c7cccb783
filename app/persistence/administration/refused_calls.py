"""Who asked for what they may not have: a right they do not hold, or a thing that is not there for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Integer, String, UniqueConstraint, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.actors import Actor
from app.persistence.columns import AreaCode, Id, Instant
from app.persistence.scope import scoped
from processes.store.base import Base

PATH_CHARS: Final = 255
#: So many lines one login may write in an hour; whoever tries thousands of ids gets one more line for all the rest.
MOST_AN_HOUR: Final = 200
AND_MORE: Final = "(more)"


class RefusedCall(Base):
    """One thing somebody was refused on one day, and how often. ``action`` is the right the route demands."""

    __tablename__ = "refused_call"
    __table_args__ = (UniqueConstraint("login", "day", "method", "path", "status"),)

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(40))
    area: Mapped[AreaCode]
    day: Mapped[str] = mapped_column(String(10))
    method: Mapped[str] = mapped_column(String(10))
    path: Mapped[str] = mapped_column(String(PATH_CHARS))
    action: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[int] = mapped_column(Integer)
    times: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[Instant]
    last_at: Mapped[Instant] = mapped_column(index=True)


def note_refused(
    session: Session, actor: Actor, *, id_: str, method: str, path: str, action: str | None, status: int, now: datetime
) -> None:
    """Write the line, or count one more on the line of today."""
    lately = select(func.count()).where(
        RefusedCall.login == actor.login, RefusedCall.last_at > now - timedelta(hours=1)
    )
    told = path[:PATH_CHARS] if (session.scalar(lately) or 0) < MOST_AN_HOUR else AND_MORE
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    line = insert(RefusedCall).values(
        id=id_,
        login=actor.login,
        role=str(actor.role),
        area=actor.area,
        day=now.date().isoformat(),
        method=method[:10],
        path=told,
        action=action,
        status=status,
        times=1,
        first_at=now,
        last_at=now,
    )
    keys = ["login", "day", "method", "path", "status"]
    again = {"times": RefusedCall.times + 1, "last_at": now}
    session.execute(line.on_conflict_do_update(index_elements=keys, set_=again))


def refused_calls(
    session: Session, actor: Actor, wanted: Mapping[str, Any], *, offset: int, limit: int
) -> tuple[Sequence[RefusedCall], int]:
    """Lines about people of the actor's area, the latest first, and how many there are. ``wanted``: login, status."""
    query = scoped(select(RefusedCall), RefusedCall, actor)
    columns = {"login": RefusedCall.login, "status": RefusedCall.status}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(columns[name] == value)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    latest = query.order_by(RefusedCall.last_at.desc(), RefusedCall.id.desc())
    return session.scalars(latest.offset(offset).limit(limit)).all(), total


def forget_refused(session: Session, *, before: datetime) -> None:
    """Forget lines that were last added to before an instant (aware UTC)."""
    session.execute(
        delete(RefusedCall).where(RefusedCall.last_at < before).execution_options(synchronize_session=False)
    )
