"""Promises that were broken: kept open until somebody has named the cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.words import Words
from app.errors import Conflict, FieldProblem, InvalidInput, NotFound
from app.persistence.areas import area_path
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_versions import rules_at
from app.persistence.promises.sla_breaches import SlaBreach
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.scope import scoped
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.promises.sla_clock_rows import OUTWARD
from app.unit_of_work import read, retried, transaction

OPEN, CLOSED, FALLEN = "open", "closed", "fallen"


@dataclass(frozen=True)
class Breach:
    """A broken promise with the number of its order or ticket; ``cause`` in words where one is named."""

    row: SlaBreach
    number: str
    cause: Words | None


def settle(session: Session, clocks: Iterable[SlaClock], now: datetime) -> None:
    """Open what is broken by the clocks as they stand; what was kept after all falls, unless its cause is named."""
    outward = [clock for clock in clocks if clock.kind in OUTWARD]
    rows = session.scalars(select(SlaBreach).where(SlaBreach.clock_id.in_([clock.id for clock in outward])))
    known = {row.clock_id: row for row in rows}
    for clock in outward:
        is_broken = clock.stopped_at > clock.due_at if clock.stopped_at else now >= clock.due_at
        row = known.get(clock.id)
        if row is None and is_broken:
            session.add(
                SlaBreach(
                    clock_id=clock.id,
                    order_id=clock.order_id,
                    ticket_id=clock.ticket_id,
                    kind=clock.kind,
                    due_at=clock.due_at,
                    opened_at=now,
                    state=OPEN,
                    area=clock.area,
                )
            )
        elif row is not None and row.state != CLOSED:
            row.state, row.due_at = OPEN if is_broken else FALLEN, clock.due_at


def breaches(actor: Actor, deps: Deps, *, state: str | None = None, limit: int = 200) -> list[Breach]:
    """Broken promises in the actor's area, newest first."""
    may(actor, "order.view")
    with read(deps.read_sessions) as session:
        rows = scoped(select(SlaBreach, ProductOrder.number, TroubleTicket.number), SlaBreach, actor)
        rows = rows.outerjoin(ProductOrder, ProductOrder.id == SlaBreach.order_id)
        rows = rows.outerjoin(TroubleTicket, TroubleTicket.id == SlaBreach.ticket_id)
        if state is not None:
            rows = rows.where(SlaBreach.state == state)
        causes = rules_at(session, deps.clock(session)).book.breach_causes
        found = session.execute(rows.order_by(SlaBreach.opened_at.desc(), SlaBreach.id).limit(limit))
        return [Breach(row, order or ticket or "", causes.get(row.cause or "")) for row, order, ticket in found]


@retried
def close(breach_id: str, cause: str, note: str, actor: Actor, deps: Deps) -> Breach:
    """Close a breach: name its cause, one of the list in the book of rules.

    :raises NotFound: there is no such breach in the actor's area.
    :raises InvalidInput: the cause is not on the list.
    :raises Conflict: it is not open.
    """
    with transaction(deps.sessions) as tx:
        query = scoped(select(SlaBreach), SlaBreach, actor).where(SlaBreach.id == breach_id)
        row = tx.session.scalars(query.with_for_update(of=SlaBreach)).one_or_none()
        if row is None:
            raise NotFound()
        may(actor, "sla.cause", area_path=area_path(tx.session, row.area))
        return closed(tx.session, row, cause, note, actor.login, deps.clock(tx.session))


def closed(session: Session, row: SlaBreach, cause: str, note: str, who: str, now: datetime) -> Breach:
    """:func:`close`, in the transaction of the caller."""
    causes = rules_at(session, now).book.breach_causes
    if cause not in causes:
        some = ", ".join(sorted(causes))
        en, zh = f"the cause is one of: {some}", f"超时原因只能是：{some}"
        raise InvalidInput(en, zh, details=[FieldProblem(path="cause", code="unknown-cause", zh=zh, en=en)])
    if row.state != OPEN:
        raise Conflict("this breach is not open", "该超时记录不是待处理状态")
    row.state, row.cause, row.note, row.closed_by, row.closed_at = CLOSED, cause, note[:500], who, now
    owner: ProductOrder | TroubleTicket | None = None
    if row.order_id is not None:
        owner = session.get(ProductOrder, row.order_id)
    elif row.ticket_id is not None:
        owner = session.get(TroubleTicket, row.ticket_id)
    name = causes[cause]
    if owner is not None:
        words = Words(f"超时原因：{name.zh}", f"why it was late: {name.en}")
        owner.record("clock", words, who, now, detail={"breach_id": row.id, "cause": cause})
    return Breach(row, owner.number if owner else "", name)
