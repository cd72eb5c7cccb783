"""A caller sees the rows of his own area and below, and nothing else."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.errors import NotFound
from app.persistence.counter.customer_search import (
    find_addresses,
    find_customers,
    get_address,
    get_customer,
    get_product,
    installed_products,
)
from app.persistence.counter.customers import Customer
from app.persistence.ordering.order_search import count_by_state, get_order, list_orders
from app.persistence.products.catalogue import Offering
from app.persistence.scope import scoped
from app.persistence.teamwork.ticket_search import get_ticket, list_tickets
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_item_search import get_item, list_items
from tests.persistence.orders import actor, make_item, make_order


@pytest.mark.parametrize(
    ("area", "sees"), [("SH-SH", {"SH-SH"}), ("SH", {"SH-SH"}), ("CN", {"SH-SH", "SC-CD"}), ("JS-NJ", set())]
)
def test_orders_are_seen_in_the_own_area_and_below(session: Session, now: datetime, area: str, sees: set[str]) -> None:
    for place in ("SH-SH", "SC-CD"):
        make_order(session, now, area=place)
    rows, total = list_orders(session, actor(area))
    assert {row.area for row in rows} == sees
    assert total == len(rows) == sum(count_by_state(session, actor(area)).values())


def test_what_is_elsewhere_is_not_found(session: Session, now: datetime) -> None:
    order, stranger = make_order(session, now), actor("SC-CD")
    item = make_item(session, now, order)
    ticket = TroubleTicket(number="T-2611-000001", area="SH-SH", opened_at=now)
    session.add(ticket)
    session.flush()
    for number in (order.id, order.number):
        assert get_order(session, actor("SH"), number) is order
        with pytest.raises(NotFound):
            get_order(session, stranger, number)
    assert get_item(session, actor("SH-SH"), item.number) is item
    assert get_ticket(session, actor("SH-SH"), ticket.number) is ticket
    for look in (
        lambda: get_item(session, stranger, item.id),
        lambda: get_ticket(session, stranger, ticket.id),
        lambda: get_customer(session, stranger, "C100003"),
        lambda: get_product(session, stranger, "P10000101"),
        lambda: get_address(session, stranger, "A0001"),
    ):
        with pytest.raises(NotFound):
            look()
    assert list_items(session, stranger, "all")[1] == 0
    assert list_tickets(session, stranger)[1] == 0
    assert find_customers(session, stranger, "C100003")[1] == 0
    assert find_addresses(session, stranger, "A0001")[1] == 0
    assert list(installed_products(session, stranger, "C100001")) == []


def test_an_actor_without_an_area_sees_nothing(session: Session) -> None:
    nobody = Actor(login="x", role="operations", area="", area_path="")
    assert list(session.scalars(scoped(select(Customer), Customer, nobody))) == []


def test_an_area_whose_name_begins_like_another_is_another(session: Session) -> None:
    near = Actor(login="x", role="operations", area="S", area_path="CN/S")
    wild = Actor(login="x", role="operations", area="%", area_path="CN/_H")
    for stranger in (near, wild):
        assert list(session.scalars(scoped(select(Customer), Customer, stranger))) == []


def test_a_row_without_an_area_cannot_be_shown_by_accident(session: Session) -> None:
    with pytest.raises(TypeError, match="no area"):
        scoped(select(Offering), Offering, actor("CN"))


def test_the_demonstration_crew_sees_work_everywhere_and_orders_only_at_home(session: Session, now: datetime) -> None:
    order = make_order(session, now, area="SC-CD")
    item = make_item(session, now, order, area="SC-CD", team_code="home_field.sc-cd.east")
    crew = actor("SH-SH", "field", demo_any_team=True)
    assert get_item(session, crew, item.id) is item
    assert item in list_items(session, crew, "team", {"order": order.number})[0]
    with pytest.raises(NotFound):
        get_order(session, crew, order.id)
