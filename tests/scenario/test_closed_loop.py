"""The loop closes: a difference keeps an order open, a failed test becomes a ticket, a cancel undoes what was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.scenario.rig import CANCELS, ORDERS, Rig

pytestmark = pytest.mark.slow
HOME = "home-bundle.json"
DIFFERENCE_FORM = "resolve_difference"


def product_of(view: Any) -> str:
    return str(view["items"][0]["product_id"] or "")


def script(rig: Rig, operation: str, match: dict[str, Any], outputs: dict[str, Any], *, times: int) -> None:
    """Let a neighbour answer with these values instead of its own."""
    adapter = operation.partition(".")[0]
    body = {"adapter": adapter, "operation": operation, "match": match, "outputs": outputs, "times": times}
    rig.far("POST", "/control/scripts", body)


def fail(rig: Rig, operation: str, kind: str, match: dict[str, Any], *, times: int = 1, **more: Any) -> None:
    """Let a neighbour fail."""
    adapter = operation.partition(".")[0]
    rig.far(
        "POST",
        "/control/faults",
        {"adapter": adapter, "operation": operation, "fault": kind, "match": match, "times": times, **more},
    )


def promise(view: Any) -> datetime:
    """When an order is promised, to the second."""
    return datetime.fromisoformat(view["promised_at"]).replace(microsecond=0)


def differing(view: Any) -> dict[str, Any]:
    """What the last comparison of an order found, by field."""
    last = [event for event in view["events"] if event["kind"] == "reconcile"][-1]
    return {row["field"]: row for row in last["detail"]["differences"]}


def test_a_lost_port_keeps_an_order_from_completing_until_it_is_repaired(running: Rig) -> None:
    order_id = running.place(HOME)
    view = running.stop_before("install_at_customer", order_id)
    product = product_of(view)
    lost = {"resources": {"splitter_port": None}}
    script(running, "resource.query", {"product_id": product}, lost, times=2)

    view = running.stop_before(DIFFERENCE_FORM, order_id)

    assert view["state"] == "inProgress"
    found = differing(view)["splitter_port"]
    assert found["asked"] and found["built"] == ""
    assert running.follow(order_id)["state"] == "completed"
    assert {row["state"] for row in running.order(order_id)["items"]} == {"completed"}


def test_another_price_on_the_bill_is_billings_to_correct(running: Rig) -> None:
    order_id = running.place(HOME)
    running.stop_before("install_at_customer", order_id)
    subscription = subscription_of(running, order_id)
    book = f"/control/books/subscriptions/{subscription}"
    right = running.far("GET", book)["prices"]
    wrong = [{**right[0], "code": "hb-1000-p1", "amount_cny": "229.00"}, *right[1:]]
    running.far("POST", book, {"merge": {"prices": wrong}})

    view = running.stop_before(DIFFERENCE_FORM, order_id)

    assert view["state"] == "inProgress"
    assert set(differing(view)) == {"tariff"}
    assert "229.00" in differing(view)["tariff"]["billed"]
    items = [item for item in running.items_of(order_id) if item["form_key"] == DIFFERENCE_FORM]
    assert items[0]["team_role"] == "billing_desk"
    running.far("POST", book, {"merge": {"prices": right}})
    assert running.follow(order_id)["state"] == "completed"


def subscription_of(rig: Rig, order_id: str) -> str:
    """The subscription of the product of the order at the billing system."""
    product = product_of(rig.order(order_id))
    return str(next(row["key"] for row in rig.books("billing", "subscriptions") if row.get("product_id") == product))


def test_a_failed_line_test_becomes_a_ticket_is_repaired_and_the_order_goes_on(running: Rig) -> None:
    order_id = running.place(HOME)
    product = product_of(running.stop_before("install_at_customer", order_id))
    fail(running, "provisioning.run_test", "reject_result", {"product_id": product}, code="test-failed")

    view = running.stop_before("repair_visit", order_id)
    tickets = running.client().ask("/api/v1/tickets", limit=100)["items"]
    mine = [ticket for ticket in tickets if ticket["product_id"] == product]
    assert [ticket["state"] for ticket in mine] == ["inProgress"]
    assert mine[0]["far_ticket_no"]
    assert view["state"] == "inProgress"

    assert running.follow(order_id)["state"] == "completed"
    ticket = running.client().ask(f"/api/v1/tickets/{mine[0]['id']}")
    assert ticket["state"] == "closed"
    assert running.far("GET", f"/control/books/tickets/{ticket['far_ticket_no']}")["state"] == "closed"


def test_a_customers_fault_report_takes_the_same_flow(running: Rig) -> None:
    report = {"product_id": "P10000201", "description": "上不了网", "severity": "normal"}
    ticket = running.client().tell("/api/v1/tickets", report)
    crew = running.crew()
    for _ in range(600):
        ticket = running.client().ask(f"/api/v1/tickets/{ticket['id']}")
        if ticket["state"] == "closed":
            break
        crew.work_ticket(ticket["number"])
    assert ticket["state"] == "closed"
    again = running.client().tell("/api/v1/tickets", report)
    assert again["id"] != ticket["id"]


def test_a_cancel_before_the_visit_undoes_everything_in_reverse_order(running: Rig) -> None:
    order_id = running.place(HOME)
    view = running.stop_before("install_at_customer", order_id)
    product = product_of(view)

    cancel(running, order_id)
    view = running.follow(order_id, play=False)

    assert view["state"] == "cancelled"
    assert {row["state"] for row in view["items"]} == {"cancelled"}
    held = [row for row in running.books("resource", "units") if row.get("product_id") == product]
    services = [row for row in running.books("provisioning", "services") if row.get("product_id") == product]
    assert held == []
    assert services == []
    done = [row for row in running.effects() if order_id in row["business_key"]]
    undone = [
        row["operation"]
        for row in done
        if row["operation"]
        in {
            "resource.unassign",
            "resource.release_reservation",
            "provisioning.delete_access_account",
            "provisioning.clear_olt_port",
            "billing.cancel_subscription",
        }
    ]
    assert undone.index("resource.unassign") < undone.index("resource.release_reservation")
    assert undone.index("provisioning.delete_access_account") < undone.index("resource.unassign")
    assert {row["count"] for row in done} == {1}


def cancel(rig: Rig, order_id: str) -> Any:
    return rig.client().tell(CANCELS, {"cancellationReason": "客户改变主意", "productOrder": {"id": order_id}})


def test_once_the_visit_has_begun_somebody_else_has_to_agree_to_a_cancel(running: Rig) -> None:
    order_id = running.place(HOME)
    running.stop_before("install_at_customer", order_id)
    visit = next(item for item in running.items_of(order_id) if item["form_key"] == "install_at_customer")
    running.client().tell(f"/api/v1/work-items/{visit['id']}/claim")

    asked = cancel(running, order_id)

    assert asked["state"] == "acknowledged"
    assert running.order(order_id)["state"] == "assessingCancellation"
    decision = f"/api/v1/orders/{order_id}/cancels/{asked['id']}/decision"
    running.client("ops2").tell(decision, {"agreed": False, "reason": "已在客户家"})
    assert running.order(order_id)["state"] == "inProgress"
    assert running.follow(order_id)["state"] == "completed"


def test_once_billing_has_started_a_cancel_is_refused_and_a_disconnect_offered(running: Rig) -> None:
    order_id = running.place(HOME)
    product = product_of(running.stop_before("install_at_customer", order_id))
    script(running, "resource.query", {"product_id": product}, {"resources": {"splitter_port": None}}, times=1)
    running.stop_before(DIFFERENCE_FORM, order_id)

    assert cancel(running, order_id)["state"] == "terminatedWithError"
    request = running.order(order_id)["cancel_requests"][0]
    assert "拆机" in request["message"]
    assert running.follow(order_id)["state"] == "completed"


def test_a_pause_for_the_customer_stops_the_clock_and_moves_the_promise(running: Rig) -> None:
    order_id = running.place(HOME)
    running.stop_before("install_at_customer", order_id)
    first = running.order(order_id)
    body = {"reason": "customer-defer", "evidence": "录音 20261121-7"}
    assert running.client().tell(f"/api/v1/orders/{order_id}/pause", body)["state"] == "pending"
    paused = running.order(order_id)
    assert {clock["state"] for clock in paused["sla"] if clock["kind"] == "promise"} == {"paused"}
    assert running.client().tell(f"/api/v1/orders/{order_id}/resume")["state"] == "inProgress"
    assert running.follow(order_id)["state"] == "completed"
    kinds = [event["why_en"] for event in paused["events"] if event["kind"] == "clock"]
    assert any("Clock stopped" in why for why in kinds)
    assert promise(running.order(order_id)) >= promise(first)


def test_refusals_leave_nothing_behind(running: Rig) -> None:
    client = running.client()
    before = client.get(ORDERS, params={"limit": 1}).headers["X-Total-Count"]
    for body in ({}, {"productOrderItem": []}, {"productOrderItem": [{"id": "1", "action": "add", "nonsense": 1}]}):
        answer = client.post(ORDERS, json=body)
        assert 400 <= answer.status_code < 500
        assert "Traceback" not in answer.text
    assert client.get(ORDERS, params={"limit": 1}).headers["X-Total-Count"] == before
