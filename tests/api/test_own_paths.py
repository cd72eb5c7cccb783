"""Our own JSON paths: the whole view of an order, look-ups, checks, probes."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from sqlalchemy import event

from tests.api.world import ORDERS, Person, World, codes, home_bundle


@pytest.fixture(scope="module")
def order(world: World) -> dict[str, Any]:
    body: dict[str, Any] = world.person("front").post(ORDERS, home_bundle("OWN-1")).get_json()
    return body


def test_an_order_is_shown_whole_by_id_and_by_number(front: Person, order: dict[str, Any]) -> None:
    by_id = front.get(f"/api/v1/orders/{order['id']}").get_json()
    by_number = front.get(f"/api/v1/orders/{order['orderNumber']}").get_json()
    assert by_id == by_number
    assert by_id["number"] == order["orderNumber"] and by_id["external_id"] == "OWN-1"
    assert by_id["promised_at"] and by_id["sla"][0]["due_at"]
    assert by_id["items"][0]["offering"] == "hb-500"
    assert by_id["events"][0]["kind"] == "state"
    assert isinstance(by_id["waits_for"], list) and isinstance(by_id["work_orders"], list)
    assert front.get("/api/v1/orders/O-0000-000000").status_code == 404


def test_an_order_can_be_asked_for_some_fields_only(world: World, front: Person, order: dict[str, Any]) -> None:
    path = f"/api/v1/orders/{order['id']}"
    statements: list[str] = []
    event.listen(world.deps.database, "before_cursor_execute", lambda *given: statements.append(given[2]))
    some = front.get(f"{path}?fields=number,state,work_orders,waits_for").get_json()
    few, statements[:] = len(statements), []
    whole = front.get(path).get_json()
    assert set(some) == {"number", "state", "work_orders", "waits_for"}
    assert some == {name: whole[name] for name in some}
    assert few < len(statements)
    assert front.get(f"{path}?fields=number,colour").status_code == 400


def test_an_order_is_paused_and_resumed(front: Person, order: dict[str, Any]) -> None:
    path = f"/api/v1/orders/{order['orderNumber']}"
    assert front.post(f"{path}/pause", {"reason": "customer-defer"}).status_code == 422
    paused = front.post(f"{path}/pause", {"reason": "customer-defer", "evidence": "recording 7"})
    assert (paused.status_code, paused.get_json()["state"]) == (200, "pending")
    assert paused.get_json()["waits_for"][0]["kind"] == "customer"
    assert front.post(f"{path}/resume", {"force": True}).status_code == 422
    resumed = front.call("POST", f"{path}/resume")  # no body at all will do
    assert (resumed.status_code, resumed.get_json()["state"]) == (200, "inProgress")
    assert front.post(f"{path}/resume").status_code == 409


def test_personal_data_is_masked_in_look_ups(front: Person) -> None:
    answer = front.get("/api/v1/customers?q=C100003")
    [row] = answer.get_json()["items"]
    assert row["name"] == "吕*" and row["phone"] == "154****1003" and row["accounts"]
    assert not re.search(r"15400001003|990003197211230755|demo003@", answer.text)
    assert front.get("/api/v1/customers").get_json()["items"] == []
    assert front.get("/api/v1/addresses?q=A0013").get_json()["items"][0]["code"] == "A0013"
    assert front.get("/api/v1/products").status_code == 400


def test_a_product_of_many_sites_names_each_by_the_code_an_order_moves_it_with(front: Person) -> None:
    places = front.get("/api/v1/products/P40000101").get_json()["places"]
    assert {place["address_code"]: place["site_code"] for place in places}["A0017"] == "VPN0001-S2"
    moved = {
        "id": "1",
        "action": "modify",
        "product": {
            "id": "P40000101",
            "place": [{"id": "A0018", "role": "site"}],
            "productCharacteristic": [{"name": "site_code", "value": "VPN0001-S9"}],
        },
    }
    order = {"category": "move", "relatedParty": [{"id": "C400001", "role": "customer"}], "productOrderItem": [moved]}
    refused = front.post(ORDERS, order)
    where = "productOrderItem.0.product.productCharacteristic.site_code"
    assert (refused.status_code, codes(refused)) == (422, {where: "unknown-site"})
    assert "VPN0001-S2" in refused.get_json()["details"][0]["message"]


def test_the_catalogue_names_prices_in_both_languages(front: Person) -> None:
    body = front.get("/api/v1/catalogue").get_json()
    offering = next(row for row in body["offerings"] if row["code"] == "hb-500")
    assert offering["name_zh"] and offering["name_en"]
    assert re.fullmatch(r"\d+\.\d\d", offering["prices"][0]["amount_cny"])
    assert {row["code"] for row in body["order_types"]} >= {"install", "move", "disconnect"}


def test_credit_and_feasibility_can_be_asked_before(world: World, front: Person) -> None:
    body = {
        "credit": {"customer_no": "C100003", "amount_cny": "149.00"},
        "feasibility": [{"address_code": "A0013", "product": "ftth_broadband"}],
    }
    answer = front.post("/api/v1/checks", body)
    shown = answer.get_json()
    assert answer.status_code == 200, shown
    assert shown["credit"]["answered"] is True and shown["credit"]["verdict"]
    assert shown["feasibility"][0]["address_code"] == "A0013" and shown["feasibility"][0]["verdict"]
    assert front.post("/api/v1/checks", {}).get_json() == {"credit": None, "feasibility": []}
    foreign = {"credit": {"customer_no": "C100013"}}
    assert front.post("/api/v1/checks", foreign).status_code == 404
    assert front.post("/api/v1/checks", {"feasibility": [{"address_code": "A0051", "product": "x"}]}).status_code == 404
    assert front.post("/api/v1/checks", {"credit": {"customer_no": "C1", "amount_cny": "-5"}}).status_code == 422


def test_who_am_i(world: World) -> None:
    body = world.person("back").get("/api/v1/me").get_json()
    assert (body["login"], body["role"], body["area"]) == ("back", "back_office", "SH")
    assert "item.claim" in body["actions"] and "order.submit" not in body["actions"]
    assert "data_access.sh" in body["teams"]


def test_probes_answer_without_login(world: World) -> None:
    client = world.app.test_client()
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ready", "degraded": []}
    text = client.get("/metrics").text
    for name in (
        "yizhan_http_requests_total",
        "yizhan_orders",
        "yizhan_jobs",
        "yizhan_open_incidents",
        "yizhan_engine_events_total",
    ):
        assert name in text
    client.open("/healthz", method="MADEUP")
    assert "MADEUP" not in client.get("/metrics").text


def test_readiness_says_when_wake_ups_are_missing(fresh_world) -> None:  # type: ignore[no-untyped-def]
    world = fresh_world(redis_url="redis://127.0.0.1:1/0")
    answer = world.app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready", "degraded": ["redis"]})


def test_counters_may_be_kept_behind_a_token(fresh_world) -> None:  # type: ignore[no-untyped-def]
    client = fresh_world(metrics_token="only-prometheus").app.test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer only-prometheus"}).status_code == 200


def test_not_ready_without_tables(tmp_path, fresh_world) -> None:  # type: ignore[no-untyped-def]
    world = fresh_world()
    with world.deps.database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE process_definition RENAME TO elsewhere")
    answer = world.app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert answer.get_json()["retryable"] is True


def test_a_request_id_is_kept_if_it_is_one(front: Person) -> None:
    assert front.get("/api/v1/me", headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    assert front.get("/api/v1/me", headers={"X-Request-Id": "a b" * 99}).headers["X-Request-Id"] != "a b" * 99


@pytest.mark.parametrize("with_key", [False, True])
def test_equal_requests_at_one_instant_make_one_order(world: World, front: Person, *, with_key: bool) -> None:
    name = f"TWINS-{with_key}"
    answers: list[Any] = []
    headers = {"Idempotency-Key": name} if with_key else {}
    body = home_bundle(None if with_key else name)
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        answers.append(front.post(ORDERS, body, headers=headers))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = {answer.status_code for answer in answers}
    # With a key the twins may be told that the first one is still being worked on.
    assert statuses <= ({201, 409} if with_key else {200, 201}), statuses
    ids = {answer.get_json()["id"] for answer in answers if answer.status_code < 400}
    assert len(ids) == 1
