"""The product order and its items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.ordering.order_lifecycle import CANCEL_STARTS_FROM, FINAL, OrderState, next_item_state, next_state
from app.domain.words import Words
from app.persistence.audit import HasHistory, OrderEvent
from app.persistence.columns import AreaCode, EngineId, Id, Identified, Instant, MaybeInstant, Record, Records, Word
from processes.store.base import Base, JsonDoc, rows_that, trigrams

if TYPE_CHECKING:
    from app.persistence.amending.cancels import CancelRequest
    from app.persistence.ordering.service_orders import ServiceOrder
    from app.persistence.ordering.work_orders import WorkOrder
    from app.persistence.promises.sla_clocks import SlaClock
    from app.persistence.teamwork.work_items import WorkItem


class HasOrderState:
    """What an order and its items have in common: a state, and what a cancel must remember of it."""

    if TYPE_CHECKING:
        state: Mapped[str]
        state_before_cancel: Mapped[str | None]
        completed_at: Mapped[datetime | None]

    @property
    def is_final(self) -> bool:
        return OrderState(self.state) in FINAL

    def _moved(self, state: OrderState, at: datetime, by: Callable[..., OrderState]) -> OrderState | None:
        """Change the state ``by`` the rules of the thing; returns the one it came from, None if it is in it already."""
        current, wanted = OrderState(self.state), OrderState(state)
        if current is wanted:
            return None
        came_from = OrderState(self.state_before_cancel) if self.state_before_cancel else None
        self.state = by(current, wanted, came_from=came_from)
        if wanted is OrderState.ASSESSING_CANCELLATION:
            self.state_before_cancel = current
        elif current is OrderState.ASSESSING_CANCELLATION and wanted in CANCEL_STARTS_FROM:
            self.state_before_cancel = None
        if wanted in FINAL and self.completed_at is None:
            self.completed_at = at
        return current


class ProductOrder(Identified, HasOrderState, HasHistory, Base):
    """What the customer ordered, one-stop. Its state changes only through :meth:`move_to`."""

    __tablename__ = "product_order"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(64))
    client: Mapped[str] = mapped_column(String(64))
    body_hash: Mapped[str] = mapped_column(String(64), default="")
    channel: Mapped[Word]
    category: Mapped[Word]
    state: Mapped[Word] = mapped_column(default=OrderState.ACKNOWLEDGED)
    state_before_cancel: Mapped[str | None] = mapped_column(String(40))
    area: Mapped[AreaCode]
    customer_no: Mapped[str | None] = mapped_column(ForeignKey("customer.customer_no"), index=True)
    account_no: Mapped[str | None] = mapped_column(ForeignKey("account.account_no"))
    description: Mapped[str] = mapped_column(String(500), default="")
    priority: Mapped[str | None] = mapped_column(String(8))
    requested_start_date: Mapped[MaybeInstant]
    requested_completion_date: Mapped[MaybeInstant]
    ordered_at: Mapped[Instant]
    completed_at: Mapped[MaybeInstant]
    promised_at: Mapped[MaybeInstant]
    expected_at: Mapped[MaybeInstant]
    process_instance_id: Mapped[EngineId]
    billing_account: Mapped[Any] = mapped_column(JsonDoc, nullable=True)
    related_party: Mapped[Records]
    note: Mapped[Records]
    tmf_extra: Mapped[Record]
    #: What credit, identity and feasibility answered before and after acceptance: who, when, what.
    checks: Mapped[Record]
    version: Mapped[int] = mapped_column(Integer, default=1)

    items: Mapped[list[ProductOrderItem]] = relationship(
        back_populates="order", cascade="all, delete-orphan", order_by="ProductOrderItem.position"
    )
    service_orders: Mapped[list[ServiceOrder]] = relationship(back_populates="order", order_by="ServiceOrder.position")
    work_orders: Mapped[list[WorkOrder]] = relationship(
        back_populates="order", order_by="(WorkOrder.sequence, WorkOrder.id)"
    )
    clocks: Mapped[list[SlaClock]] = relationship(back_populates="order", order_by="SlaClock.id")
    events: Mapped[list[OrderEvent]] = relationship(order_by=OrderEvent.seq)
    work_items: Mapped[list[WorkItem]] = relationship(back_populates="order", order_by="WorkItem.number")
    cancel_requests: Mapped[list[CancelRequest]] = relationship(back_populates="order", order_by="CancelRequest.at")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy
    __table_args__ = (
        # One external number is one order of that client; clients do not get in each other's way.
        UniqueConstraint("client", "external_id"),
        Index("ix_product_order_area_ordered", "area", "ordered_at"),
        Index("ix_product_order_state_promised", "state", "promised_at"),
        Index("ix_product_order_ordered_at", "ordered_at", "id"),
        rows_that("completed_at IS NULL", "ix_product_order_open_due", "promised_at", "id"),
        Index("ix_product_order_external_id", "external_id"),
        # What has ended of who placed it, newest first.
        rows_that("completed_at IS NOT NULL", "ix_product_order_client_ended", "client", "completed_at"),
        # How many are open, or late, in some areas.
        rows_that("completed_at IS NULL", "ix_product_order_open_area", "area", "promised_at"),
        trigrams("ix_product_order_text", "number", "external_id", "description"),
    )

    @property
    def business_key(self) -> str:
        """The name under which the engine knows this order."""
        return f"order:{self.id}"

    def move_to(self, state: OrderState, why: Words | str, who: str, at: datetime) -> None:
        """Change the state and write who did it, when and why. The only way a state changes.

        Asking for the state the order is in already does nothing.

        :param at: aware UTC instant.
        :raises IllegalTransition: the lifecycle has no such arrow.
        """
        came_from = self._moved(state, at, next_state)
        if came_from is not None:
            self.record("state", why, who, at, from_state=came_from, to_state=state)

    def history_of(self) -> dict[str, str]:
        return {"order_id": self.id}


class ProductOrderItem(Identified, HasOrderState, Base):
    """One line of an order: an action on one product."""

    __tablename__ = "product_order_item"

    id: Mapped[Id]
    order_id: Mapped[str] = mapped_column(ForeignKey("product_order.id"))
    item_no: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(Integer, default=0)
    action: Mapped[Word]
    order_type: Mapped[Word]
    product: Mapped[str] = mapped_column(ForeignKey("product_spec.code"))
    offering: Mapped[str | None] = mapped_column(String(64))
    product_id: Mapped[str | None] = mapped_column(String(32), index=True)
    state: Mapped[Word] = mapped_column(default=OrderState.ACKNOWLEDGED)
    state_before_cancel: Mapped[str | None] = mapped_column(String(40))
    quantity: Mapped[int] = mapped_column(Integer, default=1)
    address_code: Mapped[str | None] = mapped_column(ForeignKey("address.code"))
    places: Mapped[Records]
    characteristics: Mapped[Record]
    prices: Mapped[Records]
    relationships: Mapped[Records]
    plan: Mapped[str | None] = mapped_column(String(80))
    area: Mapped[AreaCode]
    sla_policy: Mapped[str | None] = mapped_column(String(64))
    promised_at: Mapped[MaybeInstant]
    completed_at: Mapped[MaybeInstant]
    version: Mapped[int] = mapped_column(Integer, default=1)

    order: Mapped[ProductOrder] = relationship(back_populates="items")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy
    __table_args__ = (UniqueConstraint("order_id", "item_no"),)

    @property
    def business_key(self) -> str:
        """The name under which the engine knows the plan of this item."""
        return f"order:{self.order_id}/item:{self.item_no}"

    def move_to(self, state: OrderState, why: Words | str, who: str, at: datetime) -> None:
        """Like :meth:`ProductOrder.move_to`, for one item; the line goes into the history of the order."""
        came_from = self._moved(state, at, next_item_state)
        if came_from is not None:
            detail = {"item_no": self.item_no}
            self.order.record("item_state", why, who, at, from_state=came_from, to_state=state, detail=detail)
