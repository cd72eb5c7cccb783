"""One order that brings, changes and takes away: one promise for each item, and taken as a whole or not at all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from tests.api.world import CANCELS, ORDERS, Person, codes, home_bundle
from tests.services.desk import Desk

FASTER = {"id": "1", "action": "modify", "productOffering": {"id": "fb-1000"}, "product": {"id": "P10000401"}}
GONE = {"id": "2", "action": "delete", "product": {"id": "P10000402"}}
NEW = {
    "id": "3",
    "action": "add",
    "productOffering": {"id": "tv-hd"},
    "product": {"place": [{"id": "A0006", "role": "installation"}]},
    "productOrderItemRelationship": [{"id": "1", "relationshipType": "reliesOn"}],
}


def mixed(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    customer = [{"id": "C100004", "role": "customer"}]
    return home_bundle(category="mixed", relatedParty=customer, productOrderItem=list(items), **more)


def counted(office: Desk) -> tuple[int, int]:
    with office.whole.deps.read_sessions() as session:
        found = [session.scalar(select(func.count()).select_from(row)) or 0 for row in (ProductOrder, ProductOrderItem)]
    return found[0], found[1]


def test_every_item_has_its_promise_and_the_order_the_latest(office: Desk, front: Person) -> None:
    placed = front.post(ORDERS, mixed(FASTER, GONE, NEW))
    assert placed.status_code == 201, placed.get_json()
    view = front.get(f"/api/v1/orders/{placed.get_json()['id']}").get_json()
    assert [item["order_type"] for item in view["items"]] == ["change", "disconnect", "install"]
    promises = [item["promised_at"] for item in view["items"]]
    assert all(promises) and view["promised_at"] == max(promises)
    refused = front.post(ORDERS, mixed({**FASTER, "id": "9"}))
    assert refused.status_code == 409 and placed.get_json()["orderNumber"] in refused.get_data(as_text=True)
    body = {"productOrder": {"id": placed.get_json()["id"]}, "cancellationReason": "test"}
    assert front.post(CANCELS, body).status_code == 201
    office.work()


def test_one_wrong_item_and_nothing_is_taken(office: Desk, front: Person) -> None:
    before = counted(office)
    strange = {**GONE, "product": {"id": "P10000201"}}  # of somebody else
    told = codes(front.post(ORDERS, mixed(FASTER, strange, {**NEW, "productOffering": {"id": "fb-50-old"}})))
    assert told["productOrderItem.1.product.id"] == "other-customer"
    assert told["productOrderItem.2.productOffering.id"] == "not-on-sale"
    assert not any(path.startswith("productOrderItem.0") for path in told)
    twice = codes(front.post(ORDERS, mixed(FASTER, {**FASTER, "id": "2"})))
    assert twice == {"productOrderItem": "same-product-twice"}
    assert counted(office) == before
