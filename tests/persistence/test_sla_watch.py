"""Clocks in the database: started, stopped, swept by many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import OrderState
from app.domain.promises.calendar import ZONE
from app.errors import InvalidInput
from app.persistence.audit import OrderEvent
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.sla_clocks import JeopardyAlert, JeopardyNotice, SlaClock
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.promises import sla_start, sla_sweep, sla_watch
from processes.store.sessions import Sessions
from tests.persistence.orders import make_order

LINE = {
    "product": "leased_line_local",
    "offering": "ll-local-100m",
    "characteristics": {"service_grade": "AA"},
}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def promise_clock(order: ProductOrder, session: Session) -> SlaClock:
    return session.scalars(select(SlaClock).where(SlaClock.order_id == order.id, SlaClock.kind == "promise")).one()


def test_an_install_gets_the_promise_and_the_limit_of_the_regulator(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    clocks = sla_start.start_clock(session, order, now)
    assert {clock.kind: clock.policy for clock in clocks} == {
        "promise": "home-install-urban",
        "regulator": "home-install-urban",
    }
    assert order.promised_at == order.items[0].promised_at == local("2026-11-23T20:00")
    assert order.items[0].sla_policy == "home-install-urban"
    assert promise_clock(order, session).next_check_at == local("2026-11-23T10:15")  # is there a plan yet?
    assert clocks[0].explanation["reasons"][0]["en"].startswith("accepted before 16:00")
    assert sla_start.start_clock(session, order, now + timedelta(hours=1)) == []


def test_what_is_known_about_the_address_changes_the_promise(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    sla_start.start_clock(session, order, now, conditions={"1": ["build_needed"]})
    assert order.items[0].sla_policy == "home-install-build"
    assert order.promised_at == local("2026-12-07T18:00")


def test_the_order_shows_the_latest_of_its_items(session: Session, now: datetime) -> None:
    order = make_order(session, now, items=[{}, LINE])
    sla_start.start_clock(session, order, now)
    assert order.promised_at == max(item.promised_at for item in order.items if item.promised_at)
    assert order.promised_at == local("2026-11-30T18:00")


def test_a_future_date_is_promised_when_it_comes(session: Session, now: datetime) -> None:
    order = make_order(session, now, requested_start_date=now + timedelta(days=30))
    assert sla_start.start_clock(session, order, now) == []
    assert order.promised_at is None
    assert len(sla_start.start_clock(session, order, now + timedelta(days=30))) == 2


def test_the_clocks_of_a_future_date_start_once_it_has_come(session: Session, now: datetime) -> None:
    order = make_order(session, now, requested_start_date=now + timedelta(days=30))
    sla_start.start_clock(session, order, now)
    sla_start.start_due(session, now)
    assert order.promised_at is None
    assert sla_start.start_due(session, now + timedelta(days=31)) >= 1
    assert order.promised_at is not None
    assert promise_clock(order, session).started_at == now + timedelta(days=31)


def test_a_clock_that_stops_late_has_rung_before(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    sla_start.start_clock(session, order, now)
    sla_watch.stop(session, order, "system", now + timedelta(minutes=1))
    assert promise_clock(order, session).alerts == []
    late = make_order(session, now)
    sla_start.start_clock(session, late, now)
    clock = promise_clock(late, session)
    sla_watch.stop(session, late, "system", now + timedelta(days=9))
    assert (clock.state, clock.next_check_at) == ("stopped", None)
    assert len({alert.level for alert in clock.alerts}) == len(clock.alerts) > 1


def test_a_ticket_gets_its_repair_time(session: Session, now: datetime) -> None:
    ticket = TroubleTicket(
        number="T-2611-000777", area="SH-SH", opened_at=now, product_id="P10000102", customer_no="C100001"
    )
    session.add(ticket)
    session.flush()
    clocks = sla_start.start_ticket_clock(session, ticket, now)
    assert [(clock.kind, clock.due_at - now) for clock in clocks] == [
        ("promise", timedelta(hours=24)),
        ("regulator", timedelta(hours=48)),
    ]
    assert sla_start.start_ticket_clock(session, ticket, now) == []


def test_the_customer_waits_and_the_promise_moves(session: Session) -> None:
    accepted = local("2026-11-24T10:00")
    order = make_order(session, accepted, items=[LINE])
    sla_start.start_clock(session, order, accepted)
    assert order.promised_at == local("2026-12-01T18:00")
    paused = sla_watch.pause(
        session, order, "customer-premises-not-ready", "checklist 7, photos", "sh.ent", local("2026-11-25T09:00")
    )
    assert [clock.state for clock in paused] == ["paused"]
    assert sla_watch.pause(session, order, "customer-defer", "call 9", "sh.ent", local("2026-11-25T10:00")) == []
    assert sla_sweep.sweep(session, local("2026-11-27T18:00")).alerts == ()
    resumed = sla_watch.resume(session, order, "sh.ent", local("2026-11-30T09:00"))
    assert [clock.state for clock in resumed] == ["running"]
    assert order.promised_at == resumed[0].due_at == local("2026-12-04T18:00")
    assert resumed[0].paused_s == 3 * 8 * 3600
    assert resumed[0].first_due_at == local("2026-12-01T18:00")
    (pause,) = resumed[0].pauses
    assert (pause.reason, pause.who, pause.to_at) == (
        "customer-premises-not-ready",
        "sh.ent",
        local("2026-11-30T09:00"),
    )
    session.flush()
    kinds = [event.kind for event in order.events]
    assert kinds == ["clock", "clock", "clock"]


@pytest.mark.parametrize(
    ("reason", "evidence"),
    [("no-free-port", "nobody listed this"), ("customer-defer", "  "), ("observation", "only for tickets")],
)
def test_a_clock_stops_only_for_a_listed_reason_with_evidence(
    session: Session, now: datetime, reason: str, evidence: str
) -> None:
    order = make_order(session, now)
    sla_start.start_clock(session, order, now)
    with pytest.raises(InvalidInput):
        sla_watch.pause(session, order, reason, evidence, "front", now)
    assert promise_clock(order, session).state == "running"


def test_the_clock_of_the_regulator_never_stops(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    sla_start.start_clock(session, order, now)
    sla_watch.pause(session, order, "customer-defer", "call 9", "front", now)
    found = session.scalars(select(SlaClock).where(SlaClock.order_id == order.id))
    states = {clock.kind: clock.state for clock in found}
    assert states == {"promise": "paused", "regulator": "running"}


def test_a_pause_ends_by_itself_when_its_reason_allows_no_more(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    sla_start.start_clock(session, order, now)
    sla_watch.pause(session, order, "customer-absent", "photo, two calls", "field", now)
    until = local("2026-11-30T18:00")  # five working days
    assert promise_clock(order, session).next_check_at == until
    assert sla_sweep.sweep(session, until - timedelta(minutes=1)).pauses_ended == ()
    report = sla_sweep.sweep(session, until + timedelta(hours=2))
    (clock,) = report.pauses_ended
    assert clock.pauses[0].to_at == until
    assert (clock.state, clock.pauses[0].ended_by) == ("running", "system")
    assert order.promised_at == until + timedelta(hours=9, minutes=55)
    assert [alert.percent for alert in report.alerts if alert.clock is clock] == []


def test_levels_are_raised_once_and_in_order(session: Session, now: datetime) -> None:
    order = make_order(session, now)  # 9 h 55 min until 20:00
    sla_start.start_clock(session, order, now)
    clock = promise_clock(order, session)
    seen: list[list[int]] = []
    for moment in ("15:02", "15:03", "15:10", "17:40", "19:30", "20:00:01"):
        report = sla_sweep.sweep(session, local(f"2026-11-23T{moment}"))
        seen.append([alert.percent for alert in report.alerts])
    assert seen == [[], [50], [], [75], [90], [100]]
    assert (clock.state, clock.last_level) == ("breached", 100)
    session.flush()
    assert [event.kind for event in order.events].count("jeopardy") == 4
    sla_sweep.sweep(session, local("2026-11-24T10:00"))
    # The last level is told again every day until it ends.
    assert (clock.last_level, clock.next_check_at) == (150, local("2026-11-25T10:00"))


def test_a_sweep_that_comes_late_raises_everything_that_was_passed(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    sla_start.start_clock(session, order, now)
    report = sla_sweep.sweep(session, local("2026-11-23T19:30"))
    assert [alert.percent for alert in report.alerts] == [50, 75, 90]
    assert "90" not in report.alerts[0].message_en and "20:00" in report.alerts[0].message_zh


def test_a_stopped_clock_is_quiet(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    sla_start.start_clock(session, order, now)
    stopped = sla_watch.stop(session, order, "system", local("2026-11-23T14:00"))
    assert {clock.state for clock in stopped} == {"stopped"}
    assert sla_sweep.sweep(session, local("2026-11-30T12:00")).checked == 0
    assert sla_watch.stop(session, order, "system", local("2026-11-23T15:00")) == []
    session.flush()
    assert order.events[-1].detail == {"kept": True}


def test_the_clock_of_a_final_order_stops_at_the_next_look(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    sla_start.start_clock(session, order, now)
    order.move_to(OrderState.REJECTED, "no", "system", now)
    assert sla_sweep.sweep(session, local("2026-11-23T19:30")).alerts == ()
    assert promise_clock(order, session).state == "stopped"


def test_many_workers_raise_each_level_once(sessions: Sessions, now: datetime) -> None:
    with sessions.begin() as session:
        orders = [make_order(session, now).id for _ in range(12)]
        for order_id in orders:
            sla_start.start_clock(session, session.get_one(ProductOrder, order_id), now)

    def sweep(_number: int) -> int:
        with sessions.begin() as session:
            return len(sla_sweep.sweep(session, local("2026-11-23T19:30"), limit=5).alerts)

    with ThreadPoolExecutor(4) as pool:
        raised = sum(pool.map(sweep, range(12)))
    with sessions.begin() as session:
        stored = session.scalar(select(func.count()).select_from(JeopardyAlert))
        lines = session.scalar(
            select(func.count()).where(OrderEvent.kind == "jeopardy", OrderEvent.order_id.in_(orders))
        )
        session.execute(delete(JeopardyNotice))
        session.execute(delete(JeopardyAlert))
        session.execute(delete(SlaClock))
    assert raised == stored == lines == 12 * 3
