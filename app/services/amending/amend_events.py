"""What the engine and the cancel of an order mean for its amendments."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actors import ENGINE
from app.domain.amending.amendments import OPEN, AmendmentState
from app.domain.words import Words
from app.persistence.amending.amendments import Amendment
from app.persistence.ordering.orders import ProductOrder

THROUGH: Final = Words("变更已完成", "the amendment is through")


def renewed(session: Session, renewal_id: str, order_id: str, at: datetime) -> None:
    """A plan has begun anew: when it was the last of its amendment, that is through."""
    mine = Amendment.order_id == order_id, Amendment.state == AmendmentState.IN_PROGRESS
    row = session.scalars(select(Amendment).where(*mine)).first()
    if row is None or renewal_id not in row.waits_for:
        return
    row.waits_for = [one for one in row.waits_for if one != renewal_id]
    if not row.waits_for:
        row.move_to(AmendmentState.DONE, THROUGH, ENGINE, at)


def end_open(session: Session, order: ProductOrder, why: Words, at: datetime) -> None:
    """The order is cancelled, so nothing more comes of its amendments."""
    mine = Amendment.order_id == order.id, Amendment.state.in_([one.value for one in OPEN])
    for row in session.scalars(select(Amendment).where(*mine)):
        row.move_to(AmendmentState.ENDED, why, ENGINE, at)
