"""What billing has asked for: suspensions, resumptions, terminations, payments; each by its number, each once."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.persistence.columns import AreaCode, Instant, Records, Word
from processes.store.base import Base


class BillingInstruction(Base):
    """One instruction. ``state``: ``ordered``, ``refused``, ``withdrawn`` (paid in time) or ``nothing_to_do``.

    ``reasons``: why it is so, ``{code, zh, en}``. ``withdrawn``: numbers of the orders a payment has called off.
    """

    __tablename__ = "billing_instruction"

    instruction_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[Word]
    mode: Mapped[Word]
    account_no: Mapped[str] = mapped_column(ForeignKey("account.account_no"))
    customer_no: Mapped[str] = mapped_column(ForeignKey("customer.customer_no"))
    area: Mapped[AreaCode]
    body_hash: Mapped[str] = mapped_column(String(64))
    notices: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[Word]
    reasons: Mapped[Records]
    withdrawn: Mapped[Records]
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"), index=True)
    order_number: Mapped[str | None] = mapped_column(String(20))
    occurred_at: Mapped[Instant]
    received_at: Mapped[Instant]

    __table_args__ = (Index("ix_billing_instruction_account", "account_no", "received_at"),)
