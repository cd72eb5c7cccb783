"""Who of the staff is not there, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.words import Words
from app.persistence.columns import AreaCode, Id, Identified, Instant, Word
from processes.store.base import Base

#: Why somebody is not there.
KINDS = {
    "leave": Words("休假", "Leave"),
    "sick": Words("病假", "Sick leave"),
    "training": Words("培训", "Training"),
    "duty": Words("外派", "Other duty"),
}


class Absence(Identified, Base):
    """Somebody is not there from a day to a day, both included; days are those of the installation's zone."""

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_login", "login", "until_day"),)

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(ForeignKey("app_user.login"))
    from_day: Mapped[date] = mapped_column(Date)
    until_day: Mapped[date] = mapped_column(Date)
    kind: Mapped[Word]
    note: Mapped[str] = mapped_column(String(200), default="")
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[Instant]
    area: Mapped[AreaCode]


def absent_on(session: Session, logins: Collection[str], day: date) -> dict[str, Absence]:
    """Who of these is not there on a day, with one absence that says so."""
    if not logins:
        return {}
    rows = select(Absence).where(Absence.login.in_(logins), Absence.from_day <= day, Absence.until_day >= day)
    return {row.login: row for row in session.scalars(rows.order_by(Absence.until_day, Absence.id))}


def absences_from(session: Session, logins: Collection[str], day: date) -> Sequence[Absence]:
    """The absences of these people that are not over on a day, the next ones first."""
    if not logins:
        return ()
    rows = select(Absence).where(Absence.login.in_(logins), Absence.until_day >= day)
    return session.scalars(rows.order_by(Absence.from_day, Absence.login, Absence.id)).all()
