"""What other areas do by an order of their own: due before the promise it is part of, and heard of in time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE
from app.domain.teamwork.work_lifecycle import WorkOrderState
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.promises.rule_versions import RulesByVersion
from app.persistence.promises.sla_clocks import SlaClock
from app.services.promises import promise_view, sla_start, sla_steps, sla_sweep, sla_watch
from tests.persistence.orders import make_order

LINE = {"product": "leased_line_local", "offering": "ll-local-100m"}
SEGMENT = {"product": "leased_line_segment", "offering": None}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def order(session: Session, now: datetime) -> ProductOrder:
    """A line that is promised for Monday, 30 November, 18:00."""
    order = make_order(session, now, items=[LINE])
    (clock,) = sla_start.start_clock(session, order, now)
    assert clock.due_at == local("2026-11-30T18:00")
    return order


def part_of(session: Session, order: ProductOrder, at: datetime) -> SlaClock:
    """The clock of an end of a line that is built since then."""
    end = WorkOrder(
        order_id=order.id, item_id=order.items[0].id, element_id="install_a_end", type="install_a_end",
        kind="automatic", name_zh="A 端施工", name_en="Install the A end", area="SH-SH",
    )  # fmt: skip
    session.add(end)
    end.moved_to(WorkOrderState.IN_PROGRESS, at)
    session.flush()
    (clock,) = sla_steps.start_steps(session, at + timedelta(minutes=5))
    return clock


def clocks(session: Session, order: ProductOrder) -> dict[str, SlaClock]:
    return {clock.kind: clock for clock in session.scalars(select(SlaClock).where(SlaClock.order_id == order.id))}


def test_a_part_is_due_when_a_fifth_of_the_promise_is_left(session: Session, order: ProductOrder) -> None:
    at = local("2026-11-24T09:05")
    part = part_of(session, order, local("2026-11-24T09:00"))
    promise = clocks(session, order)["promise"]
    left = promise.due_at - part.due_at
    assert abs(left / (promise.due_at - promise.started_at) - 0.2) < 1e-5
    assert (part.policy, part.ladder) == ("suborder:install_a_end", "standard")
    why = promise_view.explained(part, RulesByVersion(session, at), at)
    assert why.recounted == part.due_at
    assert "80%" in why.sentence.zh and "80 %" in why.sentence.en


def test_when_a_part_is_nearly_late_its_promise_is_warned_of_once(session: Session, now: datetime) -> None:
    order = make_order(session, now)  # 9 h 55 min until 20:00
    sla_start.start_clock(session, order, now)
    part = part_of(session, order, now)
    promise = clocks(session, order)["promise"]
    assert part.due_at == local("2026-11-23T18:01")
    seen: list[tuple[str, int, str]] = []
    for moment in ("17:13", "17:14", "17:30", "17:32", "18:02"):
        alerts = sla_sweep.sweep(session, local(f"2026-11-23T{moment}")).alerts
        seen += [(moment, alert.level, alert.cause) for alert in alerts if alert.clock is promise and alert.level]
    assert seen == [
        ("17:14", 1, "suborder")
    ]  # at 17:31 three quarters of the promise are used, which is the same level
    (warning,) = [alert for alert in promise.alerts if alert.level == 1]
    assert "子订单" in warning.message_zh and "sub-order" in warning.message_en
    assert warning.sent and {notice.told for notice in warning.notices} == {"holder"}


def test_a_part_that_is_done_in_time_warns_nobody(session: Session, order: ProductOrder) -> None:
    part = part_of(session, order, local("2026-11-24T09:00"))
    end = session.scalars(select(WorkOrder).where(WorkOrder.order_id == order.id)).one()
    end.moved_to(WorkOrderState.COMPLETED, local("2026-11-25T09:00"))
    session.flush()
    alerts = sla_sweep.sweep(session, part.due_at).alerts
    assert [alert.cause for alert in alerts if alert.cause == "suborder"] == []


def test_what_comes_from_elsewhere_is_promised_for_when_it_is_wanted(session: Session, now: datetime) -> None:
    wanted = local("2026-11-27T12:34")
    order = make_order(session, now, items=[SEGMENT], requested_completion_date=wanted)
    (clock,) = sla_start.start_clock(session, order, now)
    assert (clock.policy, clock.due_at, order.promised_at) == ("segment-work", wanted, wanted)
    sla_watch.pause(session, order, "customer-defer", "call 9", "front", local("2026-11-25T09:00"))
    sla_watch.resume(session, order, "front", local("2026-11-25T11:00"))
    assert clock.due_at > wanted
    asked = local("2030-01-01T09:00")
    clock.stopped_at = local("2026-11-27T09:00")
    assert promise_view.explained(clock, RulesByVersion(session, asked), asked).recounted == clock.due_at


@pytest.mark.parametrize("wanted", [None, "2026-11-20T09:00"])
def test_what_is_wanted_for_no_day_or_a_past_one_gets_the_usual_promise(
    session: Session, now: datetime, wanted: str | None
) -> None:
    asked = local(wanted) if wanted else None
    order = make_order(session, now, items=[SEGMENT], requested_completion_date=asked)
    (clock,) = sla_start.start_clock(session, order, now)
    assert clock.due_at == local("2026-12-07T18:00")


def test_the_day_that_is_asked_for_promises_nothing_to_others(session: Session, now: datetime) -> None:
    order = make_order(session, now, items=[LINE], requested_completion_date=local("2026-11-24T12:00"))
    (clock,) = sla_start.start_clock(session, order, now)
    assert clock.due_at == local("2026-11-30T18:00")
