"""Work orders: the steps of an order's plan, done by a system or by people."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.teamwork.work_lifecycle import WorkOrderState, next_work_order_state
from app.domain.words import Words
from app.persistence.columns import AreaCode, EngineId, Id, Identified, MaybeInstant, Name, Word
from processes.store.base import Base, TaskId, rows_that

if TYPE_CHECKING:
    from app.persistence.ordering.orders import ProductOrder


class Moved(TypedDict):
    """What the history says of a work order that has moved."""

    kind: str
    from_state: str
    to_state: str
    detail: dict[str, Any]


class WorkOrder(Identified, Base):
    """One step of the plan of an item, as the order page shows it."""

    __tablename__ = "work_order"

    id: Mapped[Id]
    order_id: Mapped[str] = mapped_column(ForeignKey("product_order.id"))
    item_id: Mapped[str | None] = mapped_column(ForeignKey("product_order_item.id"), index=True)
    instance_id: Mapped[EngineId]
    task_id: Mapped[str | None] = mapped_column(TaskId)
    element_id: Mapped[str] = mapped_column(String(120))
    type: Mapped[str] = mapped_column(String(64))
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    kind: Mapped[Word]
    team_role: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[Word] = mapped_column(default=WorkOrderState.ACKNOWLEDGED)
    #: As laid out when the order was split; where the plan stands now says
    #: :func:`app.domain.ordering.plan_times.moved_plan`.
    planned_from: Mapped[MaybeInstant]
    planned_to: Mapped[MaybeInstant]
    started_at: Mapped[MaybeInstant]
    ended_at: Mapped[MaybeInstant]
    waits_for_zh: Mapped[str] = mapped_column(String(300), default="")
    waits_for_en: Mapped[str] = mapped_column(String(300), default="")
    sequence: Mapped[int] = mapped_column(Integer, default=0)
    area: Mapped[AreaCode]
    #: ``soft``, ``hard`` or nothing: what cancelling means once this step has begun.
    point_of_no_return: Mapped[str | None] = mapped_column(String(8))

    #: Since when the step wants a clock of its own; one that is done before anybody looks gets none.
    check_at: Mapped[MaybeInstant]

    order: Mapped[ProductOrder] = relationship(back_populates="work_orders")

    __table_args__ = (
        Index("ix_work_order_order", "order_id", "sequence"),
        rows_that("check_at IS NOT NULL", "ix_work_order_check", "check_at"),
    )

    def move_to(self, state: WorkOrderState, why: Words | str, who: str, at: datetime) -> None:
        """Change the state; the line goes into the history of the order.

        :raises IllegalTransition: the lifecycle has no such arrow.
        """
        line = self.moved_to(state, at)
        if line is not None:
            self.order.record(why=why, who=who, at=at, **line)

    def moved_to(self, state: WorkOrderState, at: datetime) -> Moved | None:
        """Change the state; returns what the history is to say of it, None where nothing changes.

        :raises IllegalTransition: the lifecycle has no such arrow.
        """
        current, wanted = WorkOrderState(self.state), WorkOrderState(state)
        if current is wanted:
            return None
        self.state = next_work_order_state(current, wanted)
        if wanted is WorkOrderState.IN_PROGRESS:
            self.started_at = self.started_at or at
            self.ended_at, self.check_at = None, at
        elif wanted in (WorkOrderState.COMPLETED, WorkOrderState.FAILED, WorkOrderState.CANCELLED):
            self.ended_at, self.check_at = at, None
        return {
            "kind": "work_order_state",
            "from_state": current,
            "to_state": wanted,
            "detail": {"work_order_id": self.id, "element_id": self.element_id, "type": self.type},
        }
