"""Questions about work items: asked of a colleague or a team, answered once; the item stays where it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, ForeignKey, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from app.domain.actors import Actor
from app.errors import NotFound
from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant
from app.persistence.scope import scoped
from processes.store.base import Base, rows_that

if TYPE_CHECKING:
    from app.persistence.teamwork.work_items import WorkItem


class WorkQuestion(Identified, Base):
    """One question. It is put to a person (``login``) or to everybody of a team (``team_code``)."""

    __tablename__ = "work_question"
    __table_args__ = (
        rows_that("answered_at IS NULL", "ix_work_question_team", "team_code"),
        rows_that("answered_at IS NULL", "ix_work_question_login", "login"),
    )

    id: Mapped[Id]
    work_item_id: Mapped[str] = mapped_column(ForeignKey("work_item.id"), index=True)
    text: Mapped[str] = mapped_column(String(1000))
    asked_by: Mapped[str] = mapped_column(String(64), index=True)
    asked_at: Mapped[Instant]
    team_code: Mapped[str | None] = mapped_column(String(64))
    login: Mapped[str | None] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(String(1000), default="")
    answered_by: Mapped[str | None] = mapped_column(String(64))
    answered_at: Mapped[MaybeInstant]
    area: Mapped[AreaCode]

    item: Mapped[WorkItem] = relationship()

    def put_to(self, actor: Actor) -> bool:
        """Whether the actor is who was asked."""
        if self.login is not None:
            return self.login == actor.login
        return self.team_code in actor.teams or actor.demo_any_team


def questions_about(session: Session, work_item_id: str) -> Sequence[WorkQuestion]:
    """Everything asked about a work item, the newest first."""
    rows = select(WorkQuestion).where(WorkQuestion.work_item_id == work_item_id)
    return session.scalars(rows.order_by(WorkQuestion.id.desc())).all()


def waiting_for(session: Session, actor: Actor, *, limit: int = 200) -> Sequence[WorkQuestion]:
    """Questions the actor has not answered yet, the oldest first; the item and its order are loaded."""
    rows = select(WorkQuestion).where(WorkQuestion.answered_at.is_(None), _to(actor))
    rows = rows.options(joinedload(WorkQuestion.item)).order_by(WorkQuestion.id)
    return session.scalars(rows.limit(limit)).all()


def asked_by(session: Session, actor: Actor, *, limit: int = 50) -> Sequence[WorkQuestion]:
    """What the actor has asked, the newest first; the item and its order are loaded."""
    rows = select(WorkQuestion).where(WorkQuestion.asked_by == actor.login)
    return session.scalars(
        rows.options(joinedload(WorkQuestion.item)).order_by(WorkQuestion.id.desc()).limit(limit)
    ).all()


def count_waiting_for(session: Session, actor: Actor) -> int:
    """How many questions the actor has not answered yet."""
    return session.scalar(select(func.count()).where(WorkQuestion.answered_at.is_(None), _to(actor))) or 0


def get_question(session: Session, actor: Actor, question_id: str) -> WorkQuestion:
    """One question, locked. :raises NotFound: none in the actor's area that the actor asked or was asked."""
    rows = select(WorkQuestion).where(WorkQuestion.id == question_id)
    if not actor.demo_any_team:
        rows = scoped(rows, WorkQuestion, actor)
    row = session.scalars(rows.with_for_update()).one_or_none()
    if row is None or not (row.put_to(actor) or row.asked_by == actor.login):
        raise NotFound("there is no such question for you", "没有需要您答复的问题")
    return row


def _to(actor: Actor) -> ColumnElement[bool]:
    mine = WorkQuestion.login == actor.login
    return or_(mine, WorkQuestion.team_code.in_(sorted(actor.teams))) if actor.teams else mine
