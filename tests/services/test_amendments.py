"""Amendments over the interface: looked at, confirmed, refused with field and reason, agreed to by a second person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.cli.field_crew import answers
from tests.api.world import CANCELS, ORDERS
from tests.services.whole import Whole, whole

FASTER = {"items": [{"item_no": "1", "offering": "hb-1000"}], "reason": "wants more"}


@pytest.fixture(scope="module")
def running(make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with whole(make_database("sqlite", migrated=True), tmp_path_factory.mktemp("amendments")) as one:
        yield one


def placed(running: Whole, number: str) -> str:
    """A home bundle that waits for its appointment."""
    order_id = running.place("home-bundle.json", externalId=f"AMEND-{number}")
    while running.work():
        pass
    return order_id


def ask(running: Whole, order_id: str, body: Any, status: int, *, login: str = "front", path: str = "") -> Any:
    answer = running.client.post(
        f"/api/v1/orders/{order_id}/amendments{path}", json=body, headers=running.headers(login)
    )
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def confirmed(running: Whole, order_id: str, body: dict[str, Any], status: int = 201) -> Any:
    shown = ask(running, order_id, body, 200)
    return ask(running, order_id, {**body, "dry_run": False, "digest": shown["digest"]}, status)


def begin(running: Whole, order_id: str, form: str) -> Any:
    """Do everything up to that work item, and begin that."""
    for _round in range(40):
        running.work()
        number = running.call("GET", f"/api/v1/orders/{order_id}?fields=number")["number"]
        query = f"/api/v1/work-items?tab=all&order={number}&limit=100"
        for row in running.call("GET", query)["items"]:
            if row["state"] not in {"open", "claimed"}:
                continue
            item = running.call("POST", f"/api/v1/work-items/{row['id']}/claim", {})
            if row["form_key"] == form:
                return item
            result = answers(item.get("form") or {}, item.get("context") or {})
            running.call("POST", f"/api/v1/work-items/{row['id']}/complete", {"result": result})
    raise AssertionError(f"it never comes to {form}")


def test_what_is_shown_is_done_and_nothing_else(running: Whole) -> None:
    order_id = placed(running, "shown")
    before = running.call("GET", f"/api/v1/orders/{order_id}")
    shown = ask(running, order_id, FASTER, 200)
    (item,) = shown["items"]
    assert (item["kinds"], item["promised_before"] == item["promised_after"]) == (["speed"], True)
    acts = {step["path"]: step["act"] for step in item["steps"]}
    assert acts["access_activation/create_access_account"] == acts["subscription_setup/create_subscription"] == "change"
    assert acts["voice_activation/create_voice_subscriber"] == acts["book_appointment"] == "keep"
    assert item["prices_before"] != item["prices_after"]
    assert running.call("GET", f"/api/v1/orders/{order_id}") == before  # a look changes nothing
    row = confirmed(running, order_id, FASTER)
    assert row["state"] in ("done", "inProgress")
    while running.work():
        pass
    (kept,) = running.call("GET", f"/api/v1/orders/{order_id}/amendments")["items"]
    assert (kept["state"], kept["requested_by"], kept["reason"]) == ("done", "front", "wants more")
    after = running.call("GET", f"/api/v1/orders/{order_id}")
    assert [step["state"] for step in after["work_orders"]] == [step["state"] for step in before["work_orders"]]
    assert [one["id"] for one in after["work_items"]] == [one["id"] for one in before["work_items"]]
    assert running.play(order_id)["state"] == "completed"
    assert running.violations() == []


def test_another_address_keeps_the_account_and_the_number(running: Whole) -> None:
    order_id = placed(running, "address")
    moved = {"items": [{"item_no": "1", "places": [{"address_code": "A0014"}]}]}
    (item,) = ask(running, order_id, moved, 200)["items"]
    acts = {step["path"]: step["act"] for step in item["steps"]}
    assert {name: acts[name] for name in acts if name.startswith("resource_assignment/")} == {
        "resource_assignment/reserve": "change",
        "resource_assignment/assign": "change",
    }
    assert acts["access_activation/create_access_account"] == "change"
    assert acts["access_activation/configure_olt_port"] == "redo"
    assert acts["voice_activation/create_voice_subscriber"] == acts["subscription_setup/create_subscription"] == "keep"
    assert item["promised_after"] >= item["promised_before"]


def test_a_to_do_in_hand_goes_on_with_its_draft(running: Whole) -> None:
    order_id = placed(running, "in-hand")
    item = begin(running, order_id, "book_appointment")
    confirmed(running, order_id, FASTER)
    while running.work():
        pass
    kept = running.call("GET", f"/api/v1/work-items/{item['id']}")
    assert (kept["state"], kept["claimed_by"]) == ("claimed", item["claimed_by"])
    assert running.play(order_id)["state"] == "completed"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"item_no": "9"}, "unknown-item"),
    ({"item_no": "1"}, "nothing-changes"),
    ({"item_no": "1", "offering": "hb-500"}, "nothing-changes"),
    ({"item_no": "1", "offering": "none-such"}, "unknown-offering"),
    ({"item_no": "1", "offering": "fb-1000"}, "product-mismatch"),
    ({"item_no": "1", "characteristics": {"with_voice": "maybe"}}, ""),
    ({"item_no": "1", "characteristics": {"colour": "red"}}, "unknown-characteristic"),
    ({"item_no": "1", "places": [{"address_code": "A9999"}]}, "unknown-address"),
    ({"item_no": "1", "places": [{"address_code": "A0012"}]}, "no_free_port"),
]


def test_what_is_wrong_is_refused_with_field_and_reason(running: Whole) -> None:
    order_id = placed(running, "wrong")
    for change, code in WRONG:
        answer = ask(running, order_id, {"items": [change]}, 422)
        assert code in {row["code"] for row in answer["details"]} or not code, answer
        assert all(row["path"] and row["message"] for row in answer["details"])
    ask(running, order_id, {**FASTER, "dry_run": False}, 422)
    ask(running, order_id, {**FASTER, "dry_run": False, "digest": "something"}, 409)
    ask(running, order_id, FASTER, 403, login="ops")
    ask(running, "00000000-0000-7000-8000-000000000000", FASTER, 404)
    running.call("POST", CANCELS, {"productOrder": {"id": order_id}, "cancellationReason": "test"})
    assert running.play(order_id)["state"] == "cancelled"
    ask(running, order_id, FASTER, 409)  # it has ended


def test_of_two_at_once_one_is_refused(running: Whole) -> None:
    order_id = placed(running, "twice")
    shown = ask(running, order_id, FASTER, 200)
    other = {"items": [{"item_no": "1", "characteristics": {"with_iptv": False}}]}
    as_shown = ask(running, order_id, other, 200)["digest"]
    ask(running, order_id, {**FASTER, "dry_run": False, "digest": shown["digest"]}, 201)
    ask(running, order_id, {**other, "dry_run": False, "digest": as_shown}, 409)
    while running.work():
        pass
    assert confirmed(running, order_id, other)["seq"] == 2
    while running.work():
        pass
    ask(running, order_id, other, 422)  # nothing would change any more
    running.call("POST", CANCELS, {"productOrder": {"id": order_id}, "cancellationReason": "test"})
    assert running.play(order_id)["state"] == "cancelled"
    assert running.violations() == []


def test_past_the_soft_point_a_second_person_agrees(running: Whole) -> None:
    order_id = placed(running, "soft")
    begin(running, order_id, "install_at_customer")
    moved = {"items": [{"item_no": "1", "places": [{"address_code": "A0014"}]}]}
    refused = ask(running, order_id, moved, 200)
    assert (refused["refused"]["zh"], refused["items"][0]["offer"]) != ("", "")
    assert refused["items"][0]["offer"] == "move"
    ask(running, order_id, {**moved, "dry_run": False, "digest": refused["digest"]}, 409)
    no_tv = {"items": [{"item_no": "1", "characteristics": {"with_iptv": False}}]}
    shown = ask(running, order_id, no_tv, 200)
    assert (shown["needs_approval"], shown["fee_cny"]) == (True, "50.00")
    row = confirmed(running, order_id, no_tv)
    assert row["state"] == "awaitingApproval"
    path = f"/{row['id']}/decision"
    ask(running, order_id, {"agreed": True, "reason": "mine"}, 403, path=path)
    done = ask(running, order_id, {"agreed": True, "reason": "the customer pays"}, 200, login="ops2", path=path)
    assert (done["decided_by"], done["state"] in ("inProgress", "done")) == ("ops2", True)
    ask(running, order_id, {"agreed": False, "reason": "no"}, 409, login="ops2", path=path)
    assert running.play(order_id)["state"] == "completed"
    assert running.violations() == []


def test_the_standard_door_amends_as_well(running: Whole) -> None:
    order_id = placed(running, "patch")
    body = {"productOrderItem": [{"id": "1", "productOffering": {"id": "hb-1000"}}]}
    headers = {**running.headers("front"), "Content-Type": "application/merge-patch+json"}
    answer = running.client.patch(f"{ORDERS}/{order_id}", json=body, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    (item,) = answer.get_json()["productOrderItem"]
    assert item["productOffering"]["id"] == "hb-1000"
    both = running.client.patch(f"{ORDERS}/{order_id}", json={**body, "description": "x"}, headers=headers)
    assert both.status_code in (400, 422)
    again = running.client.patch(f"{ORDERS}/{order_id}", json=body, headers=headers)
    assert again.status_code in (409, 422)
    assert running.play(order_id)["state"] == "completed"
