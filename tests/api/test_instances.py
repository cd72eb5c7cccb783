"""Process instances over HTTP: found by order, process and place; looked into before anybody touches them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.api.test_repairs import INSTANCES
from tests.services.desk import Desk, desk


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def fallout(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """One order that waits for the appointment."""
    with desk(make_database(request.param, migrated=True), tmp_path_factory.mktemp("instances")) as opened:
        opened.place()
        yield opened


@pytest.fixture
def other(make_database: Callable[..., str], tmp_path: Path) -> Iterator[Desk]:
    with desk(make_database("sqlite", migrated=True), tmp_path) as opened:
        yield opened


def test_the_instances_of_an_order_are_found_with_the_places_where_they_wait(fallout: Desk) -> None:
    order = fallout.order
    number = order["number"]
    found = fallout.ops.get(f"{INSTANCES}?order={number}&limit=100").get_json()
    assert found["total"] == len(found["items"]) > 2
    root, *below = found["items"]
    assert (root["process_key"], root["about"], root["depth"]) == ("order_to_activate", number, 0)
    assert root["waits_at"] == ["run_items"]
    assert all(row["depth"] >= 1 and row["about"].startswith(number) for row in below)
    plan = next(row for row in below if row["process_key"] == "home_install")
    assert "book_appointment" in plan["waits_at"]
    ended = [row for row in below if row["state"] == "completed"]
    assert ended and not any(row["waits_at"] for row in ended)
    assert found["items"] == fallout.ops.get(f"{INSTANCES}?order={order['id']}&limit=100").get_json()["items"]


def test_instances_are_found_by_process_version_state_and_place(fallout: Desk) -> None:
    rows = fallout.ops.get(f"{INSTANCES}?process=home_install&version=1&element=book_appointment").get_json()
    (plan,) = rows["items"]
    assert fallout.ops.get(f"{INSTANCES}?process=home_install&version=2").get_json()["total"] == 0
    assert fallout.ops.get(f"{INSTANCES}?element=nowhere").get_json()["items"] == []
    # A call in the parent is a place, too; what has ended is only shown when it is asked for.
    (above,) = fallout.ops.get(f"{INSTANCES}?element=run_items").get_json()["items"]
    assert above["id"] == plan["root_id"]
    live = {row["state"] for row in fallout.ops.get(INSTANCES).get_json()["items"]}
    assert live == {"running"}
    assert fallout.ops.get(f"{INSTANCES}?state=completed").get_json()["total"] > 0
    fallout.ops.post(f"{INSTANCES}/{plan['id']}/suspend", {"reason": "wait"})
    held = fallout.ops.get(f"{INSTANCES}?suspended=true").get_json()["items"]
    assert plan["id"] in {row["id"] for row in held} and above["id"] not in {row["id"] for row in held}
    fallout.ops.post(f"{INSTANCES}/{plan['id']}/resume", {"reason": "go on"})


def test_one_instance_shows_tokens_waits_calls_and_data(fallout: Desk) -> None:
    (plan,) = fallout.ops.get(f"{INSTANCES}?process=home_install").get_json()["items"]
    seen = fallout.ops.get(f"{INSTANCES}/{plan['id']}").get_json()
    assert (seen["process_key"], seen["version"], seen["parent_id"]) == ("home_install", 1, plan["root_id"])
    at = {token["element_id"]: token for token in seen["tokens"]}
    assert at["book_appointment"]["name_en"] == "Book appointment" and at["book_appointment"]["state"] == "waiting"
    assert {(wait["kind"], wait["element_id"]) for wait in seen["waits"]} >= {("user", "book_appointment")}
    assert {child["process_key"] for child in seen["called"]} >= {"resource_assignment", "subscription_setup"}
    assert seen["data"]["item"]["product"] == "home_bundle"
    done = next(child for child in seen["called"] if child["process_key"] == "resource_assignment")
    ended = fallout.ops.get(f"{INSTANCES}/{done['id']}").get_json()
    assert (ended["state"], ended["tokens"], ended["waits"]) == ("completed", [], [])
    assert [effect["operation"] for effect in ended["effects"]] == ["resource.reserve", "resource.assign"]
    assert ended["effects"][0]["undo_operation"] == "resource.release_reservation"


def test_a_failed_call_is_shown_with_its_tries_and_its_incident(other: Desk) -> None:
    other.break_credit_checks()
    other.place()
    incident = other.until_incident()
    assert incident["process_key"] == "order_to_activate" and incident["about"].startswith("O-")
    seen = other.ops.get(f"{INSTANCES}/{incident['instance_id']}").get_json()
    (wait,) = [wait for wait in seen["waits"] if wait["kind"] == "job"]
    assert (wait["element_id"], wait["what"]) == ("check_credit", "billing.check_credit")
    assert wait["attempts"] == wait["max_attempts"] and "no rule" in wait["last_error"]
    assert [row["id"] for row in seen["incidents"]] == [incident["id"]]
    detail = other.ops.get(f"/api/v1/incidents/{incident['id']}").get_json()
    assert "arrears_cny" in detail["result_names"]
    assert (detail["known"]["name_en"], detail["known"]["owner_role"]) == ("", "")  # no failure anybody has listed
    of_order = f"/api/v1/incidents?order={incident['about']}"
    assert [row["id"] for row in other.ops.get(of_order).get_json()["items"]] == [incident["id"]]
    assert other.ops.get("/api/v1/incidents?order=O-0000-000000").get_json()["items"] == []
    select = {"order": incident["about"]}
    preview = other.ops.post("/api/v1/bulk-runs/preview", {"kind": "retry", "select": select}).get_json()
    assert (preview["count"], [group["count"] for group in preview["groups"]]) == (1, [1])
    other = other.ops.post(
        "/api/v1/bulk-runs/preview", {"kind": "retry", "select": {"code": incident["code"], "version": 2}}
    ).get_json()
    assert (other["count"], other["groups"]) == (0, [])


def test_the_audit_of_an_order_says_what_it_is_about(fallout: Desk) -> None:
    order = fallout.order
    (plan,) = fallout.ops.get(f"{INSTANCES}?process=home_install").get_json()["items"]
    fallout.ops.post(f"{INSTANCES}/{plan['id']}/suspend", {"reason": "the customer is away"})
    (line, *_) = fallout.manager.get(f"/api/v1/repairs?order={order['id']}&action=suspend").get_json()["items"]
    assert (line["about"], line["reason"]) == (plan["about"], "the customer is away")
    assert fallout.manager.get("/api/v1/repairs?order=O-0000-000000").status_code == 404


def test_whoever_may_not_look_does_not_and_what_is_not_there_is_said(fallout: Desk) -> None:
    (plan,) = fallout.ops.get(f"{INSTANCES}?process=home_install").get_json()["items"]
    front, elsewhere = fallout.person("front"), fallout.person("js.manager")
    assert front.get(INSTANCES).status_code == front.get(f"{INSTANCES}/{plan['id']}").status_code == 403
    assert elsewhere.get(INSTANCES).get_json()["items"] == []
    assert elsewhere.get(f"{INSTANCES}/{plan['id']}").status_code == 404
    assert elsewhere.get(f"{INSTANCES}?order={plan['about'].partition(' ')[0]}").status_code == 404
    gone = fallout.ops.get(f"{INSTANCES}/01a1ffbc-0000-7000-8000-000000000000")
    assert gone.status_code == 404 and "01a1ffbc" in gone.get_json()["detail"]
    assert fallout.ops.get(f"{INSTANCES}/nobody").status_code == 404
    assert fallout.ops.get("/api/v1/incidents/nobody").status_code == 404
    assert fallout.ops.get(f"{INSTANCES}?order=O-0000-000000").status_code == 404
    child = fallout.manager.get(f"{INSTANCES}/{plan['id']}/cancel-plan")
    assert child.status_code == 409 and plan["root_id"] in child.get_json()["detail"]
