"""Quotes as they were told: kept, so that it is known later what was said and orders can be what was quoted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.actors import Actor
from app.errors import NotFound
from app.persistence.columns import AreaCode, Id, Identified, Instant, Record, Word
from app.persistence.scope import scoped
from processes.store.base import Base


class OrderQuote(Identified, Base):
    """One quote. ``told``: everything that was said, in both languages. ``digest``: of what was quoted, prices
    included. ``order_id``: the order it has become."""

    __tablename__ = "order_quote"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    area: Mapped[AreaCode]
    login: Mapped[str] = mapped_column(String(64))
    channel: Mapped[Word]
    customer_no: Mapped[str | None] = mapped_column(ForeignKey("customer.customer_no"), index=True)
    made_at: Mapped[Instant]
    valid_until: Mapped[Instant] = mapped_column(index=True)
    digest: Mapped[str] = mapped_column(String(64))
    told: Mapped[Record]
    order_id: Mapped[str | None] = mapped_column(ForeignKey("product_order.id"), index=True)


def held_quotes(session: Session, actor: Actor, numbers: Collection[str]) -> dict[str, OrderQuote]:
    """The quotes of the actor's area by their numbers; until the transaction ends nobody else orders by them."""
    if not numbers:
        return {}
    rows = scoped(select(OrderQuote), OrderQuote, actor).where(OrderQuote.number.in_(numbers))
    held = rows.order_by(OrderQuote.number).with_for_update().execution_options(populate_existing=True)
    return {row.number: row for row in session.scalars(held)}


def get_quote(session: Session, actor: Actor, number: str) -> OrderQuote:
    """One quote of the actor's area. :raises NotFound: there is none."""
    row = session.scalars(
        scoped(select(OrderQuote), OrderQuote, actor).where(OrderQuote.number == number)
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no quote {number}", f"没有报价 {number}")
    return row


def forget_quotes(session: Session, *, before: datetime) -> int:
    """Forget quotes that nobody has ordered by and that were good until before an instant (aware UTC)."""
    old = delete(OrderQuote).where(OrderQuote.order_id.is_(None), OrderQuote.valid_until < before)
    return len(session.execute(old.returning(OrderQuote.id).execution_options(synchronize_session=False)).all())
