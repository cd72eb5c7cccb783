"""Cancels over the interface: looked at, agreed to by a second person past the soft point, or back to where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.cli.field_crew import answers
from tests.api.world import CANCELS
from tests.scenario.far_books import far_books
from tests.services.whole import Whole, whole

NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.torture)])
def running(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Whole]:
    with whole(make_database(request.param, migrated=True), tmp_path_factory.mktemp("cancels")) as one:
        yield one
        assert one.violations() == []


def ask(running: Whole, method: str, path: str, body: Any = None, *, login: str = "front", status: int = 200) -> Any:
    answer = running.client.open(path, method=method, json=body, headers=running.headers(login))
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def assessment(running: Whole, order_id: str) -> Any:
    return ask(running, "GET", f"/api/v1/orders/{order_id}/cancel-assessment")


def cancel(running: Whole, order_id: str, login: str = "front") -> Any:
    body = {"productOrder": {"id": order_id}, "cancellationReason": "moves away"}
    return ask(running, "POST", CANCELS, body, status=201, login=login)


def decide(running: Whole, order_id: str, request: Any, agreed: bool, status: int = 200, login: str = "ops2") -> Any:
    path = f"/api/v1/orders/{order_id}/cancels/{request['id']}/decision"
    return ask(running, "POST", path, {"agreed": agreed, "reason": "told him so"}, status=status, login=login)


def settle(running: Whole) -> None:
    while running.work():
        pass


def state(running: Whole, order_id: str) -> str:
    return str(running.call("GET", f"/api/v1/orders/{order_id}?fields=state")["state"])


def begun(running: Whole, form: str = "install_at_customer", number: str = "") -> tuple[str, Any]:
    """A home order whose work item of that form somebody has begun."""
    order_id = running.place("home-bundle.json", externalId=f"CANCEL-{number or running.deps.new_id()}")
    for _round in range(40):
        settle(running)
        shown = running.call("GET", f"/api/v1/orders/{order_id}?fields=number,work_items")
        for row in (one for one in shown["work_items"] if one["state"] in {"open", "claimed"}):
            item = running.call("POST", f"/api/v1/work-items/{row['id']}/claim", {})
            if row["form_key"] == form:
                return order_id, item
            hand_in(running, item)
    raise AssertionError(f"it never comes to {form}")


def hand_in(running: Whole, item: Any, status: int = 200) -> Any:
    result = answers(item.get("form") or {}, item.get("context") or {})
    return ask(running, "POST", f"/api/v1/work-items/{item['id']}/complete", {"result": result}, status=status)


def test_what_a_cancel_would_undo_and_cost_is_told_before(running: Whole) -> None:
    order_id, _ = begun(running, "book_appointment")
    before = running.call("GET", f"/api/v1/orders/{order_id}")
    shown = assessment(running, order_id)
    assert (shown["phase"], shown["approver"], shown["fee_cny"], shown["refused"]) == ("configured", "", "0.00", None)
    undo = [line["undo_operation"] for line in shown["undo"]]
    assert undo[-1] == "resource.release_reservation"
    assert [line["seq"] for line in shown["undo"]] == sorted((line["seq"] for line in shown["undo"]), reverse=True)
    assert all(line["name_zh"] and line["name_en"] for line in shown["undo"])
    assert [(wait["kind"], wait["element_id"]) for wait in shown["ends"]] == [("user", "book_appointment")]
    assert running.call("GET", f"/api/v1/orders/{order_id}") == before  # a look changes nothing
    request = cancel(running, order_id)
    settle(running)
    assert state(running, order_id) == "cancelled"
    (kept,) = ask(running, "GET", f"/api/v1/orders/{order_id}/cancels")["items"]
    assert (kept["id"], kept["state"], kept["awaits_approval"]) == (request["id"], "done", False)
    assert kept["assessment"] == shown
    ask(running, "GET", f"/api/v1/orders/{order_id}/cancel-assessment", status=409)
    ask(running, "GET", f"/api/v1/orders/{NOBODY}/cancel-assessment", status=404)


def test_nothing_done_yet_costs_nothing(running: Whole) -> None:
    order_id = running.place("home-bundle.json", externalId="CANCEL-at-once")
    shown = assessment(running, order_id)
    assert (shown["phase"], shown["undo"], shown["approver"]) == ("acknowledged", [], "")
    cancel(running, order_id)
    settle(running)
    assert state(running, order_id) == "cancelled"


def test_past_the_soft_point_the_work_stands_still_until_somebody_else_has_decided(running: Whole) -> None:
    order_id, item = begun(running)
    shown = assessment(running, order_id)
    assert (shown["phase"], shown["approver"], shown["fee_cny"]) == ("past_soft", "operations_manager", "50.00")
    assert all(line["name_zh"] != line["undo_operation"] != line["name_en"] for line in shown["undo"])
    request = cancel(running, order_id)
    assert (request["state"], state(running, order_id)) == ("acknowledged", "assessingCancellation")
    kept = running.call("GET", f"/api/v1/work-items/{item['id']}")
    assert (kept["state"], kept["claimed_by"]) == ("paused", item["claimed_by"])
    hand_in(running, item, status=409)
    ask(running, "GET", f"/api/v1/orders/{order_id}/cancel-assessment", status=409)
    body = {"productOrder": {"id": order_id}, "cancellationReason": "again"}
    ask(running, "POST", CANCELS, body, status=409)
    decide(running, order_id, request, agreed=False, status=403, login="front")
    decide(running, order_id, {"id": NOBODY}, agreed=False, status=404)
    decide(running, NOBODY, request, agreed=False, status=404)

    refused = decide(running, order_id, request, agreed=False)
    assert (refused["state"], refused["decided_by"]) == ("terminatedWithError", "ops2")
    assert (refused["message"], refused["fee_cny"]) == ("told him so", "50.00")
    assert state(running, order_id) == "inProgress"
    kept = running.call("GET", f"/api/v1/work-items/{item['id']}")
    assert (kept["state"], kept["claimed_by"]) == ("claimed", item["claimed_by"])
    decide(running, order_id, request, agreed=True, status=409)
    hand_in(running, item)
    assert running.play(order_id)["state"] == "completed"


def test_agreed_to_it_is_undone_past_the_soft_point_too(running: Whole) -> None:
    before = far_books(running.neighbours)
    order_id, _ = begun(running)
    request = cancel(running, order_id)
    assert decide(running, order_id, request, agreed=True)["state"] == "inProgress"
    settle(running)
    running.play(order_id)
    (kept,) = ask(running, "GET", f"/api/v1/orders/{order_id}/cancels")["items"]
    assert (state(running, order_id), kept["state"], kept["decided_by"]) == ("cancelled", "done", "ops2")
    assert far_books(running.neighbours) == before


def test_nobody_agrees_to_a_cancel_of_their_own(running: Whole) -> None:
    order_id, _ = begun(running)
    request = cancel(running, order_id, login="ops2")
    decide(running, order_id, request, agreed=True, status=403)
    assert state(running, order_id) == "assessingCancellation"


def test_refused_it_goes_back_to_exactly_the_state_it_came_from(running: Whole) -> None:
    """A customer who waits goes on waiting, and the plan goes on standing still for him."""
    order_id, item = begun(running)
    pause = {"reason": "customer-defer", "evidence": "call 4711"}
    ask(running, "POST", f"/api/v1/orders/{order_id}/pause", pause)
    decide(running, order_id, cancel(running, order_id), agreed=False)
    assert state(running, order_id) == "pending"
    hand_in(running, running.call("GET", f"/api/v1/work-items/{item['id']}"), status=409)
    ask(running, "POST", f"/api/v1/orders/{order_id}/resume", {})
    hand_in(running, running.call("GET", f"/api/v1/work-items/{item['id']}"))


def test_past_the_hard_point_it_is_refused_and_something_else_offered(running: Whole) -> None:
    order_id, item = begun(running)
    hand_in(running, item)
    running.neighbours.script("refuse", "billing.start_charging", code="tariff-unknown")
    settle(running)
    shown = assessment(running, order_id)
    assert (shown["phase"], shown["offer"]) == ("past_hard", "disconnect")
    assert "拆机" in shown["refused"]["zh"]
    came_from = state(running, order_id)
    refused = cancel(running, order_id)
    assert (refused["state"], state(running, order_id)) == ("terminatedWithError", came_from)
    assert "拆机" in refused["completionMessage"]
    running.neighbours.clear_scripts()
