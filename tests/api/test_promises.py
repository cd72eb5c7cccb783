"""Promises over HTTP: the rules as files, why something is due, stops that wait for somebody, alarms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from app.persistence.promises.sla_clocks import SlaClock
from app.services.promises import breaches
from tests.api.world import ORDERS, Person, World


@pytest.fixture
def manager(world: World) -> Person:
    return world.person("ops2")


def book(manager: Person, name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(manager.get(f"/api/v1/rules/{name}/export").get_data(as_text=True))
    return found


def bring_in(manager: Person, name: str, body: Any, what: str = "import", **more: Any) -> Any:
    return manager.post(f"/api/v1/rules/{name}/{what}", {"content": yaml.safe_dump(body, allow_unicode=True), **more})


def placed(front: Person, external_id: str) -> Any:
    body = {
        "externalId": external_id,
        "category": "install",
        "billingAccount": {"id": "AC1000031"},
        "relatedParty": [{"id": "C100003", "role": "customer", "@referredType": "Customer"}],
        "productOrderItem": [
            {
                "id": "1",
                "action": "add",
                "productOffering": {"id": "fb-300"},
                "product": {"place": [{"id": "A0013", "role": "installation"}]},
            }
        ],
    }
    answer = front.post(ORDERS, body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


def changed(sla: dict[str, Any], section: str, code: str, **values: Any) -> dict[str, Any]:
    rows = [{**row, **values} if row["code"] == code else row for row in sla[section]]
    return {**sla, section: rows}


@pytest.mark.parametrize(
    ("section", "code", "values", "path"),
    [
        ("order_policies", "home-change", {"calendar": "nobody"}, "order_policies.home-change.calendar"),
        ("order_policies", "home-change", {"promise": {"value": -1, "unit": "hour"}}, "promise.value"),
        (
            "compensation_rules",
            "late-resume",
            {"amount": {"cny": "-10.00"}},
            "compensation_rules.late-resume.amount.cny",
        ),
        ("compensation_rules", "late-resume", {"kind": "per_smile"}, "compensation_rules.late-resume.kind"),
    ],
)
def test_a_wrong_book_is_refused_whole(
    manager: Person, section: str, code: str, values: dict[str, Any], path: str
) -> None:
    answer = bring_in(manager, "sla", changed(book(manager, "sla"), section, code, **values))
    assert answer.status_code == 422
    assert path in answer.get_data(as_text=True)
    assert [row["version"] for row in manager.get("/api/v1/rules/sla/history").get_json()["versions"]] == [1]


def test_what_promises_may_have_been_made_by_stays(manager: Person) -> None:
    sla = book(manager, "sla")
    answer = bring_in(manager, "sla", {**sla, "order_policies": sla["order_policies"][1:]}, "check")
    assert answer.status_code == 422 and "gone" in answer.get_data(as_text=True)
    assert bring_in(manager, "sla", sla, "check").get_json()["version"] is None
    past = bring_in(manager, "sla", sla, effective_from="2020-01-01T00:00:00+08:00")
    assert past.status_code == 422


def test_new_rules_touch_new_orders_only_unless_asked(
    world: World, front: Person, manager: Person, new_external_id: str
) -> None:
    old = placed(front, new_external_id)
    before = manager.get(f"/api/v1/promises/{old['id']}").get_json()["promises"][0]
    sla = changed(book(manager, "sla"), "order_policies", "home-install-urban", promise={"value": 7, "unit": "hour"})
    for row in sla["order_policies"]:
        row.pop("acceptance_rule", None)
    assert bring_in(manager, "sla", sla, note="shorter").get_json()["version"] == 2
    new = placed(front, f"{new_external_id}-new")
    of_new = manager.get(f"/api/v1/promises/{new['id']}").get_json()["promises"]
    assert {one["sla_version"] for one in of_new} == {2}
    after = manager.get(f"/api/v1/promises/{old['id']}").get_json()["promises"][0]
    assert (after["due_at"], after["sla_version"]) == (before["due_at"], 1)
    assert manager.post(f"/api/v1/promises/{old['id']}/recount", {"reason": "we promised it"}).status_code == 200
    counted = manager.get(f"/api/v1/promises/{old['id']}").get_json()["promises"]
    assert {one["sla_version"] for one in counted} == {2}
    assert [one["due_at"] for one in counted] == [one["recounted_at"] for one in counted]


def test_why_it_is_due_then(front: Person, manager: Person, new_external_id: str) -> None:
    order = placed(front, new_external_id)
    front.post(f"/api/v1/orders/{order['id']}/pause", {"reason": "customer-defer", "evidence": "call 4711"})
    promises = manager.get(f"/api/v1/promises/{order['id']}").get_json()["promises"]
    assert {one["kind"] for one in promises} == {"promise", "regulator"}
    promise = next(one for one in promises if one["kind"] == "promise")
    assert promise["stops"][0]["evidence"] == "call 4711" and promise["days"]
    assert "停表" in promise["sentence"]["zh"] and "stopped from" in promise["sentence"]["en"]
    stop = manager.get(f"/api/v1/stops?about={order['id']}").get_json()["stops"][0]
    assert (stop["state"], stop["reason"]) == ("in_force", "customer-defer")
    assert manager.post(f"/api/v1/stops/{stop['stop_id']}/revoke", {"reason": ""}).status_code == 422
    assert manager.post(f"/api/v1/stops/{stop['stop_id']}/revoke", {"reason": "nobody called"}).status_code == 200
    assert manager.post(f"/api/v1/stops/{stop['stop_id']}/revoke", {"reason": "again"}).status_code == 409


def test_a_day_of_one_area_is_a_new_version_of_the_calendars(manager: Person, world: World) -> None:
    day = {"area": "SH-SH", "day": "2027-03-01", "working": False, "name_zh": "停电", "name_en": "No power"}
    made = manager.post("/api/v1/calendar-days", day)
    assert made.get_json()["version"] == 2
    assert book(manager, "calendars")["area_overrides"][-1]["name_en"] == "No power"
    wrong = manager.post("/api/v1/calendar-days", {**day, "area": "XX"})
    assert wrong.status_code == 422 and "XX" in wrong.get_data(as_text=True)


def test_what_was_measured_is_written_down_with_what_was_agreed(
    world: World, front: Person, manager: Person, new_external_id: str
) -> None:
    order = placed(front, new_external_id)
    url = f"/api/v1/orders/{order['id']}"
    test = {"item": "1", "at": "2026-01-01T09:00:00+08:00", "measured_mbps": "100.5", "evidence": "test 7"}
    answer = manager.post(f"{url}/speed-tests", test)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert {name: answer.get_json()[name] for name in ("agreed", "measured", "broken")} == {
        "agreed": "300",
        "measured": "100.5",
        "broken": True,
    }
    assert manager.post(f"{url}/speed-tests", test).status_code == 409
    visit = {"item": "1", "promised_until": "2026-01-01T09:00:00+08:00", "evidence": "nobody came"}
    assert manager.post(f"{url}/visits", visit).get_json()["broken"] is True
    assert manager.post(f"{url}/visits", {**visit, "item": "9"}).status_code == 404
    assert manager.post(f"{url}/visits", {**visit, "exclusion": "no-wish"}).status_code == 422
    assert manager.post(f"{url}/visits", {**visit, "evidence": " "}).status_code == 422
    assert front.post(f"{url}/visits", visit).status_code == 403
    assert world.person("cd.lead").post(f"{url}/visits", visit).status_code == 404  # another area
    found = manager.get(f"/api/v1/measurements?about={order['id']}").get_json()["measurements"]
    assert {one["kind"] for one in found} == {"speed", "visit"}
    assert world.person("cd.lead").get(f"/api/v1/measurements?about={order['id']}").get_json()["measurements"] == []


def test_a_broken_promise_is_closed_with_its_cause(
    world: World, front: Person, manager: Person, new_external_id: str
) -> None:
    order = placed(front, new_external_id)
    with world.deps.sessions.begin() as session:
        clock = session.scalars(select(SlaClock).where(SlaClock.order_id == order["id"])).first()
        assert clock is not None
        breaches.settle(session, [clock], clock.due_at + timedelta(minutes=1))
    mine = [row for row in manager.get("/api/v1/breaches?state=open").get_json()["breaches"] if row["number"]]
    (row,) = [row for row in mine if row["number"] == manager.get(f"/api/v1/orders/{order['id']}").get_json()["number"]]
    url = f"/api/v1/breaches/{row['id']}/close"
    for refused, status in (({"cause": "bad-luck"}, 422), ({}, 422)):
        answer = manager.post(url, refused)
        assert answer.status_code == status and "cause" in answer.get_data(as_text=True)
    assert front.post(url, {"cause": "customer"}).status_code == 403
    closed = manager.post(url, {"cause": "customer", "note": "he said so"}).get_json()
    assert (closed["state"], closed["cause_name"]["en"]) == ("closed", "The customer")
    assert manager.post(url, {"cause": "customer"}).status_code == 409
