"""Lists with filters and pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import OrderState
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.domain.words import Words
from app.persistence.counter.customer_search import find_addresses, find_customers, installed_products
from app.persistence.ordering.order_search import get_order, list_orders
from app.persistence.teamwork.ticket_search import get_ticket, list_tickets
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_item_search import count_items, get_item, list_items
from app.services.promises.sla_start import start_clock
from tests.persistence.orders import actor, make_item, make_order

FRONT = actor("SH-SH")
FIELD = actor("SH-SH", "field", login="field", teams=frozenset({"home_field.sh-sh.east"}))


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, 2),
        ({"state": "acknowledged"}, 1),
        ({"state": ("acknowledged", "inProgress")}, 2),
        ({"open": True}, 2),
        ({"open": False}, 0),
        ({"external_id": "A-1"}, 1),
        ({"offering": "hb-500"}, 1),
        ({"product": "ftth_broadband", "item_action": "add"}, 1),
        ({"customer_no": "C100003"}, 2),
        ({"customer_no": "C100004"}, 0),
        ({"q": "a-1"}, 1),
        ({"q": "吕例和"}, 2),
        ({"q": "15400001003"}, 2),
        ({"q": "%"}, 0),
        ({"q": "_"}, 0),
    ],
)
def test_orders_by_filter(session: Session, now: datetime, filters: dict[str, Any], found: int) -> None:
    make_order(session, now, external_id="A-1")
    other = make_order(session, now, items=[{"product": "home_bundle", "offering": "hb-500"}])
    other.move_to(OrderState.IN_PROGRESS, "work starts", "system", now)
    rows, total = list_orders(session, FRONT, filters)
    assert total == len(rows) == found


def test_orders_come_newest_first_in_pages(session: Session, now: datetime) -> None:
    made = [make_order(session, now + timedelta(minutes=minute)) for minute in range(5)]
    page, total = list_orders(session, FRONT, offset=1, limit=2)
    assert total == 5
    assert list(page) == [made[3], made[2]]
    assert list_orders(session, FRONT, limit=0) == ([], 5)
    later = list_orders(session, FRONT, {"ordered_from": now + timedelta(minutes=3)})[0]
    assert list(later) == [made[4], made[3]]


def test_orders_that_are_late_and_what_is_due_first(session: Session, now: datetime) -> None:
    first, second = make_order(session, now), make_order(session, now)
    first.promised_at, second.promised_at = now + timedelta(hours=5), now + timedelta(hours=1)
    session.flush()
    assert list(list_orders(session, FRONT, {"late_at": now + timedelta(hours=2)})[0]) == [second]
    assert list(list_orders(session, FRONT, {"sort": "due"})[0]) == [second, first]


def test_a_filter_that_does_not_exist_is_an_error(session: Session) -> None:
    for search in (list_orders, list_tickets):
        with pytest.raises(ValueError, match="not filtered"):
            search(session, FRONT, {"colour": "red"})
    with pytest.raises(ValueError, match="no tab"):
        list_items(session, FRONT, "theirs")


def test_one_order_comes_with_everything(session: Session, now: datetime) -> None:
    made = make_order(session, now)
    start_clock(session, made, now)
    make_item(session, now, made)
    made.move_to(OrderState.IN_PROGRESS, Words("开始", "start"), "system", now)
    session.flush()
    session.expunge_all()
    order = get_order(session, FRONT, made.number)
    session.expunge_all()  # nothing more can be read after this
    assert [item.item_no for item in order.items] == ["1"]
    assert {clock.kind for clock in order.clocks} == {"promise", "regulator"}
    assert [event.kind for event in order.events] == ["clock", "state"]
    assert order.work_items[0].order is order
    assert order.work_orders == order.service_orders == order.cancel_requests == []
    assert order.clocks[0].pauses == order.clocks[0].alerts == []


def test_work_items_by_tab(session: Session, now: datetime) -> None:
    order = make_order(session, now)
    urgent = make_item(session, now, order, due_at=now + timedelta(hours=1))
    relaxed = make_item(session, now, order)
    raised = make_item(session, now, order, priority=5)
    elsewhere = make_item(session, now, order, team_code="exchange_room.sh-sh")
    done = make_item(session, now, order)
    for item in (raised, done):
        item.move_to(WorkItemState.CLAIMED, "mine", "field", now)
    done.move_to(WorkItemState.COMPLETED, "done", "field", now)
    session.flush()
    assert list(list_items(session, FIELD, "team")[0]) == [raised, urgent, relaxed]
    assert list(list_items(session, FIELD, "mine")[0]) == [raised]
    assert list(list_items(session, FIELD, "done")[0]) == [done]
    assert set(list_items(session, FIELD, "all")[0]) == {raised, urgent, relaxed, elsewhere}
    assert count_items(session, FIELD) == {"mine": 1, "team": 3, "all": 4}
    assert list_items(session, FIELD, "all", {"q": order.number, "state": None, "kind": "task"})[1] == 4
    assert list_items(session, FIELD, "all", {"order": order.id, "team": "exchange_room.sh-sh"})[0] == [elsewhere]
    assert list_items(session, FIELD, "all", {"order": "O-2611-999999"})[1] == 0
    assert get_item(session, FIELD, urgent.id).order is order


def test_who_may_claim(session: Session, now: datetime) -> None:
    item = make_item(session, now)
    assert item.claimable_by(FIELD)
    assert not item.claimable_by(FRONT)
    assert not item.claimable_by(actor("SH-SH", "auditor", teams=FIELD.teams))
    item.move_to(WorkItemState.CLAIMED, "mine", "field", now)
    assert (item.claimed_by, item.claimed_at) == ("field", now)
    assert not item.claimable_by(FIELD)
    item.move_to(WorkItemState.OPEN, "given back", "field", now)
    assert (item.claimed_by, item.claimable_by(FIELD)) == (None, True)


def test_tickets(session: Session, now: datetime) -> None:
    ticket = TroubleTicket(
        number="T-2611-000009", area="SH-SH", opened_at=now, product_id="P10000102", description="no light"
    )
    session.add(ticket)
    session.flush()
    assert list_tickets(session, FRONT, {"q": "LIGHT", "open": True, "state": None})[0] == [ticket]
    assert list_tickets(session, FRONT, {"product_id": "P10000102", "order": "O-2611-000001"})[1] == 0
    assert get_ticket(session, FRONT, ticket.id).events == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("C100003", ["C100003"]),
        ("吕例", ["C100003"]),
        ("llh", ["C100003"]),
        ("LLH", ["C100003"]),
        ("slytls", ["C400001"]),
        ("ytlsjt", ["C400001"]),
        ("ｙｉｔｏｎｇ", ["C400001"]),
        ("15400001003", ["C100003"]),
        ("154 0000 1003", ["C100003"]),
        ("0001003", ["C100003"]),
        ("１５４００００１００３", ["C100003"]),
        ("990003197211230755", ["C100003"]),
        ("AC1000031", ["C100003"]),
        ("P10000101", ["C100001"]),
        ("15400011001", ["C100001"]),
        ("x", []),
        ("", []),
        ("%%", []),
    ],
)
def test_customers_are_found_by_what_they_say_on_the_phone(session: Session, text: str, found: list[str]) -> None:
    rows, total = find_customers(session, FRONT, text)
    assert [row.customer_no for row in rows] == found
    assert total == len(found)


def test_addresses_and_products(session: Session) -> None:
    rows, total = find_addresses(session, FRONT, "徐汇", limit=2)
    assert total > 2
    assert all("徐汇" in row.text_zh for row in rows)
    assert find_addresses(session, actor("CN"), "A0101", area="JS-NJ")[1] == 1
    held = installed_products(session, FRONT, "C100001")
    assert [row.product for row in held][:4] == ["home_bundle", "ftth_broadband", "fixed_voice", "iptv"]
