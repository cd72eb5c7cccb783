"""The sample orders and the examples, judged and promised with the data of the demonstration."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.commands import Place, PlaceOrder, PlaceOrderItem, Relationship
from app.domain.counter.intake import Judgement, judge
from app.domain.promises.calendar import ZONE
from app.persistence.areas import area_paths
from app.persistence.counter.customers import Customer, InstalledProduct
from app.persistence.counter.facts import load_facts
from app.persistence.numbers import next_number
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.products.catalogue_reader import load_catalogue
from app.seed.files import read
from app.services.promises.sla_start import start_clock

SAMPLES = {order["external_id"]: order for order in read("orders")["orders"]}
EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "orders").glob("*.json"))


def sample_item(row: dict[str, Any]) -> PlaceOrderItem:
    places = [(place["role"], place["address"]) for place in row.get("places", [])]
    if "address" in row:
        places = [("installation", row["address"])]
    return PlaceOrderItem(
        item_no=row["id"],
        action=row["action"],
        order_type=row["order_type"],
        product=row["product"],
        offering=row.get("offering"),
        product_id=row.get("installed_product"),
        characteristics=row.get("characteristics", {}),
        places=tuple(Place(role=role, address_code=code) for role, code in places),
        relationships=tuple(Relationship(type="dependsOn", item_no=number) for number in row.get("depends_on", [])),
    )


def sample_command(row: dict[str, Any]) -> PlaceOrder:
    start = row.get("requested_start")
    return PlaceOrder(
        external_id=row["external_id"],
        channel=row["channel"],
        customer_no=row["customer"],
        items=tuple(sample_item(item) for item in row["items"]),
        requested_start_date=datetime.fromisoformat(start).replace(tzinfo=ZONE) if start else None,
    )


def example_command(body: dict[str, Any]) -> PlaceOrder:
    """As the TMF622 door reads it, as far as the judgement cares."""
    return PlaceOrder(
        external_id=body["externalId"],
        channel=body["channel"][0]["id"],
        category=body.get("category"),
        customer_no=next(party["id"] for party in body["relatedParty"] if party["role"] == "customer"),
        account_no=body.get("billingAccount", {}).get("id"),
        items=tuple(example_item(row) for row in body["productOrderItem"]),
    )


def example_item(row: dict[str, Any]) -> PlaceOrderItem:
    product = row.get("product", {})
    return PlaceOrderItem(
        item_no=row["id"],
        action=row["action"],
        offering=row.get("productOffering", {}).get("id"),
        product=product.get("productSpecification", {}).get("id"),
        product_id=product.get("id"),
        characteristics={part["name"]: part["value"] for part in product.get("productCharacteristic", [])},
        places=tuple(Place(role=place["role"], address_code=place["id"]) for place in product.get("place", [])),
        relationships=tuple(
            Relationship(type=tie["relationshipType"], item_no=tie["id"])
            for tie in row.get("productOrderItemRelationship", [])
        ),
    )


def judged(session: Session, command: PlaceOrder, area: str, at: datetime) -> Judgement:
    clerk = Actor(login="x", role="front_desk", area=area, area_path=area_paths(session)[area])
    facts = load_facts(session, command, clerk)
    return judge(command, facts, load_catalogue(session), clerk, today=at.astimezone(ZONE).date())


def stored(session: Session, command: PlaceOrder, judgement: Judgement, at: datetime) -> ProductOrder:
    order = ProductOrder(
        number=next_number(session, "O", at),
        client="tests",
        channel=command.channel,
        category=judgement.category,
        area=judgement.area,
        customer_no=command.customer_no,
        ordered_at=at,
        requested_start_date=command.requested_start_date,
    )
    order.items = [
        ProductOrderItem(
            item_no=item.item_no,
            position=item.position,
            action=item.action,
            order_type=item.order_type,
            product=item.product,
            offering=item.offering,
            product_id=item.product_id,
            address_code=item.address_code,
            places=[place.as_data() for place in item.places],
            characteristics=dict(item.characteristics),
            area=item.area,
        )
        for item in judgement.items
    ]
    session.add(order)
    session.flush()
    return order


@pytest.mark.parametrize("number", list(SAMPLES))
def test_sample_orders_are_accepted_and_promised_to_the_second(session: Session, number: str) -> None:
    sample = SAMPLES[number]
    at = datetime.fromisoformat(sample["ordered_at"])
    if number == "DEMO-0006":  # comes after DEMO-0005 has suspended the product
        session.get_one(InstalledProduct, "P10001001").status = "suspended"
        session.flush()
    command = sample_command(sample)
    judgement = judged(session, command, session.get_one(Customer, sample["customer"]).area, at)
    assert judgement.problems == ()
    order = stored(session, command, judgement, at)
    start_clock(session, order, at)
    for item, row in zip(order.items, sample["items"], strict=True):
        wanted = row.get("promised_at")
        assert item.promised_at == (datetime.fromisoformat(wanted) if wanted else None)
        assert item.sla_policy == (row["sla_policy"] if wanted else None)


def test_a_future_dated_order_is_promised_over_the_turn_of_the_year(session: Session) -> None:
    sample = SAMPLES["DEMO-0012"]
    at = datetime.fromisoformat(sample["ordered_at"])
    command = sample_command(sample)
    order = stored(session, command, judged(session, command, "CN", at), at)
    start = order.requested_start_date
    assert start is not None
    clocks = start_clock(session, order, start)
    assert {clock.policy for clock in clocks} == {row["sla_policy"] for row in sample["items"]}
    assert all(clock.explanation["provisional"] for clock in clocks)


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_examples_are_accepted(session: Session, now: datetime, path: Path) -> None:
    command = example_command(json.loads(path.read_text(encoding="utf-8")))
    customer = session.get_one(Customer, command.customer_no)
    judgement = judged(session, command, customer.area, now)
    assert [(found.path, found.code) for found in judgement.problems] == []
    assert len(judgement.items) == len(command.items)
