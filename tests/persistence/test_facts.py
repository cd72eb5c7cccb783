"""What is read about an order before it is judged."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.commands import Place, PlaceOrder, PlaceOrderItem
from app.domain.counter.intake import judge
from app.domain.ordering.order_lifecycle import OrderState
from app.persistence.counter.facts import load_facts
from app.persistence.products.catalogue_reader import load_catalogue
from tests.persistence.orders import actor, make_order


def change(product_id: str, customer_no: str, **characteristics: object) -> PlaceOrder:
    item = PlaceOrderItem(item_no="1", action="modify", product_id=product_id, characteristics=characteristics)
    return PlaceOrder(external_id="X", channel="counter", customer_no=customer_no, items=(item,))


def test_everything_named_is_read_in_one_go(session: Session) -> None:
    command = change("P10000102", "C100001", to_customer="C100007")
    facts = load_facts(session, command, actor("SH-SH"))
    assert facts.customer is not None
    assert (facts.customer.area_path, facts.customer.accounts) == ("CN/SH/SH-SH", ("AC1000011",))
    product = facts.products["P10000102"]
    assert (product.status, product.offering, product.open_order) == ("active", "fb-500", None)
    assert set(facts.new_owners) == {"C100007"}
    assert set(facts.addresses) == {"A0001"}


def test_what_is_elsewhere_is_not_known(session: Session) -> None:
    facts = load_facts(session, change("P10000102", "C100001"), actor("SC-CD"))
    assert facts.customer is None
    assert facts.products == {}


def test_addresses_are_read_everywhere_so_that_the_refusal_can_say_why(session: Session) -> None:
    item = PlaceOrderItem(item_no="1", action="add", offering="fb-300", places=(Place(role="x", address_code="A0051"),))
    command = PlaceOrder(external_id="X", channel="counter", customer_no="C100003", items=(item,))
    facts = load_facts(session, command, actor("SH-SH"))
    judgement = judge(command, facts, load_catalogue(session), actor("SH-SH"), today=datetime(2026, 11, 23).date())  # noqa: DTZ001
    assert facts.addresses["A0051"].area_path == "CN/SC/SC-CD"
    assert [found.code for found in judgement.problems] == ["area-outside"]


def test_an_open_order_on_a_bundle_is_one_on_its_parts(session: Session, now: datetime) -> None:
    item = {"order_type": "disconnect", "action": "delete", "product": "home_bundle", "product_id": "P10000101"}
    order = make_order(session, now, items=[item])
    for product_id in ("P10000101", "P10000102"):
        facts = load_facts(session, change(product_id, "C100001"), actor("SH-SH"))
        assert facts.products[product_id].open_order == order.number
    order.items[0].move_to(OrderState.IN_PROGRESS, "go", "system", now)
    order.items[0].move_to(OrderState.COMPLETED, "done", "system", now)
    session.flush()
    facts = load_facts(session, change("P10000102", "C100001"), actor("SH-SH"))
    assert facts.products["P10000102"].open_order is None
