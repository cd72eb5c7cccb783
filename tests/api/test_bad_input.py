"""Whatever comes in, the answer is a clear 4xx that names the field, in the caller's language."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.world import ORDERS, Person, codes, home_bundle, item

MANY = 5 * 1024 * 1024


def place(**more: Any) -> dict[str, Any]:
    return {"id": "A0013", "role": "installation"} | more


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({}, "productOrderItem", "required"),
        (home_bundle(productOrderItem=[]), "productOrderItem", "wrong-length"),
        (home_bundle(productOrderItem=None), "productOrderItem", "null"),
        (home_bundle(productOrderItem={}), "productOrderItem", "not-a-list"),
        (home_bundle(productOrderItem=["x"]), "productOrderItem.0", "not-an-object"),
        (home_bundle(productOrderItem=[{}]), "productOrderItem.0.id", "required"),
        (home_bundle(productOrderItem=[item(id=1)]), "productOrderItem.0.id", "not-a-string"),
        (home_bundle(productOrderItem=[item(id="a b")]), "productOrderItem.0.id", "wrong-form"),
        (home_bundle(productOrderItem=[item(action="explode")]), "productOrderItem.0.action", "not-allowed"),
        (home_bundle(productOrderItem=[item(quantity="2")]), "productOrderItem.0.quantity", "not-a-number"),
        (home_bundle(productOrderItem=[item(quantity=True)]), "productOrderItem.0.quantity", "not-a-number"),
        (home_bundle(productOrderItem=[item(quantity=1.5)]), "productOrderItem.0.quantity", "not-a-number"),
        (home_bundle(productOrderItem=[item(quantity=0)]), "productOrderItem.0.quantity", "out-of-range"),
        (home_bundle(productOrderItem=[item(), item()]), "productOrderItem.1.id", "duplicate"),
        (home_bundle(productOrderItem=[item(colour="red")]), "productOrderItem.0.colour", "unknown-field"),
        (
            home_bundle(productOrderItem=[item(productOffering=None)]),
            "productOrderItem.0.productOffering",
            "null",
        ),
        (
            home_bundle(productOrderItem=[{"id": "1", "action": "add"}]),
            "productOrderItem.0",
            "required",
        ),
        (
            home_bundle(productOrderItem=[{"id": "1", "action": "delete"}]),
            "productOrderItem.0",
            "required",
        ),
        (
            home_bundle(
                productOrderItem=[
                    item(productOrderItemRelationship=[{"id": "7", "relationshipType": "reliesOn"}]),
                ]
            ),
            "productOrderItem.0.productOrderItemRelationship",
            "unknown-item",
        ),
        (home_bundle(description=7), "description", "not-a-string"),
        (home_bundle(description="x" * 501), "description", "wrong-length"),
        (home_bundle(externalId=""), "externalId", "wrong-length"),
        (home_bundle(externalId="x" * 65), "externalId", "wrong-length"),
        (home_bundle(externalId=["x"]), "externalId", "not-a-string"),
        (home_bundle(priority="9"), "priority", "not-allowed"),
        (home_bundle(priority={}), "priority", "not-a-string"),
        (home_bundle(requestedStartDate="2026-12-01"), "requestedStartDate", "not-a-time"),
        (home_bundle(requestedStartDate="2026-12-01T10:00:00"), "requestedStartDate", "not-a-time"),
        (home_bundle(requestedStartDate=5), "requestedStartDate", "not-a-time"),
        (home_bundle(requestedStartDate="0001-01-01T00:00:00+14:00"), "requestedStartDate", "not-a-time"),
        (home_bundle(requestedStartDate="1999-01-01T00:00:00Z"), "requestedStartDate", "out-of-range"),
        (home_bundle(channel=[{"id": "counter"}, {"id": "agent"}]), "channel", "too-long"),
        (home_bundle(relatedParty=[{"role": "customer"}]), "relatedParty.0.id", "required"),
        (home_bundle(relatedParty="C100003"), "relatedParty", "not-a-list"),
        (home_bundle(unheardOf=1), "unheardOf", "unknown-field"),
        ([], "", "not-an-object"),
        ("x", "", "not-an-object"),
        (None, "", "not-an-object"),
        (7, "", "not-an-object"),
    ],
)
def test_a_wrong_shape_is_400_and_names_the_field(front: Person, body: Any, path: str, code: str) -> None:
    answer = front.call("POST", ORDERS, json=body)
    assert answer.status_code == 400
    assert codes(answer).get(path) == code, answer.get_json()
    shown = answer.get_json()
    assert shown["code"] == "invalid-input" and shown["status"] == "400"


@pytest.mark.parametrize(
    "body",
    [
        home_bundle(productOrderItem=[item(productOffering={"id": "no-such-offering"})]),
        home_bundle(
            productOrderItem=[item(product={"productSpecification": {"id": "teleporter"}, "place": [place()]})]
        ),
        home_bundle(productOrderItem=[item(product={"place": [place(id="A9999")]})]),
        home_bundle(productOrderItem=[item(product={"place": []})]),
        home_bundle(relatedParty=[{"id": "C999999", "role": "customer"}]),
        home_bundle(relatedParty=[]),
        home_bundle(billingAccount={"id": "AC9999999"}),
        home_bundle(channel=[{"id": "smoke_signals"}]),
        home_bundle(productOrderItem=[{"id": "1", "action": "delete", "product": {"id": "P99999999"}}]),
        home_bundle(
            productOrderItem=[
                item(
                    product={
                        "place": [place()],
                        "productCharacteristic": [{"name": "downstream_mbps", "value": 7}],
                    }
                )
            ]
        ),
        home_bundle(
            productOrderItem=[
                item(product={"place": [place()], "productCharacteristic": [{"name": "colour", "value": "red"}]})
            ]
        ),
        # of another area: the customer, the address, the installed product
        home_bundle(relatedParty=[{"id": "C100013", "role": "customer"}]),
        home_bundle(productOrderItem=[item(product={"place": [place(id="A0051")]})]),
        home_bundle(productOrderItem=[{"id": "1", "action": "delete", "product": {"id": "P10001301"}}]),
    ],
)
def test_what_the_books_do_not_allow_is_422_and_names_the_field(front: Person, body: dict[str, Any]) -> None:
    answer = front.post(ORDERS, body)
    shown = answer.get_json()
    assert answer.status_code == 422, shown
    assert shown["details"] and all(row["message"] for row in shown["details"])


def test_strange_characteristic_values_are_refused_not_choked_on(front: Person) -> None:
    for value in (None, [], {}, {"a": [1]}, "x" * 100_000, -1, 1e300, True, "'; drop table product_order; --"):
        given = {"name": "downstream_mbps", "value": value}
        body = home_bundle(productOrderItem=[item(product={"place": [place()], "productCharacteristic": [given]})])
        assert front.post(ORDERS, body).status_code == 422, value


@pytest.mark.parametrize("raw", [b"", b"{", b'{"a":1,"a":2}', b'{"a":NaN}', b"\xff", b"[" * 90_000, b'"\\ud800"'])
def test_broken_json_is_400(front: Person, raw: bytes) -> None:
    answer = front.call("POST", ORDERS, data=raw, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["message"]


@pytest.mark.parametrize(
    "media", ["text/xml", "text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"]
)
def test_another_media_type_is_415(front: Person, media: str) -> None:
    answer = front.call("POST", ORDERS, data=b"{}", content_type=media)
    assert answer.status_code == 415


def test_five_megabytes_are_413(front: Person) -> None:
    body = json.dumps(home_bundle(description="x" * MANY)).encode()
    answer = front.call("POST", ORDERS, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too-large")


def test_errors_are_told_in_the_callers_language(front: Person) -> None:
    chinese = front.call("POST", ORDERS, json={}, headers={"Accept-Language": "zh-CN,zh;q=0.9"}).get_json()
    english = front.call("POST", ORDERS, json={}, headers={"Accept-Language": "en-GB"}).get_json()
    by_address = front.call("POST", f"{ORDERS}?lang=zh", json={}).get_json()
    assert chinese["message"] == by_address["message"] == "productOrderItem：缺少必填字段"
    assert english["message"] == "productOrderItem: Missing data for required field."
    assert chinese["code"] == english["code"]


def test_our_own_paths_answer_422_as_problem_json(front: Person) -> None:
    answer = front.post("/api/v1/tickets", {"product_id": 7, "colour": "red"})
    shown = answer.get_json()
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert shown["code"] == "invalid-input" and shown["type"] == "urn:yizhan:problem:invalid-input"
    assert codes(answer) == {"product_id": "not-a-string", "colour": "unknown-field", "description": "required"}
    assert front.get("/api/v1/work-items?colour=red").status_code == 400
    assert front.get("/api/v1/work-items?tab=theirs").status_code == 400


def test_a_wrong_method_is_405_and_says_which_are_right(front: Person) -> None:
    answer = front.call("DELETE", ORDERS)
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]
