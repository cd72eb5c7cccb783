"""Stops that somebody has to agree to, stops that were false, and what then is owed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import OrderState
from app.domain.promises.calendar import ZONE
from app.domain.promises.compensation_lifecycle import CompensationState
from app.errors import Conflict, Forbidden
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.compensations import Compensation
from app.persistence.promises.sla_clocks import SlaClock, SlaPause
from app.services.promises import (
    compensation,
    compensation_desk,
    sla_clock_rows,
    sla_start,
    sla_stops,
    sla_sweep,
    sla_watch,
)
from tests.persistence.orders import make_order

PRICES = [
    {"code": "p1", "kind": "recurring", "amount_cny": "149.00"},
    {"code": "p2", "kind": "one_off", "amount_cny": "3000.00"},
]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def promise(session: Session, order: ProductOrder) -> SlaClock:
    query = select(SlaClock).where(SlaClock.order_id == order.id, SlaClock.kind == "promise")
    return session.scalars(query).one()


def asked(session: Session, order: ProductOrder, at: datetime) -> Sequence[SlaPause]:
    sla_watch.pause(session, order, "customer-absent", "photo, two calls", "field", at, role="field")
    return promise(session, order).pauses


def started(session: Session, now: datetime, **item: object) -> ProductOrder:
    order = make_order(session, now, items=[{"prices": PRICES, **item}])
    sla_start.start_clock(session, order, now)
    order.move_to(OrderState.IN_PROGRESS, "work", "system", now)
    return order


def finished(session: Session, order: ProductOrder, at: datetime) -> list[Compensation]:
    sla_sweep.sweep(session, at)
    order.move_to(OrderState.COMPLETED, "done", "system", at)
    sla_watch.stop(session, order, "system", at)
    return owed(session, order)


def owed(session: Session, order: ProductOrder) -> list[Compensation]:
    query = select(Compensation).where(Compensation.order_id == order.id).order_by(Compensation.nth)
    return list(session.scalars(query))


def test_a_clock_runs_until_its_stop_is_agreed_to_and_then_has_stood(session: Session, now: datetime) -> None:
    order = started(session, now)
    spells = asked(session, order, local("2026-11-23T12:00"))
    clock = promise(session, order)
    assert (clock.state, spells[0].state) == ("running", "asked")
    assert [alert.percent for alert in sla_sweep.sweep(session, local("2026-11-23T15:03")).alerts] == [50]
    later = local("2026-11-23T15:30")
    sla_stops.decided(session, order, spells, "photo is fine", "sh.lead", later, agree=True, role="team_leader")
    assert (clock.state, spells[0].state, spells[0].decided_by) == ("paused", "in_force", "sh.lead")
    assert clock.alerts[0].fallen_at == later  # at noon it had used less than half
    sla_watch.resume(session, order, "front", local("2026-11-23T17:00"))
    assert order.promised_at == local("2026-11-24T01:00")
    (again,) = sla_sweep.sweep(session, local("2026-11-23T20:03")).alerts
    assert (again.percent, again.nth, again.sent) == (50, 2, True)


def test_a_stop_that_is_refused_never_counted(session: Session, now: datetime) -> None:
    order = started(session, now)
    spells = asked(session, order, local("2026-11-23T12:00"))
    later = local("2026-11-23T13:00")
    sla_stops.decided(session, order, spells, "no photo", "sh.lead", later, agree=False, role="team_leader")
    assert (promise(session, order).due_at, spells[0].state) == (local("2026-11-23T20:00"), "refused")
    with pytest.raises(Conflict):
        sla_stops.decided(session, order, spells, "", "sh.lead", later, agree=True, role="team_leader")


def test_who_may_say_so(session: Session, now: datetime) -> None:
    order = started(session, now)
    with pytest.raises(Forbidden, match="field"):
        sla_watch.pause(session, order, "customer-absent", "two calls", "front", now, role="front_desk")
    spells = asked(session, order, now)
    with pytest.raises(Forbidden, match="team_leader"):
        sla_stops.decided(session, order, spells, "", "back", now, agree=True, role="back_office")
    with pytest.raises(Forbidden, match="his own"):
        sla_stops.decided(session, order, spells, "", "field", now, agree=True, role="team_leader")


def test_what_comes_again_too_soon_is_written_down_and_not_told(session: Session, now: datetime) -> None:
    order = started(session, now)
    sla_watch.pause(session, order, "customer-defer", "call 9", "front", local("2026-11-23T15:00"))
    sla_watch.resume(session, order, "front", local("2026-11-23T16:00"))
    clock = promise(session, order)
    assert [alert.percent for alert in sla_sweep.sweep(session, local("2026-11-23T18:32")).alerts][-1] == 75
    spells = clock.pauses
    sla_stops.revoked(session, order, spells, "nobody called", "ops2", local("2026-11-23T18:40"))
    told = [alert for alert in sla_sweep.sweep(session, local("2026-11-23T19:05")).alerts if alert.clock is clock]
    assert [(alert.percent, alert.sent) for alert in told] == [(90, True)]
    assert {notice.login for notice in told[0].notices} == {"sh.lead", "sh.manager", "sh.am"}


def test_a_false_stop_is_taken_back_and_what_is_owed_is_counted_again(session: Session, now: datetime) -> None:
    order = started(session, now)
    sla_watch.pause(session, order, "customer-defer", "call 9", "front", local("2026-11-23T12:00"))
    sla_watch.resume(session, order, "front", local("2026-11-24T12:00"))
    assert finished(session, order, local("2026-11-24T19:00")) == []  # promised for 20:00, a day later
    spells = promise(session, order).pauses
    sla_stops.revoked(session, order, spells, "the customer never called", "ops2", local("2026-11-25T09:00"))
    (row,) = owed(session, order)
    assert (row.rule, row.amount_cny, row.state) == ("late-install-home", "20.00", "approved")
    assert row.payout_due_at == local("2026-12-24T19:00")
    assert row.basis[0]["late_s"] == 23 * 3600


def late_by_a_stop_that_waits(session: Session, now: datetime) -> tuple[ProductOrder, Sequence[SlaPause], Compensation]:
    """An order that ended late, unless a stop that nobody has decided on yet is agreed to."""
    order = started(session, now)
    spells = asked(session, order, local("2026-11-23T12:00"))
    sla_watch.resume(session, order, "front", local("2026-11-24T12:00"))
    (row,) = finished(session, order, local("2026-11-24T19:00"))
    assert (row.amount_cny, row.state) == ("20.00", "approved")
    return order, spells, row


def agreed_late(session: Session, order: ProductOrder, spells: Sequence[SlaPause]) -> None:
    at = local("2026-11-25T09:00")
    sla_stops.decided(session, order, spells, "photo is fine", "sh.lead", at, agree=True, role="team_leader")


def on_the_bill(row: Compensation, at: datetime) -> None:
    row.move_to(CompensationState.POSTING, at)
    row.entry_no = "E1"
    row.move_to(CompensationState.CREDITED, at)


def test_what_is_not_on_the_bill_yet_is_withdrawn_when_nothing_is_owed_after_all(
    session: Session, now: datetime
) -> None:
    order, spells, _row = late_by_a_stop_that_waits(session, now)
    agreed_late(session, order, spells)
    assert [one.state for one in owed(session, order)] == ["withdrawn"]


def test_what_is_on_the_bill_and_was_too_much_comes_off_when_somebody_agrees(session: Session, now: datetime) -> None:
    order, spells, row = late_by_a_stop_that_waits(session, now)
    on_the_bill(row, now)
    agreed_late(session, order, spells)
    assert row.state == "takeBack"
    sla_stops.revoked(session, order, spells, "false after all", "ops2", local("2026-11-25T10:00"))
    assert row.state == "credited"  # it is owed after all
    assert [one.id for one in owed(session, order)] == [row.id]


def test_somebody_may_leave_on_the_bill_what_was_too_much(session: Session, now: datetime) -> None:
    order, spells, row = late_by_a_stop_that_waits(session, now)
    on_the_bill(row, now)
    agreed_late(session, order, spells)
    later = local("2026-11-25T11:00")
    compensation_desk.decided(session, row, "a good customer", "sla.approver", later, agree=False)
    assert (row.state, row.kept_by) == ("credited", "sla.approver")
    compensation.assess(session, order, [promise(session, order)], later)
    assert row.state == "credited"  # nobody is asked again


def test_a_stop_of_the_customer_that_is_agreed_to_late_lowers_what_is_owed(session: Session, now: datetime) -> None:
    order = started(session, now)
    spells = asked(session, order, local("2026-11-23T12:00"))
    sla_watch.resume(session, order, "front", local("2026-11-25T12:00"))
    (high,) = finished(session, order, local("2026-12-20T18:30"))  # 6 days by the regulations, 3,000 CNY of fee
    assert (high.rule, high.amount_cny) == ("regulation-late-install", "180.00")
    compensation_desk.decided(session, high, "", "sla.approver", now, agree=True)
    on_the_bill(high, now)
    at = local("2026-12-21T09:00")
    sla_stops.decided(session, order, spells, "photo is fine", "sh.lead", at, agree=True, role="team_leader")
    assert high.state == "takeBack"
    compensation_desk.decided(session, high, "", "sla.approver", at, agree=True)
    assert high.state == "toReverse"
    high.move_to(CompensationState.REVERSING, at)
    high.move_to(CompensationState.REVERSED, at)
    compensation.assess(session, order, sla_clock_rows.clocks_of(session, order, None), at)
    rows = owed(session, order)
    assert [(row.amount_cny, row.state) for row in rows] == [("180.00", "reversed"), ("120.00", "proposed")]
    assert compensation_desk.owed_in_all(rows) == Decimal("120.00")


def test_of_a_group_the_highest_is_owed_once(session: Session, now: datetime) -> None:
    order = started(session, now)
    rows = finished(session, order, local("2026-12-15T18:30"))  # 16 working days end at 18:00
    (row,) = rows
    assert {line["rule"]: line["amount_cny"] for line in row.basis} == {
        "late-install-home": "20.00",
        "regulation-late-install": "30.00",
    }
    assert (row.rule, row.amount_cny, row.charged_area) == ("regulation-late-install", "30.00", "SH-SH")


def test_a_large_amount_wants_two_people(session: Session, now: datetime) -> None:
    line = {"product": "leased_line_local", "offering": "ll-local-100m", "characteristics": {"service_grade": "AA"}}
    prices = [{"code": "p1", "kind": "recurring", "amount_cny": "40000.00"}]
    order = started(session, now, **line, prices=prices)
    (row,) = finished(session, order, local("2026-12-09T10:00"))  # promised for 30 November
    assert (row.amount_cny, row.state) == ("5600.00", "proposed")
    compensation_desk.decided(session, row, "", "sla.approver", now, agree=True)
    assert row.state == "secondWanted"
    with pytest.raises(Forbidden):
        compensation_desk.decided(session, row, "", "sla.approver", now, agree=True)
    compensation_desk.decided(session, row, "", "ops2", now, agree=True)
    assert (row.state, row.decided_by, row.second_by) == ("approved", "sla.approver", "ops2")


def test_nobody_is_paid_for_an_order_that_was_cancelled(session: Session, now: datetime) -> None:
    order = started(session, now)
    order.move_to(OrderState.ASSESSING_CANCELLATION, "no more", "front", now)
    order.move_to(OrderState.PENDING_CANCELLATION, "no more", "front", now)
    order.move_to(OrderState.CANCELLED, "no more", "front", now)
    sla_watch.stop(session, order, "system", now + timedelta(days=9))
    assert owed(session, order) == []


def test_the_billing_desk_hears_of_a_payout_deadline_once(session: Session, now: datetime) -> None:
    order = started(session, now)
    (row,) = finished(session, order, local("2026-11-24T19:00"))
    near = row.payout_due_at - timedelta(days=4)
    assert compensation_desk.tell_deadlines(session, near - timedelta(days=2)) == []
    (item,) = compensation_desk.tell_deadlines(session, near)
    assert (item.team_role, item.context["compensation_id"]) == ("billing_desk", row.id)
    assert compensation_desk.tell_deadlines(session, near) == []
