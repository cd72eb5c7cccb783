"""What customers get of their orders: links that need no login, and what they say afterwards."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.persistence.columns import AreaCode, Id, Identified, Instant, MaybeInstant
from processes.store.base import Base


class OrderLink(Identified, Base):
    """A link to the page of one order. The link itself is not kept: it is signed over ``id`` and ``expires_at``.

    ``seen``: how often it was looked at in all; ``window_seen`` since ``window_at``; ``changes``: how often something
    was changed with it.
    """

    __tablename__ = "order_link"

    id: Mapped[Id]
    order_id: Mapped[str] = mapped_column(ForeignKey("product_order.id"), index=True)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    revoked_at: Mapped[MaybeInstant]
    revoked_by: Mapped[str | None] = mapped_column(String(64))
    last_seen_at: Mapped[MaybeInstant]
    seen: Mapped[int] = mapped_column(Integer, default=0)
    window_at: Mapped[MaybeInstant]
    window_seen: Mapped[int] = mapped_column(Integer, default=0)
    changes: Mapped[int] = mapped_column(Integer, default=0)
    area: Mapped[AreaCode]


class OrderSurvey(Identified, Base):
    """How content a customer is with an order: ``score`` 1 to 5, once per order."""

    __tablename__ = "order_survey"

    id: Mapped[Id]
    order_id: Mapped[str] = mapped_column(ForeignKey("product_order.id"), unique=True)
    link_id: Mapped[str] = mapped_column(ForeignKey("order_link.id"))
    score: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[Instant]
    area: Mapped[AreaCode]
