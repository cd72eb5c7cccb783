"""What somebody was told about promises in danger, and that it has been read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text

from app.deps import Deps
from app.domain.actors import Actor, may
from app.errors import NotFound
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.sla_clocks import JeopardyAlert, JeopardyNotice, SlaClock
from app.persistence.scope import scoped
from app.persistence.teamwork.tickets import TroubleTicket
from app.unit_of_work import read, retried, transaction

Line = tuple[JeopardyNotice, JeopardyAlert, str, str | None, str | None]


def notices(actor: Actor, deps: Deps, *, mine: bool, limit: int) -> Sequence[Line]:
    """What is unread, newest first: the actor's own, or everything in the actor's area."""
    may(actor, "order.view")
    with read(deps.read_sessions) as session:
        columns: Any = (JeopardyNotice, JeopardyAlert, SlaClock.kind, ProductOrder.number, TroubleTicket.number)
        rows = scoped(select(*columns), SlaClock, actor)
        rows = rows.select_from(JeopardyNotice).join(JeopardyAlert, JeopardyAlert.id == JeopardyNotice.alert_id)
        rows = rows.join(SlaClock, SlaClock.id == JeopardyAlert.clock_id)
        rows = rows.outerjoin(ProductOrder, ProductOrder.id == SlaClock.order_id)
        rows = rows.outerjoin(TroubleTicket, TroubleTicket.id == SlaClock.ticket_id)
        rows = rows.where(text("read_at IS NULL"))
        if mine:
            rows = rows.where(JeopardyNotice.login == actor.login)
        found = session.execute(rows.order_by(JeopardyNotice.at.desc(), JeopardyNotice.id).limit(limit))
        return [(one[0], one[1], one[2], one[3], one[4]) for one in found]


@retried
def note_read(notice_id: str, actor: Actor, deps: Deps) -> None:
    """Somebody has read what he was told. :raises NotFound: he was told nothing of that id."""
    may(actor, "order.view")
    with transaction(deps.sessions) as tx:
        found = tx.session.get(JeopardyNotice, notice_id)
        if found is None or found.login != actor.login:
            raise NotFound()
        found.read_at = found.read_at or deps.clock(tx.session)
