"""TMF622 product orders over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from app.persistence.ordering.orders import ProductOrder
from app.unit_of_work import transaction
from tests.api.world import CANCELS, ORDERS, Person, World, codes, home_bundle, item

UNKNOWN_ID = "01a1ffbc-0000-7000-8000-000000000000"


@pytest.fixture
def placed(front: Person, new_external_id: str) -> dict[str, Any]:
    answer = front.post(ORDERS, home_bundle(new_external_id))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    return body


def test_an_order_is_accepted_with_everything_tmf_asks_for(front: Person, new_external_id: str) -> None:
    answer = front.post(ORDERS, home_bundle(new_external_id, priority="1", note=[{"text": "门铃坏了"}]))
    body = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == body["href"] == f"{ORDERS}/{body['id']}"
    assert body["state"] == "acknowledged" and body["@type"] == "ProductOrder"
    assert body["externalId"] == new_external_id and body["priority"] == "1"
    assert body["note"] == [{"text": "门铃坏了"}]
    assert body["orderDate"].endswith("+00:00") and "completionDate" not in body
    assert body["relatedParty"][0]["id"] == "C100003"
    assert body["productOrderItem"][0]["state"] == "acknowledged"
    assert body["orderNumber"].startswith("O-")
    assert front.get(body["href"]).get_json() == body


def test_sending_the_same_order_again_returns_the_first(front: Person, new_external_id: str) -> None:
    first = front.post(ORDERS, home_bundle(new_external_id))
    # Blanks and the order of keys do not make another order.
    again = front.post(ORDERS, dict(reversed(home_bundle(new_external_id).items())))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json()["id"] == first.get_json()["id"]


def test_the_same_external_id_with_another_body_is_a_conflict(front: Person, placed: dict[str, Any]) -> None:
    answer = front.post(ORDERS, home_bundle(placed["externalId"], description="something else"))
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "duplicate-external-id"


def test_two_clients_may_use_the_same_external_id(world: World, placed: dict[str, Any]) -> None:
    other = world.person("sh.am").post(ORDERS, home_bundle(placed["externalId"]))
    assert other.status_code == 201
    assert other.get_json()["id"] != placed["id"]


def test_an_idempotency_key_makes_one_order_and_one_answer(world: World, front: Person) -> None:
    headers = {"Idempotency-Key": "key-1"}
    first = front.post(ORDERS, home_bundle(), headers=headers)
    again = front.post(ORDERS, home_bundle(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers
    assert again.headers["Location"] == first.headers["Location"]
    assert "externalId" not in first.get_json()  # the number we made up from the key stays ours
    refused = front.post(ORDERS, home_bundle(description="other"), headers=headers)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "key-reused")
    stranger = world.person("sh.am").post(ORDERS, home_bundle(), headers=headers)
    assert stranger.status_code == 201 and stranger.get_json()["id"] != first.get_json()["id"]


def test_a_refused_request_does_not_use_up_its_key(front: Person) -> None:
    headers = {"Idempotency-Key": "key-2"}
    assert front.post(ORDERS, home_bundle(productOrderItem=[]), headers=headers).status_code == 400
    assert front.post(ORDERS, home_bundle(relatedParty=[]), headers=headers).status_code == 422
    assert front.post(ORDERS, home_bundle(), headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 129, "a b"])
def test_a_key_that_is_no_key_is_refused(front: Person, key: str) -> None:
    assert front.post(ORDERS, home_bundle(), headers={"Idempotency-Key": key}).status_code == 400


def test_the_list_counts_pages_and_chooses_fields(front: Person, placed: dict[str, Any]) -> None:
    answer = front.get(f"{ORDERS}?limit=1&fields=state,externalId")
    body = answer.get_json()
    assert answer.status_code == 200 and len(body) == 1
    assert answer.headers["X-Result-Count"] == "1"
    assert int(answer.headers["X-Total-Count"]) >= 1
    assert set(body[0]) == {"id", "href", "state", "externalId"}
    beyond = front.get(f"{ORDERS}?offset=1000")
    assert (beyond.status_code, beyond.get_json()) == (200, [])
    assert front.get(f"{ORDERS}?limit=0").get_json() == []
    assert set(front.get(f"{placed['href']}?fields=none").get_json()) == {"id", "href"}


def test_attributes_select_orders(front: Person, placed: dict[str, Any]) -> None:
    def found(query: str) -> list[str]:
        answer = front.get(f"{ORDERS}?{query}&limit=100")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return [order["id"] for order in answer.get_json()]

    assert found(f"externalId={placed['externalId']}") == [placed["id"]]
    assert found(f"orderNumber={placed['orderNumber']}") == [placed["id"]]
    assert placed["id"] in found("state=acknowledged,held")
    assert placed["id"] not in found("state=completed")
    assert placed["id"] in found("relatedParty.id=C100003&productOrderItem.productOffering.id=hb-500")
    assert placed["id"] not in found("productOrderItem.productOffering.id=fb-300")
    assert placed["id"] in found("orderDate.gt=2020-01-01T00:00:00Z")
    assert placed["id"] not in found("orderDate.lt=2020-01-01T00:00:00%2B08:00")


@pytest.mark.parametrize(
    "query",
    [
        "limit=-1",
        "limit=101",
        "limit=x",
        "offset=-1",
        "offset=99999999999999999999",
        "colour=red",
        "fields=colour",
        "orderDate.gt=yesterday",
        "state=%00",
        "state=finished",
        "productOrderItem.action=destroy",
        "priority=9",
        "state.x=1",
    ],
)
def test_a_selection_that_means_nothing_is_refused(front: Person, query: str) -> None:
    answer = front.get(f"{ORDERS}?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["message"]


def test_an_unknown_order_is_404_in_the_shape_of_tm_forum(front: Person) -> None:
    for path in (f"{ORDERS}/{UNKNOWN_ID}", f"{ORDERS}/O-2611-000001", f"{ORDERS}/x%00y", f"{ORDERS}/%F0%9F"):
        answer = front.get(path)
        assert answer.status_code == 404
        assert set(answer.get_json()) >= {"code", "reason", "message", "status"}


def test_what_may_be_patched_is_patched(front: Person, placed: dict[str, Any]) -> None:
    before = front.get(placed["href"])
    wish = {"description": "新说明", "priority": "0", "requestedCompletionDate": "2026-12-24T18:00:00+08:00"}
    answer = front.patch(placed["href"], wish | {"note": [{"text": "n"}]}, headers={"If-Match": before.headers["ETag"]})
    body = answer.get_json()
    assert answer.status_code == 200, body
    assert body["description"] == "新说明" and body["priority"] == "0" and body["note"] == [{"text": "n"}]
    assert body["requestedCompletionDate"] == "2026-12-24T10:00:00+00:00"
    emptied = front.patch(
        placed["href"], {"description": None, "note": None, "requestedCompletionDate": None}
    ).get_json()
    assert "description" not in emptied and emptied["note"] == [] and "requestedCompletionDate" not in emptied


def test_merge_patch_is_the_same_and_other_media_are_refused(front: Person, placed: dict[str, Any]) -> None:
    raw = b'{"description": "by merge-patch"}'
    for media, status in (
        ("application/merge-patch+json", 200),
        ("application/json-patch+json", 415),
        ("text/plain", 415),
    ):
        answer = front.call("PATCH", placed["href"], data=raw, content_type=media)
        assert answer.status_code == status


def test_a_stale_version_is_412_and_a_strange_one_400(front: Person, placed: dict[str, Any]) -> None:
    old = front.get(placed["href"]).headers["ETag"]
    assert front.patch(placed["href"], {"description": "one"}, headers={"If-Match": old}).status_code == 200
    late = front.patch(placed["href"], {"description": "two"}, headers={"If-Match": old})
    assert (late.status_code, late.get_json()["code"]) == (412, "stale-version")
    assert front.patch(placed["href"], {}, headers={"If-Match": '"new"'}).status_code == 400


@pytest.mark.parametrize(
    "field", ["id", "href", "orderDate", "completionDate", "externalId", "channel", "relatedParty"]
)
def test_what_only_the_system_sets_is_refused_by_name(front: Person, placed: dict[str, Any], field: str) -> None:
    answer = front.patch(placed["href"], {field: "x", "description": "must not be stored"})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "not-patchable")
    assert codes(answer) == {field: "not-patchable"}
    assert front.get(placed["href"]).get_json() == placed


@pytest.mark.parametrize(
    "wish",
    [
        {"state": "completed"},
        {"state": "pending"},
        {"state": "pending", "stateReason": {"code": "customer-defer"}},
        {"state": "pending", "stateReason": {"code": "customer-defer", "evidence": "  "}},
        {"state": "inProgress", "stateReason": {"code": "customer-defer", "evidence": "rec 1"}},
        {"state": "inProgress", "description": "x"},
        {"stateReason": {"code": "customer-defer", "evidence": "rec 1"}},
        {"priority": "9"},
        {"description": 5},
        {"area": "BJ"},
        {"version": 7},
        [],
        "x",
        None,
    ],
)
def test_a_patch_that_cannot_be_is_refused_and_changes_nothing(
    front: Person, placed: dict[str, Any], wish: Any
) -> None:
    answer = front.call("PATCH", placed["href"], json=wish)
    assert answer.status_code == 400, answer.get_json()
    assert front.get(placed["href"]).get_json() == placed


def test_an_order_is_paused_for_the_customer_and_resumed(world: World, front: Person, placed: dict[str, Any]) -> None:
    wish = {"state": "pending", "stateReason": {"code": "customer-defer", "evidence": "recording 77"}}
    assert front.patch(placed["href"], wish).get_json()["state"] == "pending"
    assert front.patch(placed["href"], wish).status_code in {200, 409}
    unknown = {"state": "pending", "stateReason": {"code": "bad-mood", "evidence": "x"}}
    assert front.patch(placed["href"], unknown).status_code in {409, 422}
    view = front.get(f"/api/v1/orders/{placed['orderNumber']}").get_json()
    assert view["waits_for"][0]["kind"] == "customer"
    resumed = front.patch(placed["href"], {"state": "inProgress"})
    assert (resumed.status_code, resumed.get_json()["state"]) == (200, "inProgress")


def test_a_cancel_is_a_resource_of_its_own(front: Person, placed: dict[str, Any]) -> None:
    answer = front.post(CANCELS, {"productOrder": {"id": placed["id"]}, "cancellationReason": "客户不要了"})
    body = answer.get_json()
    assert answer.status_code == 201, body
    assert answer.headers["Location"] == body["href"]
    assert body["productOrder"]["id"] == placed["id"] and body["cancellationReason"] == "客户不要了"
    assert body["state"] in {"acknowledged", "inProgress", "done"}
    assert front.get(body["href"]).get_json()["id"] == body["id"]
    listed = front.get(f"{CANCELS}?limit=100")
    assert body["id"] in [row["id"] for row in listed.get_json()]
    assert int(listed.headers["X-Total-Count"]) >= 1
    twice = front.post(CANCELS, {"productOrder": {"id": placed["id"]}, "cancellationReason": "again"})
    assert twice.status_code == 409


@pytest.mark.parametrize(
    ("state", "completion", "cancellation", "reason"),
    [
        ("inProgress", False, False, False),
        ("completed", True, False, False),
        ("partial", True, False, False),
        ("pendingCancellation", False, False, True),
        ("cancelled", False, True, True),
    ],
)
def test_dates_and_reasons_stand_where_they_are_true(
    world: World, front: Person, state: str, completion: bool, cancellation: bool, reason: bool
) -> None:
    """A request to cancel that was refused leaves no word on the order; a cancelled order was not completed."""
    placed = front.post(ORDERS, home_bundle()).get_json()
    front.post(CANCELS, {"productOrder": {"id": placed["id"]}, "cancellationReason": "moves away"})
    with transaction(world.deps.sessions) as tx:
        order = tx.session.get_one(ProductOrder, placed["id"])
        order.state, order.completed_at = state, world.deps.clock(tx.session)
    body = front.get(placed["href"]).get_json()
    assert ("completionDate" in body, "cancellationDate" in body, "cancellationReason" in body) == (
        completion,
        cancellation,
        reason,
    )


def test_a_cancel_of_nothing_or_without_a_reason_is_refused(front: Person, placed: dict[str, Any]) -> None:
    def ask(**body: Any) -> int:
        return front.post(CANCELS, body).status_code

    assert ask(productOrder={"id": UNKNOWN_ID}, cancellationReason="x") == 404
    assert ask(productOrder={"id": placed["id"]}) == 400
    assert ask(productOrder={"id": placed["id"]}, cancellationReason=" ") == 400
    assert ask(productOrder={"id": placed["id"]}, cancellationReason="x", state="done") == 400
    assert front.get(f"{CANCELS}/{UNKNOWN_ID}").status_code == 404


def test_nothing_the_system_sets_can_be_brought_along(world: World, front: Person) -> None:
    for field in ("id", "state", "area", "version", "orderDate", "client", "number", "completionDate"):
        answer = front.post(ORDERS, home_bundle(**{field: "x"}))
        assert (answer.status_code, codes(answer)) == (400, {field: "unknown-field"})
    answer = front.post(ORDERS, home_bundle(productOrderItem=[item(state="completed")]))
    assert codes(answer) == {"productOrderItem.0.state": "unknown-field"}


def test_refused_orders_leave_no_row(world: World, front: Person) -> None:
    def rows() -> int:
        return int(world.look(lambda session: session.query(ProductOrder).count()))

    before = rows()
    front.post(ORDERS, home_bundle(productOrderItem=[item(), item()]))
    front.post(ORDERS, home_bundle(productOrderItem=[item(), item(id="2", productOffering={"id": "nope"})]))
    assert rows() == before
