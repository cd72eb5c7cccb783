"""Another owner: the account that was said pays from then on, and fees fall due by what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.persistence.counter.customers import InstalledProduct
from tests.api.world import ORDERS
from tests.scenario.cells import Cell
from tests.services.whole import Whole, whole

SDWAN = Cell(
    name="SD-WAN to another owner",
    order_type="owner_change",
    customer="C400002",
    account="AC4000021",
    product="sd_wan",
    product_id="P40000201",
)
MOBILE = Cell(
    name="mobile",
    order_type="change",
    customer="C100001",
    account="AC1000011",
    product="mobile_line",
    product_id="P10000105",
)


@pytest.fixture(scope="module")
def running(make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with whole(make_database("sqlite"), tmp_path_factory.mktemp("owner")) as one:
        yield one


def body(cell: Cell, external_id: str, **traits: Any) -> dict[str, Any]:
    asked = cell.body(external_id)
    found = [{"name": name, "value": value} for name, value in traits.items()]
    asked["productOrderItem"][0]["product"]["productCharacteristic"] = found
    return asked


def subscriptions(running: Whole) -> dict[str, Any]:
    rows = running.deps.ports["billing"].books("subscriptions", timeout_s=5)
    return {row["key"]: row for row in rows}


def test_the_account_that_was_said_pays_for_the_new_owner(running: Whole) -> None:
    asked = body(SDWAN, "to-account", to_customer="C400001", to_account="AC4000013")
    view = running.play(running.call("POST", ORDERS, asked)["id"])
    assert view["state"] == "completed"
    with running.deps.sessions.begin() as session:
        product = session.get_one(InstalledProduct, "P40000201")
        assert (product.customer_no, product.account_no) == ("C400001", "AC4000013")
        number = product.subscription_no
    assert subscriptions(running)[number]["account_no"] == "AC4000013"


def test_an_account_of_somebody_else_is_refused_by_its_field(running: Whole) -> None:
    asked = body(SDWAN, "foreign-account", to_customer="C400001", to_account="AC4000031")
    answer = running.client.post(ORDERS, json=asked, headers=running.headers("front"))
    assert answer.status_code == 422
    assert "AC4000031" in answer.get_data(as_text=True)


def test_what_is_asked_for_beside_it_is_on_the_bill_as_a_fee_and_nothing_else(running: Whole) -> None:
    view = running.play(running.call("POST", ORDERS, body(MOBILE, "new-sim", new_sim=True))["id"])
    assert view["state"] == "completed"
    entries = running.deps.ports["billing"].books("entries", timeout_s=5)
    mine = [row for row in entries if row.get("account_no") == MOBILE.account and row.get("kind") == "charge"]
    assert [(row["fee_code"], row["amount_cny"]) for row in mine] == [("fee-sim", "10.00")]
