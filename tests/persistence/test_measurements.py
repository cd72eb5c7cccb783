"""Missed visits, slow lines and months with faults, and what is owed for them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import OrderState
from app.domain.promises.calendar import ZONE
from app.domain.promises.measurements import Kind
from app.domain.promises.ticket_lifecycle import TicketState
from app.errors import Conflict, InvalidInput
from app.persistence.counter.customers import InstalledProduct
from app.persistence.numbers import next_number
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.compensations import Compensation
from app.persistence.promises.sla_measurements import SlaMeasurement
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.promises import sla_start, sla_watch
from app.services.promises.availability_watch import measure_last_month
from app.services.promises.measurements import SpeedTest, Visit, noted
from tests.persistence.orders import make_order

PRICES = [{"code": "p1", "kind": "recurring", "amount_cny": "149.00"}]
LATER = "2026-11-26T10:00"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def started(session: Session, now: datetime) -> ProductOrder:
    order = make_order(session, now, items=[{"prices": PRICES}])
    sla_start.start_clock(session, order, now)
    order.move_to(OrderState.IN_PROGRESS, "work", "system", now)
    return order


def finished(session: Session, order: ProductOrder, at: datetime) -> None:
    order.move_to(OrderState.COMPLETED, "done", "system", at)
    sla_watch.stop(session, order, "system", at)


def visit(until: str, arrived: str | None = None, **more: str) -> Visit:
    return Visit(promised_until=local(until), arrived_at=local(arrived) if arrived else None, evidence="photo", **more)


def note(session: Session, order: ProductOrder, found: Visit | SpeedTest, at: str = LATER) -> SlaMeasurement:
    return noted(session, order, order.items[0], found, "sh.lead", local(at))


def owed(session: Session, order: ProductOrder) -> list[tuple[str, str, str]]:
    query = select(Compensation).where(Compensation.order_id == order.id).order_by(Compensation.nth)
    return [(row.rule, row.amount_cny, row.state) for row in session.scalars(query)]


def test_missed_visits_are_owed_for_when_the_order_ends_in_time(session: Session, now: datetime) -> None:
    order = started(session, now)
    note(session, order, visit("2026-11-23T12:00"))
    note(session, order, visit("2026-11-23T14:00", "2026-11-23T14:20"))
    note(session, order, visit("2026-11-23T16:00", "2026-11-23T15:50"))  # kept
    note(session, order, visit("2026-11-23T17:00", exclusion="customer-told"))
    assert owed(session, order) == []
    finished(session, order, local("2026-11-23T18:00"))
    assert owed(session, order) == [("missed-visit", "40.00", "approved")]


def test_with_a_late_install_only_the_higher_is_owed(session: Session, now: datetime) -> None:
    order = started(session, now)
    for hour in (12, 14, 16, 18):
        note(session, order, visit(f"2026-11-23T{hour}:00"))
    finished(session, order, local("2026-11-24T18:00"))  # 20 CNY for being late, at most 60 for visits
    assert owed(session, order) == [("missed-visit", "60.00", "approved")]


def test_a_visit_written_down_after_the_end_is_owed_for_at_once(session: Session, now: datetime) -> None:
    order = started(session, now)
    finished(session, order, local("2026-11-24T18:00"))
    assert owed(session, order) == [("late-install-home", "20.00", "approved")]
    for hour in (12, 14):
        note(session, order, visit(f"2026-11-23T{hour}:00"))
    rows = owed(session, order)
    assert sum(Decimal(amount) for _, amount, state in rows if state != "withdrawn") == Decimal("40.00")


def test_a_line_that_is_too_slow_costs_each_thirty_days(session: Session, now: datetime) -> None:
    order = started(session, now)
    finished(session, order, local("2026-11-23T18:00"))
    note(session, order, SpeedTest(at=local("2026-11-23T17:30"), measured_mbps=Decimal("250"), evidence="test 1"))
    assert owed(session, order) == [("speed-below-90", "10.00", "approved")]
    good = SpeedTest(at=local("2026-12-01T09:00"), measured_mbps=Decimal("290"), evidence="test 2")
    assert note(session, order, good, "2026-12-01T10:00").broken is False
    again = SpeedTest(at=local("2026-12-28T09:00"), measured_mbps=Decimal("200"), evidence="test 3")
    note(session, order, again, "2026-12-28T10:00")
    assert [amount for _, amount, state in owed(session, order) if state != "withdrawn"] == ["10.00", "10.00"]


@pytest.mark.parametrize(
    ("found", "path"),
    [
        (visit("2026-11-27T12:00"), "promisedUntil"),
        (visit("2026-11-23T12:00", "2026-11-27T12:00"), "arrivedAt"),
        (visit("2026-11-23T12:00", exclusion="no-wish"), "exclusion"),
        (SpeedTest(at=local("2026-11-23T12:00"), measured_mbps=Decimal(-1), evidence="x1"), "measuredMbps"),
        (SpeedTest(at=local("2026-11-28T12:00"), measured_mbps=Decimal(1), evidence="x1"), "at"),
    ],
)
def test_what_cannot_have_been_is_refused(session: Session, now: datetime, found: Visit | SpeedTest, path: str) -> None:
    order = started(session, now)
    with pytest.raises(InvalidInput) as refused:
        note(session, order, found)
    assert [problem.path for problem in refused.value.details] == [path]
    assert session.scalars(select(SlaMeasurement)).all() == []


def test_the_same_is_written_down_once(session: Session, now: datetime) -> None:
    order = started(session, now)
    note(session, order, visit("2026-11-23T12:00"))
    with pytest.raises(Conflict):
        note(session, order, visit("2026-11-23T12:00"))


def fault(session: Session, product: InstalledProduct, opened: str, resolved: str | None) -> TroubleTicket:
    ticket = TroubleTicket(
        number=next_number(session, "T", local(opened)), product_id=product.product_id, product=product.product,
        customer_no=product.customer_no, area=product.area, opened_at=local(opened),
        resolved_at=local(resolved) if resolved else None, state=TicketState.RESOLVED,
    )  # fmt: skip
    session.add(ticket)
    session.flush()
    return ticket


def test_a_month_with_faults_is_counted_once_and_owed_for(session: Session) -> None:
    query = select(InstalledProduct).where(InstalledProduct.product == "leased_line_local")
    line = session.scalars(query.order_by(InstalledProduct.product_id)).first()
    home = session.scalars(select(InstalledProduct).where(InstalledProduct.product == "ftth_broadband")).first()
    assert line is not None and home is not None
    fault(session, line, "2026-10-30T00:00", "2026-11-01T03:00")
    fault(session, line, "2026-11-10T00:00", "2026-11-10T03:00")
    fault(session, line, "2026-12-01T00:00", "2026-12-02T00:00")
    fault(session, home, "2026-11-10T00:00", "2026-11-20T00:00")  # nothing is agreed for it
    (row,) = measure_last_month(session, local("2026-12-01T00:01"))
    assert (row.kind, row.product_id, row.measured, row.broken) == (Kind.AVAILABILITY, line.product_id, "99.1667", True)
    assert (row.from_at, row.to_at) == (local("2026-11-01T00:00"), local("2026-12-01T00:00"))
    owed = session.scalars(select(Compensation).where(Compensation.owner_id == row.id)).one()
    assert owed.rule == "availability-leased-line" and owed.account_no == line.account_no
    assert "99.1667" in owed.basis[0]["why_en"] and "10.0 %" in owed.basis[0]["why_en"]
    assert owed.amount > 0
    assert measure_last_month(session, local("2026-12-20T00:00")) == []
    (again,) = measure_last_month(session, local("2027-01-01T00:01"))
    assert again.measured == "96.7742"
