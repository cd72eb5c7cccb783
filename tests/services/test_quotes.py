"""A quote: price, promise and reasons before anything is ordered; a neighbour that is down makes it a pending check."""

from __future__ import annotations

from tests.api.test_repairs import Broken
from tests.api.world import Person, codes, home_bundle, item
from tests.services.desk import Desk

QUOTES = "/api/v1/quotes"
CUSTOMER = "/api/v1/customers/C100003"


def test_a_quote_says_price_promise_and_reasons_in_both_languages(office: Desk, front: Person) -> None:
    before = front.get(CUSTOMER).get_json()["open_orders"]
    made = front.post(QUOTES, home_bundle()).get_json()
    assert (made["state"], made["credit"]) == ("fine", {"answered": True, "verdict": "ok"})
    (row,) = made["items"]
    assert row["feasibility"] == {"answered": True, "verdict": "available"}
    assert float(made["first_bill_cny"]) == float(row["one_off_cny"]) + float(row["monthly_cny"]) > 0
    assert row["promise"]["due_at"] == made["promised_at"] and row["promise"]["reasons"]
    front.language = "zh"
    again = front.post(QUOTES, home_bundle()).get_json()
    front.language = "en"
    assert again["items"][0]["promise"]["reasons"] != row["promise"]["reasons"]
    assert front.get(CUSTOMER).get_json()["open_orders"] == before  # nothing is ordered


def test_what_cannot_be_ordered_is_not_quoted(front: Person) -> None:
    answer = front.post(QUOTES, home_bundle(productOrderItem=[item(productOffering={"id": "fb-50-old"})]))
    assert answer.status_code == 422 and "productOrderItem.0.productOffering.id" in codes(answer)


def test_leaving_an_agreement_early_has_a_price(office: Desk) -> None:
    gone = {"id": "1", "action": "delete", "product": {"id": "P30000101"}}
    body = home_bundle(
        category="disconnect", relatedParty=[{"id": "C300001", "role": "customer"}], productOrderItem=[gone]
    )
    made = office.person("sh.am").post(QUOTES, body)
    assert made.status_code == 200, made.get_json()
    assert float(made.get_json()["items"][0]["penalty_cny"]) > 0


def test_a_neighbour_that_is_down_makes_it_a_pending_check(office: Desk, front: Person) -> None:
    ports = office.whole.deps.ports
    kept = dict(ports)
    ports["resource"] = ports["billing"] = Broken()  # type: ignore[index]
    try:
        made = front.post(QUOTES, home_bundle()).get_json()
    finally:
        ports.update(kept)  # type: ignore[attr-defined]
    assert made["state"] == "pending_check"
    assert (made["credit"]["answered"], made["items"][0]["feasibility"]["answered"]) == (False, False)
    assert made["items"][0]["promise"] is not None
