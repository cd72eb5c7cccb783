"""What field crews have sent from their phones: each report once, however often the phone had to send it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.persistence.columns import Instant, Word
from app.persistence.teamwork.work_items import WorkItem
from processes.store.base import Base, Uuid

ARRIVED = "arrived"
RESULT = "result"


class PhoneReport(Base):
    """One report. ``key`` was made on the phone, ``happened_at`` is when it was written there."""

    __tablename__ = "phone_report"

    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[Word]
    #: No foreign key: it would lock the work item before its process instance, which others lock first.
    work_item_id: Mapped[str] = mapped_column(Uuid, index=True)
    #: SHA-256 of what was sent, so that a key is not used for two things.
    body_hash: Mapped[str] = mapped_column(String(64))
    happened_at: Mapped[Instant]
    received_at: Mapped[Instant] = mapped_column(index=True)


def report_of(session: Session, login: str, key: str) -> PhoneReport | None:
    """The report somebody has sent under a key."""
    return session.get(PhoneReport, {"login": login, "key": key})


def arrivals(session: Session, item_ids: list[str], login: str) -> dict[str, datetime]:
    """When somebody arrived for these work items (aware UTC); the last time where there are several."""
    if not item_ids:
        return {}
    rows = session.execute(
        select(PhoneReport.work_item_id, func.max(PhoneReport.happened_at).label("at"))
        .where(PhoneReport.work_item_id.in_(item_ids), PhoneReport.kind == ARRIVED, PhoneReport.login == login)
        .group_by(PhoneReport.work_item_id)
    )
    return {row.work_item_id: row.at for row in rows}


def done_since(session: Session, login: str, since: datetime) -> int:
    """How many work items somebody has finished since an instant (aware UTC)."""
    mine = (WorkItem.completed_by == login, WorkItem.completed_at >= since)
    return session.scalar(select(func.count()).select_from(WorkItem).where(*mine)) or 0


def forget_reports(session: Session, *, before: datetime) -> int:
    """Forget what was received before an instant (aware UTC): no phone sends again after so long. Returns how many."""
    old = delete(PhoneReport).where(PhoneReport.received_at < before).returning(PhoneReport.key)
    return len(session.execute(old.execution_options(synchronize_session=False)).all())
