"""What is owed when a promise was broken: proposed when the clocks stop, counted again when a stop is judged later.

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
from app.domain.ordering.order_lifecycle import OrderState
from app.domain.promises.compensation import CompensationRule
from app.domain.promises.compensation_lifecycle import TO_COME_OFF, UNDECIDED, VOID, CompensationState
from app.domain.words import Words
from app.persistence.counter.customers import InstalledProduct
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.promises.compensations import Compensation
from app.persistence.promises.rule_versions import RulesByVersion
from app.persistence.promises.sla_clocks import SlaClock
from app.services.promises.sla_clock_rows import MEASURED, OUTWARD, Owner, rules_of
from app.services.promises.sla_overruns import Counted, counted

NOTHING: Final = Decimal("0.00")
#: An order that was never delivered has no overrun that anybody is paid for.
UNDELIVERED: Final = frozenset({OrderState.CANCELLED, OrderState.REJECTED, OrderState.FAILED})
#: What was decided on; an amount that was refused is not proposed again.
DECIDED: Final = frozenset(CompensationState) - UNDECIDED - (VOID - {CompensationState.REFUSED})


def is_late(clocks: Sequence[SlaClock]) -> bool:
    """Whether a promise to somebody outside was broken, in time or by what was measured; the database is not asked."""
    outward = (clock for clock in clocks if clock.kind in OUTWARD)
    return any(
        clock.stopped_at is not None and (clock.stopped_at > clock.due_at or MEASURED in clock.explanation)
        for clock in outward
    )


def assess(session: Session, owner: Owner, clocks: Sequence[SlaClock], now: datetime) -> list[Compensation]:
    """Bring what is proposed to what is owed by the clocks as they stand; returns the rows that changed.

    Of each group the highest amount counts, once for the order or ticket. What nobody outside knows of yet is changed;
    beyond what was decided only the difference is proposed. What is on the bill and was too much is to come off it as
    soon as somebody agrees.
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
    changed = _lowered(owner, owed, rows, now)
    open_row = next((row for row in rows if row.state in UNDECIDED), None)
    more = owed - sum((row.amount for row in rows if row.state in DECIDED), NOTHING)
    if open_row is not None and (best is None or open_row.amount != more):
        changed.append(_withdraw(owner, open_row, now))
        open_row = None
    if best is None or more <= NOTHING or open_row is not None:
        return changed
    row = _propose(session, owner, group, best, found, more, len(rows) + 1, now)
    rows_text = f"{row.amount_cny} CNY"
    words = Words(f"赔付建议 {rows_text}：{best.due.why.zh}", f"compensation proposed, {rows_text}: {best.due.why.en}")
    owner.record("compensation", words, ENGINE, now, detail={"compensation_id": row.id, "rule": row.rule})
    return [*changed, row]


def _lowered(owner: Owner, owed: Decimal, rows: list[Compensation], now: datetime) -> list[Compensation]:
    """Take back what goes beyond what is owed, the newest first: what is not on its way yet is withdrawn, what is on
    the bill waits for somebody to agree. What no longer goes beyond it stays on the bill."""
    changed = []
    for row in rows:
        if row.state in TO_COME_OFF:
            row.move_to(CompensationState.CREDITED, now)
            changed.append(row)
    stays = [row for row in rows if row.state in DECIDED and row.state != CompensationState.REFUSED]
    paid = sum((row.amount for row in stays), NOTHING)
    for row in reversed(stays):
        if paid <= owed:
            break
        if row.state == CompensationState.APPROVED:
            changed.append(_withdraw(owner, row, now))
        elif row.state == CompensationState.CREDITED and row.kept_by is None:
            row.move_to(CompensationState.TAKE_BACK, now)
            changed.append(row)
            words = Words(
                f"已入帐的赔付 {row.amount_cny} 元多于应付 {owed:.2f} 元，待同意冲正",
                f"{row.amount_cny} CNY is on the bill and {owed:.2f} CNY is owed: it is to be taken back",
            )
            owner.record("compensation", words, ENGINE, now, detail={"compensation_id": row.id})
        else:
            continue  # on its way: judged again once it is on the bill
        paid -= row.amount
    return changed


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
