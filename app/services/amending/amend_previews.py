"""What an amendment would mean for an order: per item what stays, is changed, undone and done, price and promise."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.domain.amending.amendments import OPEN, Assessment, Passed, assess
from app.domain.ordering.order_lifecycle import CANCEL_STARTS_FROM, FINAL, OrderState
from app.domain.words import Words
from app.errors import Conflict
from app.persistence.amending.amendments import Amendment
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_books import rule_book
from app.services.amending.amend_items import AmendedItem, ItemChange, context_after, judged, plan_of
from app.services.promises.sla_start import case_of, known_of, quote_promise
from processes.errors import CannotMove, InstanceNotRunning
from processes.renewal_plans import RenewalPlan
from processes.store.instances import ProcessInstance


@dataclass(frozen=True, kw_only=True)
class ItemPreview:
    """What an amendment means for one item. ``plan`` is none before the order is split: then only data is replaced."""

    one: AmendedItem
    assessment: Assessment
    context: Mapping[str, Any] | None = None
    needed: Sequence[Any] = ()
    plan: RenewalPlan | None = None
    plan_id: str | None = None
    promised_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an amendment would do. ``digest`` names it: only what was shown can be confirmed."""

    order: ProductOrder
    items: tuple[ItemPreview, ...]
    first_bill_cny: Decimal
    digest: str
    fee_cny: Decimal = Decimal("0.00")

    @property
    def needs_approval(self) -> bool:
        """Whether a second person has to agree."""
        return any(one.assessment.needs_approval for one in self.items)

    @property
    def refused(self) -> Words | None:
        """Why it cannot be done now."""
        return next((one.assessment.refused for one in self.items if one.assessment.refused is not None), None)


def require_amendable(session: Session, order: ProductOrder, but: Amendment | None) -> None:
    state = OrderState(order.state)
    if state in FINAL:
        raise Conflict(f"the order has ended ({state})", "订单已经结束，不能变更")
    if state not in CANCEL_STARTS_FROM:
        raise Conflict("the order is being cancelled", "订单正在撤单")
    mine = Amendment.order_id == order.id, Amendment.state.in_([one.value for one in OPEN])
    other = session.scalars(select(Amendment).where(*mine)).first()
    if other is not None and (but is None or other.id != but.id):
        raise Conflict(f"amendment {other.seq} is under way", f"第 {other.seq} 次变更正在处理")


def preview_of(
    session: Session,
    order: ProductOrder,
    changes: Sequence[ItemChange],
    actor: Actor,
    deps: Deps,
    verdicts: Mapping[str, str],
    now: datetime,
    but: Amendment | None = None,
) -> Preview:
    require_amendable(session, order, but)
    amended = judged(session, order, changes, actor, now)
    rules = rule_book(session, "changes").get("amend_rules", [])
    root = session.get_one(ProcessInstance, str(order.process_instance_id), populate_existing=True)
    items = tuple(
        _item_preview(session, order, one, root, deps, verdicts.get(one.item.item_no), rules, now)
        for one in amended.items
    )
    plans = [one.plan.digest if one.plan is not None else root.version for one in items]
    facts = [order.id, [change.as_data() for change in changes], plans, dict(verdicts)]
    return Preview(
        order=order,
        items=items,
        first_bill_cny=amended.judgement.first_bill_cny,
        digest=hashlib.sha256(orjson.dumps(facts)).hexdigest()[:16],
        fee_cny=sum((one.assessment.fee_cny for one in items), Decimal("0.00")),
    )


def _item_preview(
    session: Session,
    order: ProductOrder,
    one: AmendedItem,
    root: ProcessInstance,
    deps: Deps,
    verdict: str | None,
    rules: Sequence[Mapping[str, Any]],
    now: datetime,
) -> ItemPreview:
    item = one.item
    if OrderState(item.state) in FINAL:
        raise Conflict(f"item {item.item_no} has ended", f"第 {item.item_no} 项已经结束，不能变更")
    if item.plan is None:
        assessment = assess(item.product, one.kinds, Passed(), rules)
        return ItemPreview(one=one, assessment=assessment, promised_at=_promise(session, order, one, assessment, now))
    plan = plan_of(session, order, item)
    if plan is None:
        raise Conflict(f"item {item.item_no} has no plan that runs", f"第 {item.item_no} 项没有进行中的计划")
    context, needed = context_after(session, deps.engine, order, one, plan, root, verdict=verdict, now=now)
    try:
        renewal = deps.engine.plan_renewal(session, plan.id, {"item": context}, now=now)
    except (InstanceNotRunning, CannotMove) as refusal:
        raise Conflict(str(refusal), "订单现在不能变更") from None
    passed = Passed(
        point=renewal.passed,
        redone=renewal.points,
        final=[renewal.records[place].path for place in renewal.final],
    )
    assessment = assess(item.product, one.kinds, passed, rules)
    return ItemPreview(
        one=one,
        assessment=assessment,
        context=context,
        needed=needed,
        plan=renewal,
        plan_id=plan.id,
        promised_at=_promise(session, order, one, assessment, now),
    )


def _promise(
    session: Session, order: ProductOrder, one: AmendedItem, assessment: Assessment, now: datetime
) -> datetime | None:
    """When it would be promised: as it is, or anew from now where the rules say so."""
    if not assessment.new_promise or one.item.promised_at is None:
        return one.item.promised_at
    found = quote_promise(session, case_of(known_of(session, order), one.item), area=order.area, at=now)
    return next((promise.due_at for promise in found if promise.kind == "promise"), one.item.promised_at)
