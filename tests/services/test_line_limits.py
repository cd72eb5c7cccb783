"""So many lines may stand under one identity document: those that are there, those that come, and those taken over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.persistence.counter.customers import Customer
from app.persistence.ordering.orders import ProductOrder
from app.unit_of_work import transaction
from tests.api.world import CANCELS, ORDERS, Person, codes, home_bundle
from tests.services.desk import Desk, desk
from tests.services.test_bulk_orders import checked, lines
from tests.services.test_customers import CUSTOMERS, company, created, id_card, person

#: What the catalogue says of mobile lines.
MOST = 5
PATH = "productOrderItem.{}.productOffering.id"


def subscriber(front: Person, number: int, **more: Any) -> str:
    customer_no = created(front, person(number, **more))
    assert front.post(f"{CUSTOMERS}/{customer_no}/accounts", {"kind": "postpaid"}).status_code == 201
    return customer_no


def mobiles(customer_no: str, count: int, **more: Any) -> dict[str, Any]:
    """An order for so many mobile lines."""
    items = [
        {"id": str(number), "action": "add", "productOffering": {"id": "mb-m59"}, "product": {}}
        for number in range(1, count + 1)
    ]
    return home_bundle(relatedParty=[{"id": customer_no, "role": "customer"}], productOrderItem=items, **more)


def cancel(office: Desk, front: Person, order: dict[str, Any]) -> None:
    body = {"productOrder": {"id": order["id"]}, "cancellationReason": "test"}
    assert front.post(CANCELS, body).status_code == 201
    office.work()


def test_the_line_too_many_is_refused_by_its_item_whatever_order_brings_the_others(office: Desk, front: Person) -> None:
    customer_no = subscriber(front, 501)
    refused = front.post(ORDERS, mobiles(customer_no, MOST + 1))
    assert refused.status_code == 422 and codes(refused) == {PATH.format(MOST): "line-limit-reached"}
    front.language = "zh"
    assert f"最多 {MOST} 个移动号码" in front.post(ORDERS, mobiles(customer_no, MOST + 1)).get_json()["message"]
    front.language = "en"
    most = front.post(ORDERS, mobiles(customer_no, MOST))
    assert most.status_code == 201, most.get_json()
    assert codes(front.post(ORDERS, mobiles(customer_no, 1))) == {PATH.format(0): "line-limit-reached"}
    assert codes(front.post("/api/v1/quotes", mobiles(customer_no, 1))) == {PATH.format(0): "line-limit-reached"}
    # Another record of the same person, and a line somebody else gives away.
    twin = subscriber(front, 504)
    with transaction(office.whole.deps.sessions) as tx:  # as other systems may hand them over
        tx.session.execute(update(Customer).where(Customer.customer_no == twin).values(id_number=id_card(501)))
    assert codes(front.post(ORDERS, mobiles(twin, 1))) == {PATH.format(0): "line-limit-reached"}
    given = {
        "id": "1",
        "action": "modify",
        "product": {
            "id": "P10000402",
            "productCharacteristic": [{"name": "to_customer", "value": customer_no}],
        },
    }
    owner = {"category": "owner_change", "relatedParty": [{"id": "C100004", "role": "customer"}]}
    taken_over = front.post(ORDERS, home_bundle(**owner, productOrderItem=[given]))
    assert codes(taken_over) == {PATH.format(0): "line-limit-reached"}, taken_over.get_json()
    assert front.post(ORDERS, home_bundle(relatedParty=[{"id": twin, "role": "customer"}])).status_code == 201
    cancel(office, front, most.get_json())
    assert front.post(ORDERS, mobiles(twin, 1)).status_code == 201  # nobody has the others any more


def test_a_company_has_as_many_as_it_likes(front: Person) -> None:
    customer_no = created(
        front, company(name="多线示例（虚构）厂", phone="021-55509876", id_number="91350100M000101Y0C")
    )
    assert front.post(f"{CUSTOMERS}/{customer_no}/accounts", {"kind": "postpaid"}).status_code == 201
    assert front.post("/api/v1/quotes", mobiles(customer_no, MOST + 3)).status_code == 200


def test_lines_of_a_sheet_count_towards_each_other(office: Desk, front: Person) -> None:
    customer_no = subscriber(front, 502)
    order = checked(front, [[customer_no, "新装", "mb-m59", "", "", "", f"M-{number}", ""] for number in range(7)])
    assert (order["good"], order["bad"]) == (MOST, 2)
    told = [
        (line["line"], line["problems"][0]["cell"], line["problems"][0]["code"]) for line in lines(front, order, "bad")
    ]
    assert told == [(7, "C7", "line-limit-reached"), (8, "C8", "line-limit-reached")]


@pytest.mark.torture
@pytest.mark.parametrize("backend", ["postgresql", "sqlite"])
def test_ten_counters_at_one_instant_sell_no_line_too_many(
    make_database: Callable[..., str], tmp_path: Path, backend: str
) -> None:
    with desk(make_database(backend, migrated=True), tmp_path) as one:
        customer_no = subscriber(one.person("front"), 503)
        counters = [one.person("front") for _ in range(10)]
        together = threading.Barrier(len(counters))
        answers: list[int] = []

        def sell(counter: Person, number: int) -> None:
            together.wait()
            answers.append(counter.post(ORDERS, mobiles(customer_no, 1, externalId=f"L-{number}")).status_code)

        threads = [threading.Thread(target=sell, args=(one, number)) for number, one in enumerate(counters)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [201] * MOST + [422] * (10 - MOST)
        with one.whole.deps.read_sessions() as session:
            mine = select(func.count()).select_from(ProductOrder).where(ProductOrder.customer_no == customer_no)
            assert session.scalar(mine) == MOST
