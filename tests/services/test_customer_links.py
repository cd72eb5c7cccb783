"""Visits that are moved and links of customers, on both databases: at once, twice, and before the to-do is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.cli.field_crew import answers
from app.domain.actors import Actor
from app.errors import AppError, Conflict, InvalidInput
from app.persistence.amending.order_holds import OrderHold
from app.persistence.counter.order_links import OrderLink, OrderSurvey
from app.persistence.ordering.order_search import get_order
from app.persistence.people import actor_for
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.teamwork.appointments import MovedVisit
from app.services.counter import order_links
from app.services.teamwork import appointments
from tests.services.whole import Whole, whole


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.torture)])
def running(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Whole]:
    with whole(make_database(request.param, migrated=True), tmp_path_factory.mktemp("links")) as one:
        yield one
        assert one.violations() == []


def front(running: Whole) -> Actor:
    with running.deps.read_sessions() as session:
        return actor_for(session, "front")


def settle(running: Whole) -> None:
    while running.work():
        pass


def placed(running: Whole, name: str, *, visit: bool) -> str:
    """A home order whose visit is booked; with ``visit`` the to-do of the crew is there, too."""
    order_id = running.place("home-bundle.json", externalId=f"LINK-{name}")
    settle(running)
    item = next(one for one in items(running, order_id) if one["form_key"] == "book_appointment")
    running.call("POST", f"/api/v1/work-items/{item['id']}/claim", {})
    if visit:
        # What else there is to do before the visit is done first.
        finish(running, order_id, but={"book_appointment", "install_at_customer"})
    result = answers(running.call("GET", f"/api/v1/work-items/{item['id']}")["form"], item.get("context") or {})
    running.call("POST", f"/api/v1/work-items/{item['id']}/complete", {"result": result})
    if visit:
        settle(running)
        finish(running, order_id, but={"install_at_customer"})
    return order_id


def items(running: Whole, order_id: str) -> list[Any]:
    shown = running.call("GET", f"/api/v1/orders/{order_id}?fields=number,work_items")
    return [running.call("GET", f"/api/v1/work-items/{row['id']}") for row in shown["work_items"]]


def finish(running: Whole, order_id: str, but: set[str]) -> None:
    for _round in range(20):
        settle(running)
        rows = [one for one in items(running, order_id) if one["state"] in ("open", "claimed")]
        mine = [one for one in rows if one["form_key"] not in but]
        if not mine:
            return
        for item in mine:
            running.call("POST", f"/api/v1/work-items/{item['id']}/claim", {})
            result = answers(item.get("form") or {}, item.get("context") or {})
            running.call("POST", f"/api/v1/work-items/{item['id']}/complete", {"result": result})


def free(running: Whole, order_id: str, at: int) -> str:
    deps = running.deps
    with deps.read_sessions() as session:
        order = get_order(session, front(running), order_id)
        return appointments.free_slots(session, order, deps.clock(session))[at].code


def crew(running: Whole, order_id: str) -> Any:
    return next(one for one in items(running, order_id) if one["form_key"] == "install_at_customer")


def test_a_visit_that_was_moved_before_its_to_do_was_there_is_made_then(running: Whole) -> None:
    order_id = placed(running, "early", visit=False)
    with running.deps.read_sessions() as session:
        order = get_order(session, front(running), order_id)
        (visit,) = appointments.visits_of(session, order)
    assert visit.state == "booked"
    slot = free(running, order_id, 3)
    appointments.reschedule(order_id, visit.item_no, slot, "us", "", front(running), running.deps)
    settle(running)
    finish(running, order_id, but={"install_at_customer"})
    assert crew(running, order_id)["context"]["appointment_from"] == f"{slot}:00+08:00"
    assert running.play(order_id)["state"] == "completed"


def test_a_later_time_that_the_customer_wants_stops_the_clock_until_then(running: Whole) -> None:
    order_id = placed(running, "later", visit=True)
    actor, deps = front(running), running.deps
    first = crew(running, order_id)["context"]["appointment_from"]
    slot = free(running, order_id, -1)
    assert slot > first[:16]
    with pytest.raises(InvalidInput):  # nothing proves it
        appointments.reschedule(order_id, "1", slot, "customer", " ", actor, deps)
    with pytest.raises(InvalidInput):
        appointments.reschedule(order_id, "1", "2020-01-01T08:00", "us", "", actor, deps)
    appointments.reschedule(order_id, "1", slot, "customer", "录音 4711", actor, deps)
    with deps.sessions() as session:
        (hold,) = session.scalars(select(OrderHold).where(OrderHold.order_id == order_id))
        assert (hold.reason, hold.until_at is not None, hold.frozen) == ("customer-reschedule", True, False)
        clock = session.scalars(select(SlaClock).where(SlaClock.order_id == order_id, SlaClock.kind == "promise")).one()
        assert clock.state == "paused"
    sooner = free(running, order_id, -2)
    appointments.reschedule(order_id, "1", sooner, "customer", "录音 4712", actor, deps)
    assert crew(running, order_id)["context"]["appointment_from"] == f"{sooner}:00+08:00"
    running.call("POST", f"/api/v1/orders/{order_id}/resume", {})
    assert running.play(order_id)["state"] == "completed"
    with pytest.raises(Conflict):
        appointments.reschedule(order_id, "1", sooner, "us", "", actor, deps)


def test_what_many_do_at_once_with_a_link_is_done_once(running: Whole) -> None:
    order_id = placed(running, "at-once", visit=True)
    deps = running.deps
    link = order_links.make_link(order_id, front(running), deps)
    token = order_links.token_of(link, deps)
    slot = free(running, order_id, 2)

    def tried(act: Callable[[], object]) -> bool:
        try:
            act()
        except AppError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        looked = list(pool.map(lambda _: tried(lambda: order_links.opened(token, deps)), range(8)))
        moved = list(pool.map(lambda _: tried(lambda: order_links.move_by_customer(token, "1", slot, deps)), range(4)))
    assert all(looked) and all(moved)
    with deps.sessions() as session:
        assert session.scalar(select(func.count()).select_from(MovedVisit).where(MovedVisit.order_id == order_id)) == 1
        row = session.get_one(OrderLink, link.id)
        assert (row.seen, row.changes) == (8, 4)
    with pytest.raises(Conflict):
        order_links.rate(token, 5, "", deps)
    if running.call("GET", f"/api/v1/orders/{order_id}?fields=state")["state"] == "pending":
        running.call("POST", f"/api/v1/orders/{order_id}/resume", {})
    assert running.play(order_id)["state"] == "completed"
    with ThreadPoolExecutor(4) as pool:
        rated = list(pool.map(lambda n: order_links.rate(token, n, f"{n}", deps).score, (1, 2, 3, 4)))
    with deps.sessions() as session:
        kept = session.scalars(select(OrderSurvey).where(OrderSurvey.order_id == order_id)).one()
    assert set(rated) == {kept.score}


def test_a_longer_life_cannot_be_written_into_a_link(running: Whole) -> None:
    """Whoever can write into the table, but has not the key, makes no link that works."""
    order_id = placed(running, "forged", visit=False)
    deps = running.deps
    link = order_links.make_link(order_id, front(running), deps)
    token = order_links.token_of(link, deps)
    order_links.opened(token, deps)
    with deps.sessions.begin() as session:
        later = link.expires_at + timedelta(days=365)
        session.execute(update(OrderLink).where(OrderLink.id == link.id).values(expires_at=later))
    with pytest.raises(AppError):
        order_links.opened(token, deps)
