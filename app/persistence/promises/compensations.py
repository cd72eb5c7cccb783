"""What is owed to customers for broken promises."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.promises.compensation_lifecycle import CompensationState, next_state
from app.persistence.columns import AreaCode, EngineId, Id, Identified, Instant, MaybeInstant, Records, Word
from processes.store.base import Base, Uuid, rows_that


class Compensation(Identified, Base):
    """One amount owed by one rule for one order or ticket. Money is CNY as text with two decimals.

    ``owner_id`` is the order or the ticket; of each group of rules an owner has one amount, and a further one (``nth``)
    only for what a later count found to be owed beyond it. ``basis`` says how each rule of the group came out.
    """

    __tablename__ = "compensation"

    id: Mapped[Id]
    owner_id: Mapped[str] = mapped_column(Uuid)
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"), index=True)
    ticket_id: Mapped[str | None] = mapped_column(ForeignKey("trouble_ticket.id"), index=True)
    group_code: Mapped[Word]
    nth: Mapped[int] = mapped_column(Integer, default=1)
    rule: Mapped[str] = mapped_column(String(64))
    state: Mapped[Word] = mapped_column(default=CompensationState.PROPOSED)
    amount_cny: Mapped[str] = mapped_column(String(16))
    account_no: Mapped[str | None] = mapped_column(String(32))
    basis: Mapped[Records]
    sla_version: Mapped[int] = mapped_column(Integer, default=1)
    proposed_at: Mapped[Instant]
    payout_due_at: Mapped[Instant]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[MaybeInstant]
    second_by: Mapped[str | None] = mapped_column(String(64))
    second_at: Mapped[MaybeInstant]
    decision_note: Mapped[str] = mapped_column(String(500), default="")
    process_instance_id: Mapped[EngineId]
    entry_no: Mapped[str | None] = mapped_column(String(64))
    credited_at: Mapped[MaybeInstant]
    #: Who said that it stays on the bill although it is too much.
    kept_by: Mapped[str | None] = mapped_column(String(64))
    reversal_no: Mapped[str | None] = mapped_column(String(64))
    reversed_at: Mapped[MaybeInstant]
    #: When somebody was told that the payout deadline is near.
    deadline_told_at: Mapped[MaybeInstant]
    #: Whose step was late by most: its area bears the cost.
    charged_area: Mapped[str | None] = mapped_column(String(16))
    area: Mapped[AreaCode]
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy
    __table_args__ = (
        UniqueConstraint("owner_id", "group_code", "nth"),
        rows_that("state = 'approved'", "ix_compensation_to_post", "proposed_at"),
        rows_that("state = 'toReverse'", "ix_compensation_to_reverse", "proposed_at"),
        rows_that("credited_at IS NULL", "ix_compensation_unpaid", "payout_due_at"),
    )

    @property
    def amount(self) -> Decimal:
        """The amount as a number."""
        return Decimal(self.amount_cny)

    @property
    def business_key(self) -> str:
        """The name under which the engine knows this."""
        return f"compensation:{self.id}"

    def move_to(self, state: CompensationState, at: datetime) -> None:
        """Change the state; the only way it changes. :raises IllegalTransition: there is no such arrow."""
        self.state = next_state(CompensationState(self.state), state)
        if state is CompensationState.CREDITED:
            self.credited_at = self.credited_at or at
        elif state is CompensationState.REVERSED:
            self.reversed_at = at
