"""What is owed when a promise was broken: proposed when the clocks stop, counted again when a stop turns out false.

Everything here works in the transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actors import ENGINE
from app.domain.compensation import CompensationRule
from app.domain.compensation_lifecycle import UNDECIDED, CompensationState
from app.domain.order_lifecycle import OrderState
from app.domain.words import Words
from app.persistence.compensations import Compensation
from app.persistence.customers import InstalledProduct
from app.persistence.orders import ProductOrder
from app.persistence.rule_versions import RulesByVersion
from app.persistence.sla_clocks import SlaClock
from app.persistence.work_orders import WorkOrder
from app.services.sla_clock_rows import Owner, rules_of
from app.services.sla_overruns import OUTWARD, Counted, counted

NOTHING: Final = Decimal("0.00")
#: An order that was never delivered has no overrun that anybody is paid for.
UNDELIVERED: Final = frozenset({OrderState.CANCELLED, OrderState.REJECTED, OrderState.FAILED})
#: These take part in what has been counted already; the other two never were.
SETTLED: Final = frozenset(CompensationState) - {CompensationState.WITHDRAWN}


def is_late(clocks: Sequence[SlaClock]) -> bool:
    """Whether a promise to somebody outside was broken, without asking the database."""
    outward = (clock for clock in clocks if clock.kind in OUTWARD and clock.stopped_at is not None)
    return any(clock.stopped_at > clock.due_at for clock in outward if clock.stopped_at is not None)


def assess(session: Session, owner: Owner, clocks: Sequence[SlaClock], now: datetime) -> list[Compensation]:
    """Bring what is proposed to what is owed by the clocks as they stand; returns the rows that changed.

    Of each group the highest amount counts, once for the order or ticket. What nobody has decided on yet is changed;
    beyond what was decided only the difference is proposed, and nothing is ever taken back from a customer.
    """
    rows = list(
        session.scalars(
            select(Compensation).where(Compensation.owner_id == owner.id).order_by(Compensation.nth).with_for_update()
        )
    )
    found = [] if _undelivered(owner) else counted(session, owner, clocks, now)
    groups: dict[str, list[Counted]] = {}
    for one in found:
        groups.setdefault(one.due.rule.group, []).append(one)
    changed = []
    for group in sorted({*groups, *(row.group_code for row in rows)}):
        of_group = [row for row in rows if row.group_code == group]
        changed += _settle(session, owner, group, groups.get(group, []), of_group, now)
    session.flush()
    return changed


def _undelivered(owner: Owner) -> bool:
    return isinstance(owner, ProductOrder) and OrderState(owner.state) in UNDELIVERED


def _settle(
    session: Session, owner: Owner, group: str, found: list[Counted], rows: list[Compensation], now: datetime
) -> list[Compensation]:
    best = max(found, key=lambda one: one.due.amount, default=None)
    owed = best.due.amount if best else NOTHING
    decided = [row for row in rows if row.state in SETTLED - UNDECIDED]
    open_row = next((row for row in rows if row.state in UNDECIDED), None)
    more = owed - sum((row.amount for row in decided), NOTHING)
    if more <= NOTHING or best is None:
        return [_withdraw(owner, open_row, now)] if open_row is not None else []
    if open_row is not None and open_row.amount == more:
        return []
    if open_row is not None:
        _withdraw(owner, open_row, now)
    row = _propose(session, owner, group, best, found, more, len(rows) + 1, now)
    rows_text = f"{row.amount_cny} CNY"
    words = Words(f"赔付建议 {rows_text}：{best.due.why.zh}", f"compensation proposed, {rows_text}: {best.due.why.en}")
    owner.record("compensation", words, ENGINE, now, detail={"compensation_id": row.id, "rule": row.rule})
    return [row]


def _withdraw(owner: Owner, row: Compensation, now: datetime) -> Compensation:
    row.move_to(CompensationState.WITHDRAWN, now)
    words = Words(f"撤回赔付建议 {row.amount_cny} 元", f"the proposal of {row.amount_cny} CNY no longer holds")
    owner.record("compensation", words, ENGINE, now, detail={"compensation_id": row.id})
    return row


def _propose(
    session: Session,
    owner: Owner,
    group: str,
    best: Counted,
    found: list[Counted],
    amount: Decimal,
    nth: int,
    now: datetime,
) -> Compensation:
    ended = max((one.clock.stopped_at for one in found if one.clock.stopped_at), default=now)
    row = Compensation(
        owner_id=owner.id,
        order_id=owner.id if isinstance(owner, ProductOrder) else None,
        ticket_id=None if isinstance(owner, ProductOrder) else owner.id,
        group_code=group,
        nth=nth,
        rule=best.due.rule.code,
        amount_cny=f"{amount:.2f}",
        account_no=account_of(session, owner),
        basis=[_line(one) for one in found],
        sla_version=best.clock.sla_version,
        proposed_at=now,
        payout_due_at=ended + best.due.rule.payout,
        charged_area=late_area(session, best.clock),
        area=owner.area,
    )
    session.add(row)
    if amount <= rules_of(best.clock, RulesByVersion(session, now)).book.automatic_up_to:
        row.move_to(CompensationState.APPROVED, now)
        row.decided_by, row.decided_at = ENGINE, now
    return row


def _line(one: Counted) -> dict[str, Any]:
    rule: CompensationRule = one.due.rule
    return {
        "rule": rule.code,
        "name_zh": rule.name.zh,
        "name_en": rule.name.en,
        "clock": one.clock.kind,
        "clock_id": one.clock.id,
        "late_s": int(one.late.total_seconds()),
        "amount_cny": f"{one.due.amount:.2f}",
        "why_zh": one.due.why.zh,
        "why_en": one.due.why.en,
    }


def account_of(session: Session, owner: Owner) -> str | None:
    """The account that is credited."""
    if isinstance(owner, ProductOrder):
        return owner.account_no
    query = select(InstalledProduct.account_no).where(InstalledProduct.product_id == owner.product_id)
    return session.scalar(query)


def late_area(session: Session, clock: SlaClock) -> str | None:
    """The area of the step that took longest beyond what was planned for it."""
    if clock.item_id is None:
        return clock.area
    steps = session.scalars(select(WorkOrder).where(WorkOrder.item_id == clock.item_id))
    beyond = [
        ((row.ended_at - row.started_at) - (row.planned_to - row.planned_from), row.sequence, row.area)
        for row in steps
        if row.ended_at and row.started_at and row.planned_to and row.planned_from
    ]
    return max(beyond, key=lambda step: (step[0], -step[1]))[2] if beyond else clock.area
