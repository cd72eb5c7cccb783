"""Drawings, decisions and forms that are not finished: kept to be worked on, never read by the engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, Text, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.persistence.columns import Id, Identified, Instant, MaybeInstant, Records
from processes.store.base import Base, Uuid


class ProcessDraft(Identified, Base):
    """One file as somebody left it. ``revision`` counts the times it was saved; the counts are those of its check.

    ``kind``: ``bpmn``, ``dmn`` or ``form``; ``key``: of the process, decision or form in it, empty if it says none;
    ``title``, ``title_en``: its names.
    ``base_version``: the version it was made from. ``origin``: ``version:KEY:N``, ``sample:KEY``, ``file``, ``blank``.
    ``findings``: of the check of this content, as objects. One person at a time writes: ``locked_by`` since
    ``locked_at``, last heard of at ``lock_seen_at``; ``asked_by`` would like to go on with it.
    """

    __tablename__ = "process_draft"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(128))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    note: Mapped[str] = mapped_column(Text, default="")
    errors: Mapped[int] = mapped_column(Integer)
    warnings: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    saved_at: Mapped[Instant]
    saved_by: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8), default="bpmn", server_default="bpmn")
    key: Mapped[str] = mapped_column(String(120), default="", server_default="", index=True)
    title: Mapped[str] = mapped_column(String(200), default="", server_default="")
    title_en: Mapped[str] = mapped_column(String(200), default="", server_default="")
    base_version: Mapped[int | None] = mapped_column(Integer)
    origin: Mapped[str] = mapped_column(String(200), default="", server_default="")
    folder: Mapped[str | None] = mapped_column(String(40))
    findings: Mapped[Records] = mapped_column(server_default="[]", deferred=True)
    made_by: Mapped[str] = mapped_column(String(64), default="", server_default="")
    locked_by: Mapped[str | None] = mapped_column(String(64))
    locked_at: Mapped[MaybeInstant]
    lock_seen_at: Mapped[MaybeInstant]
    asked_by: Mapped[str | None] = mapped_column(String(64))
    asked_at: Mapped[MaybeInstant]


class DraftText(Base):
    """What a draft said before: the text of an earlier ``revision``, and who had saved it."""

    __tablename__ = "process_draft_text"

    draft_id: Mapped[str] = mapped_column(Uuid, ForeignKey("process_draft.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    saved_at: Mapped[Instant]
    saved_by: Mapped[str] = mapped_column(String(64))


class ProcessFolder(Base):
    """Where processes are kept together in the catalogue."""

    __tablename__ = "process_folder"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(Integer)


class ProcessPlace(Base):
    """Which folder a process lies in, by its key; one without a row lies in none."""

    __tablename__ = "process_place"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    folder: Mapped[str] = mapped_column(String(40), ForeignKey("process_folder.code"), index=True)


#: An earlier text is kept when so much time has passed since the last one that was, or somebody else has written.
BETWEEN_TEXTS: Final = timedelta(minutes=1)
#: So many earlier texts are kept of a draft.
TEXTS_KEPT: Final = 40


def remember(session: Session, draft: ProcessDraft, *, always: bool = False) -> None:
    """Keep the text a draft has now, before it gets another one. ``always``: also if one was kept just before."""
    last = session.scalars(
        select(DraftText).where(DraftText.draft_id == draft.id).order_by(DraftText.revision.desc()).limit(1)
    ).first()
    if last is not None and last.revision >= draft.revision:
        return
    soon = last is not None and draft.saved_at - last.saved_at < BETWEEN_TEXTS
    if soon and not always and last is not None and last.saved_by == draft.saved_by:
        return
    session.add(
        DraftText(
            draft_id=draft.id,
            revision=draft.revision,
            content=draft.content,
            saved_at=draft.saved_at,
            saved_by=draft.saved_by,
        )
    )
    session.flush()
    old = session.scalars(
        select(DraftText.revision)
        .where(DraftText.draft_id == draft.id)
        .order_by(DraftText.revision.desc())
        .offset(TEXTS_KEPT)
        .limit(1)
    ).first()
    if old is not None:
        too_old = (DraftText.draft_id == draft.id, DraftText.revision <= old)
        session.execute(delete(DraftText).where(*too_old).execution_options(synchronize_session=False))


def texts_of(session: Session, draft_id: str) -> Sequence[DraftText]:
    """The earlier texts of a draft, the newest first; without their contents."""
    own = select(DraftText).where(DraftText.draft_id == draft_id)
    return session.scalars(own.order_by(DraftText.revision.desc())).all()


def drafts(session: Session) -> Sequence[ProcessDraft]:
    """Every draft, the one saved last first; without their contents."""
    return session.scalars(select(ProcessDraft).order_by(ProcessDraft.saved_at.desc(), ProcessDraft.id)).all()


def count_drafts(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(ProcessDraft)) or 0
