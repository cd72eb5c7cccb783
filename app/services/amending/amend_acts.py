"""Carrying an amendment out: the new data is written, and the plans begin anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.amending.amendments import AmendmentState
from app.domain.ordering.order_context import item_data
from app.domain.words import Words
from app.errors import Conflict
from app.persistence.amending.amendments import Amendment
from app.persistence.ordering.orders import ProductOrder
from app.services.amending import amend_rows
from app.services.amending.amend_items import AmendedItem
from app.services.amending.amend_previews import ItemPreview, Preview
from app.services.ordering.plans import Planner
from app.services.promises import sla_watch
from app.services.promises.sla_start import start_clock
from processes.errors import CannotMove, InstanceNotRunning
from processes.recorded import bare
from processes.repairs import Why
from processes.store.instances import ProcessInstance

CONFIRMED: Final = Words("变更已确认", "the amendment is confirmed")


def carry_out(session: Session, row: Amendment, shown: Preview, who: str, deps: Deps, now: datetime) -> None:
    """Write the new data, and begin the plans anew.

    :raises Conflict: it cannot be done any more.
    """
    order, why = shown.order, Why(actor=who, reason=row.reason or CONFIRMED.en)
    if shown.refused is not None:
        raise Conflict(shown.refused.en, shown.refused.zh)
    waits = []
    for one in shown.items:
        amend_rows.write_item(session, one.one)
        if one.assessment.new_promise and one.one.item.promised_at is not None:
            _promise_anew(session, order, one, who, now)
    if any(one.plan is None for one in shown.items):
        _restart(session, order, shown, why, deps, now)
    else:
        for one in shown.items:
            waits += _renew(session, order, one, why, deps, now)
    row.waits_for = waits
    row.move_to(AmendmentState.IN_PROGRESS if waits else AmendmentState.DONE, CONFIRMED, who, now)
    session.flush()


def _restart(session: Session, order: ProductOrder, shown: Preview, why: Why, deps: Deps, now: datetime) -> None:
    """Before the order is split nothing has been brought about: its process begins again with the new data."""
    root = session.get_one(ProcessInstance, str(order.process_instance_id), populate_existing=True)
    from_item = {one.one.item.item_no: one.one for one in shown.items}
    items = [_before_split(row, from_item.get(str(row["id"]))) for row in root.inputs["items"]]
    data = {
        **root.inputs,
        "order": {**root.inputs["order"], "first_bill_cny": f"{shown.first_bill_cny:.2f}"},
        "items": items,
        "new_items": [row for row in items if row["action"] == "add"],
    }
    session.flush()
    try:
        fresh = deps.engine.begin_again(session, root.id, data, why=why, now=now)
    except (InstanceNotRunning, CannotMove) as refusal:
        raise Conflict(str(refusal), "订单现在不能变更") from None
    order.process_instance_id = fresh.id


def _before_split(row: Mapping[str, Any], one: AmendedItem | None) -> dict[str, Any]:
    return dict(row) if one is None else item_data(one.normal, str(row["access_product_id"]))


def _renew(session: Session, order: ProductOrder, one: ItemPreview, why: Why, deps: Deps, now: datetime) -> list[str]:
    """Begin the plan of one item anew; returns the id of the renewal if it is not through at once."""
    assert one.plan is not None and one.context is not None and one.plan_id is not None  # noqa: S101 - not before the split
    item = one.one.item
    item.plan = one.plan.process_key
    amend_rows.write_services(session, order, one.one, one.needed)
    amend_rows.loosen_steps(session, one.one)
    reached = {bare(step.path).partition("/")[0] for step in one.plan.steps}
    left = {bare(one.plan.records[place].path).partition("/")[0] for place in one.plan.dropped} - reached
    planner = Planner.of(session, deps.engine, now)
    amend_rows.plan_steps(session, order, one.one, planner, dict(one.plan.inputs), left, now)
    session.flush()
    try:
        renewal, _ = deps.engine.renew(session, one.plan_id, {"item": one.context}, why=why, now=now)
    except (InstanceNotRunning, CannotMove) as refusal:
        raise Conflict(str(refusal), "订单现在不能变更") from None
    session.flush()
    return [] if renewal.child_id is not None else [renewal.id]


def _promise_anew(session: Session, order: ProductOrder, one: ItemPreview, who: str, now: datetime) -> None:
    """The clocks of the item are stopped, and new ones start with the amendment."""
    sla_watch.stop(session, order, who, now, item_id=one.one.item.id)
    one.one.item.promised_at = None
    session.flush()
    start_clock(session, order, now)
