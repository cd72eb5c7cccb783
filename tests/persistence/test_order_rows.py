"""Rows that keep their own history, and numbers that are never given twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.domain.ordering.order_lifecycle import OrderState
from app.domain.promises.ticket_lifecycle import TicketState
from app.domain.teamwork.work_lifecycle import CancelState, WorkItemState, WorkOrderState
from app.domain.words import Words
from app.errors import IllegalTransition
from app.persistence.amending.cancels import CancelRequest
from app.persistence.numbers import next_number
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.teamwork.tickets import TroubleTicket
from processes.store.sessions import Sessions
from tests.persistence.orders import make_item, make_order

WHY = Words("开始处理", "work starts")


def test_a_move_writes_who_when_and_why(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    order.move_to(OrderState.IN_PROGRESS, WHY, "front", now)
    session.flush()
    (line,) = order.events
    assert (line.kind, line.from_state, line.to_state) == ("state", "acknowledged", "inProgress")
    assert (line.who, line.at, line.why_zh, line.why_en, line.area) == ("front", now, *WHY, "SH-SH")


def test_a_move_to_the_same_state_is_no_event(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    order.move_to(OrderState.ACKNOWLEDGED, WHY, "front", now)
    session.flush()
    assert order.events == []


def test_an_illegal_move_changes_nothing(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    with pytest.raises(IllegalTransition):
        order.move_to(OrderState.COMPLETED, WHY, "front", now)
    session.flush()
    assert (order.state, order.events) == ("acknowledged", [])


def test_a_denied_cancel_returns_to_where_it_was(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    order.move_to(OrderState.IN_PROGRESS, WHY, "system", now)
    order.move_to(OrderState.HELD, "no port", "system", now)
    order.move_to(OrderState.ASSESSING_CANCELLATION, "asked", "front", now)
    assert order.state_before_cancel == "held"
    with pytest.raises(IllegalTransition):
        order.move_to(OrderState.IN_PROGRESS, "denied", "system", now)
    order.move_to(OrderState.HELD, "denied", "system", now)
    assert (order.state, order.state_before_cancel) == ("held", None)


def test_the_end_of_an_order_is_dated(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    (item,) = order.items
    for row in (item, order):
        row.move_to(OrderState.IN_PROGRESS, WHY, "system", now)
        row.move_to(OrderState.COMPLETED, "done", "system", now)
    session.flush()
    assert order.is_final and item.is_final
    assert order.completed_at == item.completed_at == now
    assert [event.kind for event in order.events] == ["item_state", "item_state", "state", "state"]
    assert order.events[0].detail == {"item_no": "1"}


def test_steps_items_and_cancels_write_into_the_history_of_the_order(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    step = WorkOrder(
        order_id=order.id, element_id="reserve", type="reserve_resources", name_zh="资源预占", name_en="Reserve",
        kind="automatic", area="SH-SH",
    )  # fmt: skip
    cancel = CancelRequest(order_id=order.id, requested_by="front", at=now, area="SH-SH")
    item = make_item(session, now, order)
    session.add_all([step, cancel])
    session.flush()
    step.move_to(WorkOrderState.IN_PROGRESS, WHY, "system", now)
    step.move_to(WorkOrderState.COMPLETED, "done", "system", now)
    item.move_to(WorkItemState.CLAIMED, "mine", "field", now)
    item.move_to(WorkItemState.COMPLETED, "done", "field", now)
    cancel.move_to(CancelState.DONE, Words("已过不可撤销点", "too late"), "system", now)
    session.flush()
    assert [event.kind for event in order.events] == [
        "work_order_state", "work_order_state", "work_item_state", "work_item_state", "cancel_state",
    ]  # fmt: skip
    assert (step.started_at, step.ended_at) == (now, now)
    assert (item.completed_by, item.completed_at) == ("field", now)
    assert cancel.message == "已过不可撤销点"


def test_a_ticket_keeps_its_dates(session: Session, now: datetime) -> None:
    ticket = TroubleTicket(number="T-2611-000123", area="SH-SH", opened_at=now)
    session.add(ticket)
    for state in (TicketState.IN_PROGRESS, TicketState.RESOLVED):
        ticket.move_to(state, WHY, "system", now)
    assert ticket.resolved_at == now
    ticket.move_to(TicketState.IN_PROGRESS, "still broken", "customer", now)
    assert ticket.resolved_at is None
    ticket.move_to(TicketState.RESOLVED, WHY, "system", now)
    ticket.move_to(TicketState.CLOSED, "confirmed", "customer", now)
    session.flush()
    assert ticket.is_final and ticket.closed_at == now
    assert len(ticket.events) == 5


@pytest.mark.parametrize("change", ["update", "delete"])
def test_history_cannot_be_changed(session: Session, now: datetime, change: str) -> None:
    order = make_order(session, now)
    order.record("note", "hello", "front", now)
    line = order.events[-1]
    if change == "update":
        line.why_en = "something else"
    else:
        session.delete(line)
    with pytest.raises(TypeError, match="only ever added"):
        session.flush()


def test_a_new_order_keeps_history_before_it_is_stored(session: Session, now: datetime) -> None:
    order = ProductOrder(
        number="O-2611-900001", client="x", channel="counter", category="install", area="SH-SH", ordered_at=now
    )
    assert (order.state, order.related_party, order.version) == ("acknowledged", [], 1)
    order.record("note", "hello", "front", now)
    session.add(order)
    session.flush()
    assert order.events[0].order_id == order.id


def test_two_writers_of_one_order_do_not_overwrite_each_other(sessions: Sessions, now: datetime) -> None:
    with sessions.begin() as setup:
        order_id = make_order(setup, now).id
    with sessions() as first, sessions() as second:
        mine = first.get_one(ProductOrder, order_id)
        first.commit()  # a read that is over, so that SQLite lets the other write
        theirs = second.get_one(ProductOrder, order_id)
        theirs.move_to(OrderState.IN_PROGRESS, WHY, "second", now)
        second.commit()
        mine.description = "changed"
        with pytest.raises(StaleDataError):
            first.flush()


def test_one_external_number_is_one_order_per_client(session: Session, now: datetime) -> None:
    make_order(session, now, external_id="SAME", client="a")
    make_order(session, now, external_id="SAME", client="b")
    make_order(session, now, external_id=None, client="a")
    make_order(session, now, external_id=None, client="a")
    with pytest.raises(IntegrityError):
        make_order(session, now, external_id="SAME", client="a")


def test_numbers_carry_the_month_in_china(session: Session) -> None:
    last_second = datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC)
    next_month = datetime(2026, 10, 31, 16, 0, 0, tzinfo=UTC)
    assert next_number(session, "Q", last_second) == "Q-2610-000001"
    assert next_number(session, "Q", last_second) == "Q-2610-000002"
    assert next_number(session, "Q", next_month) == "Q-2611-000001"


def test_numbers_are_given_once_whoever_asks_at_the_same_time(sessions: Sessions, now: datetime) -> None:
    def take(_number: int) -> str:
        with sessions.begin() as session:
            return next_number(session, "R", now)

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, range(40)))
    assert sorted(taken) == [f"R-2611-{number:06d}" for number in range(1, 41)]
