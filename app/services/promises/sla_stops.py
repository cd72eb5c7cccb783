"""Stops of the clock that somebody has to agree to, and those that turn out to be false."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.deps import Deps
from app.domain.actors import Actor, Role, may
from app.domain.words import Words
from app.errors import Conflict, FieldProblem, Forbidden, InvalidInput, NotFound
from app.persistence.areas import area_path
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_versions import RulesByVersion
from app.persistence.promises.sla_clocks import SlaClock, SlaPause
from app.persistence.scope import scoped
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.ordering.order_state import locked
from app.services.promises import breaches, compensation
from app.services.promises.sla_clock_rows import (
    ASKED,
    IN_FORCE,
    REFUSED,
    REVOKED,
    Owner,
    carry_due,
    clocks_of,
    count_again,
    rules_of,
)
from app.unit_of_work import read, retried, transaction

#: Who may agree in the place of somebody else: the one above him.
ABOVE = {Role.TEAM_LEADER: frozenset({Role.OPERATIONS_MANAGER})}


@dataclass(frozen=True)
class Stop:
    """One saying that a clock stops, over every clock it stopped; ``number`` is that of the order or ticket."""

    number: str
    spell: SlaPause
    clocks: int
    reason: Words


def stops(actor: Actor, deps: Deps, *, state: str | None = None, about: str | None = None) -> list[Stop]:
    """The stops in the actor's area, newest first; of one state, or of one order or ticket by id or number."""
    may(actor, "order.view")
    with read(deps.read_sessions) as session:
        number = select(ProductOrder.number).where(ProductOrder.id == SlaClock.order_id).scalar_subquery()
        ticket = select(TroubleTicket.number).where(TroubleTicket.id == SlaClock.ticket_id).scalar_subquery()
        rows = scoped(select(SlaPause, number.label("order_no"), ticket.label("ticket_no")), SlaClock, actor)
        rows = rows.join(SlaClock, SlaClock.id == SlaPause.clock_id).where(SlaPause.stop_id.is_not(None))
        if state is not None:
            rows = rows.where(SlaPause.state == state)
        if about is not None:
            rows = rows.where((number == about) | (ticket == about) | (SlaClock.order_id == about))
        names = RulesByVersion(session, deps.clock(session)).now().book.stop_reasons
        found: dict[str, Stop] = {}
        for spell, order_no, ticket_no in session.execute(rows.order_by(SlaPause.from_at.desc()).limit(1000)):
            known = found.get(spell.stop_id)
            listed = names.get(spell.reason)
            reason = listed.name if listed else Words(spell.reason, spell.reason)
            found[spell.stop_id] = Stop(order_no or ticket_no or "", spell, known.clocks + 1 if known else 1, reason)
        return list(found.values())


@retried
def decide(stop_id: str, note: str, actor: Actor, deps: Deps, *, agree: bool) -> None:
    """Agree to a stop that was asked for, or refuse it; agreed, the clock has stood since it was asked for.

    :raises NotFound: no such stop in the actor's area.
    :raises Forbidden: the actor has not the role that has to agree, or has asked for it himself.
    :raises Conflict: it was decided on already.
    """
    with transaction(deps.sessions) as tx:
        spells, owner = _found(tx.session, stop_id, actor, "sla.decide")
        decided(tx.session, owner, spells, note, actor.login, deps.clock(tx.session), agree=agree, role=actor.role)


@retried
def revoke(stop_id: str, reason: str, actor: Actor, deps: Deps) -> None:
    """Take back a stop that turned out to be false: the time counts after all, also after the order has ended.

    :raises NotFound: no such stop in the actor's area.
    :raises InvalidInput: no reason is given.
    :raises Conflict: it is not in force.
    """
    if not reason.strip():
        en, zh = "say why the stop was false", "请说明停表不实的原因"
        raise InvalidInput(en, zh, details=[FieldProblem(path="reason", code="required", zh=zh, en=en)])
    with transaction(deps.sessions) as tx:
        spells, owner = _found(tx.session, stop_id, actor, "sla.revoke")
        revoked(tx.session, owner, spells, reason, actor.login, deps.clock(tx.session))


def decided(
    session: Session,
    owner: Owner,
    spells: Sequence[SlaPause],
    note: str,
    who: str,
    now: datetime,
    *,
    agree: bool,
    role: str,
) -> None:
    """:func:`decide`, in the transaction of the caller; the owner is locked."""
    first = spells[0]
    if first.state != ASKED:
        raise Conflict("this stop has been decided on already", "该停表申请已处理")
    wanted = Role(str(first.approver_role))
    if role not in {wanted, *ABOVE.get(wanted, ())}:
        raise Forbidden(f"a {wanted} has to agree to this stop", f"该停表须由 {wanted} 同意")
    if who == first.who:
        raise Forbidden("nobody agrees to a stop of his own", "不能同意自己提出的停表")
    verdict = Words("同意停表", "the stop is agreed to") if agree else Words("不同意停表", "the stop is refused")
    _say(session, owner, spells, IN_FORCE if agree else REFUSED, note, who, now, verdict)


def revoked(session: Session, owner: Owner, spells: Sequence[SlaPause], reason: str, who: str, now: datetime) -> None:
    """:func:`revoke`, in the transaction of the caller; the owner is locked."""
    if spells[0].state != IN_FORCE:
        raise Conflict("only a stop that is in force can be taken back", "只有生效的停表才能撤销")
    words = Words(f"撤销停表：{reason}", f"the stop was false: {reason}")
    _say(session, owner, spells, REVOKED, reason, who, now, words)


def _say(
    session: Session,
    owner: Owner,
    spells: Sequence[SlaPause],
    state: str,
    note: str,
    who: str,
    now: datetime,
    words: Words,
) -> None:
    known = RulesByVersion(session, now)
    for spell in spells:
        spell.state, spell.decided_by, spell.decided_at, spell.decision_note = state, who, now, note[:500]
    owner.record("clock", words, who, now, detail={"stop_id": spells[0].stop_id, "state": state})
    touched = [spell.clock for spell in spells]
    for clock in touched:
        count_again(clock, owner, rules_of(clock, known), now)
    carry_due(owner, touched)
    breaches.settle(session, touched, now)
    clocks = clocks_of(session, owner, None)
    if any(clock.stopped_at is not None for clock in touched):
        compensation.assess(session, owner, clocks, now)


def _found(session: Session, stop_id: str, actor: Actor, action: str) -> tuple[list[SlaPause], Owner]:
    """The spells of a stop and what they are about, locked. :raises NotFound: none in the actor's area."""
    query = scoped(select(SlaClock.order_id, SlaClock.ticket_id, SlaClock.area), SlaClock, actor)
    row = session.execute(
        query.join(SlaPause, SlaPause.clock_id == SlaClock.id).where(SlaPause.stop_id == stop_id).limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound()
    may(actor, action, area_path=area_path(session, row.area))
    owner: Owner
    if row.order_id is not None:
        owner = locked(session, row.order_id)
    else:
        owner = session.scalars(select(TroubleTicket).where(TroubleTicket.id == row.ticket_id).with_for_update()).one()
    clocks_of(session, owner, None)
    spells = session.scalars(
        select(SlaPause)
        .where(SlaPause.stop_id == stop_id)
        .options(selectinload(SlaPause.clock).selectinload(SlaClock.alerts))
        .order_by(SlaPause.clock_id)
    ).all()
    return list(spells), owner
