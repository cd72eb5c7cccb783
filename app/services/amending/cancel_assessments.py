"""What cancelling an order would undo and cost, who has to agree, and whether it is too late: a look, and as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.amending.cancel_assessment import NAMES, CancelAssessment, ItemFacts, assess_cancel
from app.domain.ordering.order_lifecycle import CANCEL_STARTS_FROM, FINAL, OrderState
from app.domain.words import Words
from app.errors import Conflict
from app.persistence.areas import area_path
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_books import rule_book
from app.unit_of_work import read
from processes import queries
from processes.by_people import PEOPLE
from processes.cancel_plans import CancelPlan, UndoLine, cancel_plan
from processes.errors import InstanceNotRunning
from processes.store.definitions import ProcessDefinition

#: What only holds the order up and is not worth telling.
TOLD: Final = frozenset({"user", "message", "timer", "incident"})


@dataclass(frozen=True)
class CancelPreview:
    """One look. ``plan``: what the engine would do; none before there is a process. ``by_people``: names of the
    processes by which people undo what people did."""

    assessment: CancelAssessment
    plan: CancelPlan | None
    by_people: Mapping[str, Words] = field(default_factory=dict)


def look(order_id: str, actor: Actor, deps: Deps) -> dict[str, Any]:
    """What cancelling the order now would mean; nothing is changed.

    :raises NotFound: no such order in the caller's area.
    :raises Conflict: it has ended, or is being cancelled already.
    """
    with read(deps.read_sessions) as session:
        order = get_order(session, actor, order_id, parts=("items",))
        may(actor, "order.cancel", area_path=area_path(session, order.area))
        require_cancellable(order)
        return as_data(preview_of(session, order), deps)


def require_cancellable(order: ProductOrder) -> None:
    """:raises Conflict: it has ended, or is being cancelled already."""
    state = OrderState(order.state)
    if state in FINAL:
        raise Conflict(f"the order has ended ({state})", "订单已经结束，不能撤单")
    if state not in CANCEL_STARTS_FROM:
        raise Conflict("a cancel is on its way already", "撤单已在处理中")


def preview_of(session: Session, order: ProductOrder) -> CancelPreview:
    """What a cancel would mean for an order. :raises Conflict: its process has ended."""
    root = order.process_instance_id
    try:
        plan = cancel_plan(session, root) if root is not None else None
    except InstanceNotRunning as refusal:
        raise Conflict(str(refusal), "订单的流程已不在运行") from None
    points = queries.points_by_business_key(session, root) if root is not None else {}
    items = [
        ItemFacts(
            item_no=item.item_no,
            product=item.product,
            order_type=item.order_type,
            # What was passed outside of the plans of the items was passed for all of them.
            point=_harder(points.get(item.business_key), points.get(order.business_key)),
        )
        for item in order.items
    ]
    phases = rule_book(session, "changes").get("cancel_phases", [])
    in_force = {line.operation for line in (*plan.undo, *plan.stays)} if plan is not None else set()
    return CancelPreview(assess_cancel(items, in_force, phases), plan, _by_people(session, plan))


def _by_people(session: Session, plan: CancelPlan | None) -> dict[str, Words]:
    keys = {line.undo_operation for line in plan.undo if line.adapter == PEOPLE} if plan is not None else set()
    if not keys:
        return {}
    known = ProcessDefinition
    rows = session.execute(
        select(known.key, known.name, known.name_en).where(known.key.in_(keys)).order_by(known.version)
    )
    return {row.key: Words(row.name, row.name_en or row.name) for row in rows}


def _harder(one: str | None, other: str | None) -> str | None:
    return next((point for point in ("hard", "soft") if point in (one, other)), None)


def as_data(shown: CancelPreview, deps: Deps) -> dict[str, Any]:
    """The look as people and programs get it, and as it is kept with the request."""
    found, plan = shown.assessment, shown.plan
    name = NAMES[found.phase]
    return {
        "phase": str(found.phase),
        "phase_zh": name.zh,
        "phase_en": name.en,
        "refused": None if found.refused is None else {"zh": found.refused.zh, "en": found.refused.en},
        "offer": found.offer,
        "approver": found.approver,
        "fee_cny": f"{found.fee_cny:.2f}",
        "notes": [{"zh": words.zh, "en": words.en} for words in found.notes],
        "outstanding": [] if plan is None else list(plan.outstanding),
        "undo": [] if plan is None else _lines(plan.undo, shown, deps),
        "stays": [] if plan is None else _lines(plan.stays, shown, deps),
        "ends": [] if plan is None else [
            {"kind": wait.kind, "element_id": wait.element_id, "process_key": wait.process_key, "what": wait.what}
            for wait in plan.ends
            if wait.kind in TOLD
        ],
        "digest": "" if plan is None else plan.digest,
    }  # fmt: skip


def terms_of(data: Mapping[str, Any]) -> str:
    """What a person agrees to who asks for a cancel: how far the order is, who has to agree, and the fee.

    :param data: a look as data, see :func:`as_data`.
    """
    return f"{data['phase']}/{data['approver']}/{data['fee_cny']}"


def _lines(lines: Sequence[UndoLine], shown: CancelPreview, deps: Deps) -> list[dict[str, Any]]:
    return [
        {
            "seq": line.seq,
            "process_key": line.process_key,
            "element_id": line.element_id,
            "operation": line.operation,
            "undo_operation": line.undo_operation or "",
            **_names(line.undo_operation or line.operation, shown, deps),
        }
        for line in lines
    ]


def _names(code: str, shown: CancelPreview, deps: Deps) -> dict[str, str]:
    if (name := shown.by_people.get(code)) is not None:
        return {"name_zh": name.zh, "name_en": name.en}
    if code not in deps.registry:
        return {"name_zh": code, "name_en": code}
    known = deps.registry.get(code)
    return {"name_zh": known.name_zh, "name_en": known.name_en}
