"""Deciding on what is owed, and putting it onto the bill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from adapters.ports import OperationCall
from app.deps import Deps
from app.domain.actors import ENGINE, Actor, may
from app.domain.promises.compensation_lifecycle import UNPAID, VOID, CompensationState
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.domain.words import Words
from app.errors import Conflict, Forbidden, NotFound
from app.persistence.areas import area_path
from app.persistence.numbers import next_number
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.compensations import Compensation
from app.persistence.promises.rule_versions import RulesByVersion
from app.persistence.promises.sla_measurements import SlaMeasurement
from app.persistence.scope import scoped
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem
from app.services.ordering.order_state import locked
from app.services.promises import compensation
from app.services.promises.sla_clock_rows import Owner, clocks_of
from app.services.teamwork.task_desk import responsible_team
from app.unit_of_work import read, retried, transaction
from processes.engine import Engine

PROCESS: Final = "compensation_credit"
#: The process that takes an amount off the bill again.
BACK: Final = "compensation_reversal"
#: So long before the deadline somebody is told that an amount is not on the bill yet.
NEAR: Final = timedelta(days=5)
DESK: Final = "billing_desk"
ABOUT: Final = "payout-deadline"
AT_ONCE: Final = 50

S = CompensationState


def compensations(
    actor: Actor, deps: Deps, *, state: str | None = None, about: str | None = None, offset: int = 0, limit: int = 50
) -> list[tuple[Compensation, str]]:
    """What is owed in the actor's area, newest first, with the number of its order, ticket or product."""
    may(actor, "order.view")
    with read(deps.read_sessions) as session:
        columns: Any = (Compensation, ProductOrder.number, TroubleTicket.number, SlaMeasurement.product_id)
        rows = scoped(select(*columns), Compensation, actor)
        rows = rows.outerjoin(ProductOrder, ProductOrder.id == Compensation.order_id)
        rows = rows.outerjoin(TroubleTicket, TroubleTicket.id == Compensation.ticket_id)
        rows = rows.outerjoin(SlaMeasurement, SlaMeasurement.id == Compensation.owner_id)
        if state is not None:
            rows = rows.where(Compensation.state == state)
        if about is not None:
            rows = rows.where(
                or_(
                    ProductOrder.number == about,
                    TroubleTicket.number == about,
                    SlaMeasurement.product_id == about,
                    Compensation.owner_id == about,
                )
            )
        rows = rows.order_by(Compensation.proposed_at.desc(), Compensation.id).offset(offset).limit(limit)
        found = session.execute(rows)
        return [(row, order_no or ticket_no or product or "") for row, order_no, ticket_no, product in found]


@retried
def decide(compensation_id: str, note: str, actor: Actor, deps: Deps, *, agree: bool) -> Compensation:
    """Approve what is owed, or refuse it with a reason; a large amount wants two people. Of an amount that turned out
    too high: agree to take it back, or say why it stays.

    :raises NotFound: no such thing in the actor's area.
    :raises Forbidden: the second person is the first.
    :raises IllegalTransition: it was decided on already.
    """
    with transaction(deps.sessions) as tx:
        row = _locked(tx.session, compensation_id, actor)
        if not agree and not note.strip():
            raise Conflict("say why it is refused", "请说明拒绝的原因")
        decided(tx.session, row, note, actor.login, deps.clock(tx.session), agree=agree)
    return row


def decided(session: Session, row: Compensation, note: str, who: str, now: datetime, *, agree: bool) -> None:
    """:func:`decide`, in the transaction of the caller."""
    if row.state == S.TAKE_BACK:
        _decided_back(session, row, note, who, now, agree=agree)
        return
    rules = RulesByVersion(session, now).now()
    second = row.state == S.SECOND_WANTED
    if second and who == row.decided_by:
        raise Forbidden("a second person has to agree", "须由另一人复核")
    if second:
        row.second_by, row.second_at = who, now
    else:
        row.decided_by, row.decided_at = who, now
    row.decision_note = note[:500]
    wants_second = not second and row.amount > rules.book.second_person_above
    row.move_to(S.REFUSED if not agree else S.SECOND_WANTED if wants_second else S.APPROVED, now)
    words = Words(f"赔付 {row.amount_cny} 元：{row.state}", f"compensation of {row.amount_cny} CNY: {row.state}")
    _record(session, row, words, who, now)


def _decided_back(session: Session, row: Compensation, note: str, who: str, now: datetime, *, agree: bool) -> None:
    row.decision_note = note[:500]
    if agree:
        row.move_to(S.TO_REVERSE, now)
        words = Words(f"同意冲正赔付 {row.amount_cny} 元", f"agreed: {row.amount_cny} CNY is taken back")
    else:
        row.kept_by = who
        row.move_to(S.CREDITED, now)
        words = Words(
            f"不冲正，赔付 {row.amount_cny} 元保留：{note}", f"{row.amount_cny} CNY stays on the bill: {note}"
        )
    _record(session, row, words, who, now)


def post_approved(session: Session, engine: Engine, now: datetime, *, limit: int = AT_ONCE) -> list[Compensation]:
    """Start the process that puts each approved amount onto the bill, and the one that takes back what was too high."""
    credits = _started(session, engine, "state = 'approved'", S.POSTING, PROCESS, now, limit)
    return credits + _started(session, engine, "state = 'toReverse'", S.REVERSING, BACK, now, limit)


