"""What administrators have changed: users, teams, settings. Written once, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, event, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.actors import Actor
from app.persistence.columns import AreaCode, Id, Identified, Instant, Record, Word
from app.persistence.scope import scoped
from processes.store.base import Base


class AdminChange(Identified, Base):
    """One change. ``kind`` is what was changed (``user``, ``team``, ...), ``what`` is the act; ``before`` and ``after``
    name only what differs, and never a password or a token."""

    __tablename__ = "admin_change"
    __table_args__ = (Index("ix_admin_change_at", "at"), Index("ix_admin_change_subject", "kind", "subject", "at"))

    id: Mapped[Id]
    at: Mapped[Instant]
    who: Mapped[str] = mapped_column(String(64))
    what: Mapped[Word]
    kind: Mapped[Word]
    subject: Mapped[str] = mapped_column(String(64))
    before: Mapped[Record]
    after: Mapped[Record]
    reason: Mapped[str] = mapped_column(String(500), default="")
    area: Mapped[AreaCode]


def note_change(
    session: Session,
    who: Actor,
    kind: str,
    subject: str,
    what: str,
    *,
    area: str,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write down a change; of ``before`` and ``after`` only what differs. ``at`` is an aware UTC instant."""
    old, new = before or {}, after or {}
    differs = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    session.add(
        AdminChange(
            at=at,
            who=who.login,
            kind=kind,
            subject=subject[:64],
            what=what,
            before={name: old[name] for name in sorted(differs) if name in old},
            after={name: new[name] for name in sorted(differs) if name in new},
            reason=" ".join(reason.split())[:500],
            area=area,
        )
    )


def list_changes(
    session: Session,
    actor: Actor,
    *,
    kind: str | None = None,
    subject: str | None = None,
    who: str | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[Sequence[AdminChange], int]:
    """Changes in the actor's area, the latest first, and how many there are."""
    query = scoped(select(AdminChange), AdminChange, actor)
    wanted = {AdminChange.kind: kind, AdminChange.subject: subject, AdminChange.who: who}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    latest = query.order_by(AdminChange.at.desc(), AdminChange.id.desc())
    return session.scalars(latest.offset(offset).limit(limit)).all(), total


@event.listens_for(AdminChange, "before_update")
@event.listens_for(AdminChange, "before_delete")
def _refuse_change(_mapper: object, _connection: object, row: AdminChange) -> None:
    raise TypeError(f"the audit is only ever added to; line {row.id} cannot be changed or removed")
