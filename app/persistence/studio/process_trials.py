"""The last dry runs of each designer: what was tried, how, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.persistence.columns import Id, Identified, Instant, Record
from processes.store.base import Base, Uuid

#: So many of one person are kept; older ones go.
KEPT: Final = 20


class ProcessTrial(Identified, Base):
    """One dry run of a draft (``draft_id``, at ``revision``) or of a deployed version.

    ``content`` is the file as it was tried. ``setup``: sample, scenario and what people and the clock did, see
    :mod:`app.services.studio.trial_setup`. ``result``: see :func:`processes.trial.try_model`.
    """

    __tablename__ = "process_trial"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(64), index=True)
    draft_id: Mapped[str | None] = mapped_column(Uuid, ForeignKey("process_draft.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(120))
    version: Mapped[int | None] = mapped_column(Integer)
    revision: Mapped[int | None] = mapped_column(Integer)
    file_name: Mapped[str] = mapped_column(String(128))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    setup: Mapped[Record]
    result: Mapped[Record] = mapped_column(deferred=True)
    made_at: Mapped[Instant]


def trial_of(session: Session, trial_id: str, login: str) -> ProcessTrial | None:
    """A dry run of one's own."""
    row = session.get(ProcessTrial, trial_id)
    return row if row is not None and row.login == login else None


def drop_old(session: Session, login: str) -> None:
    """Keep the newest ones of a person."""
    mine = select(ProcessTrial.id).where(ProcessTrial.login == login).order_by(ProcessTrial.made_at.desc())
    gone: Sequence[str] = session.scalars(mine.offset(KEPT)).all()
    if gone:
        session.execute(delete(ProcessTrial).where(ProcessTrial.id.in_(gone)))
