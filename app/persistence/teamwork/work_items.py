"""Work items: the to-dos in the queues of teams."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.actors import Actor, can
from app.domain.teamwork.work_lifecycle import WorkItemState, next_work_item_state
from app.domain.words import Words
from app.persistence.columns import AreaCode, EngineId, Id, Identified, Instant, MaybeInstant, Name, Record, Word
from processes.store.base import Base, JsonDoc, Uuid, for_postgresql, rows_that

if TYPE_CHECKING:
    from app.persistence.ordering.orders import ProductOrder
    from app.persistence.teamwork.tickets import TroubleTicket


def _queue(name: str, *columns: Any, **more: Any) -> Index:
    """What is open, in the order in which it is worked off."""
    is_open = text("state IN ('open', 'claimed', 'paused')")
    return for_postgresql(Index(name, *columns, postgresql_where=is_open, **more))


class WorkItem(Identified, Base):
    """One to-do: a task of a process, an incident to repair, or a difference between books to settle."""

    __tablename__ = "work_item"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[Word]
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"), index=True)
    item_id: Mapped[str | None] = mapped_column(ForeignKey("product_order_item.id"))
    work_order_id: Mapped[str | None] = mapped_column(ForeignKey("work_order.id"), index=True)
    ticket_id: Mapped[str | None] = mapped_column(ForeignKey("trouble_ticket.id"), index=True)
    user_task_id: Mapped[str | None] = mapped_column(Uuid, unique=True)
    incident_id: Mapped[EngineId]
    title_zh: Mapped[Name]
    title_en: Mapped[Name]
    team_role: Mapped[str | None] = mapped_column(String(40))
    team_code: Mapped[str | None] = mapped_column(String(64))
    skill: Mapped[str | None] = mapped_column(String(40))
    form_key: Mapped[str | None] = mapped_column(String(80))
    state: Mapped[Word] = mapped_column(default=WorkItemState.OPEN)
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_at: Mapped[MaybeInstant]
    due_at: Mapped[MaybeInstant]
    completed_at: Mapped[MaybeInstant]
    completed_by: Mapped[str | None] = mapped_column(String(64))
    context: Mapped[Record]
    result: Mapped[Any] = mapped_column(JsonDoc, nullable=True)
    area: Mapped[AreaCode]
    #: Higher is sooner; 0 is usual.
    priority: Mapped[int] = mapped_column(Integer, default=0)
    #: Whom it is offered to, and until when; others leave it alone meanwhile, unless they take it by name.
    offered_to: Mapped[str | None] = mapped_column(String(64))
    offered_until: Mapped[MaybeInstant]
    #: Why it lies with this team: :class:`app.domain.teamwork.dispatch.Sent`. Nothing where nobody asked.
    dispatch: Mapped[Any] = mapped_column(JsonDoc, nullable=True)
    #: The day on which somebody wants to look at it again; says nothing about when it is due.
    follow_up_on: Mapped[date | None] = mapped_column(Date)
    #: Who gave it back to its sender, from which team and why (:mod:`app.services.teamwork.handing`).
    returned: Mapped[Any] = mapped_column(JsonDoc, nullable=True)
    returned_at: Mapped[MaybeInstant]
    created_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(Integer, default=1)

    order: Mapped[ProductOrder | None] = relationship(back_populates="work_items")
    ticket: Mapped[TroubleTicket | None] = relationship(back_populates="work_items")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy
    __table_args__ = (
        Index("ix_work_item_claimed", "claimed_by", "state"),
        # The queue of a team, of all teams, and what there is of one kind.
        _queue(
            "ix_work_item_team_queue",
            *("team_code", priority.desc(), "due_at", "created_at", "id"),
            postgresql_include=["area"],  # so that it counts without reading rows
        ),
        _queue("ix_work_item_kind_queue", "kind", priority.desc(), "due_at", "created_at", "id"),
        _queue("ix_work_item_queue", priority.desc(), "due_at", "created_at", "id"),
        rows_that("offered_to IS NOT NULL", "ix_work_item_offered_to", "offered_to"),
        rows_that("offered_to IS NOT NULL", "ix_work_item_offered_until", "offered_until"),
        rows_that("follow_up_on IS NOT NULL", "ix_work_item_follow_up", "team_code", "follow_up_on"),
        rows_that("returned_at IS NOT NULL", "ix_work_item_returned", "team_code", "returned_at"),
        # What is done or withdrawn, newest first: by whose team, and by whom.
        rows_that("state = 'cancelled'", "ix_work_item_team_cancelled", "team_code", "id"),
        rows_that("completed_at IS NOT NULL", "ix_work_item_team_done", "team_code", "completed_at"),
        rows_that("completed_at IS NOT NULL", "ix_work_item_completed_by", "completed_by", "completed_at"),
    )

    def claimable_by(self, actor: Actor) -> bool:
        """Whether this actor may take the item now: it is open, and it lies with one of the actor's teams."""
        if self.state != WorkItemState.OPEN or not can(actor, "item.claim"):
            return False
        if actor.demo_any_team or actor.is_system:
            return True
        return self.team_code is not None and self.team_code in actor.teams

    def move_to(self, state: WorkItemState, why: Words | str, who: str, at: datetime) -> None:
        """Change the state; the line goes into the history of the order or ticket it belongs to.

        Claiming, releasing and completing also set who and when.

        :raises IllegalTransition: the lifecycle has no such arrow.
        """
        current, wanted = WorkItemState(self.state), WorkItemState(state)
        if current is wanted:
            return
        self.state = next_work_item_state(current, wanted)
        self.offered_to = self.offered_until = None
        if wanted is WorkItemState.CLAIMED:
            self.claimed_by, self.claimed_at = who, at
        elif wanted is WorkItemState.OPEN:
            self.claimed_by, self.claimed_at = None, None
        elif wanted is WorkItemState.COMPLETED:
            self.completed_by, self.completed_at = who, at
        owner = self.order or self.ticket
        if owner is not None:
            detail = {"work_item_id": self.id, "number": self.number, "title_zh": self.title_zh}
            detail["title_en"] = self.title_en
            owner.record("work_item_state", why, who, at, from_state=current, to_state=wanted, detail=detail)