def _started(
    session: Session, engine: Engine, waiting: str, state: CompensationState, process: str, now: datetime, limit: int
) -> list[Compensation]:
    rows = session.scalars(
        select(Compensation)
        .where(text(waiting))
        .order_by(Compensation.proposed_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.move_to(state, now)
        session.flush()  # the first steps are taken at once, and may be about its row
        instance = engine.start(
            session,
            process,
            business_key=row.business_key,
            area=row.area,
            data={"compensation": credit_data(row)},
            now=now,
            actor=ENGINE,
        )
        row.process_instance_id = instance.id
    return list(rows)


def credit_data(row: Compensation) -> dict[str, Any]:
    """What the process is started with."""
    return {
        "id": row.id,
        "account_no": row.account_no or "",
        "rule_code": row.rule,
        "amount_cny": row.amount_cny,
        "entry_no": row.entry_no or "",
        "reference": f"{row.group_code}:{row.owner_id}:{row.nth}",
    }


def credited(session: Session, call: OperationCall, now: datetime) -> dict[str, Any]:
    """``compensation.credited``: it is on the bill. What was counted meanwhile may have made it too high."""
    owner, row = _with_owner(session, str(call.inputs["compensation_id"]))
    row.entry_no = str(call.inputs["entry_no"])
    if row.state == S.POSTING:
        row.move_to(S.CREDITED, now)
        words = Words(f"赔付 {row.amount_cny} 元已入帐", f"compensation of {row.amount_cny} CNY is on the bill")
        _record(session, row, words, ENGINE, now)
        _assessed(session, owner, now)
    return {"state": str(row.state)}


def reversed_credit(session: Session, call: OperationCall, now: datetime) -> dict[str, Any]:
    """``compensation.reversed``: it is off the bill; what is owed all the same is proposed."""
    owner, row = _with_owner(session, str(call.inputs["compensation_id"]))
    row.reversal_no = str(call.inputs["reversal_no"])
    if row.state == S.REVERSING:
        row.move_to(S.REVERSED, now)
        words = Words(f"赔付 {row.amount_cny} 元已冲正", f"compensation of {row.amount_cny} CNY is off the bill again")
        _record(session, row, words, ENGINE, now)
        _assessed(session, owner, now)
    return {"state": str(row.state)}


def _with_owner(session: Session, compensation_id: str) -> tuple[Owner | None, Compensation]:
    """An amount and what it is about, locked in the order in which everybody locks them."""
    order_id, ticket_id = session.execute(
        select(Compensation.order_id, Compensation.ticket_id).where(Compensation.id == compensation_id)
    ).one()
    owner: Owner | None = None
    if order_id is not None:
        owner = locked(session, order_id)
    elif ticket_id is not None:
        owner = session.scalars(select(TroubleTicket).where(TroubleTicket.id == ticket_id).with_for_update()).one()
    if owner is not None:
        clocks_of(session, owner, None)
    query = select(Compensation).where(Compensation.id == compensation_id).with_for_update()
    return owner, session.scalars(query).one()


def _assessed(session: Session, owner: Owner | None, now: datetime) -> None:
    clocks = clocks_of(session, owner, None) if owner is not None else []
    # An order that still counts is assessed when it ends.
    if owner is not None and any(clock.stopped_at is not None for clock in clocks):
        compensation.assess(session, owner, clocks, now)


def tell_deadlines(session: Session, now: datetime, *, limit: int = AT_ONCE) -> list[WorkItem]:
    """One work item for the billing desk for each amount whose payout deadline is near and that is not paid."""
    rows = session.scalars(
        select(Compensation)
        .where(
            text("credited_at IS NULL"),
            Compensation.payout_due_at <= now + NEAR,
            Compensation.deadline_told_at.is_(None),
            Compensation.state.in_([state.value for state in UNPAID]),
        )
        .order_by(Compensation.payout_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    return [_deadline_item(session, row, now) for row in rows]


def owed_in_all(rows: Sequence[Compensation]) -> Decimal:
    """What these come to, without what was refused, withdrawn or taken back."""
    return sum((row.amount for row in rows if row.state not in VOID), Decimal("0.00"))


def _deadline_item(session: Session, row: Compensation, now: datetime) -> WorkItem:
    row.deadline_told_at = now
    team = responsible_team(session, DESK, row.area, None)
    item = WorkItem(
        kind="task",
        order_id=row.order_id,
        ticket_id=row.ticket_id,
        title_zh=f"赔付 {row.amount_cny} 元尚未入帐，期限将到",
        title_en=f"{row.amount_cny} CNY of compensation is not on the bill yet, and the deadline is near",
        team_role=DESK,
        team_code=team.code if team else None,
        state=WorkItemState.OPEN,
        context={"about": ABOUT, "compensation_id": row.id, "due_at": row.payout_due_at.isoformat()},
        area=row.area,
        priority=1,
        due_at=row.payout_due_at,
        created_at=now,
        number=next_number(session, "W", now),
    )
    session.add(item)
    session.flush()
    return item


def _locked(session: Session, compensation_id: str, actor: Actor) -> Compensation:
    query = scoped(select(Compensation), Compensation, actor).where(Compensation.id == compensation_id)
    row = session.scalars(query.with_for_update(of=Compensation)).one_or_none()
    if row is None:
        raise NotFound()
    may(actor, "compensation.decide", area_path=area_path(session, row.area))
    return row


def _record(session: Session, row: Compensation, words: Words, who: str, now: datetime) -> None:
    owner: ProductOrder | TroubleTicket | None
    if row.order_id is not None:
        owner = session.get(ProductOrder, row.order_id)
    else:
        owner = session.get(TroubleTicket, row.ticket_id) if row.ticket_id is not None else None
    if owner is not None:
        owner.record("compensation", words, who, now, detail={"compensation_id": row.id, "state": str(row.state)})
