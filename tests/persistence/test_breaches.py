"""A broken promise stays open until its cause is named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import OrderState
from app.domain.promises.calendar import ZONE
from app.errors import Conflict, InvalidInput
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.sla_breaches import SlaBreach
from app.persistence.promises.sla_clocks import SlaClock
from app.services.promises import breaches, sla_start, sla_stops, sla_sweep, sla_watch
from tests.persistence.orders import make_order


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def order(session: Session, now: datetime) -> ProductOrder:
    """Promised for 20:00 of the same day."""
    order = make_order(session, now)
    sla_start.start_clock(session, order, now)
    order.move_to(OrderState.IN_PROGRESS, "work", "system", now)
    return order


def found(session: Session, order: ProductOrder) -> Sequence[SlaBreach]:
    session.flush()
    return session.scalars(select(SlaBreach).where(SlaBreach.order_id == order.id).order_by(SlaBreach.kind)).all()


def finished(session: Session, order: ProductOrder, at: datetime) -> None:
    order.move_to(OrderState.COMPLETED, "done", "system", at)
    sla_watch.stop(session, order, "system", at)


def test_it_opens_when_the_time_is_over_and_once(session: Session, order: ProductOrder) -> None:
    sla_sweep.sweep(session, local("2026-11-23T19:59"))
    assert found(session, order) == []
    sla_sweep.sweep(session, local("2026-11-23T20:01"))
    sla_sweep.sweep(session, local("2026-11-24T10:01"))
    finished(session, order, local("2026-11-24T11:00"))
    (row,) = found(session, order)
    assert (row.kind, row.state, row.due_at) == ("promise", "open", local("2026-11-23T20:00"))


def test_it_opens_too_where_nobody_looked_before_the_end(session: Session, order: ProductOrder) -> None:
    finished(session, order, local("2026-12-30T11:00"))
    assert [(row.kind, row.state) for row in found(session, order)] == [("promise", "open"), ("regulator", "open")]


def test_what_ends_in_time_opens_nothing(session: Session, order: ProductOrder) -> None:
    finished(session, order, local("2026-11-23T19:00"))
    assert found(session, order) == []


def test_it_closes_with_a_cause_of_the_list_and_not_without(session: Session, order: ProductOrder) -> None:
    finished(session, order, local("2026-11-24T11:00"))
    (row,) = found(session, order)
    at = local("2026-11-25T09:00")
    for wrong in ("", "bad-luck"):
        with pytest.raises(InvalidInput) as refused:
            breaches.closed(session, row, wrong, "", "ops2", at)
        assert refused.value.details[0].path == "cause"
    assert row.state == "open"
    done = breaches.closed(session, row, "staff-shortage", "two crews ill", "ops2", at)
    assert (row.state, row.cause, row.closed_by, done.number) == ("closed", "staff-shortage", "ops2", order.number)
    assert "人手不足" in str(order.events[-1].why_zh)
    with pytest.raises(Conflict):
        breaches.closed(session, row, "customer", "", "ops2", at)


def test_it_falls_when_a_stop_counts_after_all_and_opens_again_when_that_was_false(
    session: Session, order: ProductOrder
) -> None:
    sla_watch.pause(session, order, "customer-absent", "photo", "field", local("2026-11-23T12:00"), role="field")
    sla_watch.resume(session, order, "front", local("2026-11-24T12:00"))
    finished(session, order, local("2026-11-24T14:00"))
    (row,) = found(session, order)
    query = select(SlaClock).where(SlaClock.order_id == order.id, SlaClock.kind == "promise")
    spells = session.scalars(query).one().pauses
    at = local("2026-11-25T09:00")
    sla_stops.decided(session, order, spells, "", "sh.lead", at, agree=True, role="team_leader")
    assert row.state == "fallen"
    sla_stops.revoked(session, order, spells, "false", "ops2", at)
    assert row.state == "open"
