"""What the bell finds in the rows that are there, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import OrderState
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.persistence.bell_marks import keep_mark, marks_of
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.sla_clocks import JeopardyAlert, JeopardyNotice, SlaClock
from app.services.bell import KINDS, NAMED, Line
from app.services.promises.sla_start import start_clock
from tests.persistence.orders import actor, make_item, make_order

ME = actor("SH-SH", login="me", teams=frozenset({"home_field.sh-sh.east"}))
AFAR = actor("SC-CD", login="me")


def rung(session: Session, kind: str, since: datetime, who: Any = ME) -> tuple[int, list[Line]]:
    count, lines = KINDS[kind][1](session, who, since)
    return count, list(lines)


def ended(session: Session, now: datetime, state: OrderState = OrderState.COMPLETED) -> ProductOrder:
    order = make_order(session, now, client="me")
    order.move_to(OrderState.IN_PROGRESS, "begins", "system", now)
    order.move_to(state, "ends", "system", now)
    return order


def test_my_orders_that_ended_are_counted_and_the_newest_named(session: Session, now: datetime) -> None:
    orders = [ended(session, now + timedelta(minutes=n)) for n in range(NAMED + 2)]
    make_order(session, now, client="somebody else")
    session.flush()
    count, lines = rung(session, "ended", now - timedelta(minutes=1))
    assert count == NAMED + 2
    assert [line.number for line in lines] == [order.number for order in reversed(orders)][:NAMED]
    assert lines[0].state == "completed"
    assert rung(session, "ended", now + timedelta(minutes=NAMED))[0] == 1
    assert rung(session, "ended", now - timedelta(minutes=1), AFAR) == (0, [])


def test_an_order_that_stands_still_is_told_until_it_goes_on(session: Session, now: datetime) -> None:
    order = make_order(session, now, client="me")
    order.move_to(OrderState.IN_PROGRESS, "begins", "system", now)
    order.move_to(OrderState.HELD, "no port", "system", now + timedelta(minutes=1))
    session.flush()
    assert [line.number for line in rung(session, "stuck", now)[1]] == [order.number]
    assert rung(session, "stuck", now + timedelta(minutes=2)) == (0, [])
    order.move_to(OrderState.IN_PROGRESS, "mended", "ops", now + timedelta(minutes=3))
    session.flush()
    assert rung(session, "stuck", now) == (0, [])


def test_what_i_paused_myself_is_no_news(session: Session, now: datetime) -> None:
    order = make_order(session, now, client="me")
    order.move_to(OrderState.IN_PROGRESS, "begins", "system", now)
    order.move_to(OrderState.PENDING, "customer away", "me", now + timedelta(minutes=1))
    session.flush()
    assert rung(session, "stuck", now) == (0, [])


def test_to_dos_of_my_teams_and_those_given_to_me(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    item = make_item(session, now, order, team_code="home_field.sh-sh.east")
    make_item(session, now, order, team_code="home_field.sh-sh.west")
    session.flush()
    assert [line.number for line in rung(session, "team", now - timedelta(minutes=1))[1]] == [item.number]
    item.dispatch = {"by": "lead", "why": "you know the house"}
    item.move_to(WorkItemState.CLAIMED, "given", "me", now)
    session.flush()
    assert rung(session, "team", now - timedelta(minutes=1)) == (0, [])
    assert [line.number for line in rung(session, "given", now - timedelta(minutes=1))[1]] == [item.number]
    item.dispatch = {"by": "me", "why": "mine"}
    session.flush()
    assert rung(session, "given", now - timedelta(minutes=1)) == (0, [])


def test_an_offer_is_news_while_it_stands(session: Session, now: datetime) -> None:
    item = make_item(session, now, make_order(session, now))
    item.offered_to, item.offered_until = "me", now + timedelta(minutes=5)
    session.flush()
    assert rung(session, "given", now + timedelta(hours=1))[0] == 1


def test_a_promise_in_danger_is_told_to_whom_it_was_told(session: Session, now: datetime) -> None:
    order = make_order(session, now, client="me")
    start_clock(session, order, now)
    session.flush()
    clock = session.scalars(select(SlaClock).where(SlaClock.order_id == order.id)).first()
    assert clock is not None
    alert = JeopardyAlert(
        clock_id=clock.id,
        level=2,
        percent=75,
        jeopardy_type="warning",
        at=now,
        message_zh="已用 75%",
        message_en="75 % used",
        area=order.area,
    )
    alert.notices.append(JeopardyNotice(told="holder", login="me", channels=["inbox"], at=now))
    session.add(alert)
    session.flush()
    count, lines = rung(session, "danger", now)
    assert (count, lines[0].number) == (1, order.number)
    assert lines[0].words is not None and lines[0].words.en == "75 % used"
    assert rung(session, "danger", now, actor("SH-SH", login="you")) == (0, [])


def test_a_mark_is_kept_once_and_remembers_the_mute(session: Session, now: datetime) -> None:
    keep_mark(session, "me", "team", read_at=now, muted=True)
    keep_mark(session, "me", "team", read_at=now + timedelta(minutes=1))
    keep_mark(session, "you", "team", read_at=now)
    session.expire_all()
    mark = marks_of(session, "me")["team"]
    assert (mark.muted, mark.read_at) == (True, now + timedelta(minutes=1))
    assert not marks_of(session, "you")["team"].muted
