"""Things of another area do not exist for the caller: 404, never 403, and they do not change."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select

from app.domain.commands import OpenTicket
from app.persistence.people import TeamMember
from app.persistence.teamwork.work_items import WorkItem
from app.services.counter import trouble_desk
from app.unit_of_work import transaction
from tests.api.world import CANCELS, ORDERS, World, home_bundle

STRANGER = "bj.front"


@pytest.fixture(scope="module")
def owned(world: World) -> dict[str, Any]:
    """Things of Shanghai: an order, a cancel request, a ticket, a work item."""
    front = world.person("front")
    order = front.post(ORDERS, home_bundle()).get_json()
    other = front.post(ORDERS, home_bundle()).get_json()
    cancel = front.post(CANCELS, {"productOrder": {"id": other["id"]}, "cancellationReason": "x"}).get_json()
    ticket = front.post("/api/v1/tickets", {"product_id": "P10000102", "description": "no light"})
    assert ticket.status_code == 201, ticket.get_json()
    with transaction(world.deps.sessions) as tx:
        now = world.deps.clock(tx.session)
        item = WorkItem(
            number="W-9999-000001",
            kind="task",
            title_zh="安装",
            title_en="Install",
            team_role="home_field",
            team_code="home_field.sh-sh.east",
            state="open",
            context={},
            area="SH-SH",
            created_at=now,
            order_id=order["id"],
        )
        tx.session.add(item)
        tx.session.flush()
        item_id = item.id
    return {"order": order, "cancel": cancel, "ticket": ticket.get_json(), "item": item_id}


def requests(owned: dict[str, Any]) -> list[tuple[str, str, Any]]:
    order, item = owned["order"], owned["item"]
    pause = {"reason": "customer-defer", "evidence": "x"}
    return [
        ("GET", order["href"], None),
        ("PATCH", order["href"], {"description": "taken over"}),
        ("PATCH", order["href"], {"state": "inProgress"}),
        ("POST", CANCELS, {"productOrder": {"id": order["id"]}, "cancellationReason": "x"}),
        ("GET", owned["cancel"]["href"], None),
        ("GET", f"/api/v1/orders/{order['id']}", None),
        ("GET", f"/api/v1/orders/{order['orderNumber']}", None),
        ("POST", f"/api/v1/orders/{order['id']}/pause", pause),
        ("POST", f"/api/v1/orders/{order['orderNumber']}/resume", {}),
        ("GET", f"/api/v1/work-items/{item}", None),
        ("POST", f"/api/v1/work-items/{item}/claim", {}),
        ("POST", f"/api/v1/work-items/{item}/release", {}),
        ("POST", f"/api/v1/work-items/{item}/complete", {"result": {}}),
        ("GET", f"/api/v1/tickets/{owned['ticket']['id']}", None),
        ("GET", f"/api/v1/tickets/{owned['ticket']['number']}", None),
        ("GET", "/api/v1/products/P10000102", None),
    ]


def test_a_foreign_id_is_404_for_every_verb_and_nothing_changes(world: World, owned: dict[str, Any]) -> None:
    front, stranger = world.person("front"), world.person(STRANGER)
    before = front.get(f"/api/v1/orders/{owned['order']['id']}").get_json()
    for method, path, body in requests(owned):
        answer = stranger.call(method, path, **({} if body is None else {"json": body}))
        assert answer.status_code == 404, (method, path, answer.get_json())
        unknown = stranger.call(method, path.replace("01a", "01f", 1), **({} if body is None else {"json": body}))
        assert unknown.status_code == 404
    assert front.get(f"/api/v1/orders/{owned['order']['id']}").get_json() == before


def test_lists_hold_nothing_of_another_area(world: World, owned: dict[str, Any]) -> None:
    stranger = world.person(STRANGER)
    for path in (ORDERS, CANCELS):
        answer = stranger.get(path)
        assert (answer.get_json(), answer.headers["X-Total-Count"]) == ([], "0")
    for path in ("/api/v1/work-items?tab=all", "/api/v1/tickets", "/api/v1/customers?q=C100003"):
        assert stranger.get(path).get_json()["items"] == []
    assert stranger.get("/api/v1/products?customer_no=C100001").get_json()["items"] == []


def test_headquarters_and_the_own_province_see_it(world: World, owned: dict[str, Any]) -> None:
    for login in ("auditor", "sh.am"):
        assert world.person(login).get(owned["order"]["href"]).status_code == 200


def test_another_team_of_the_same_area_may_look_but_not_claim(world: World, owned: dict[str, Any]) -> None:
    other = world.person("sh.field2")  # west; the item lies with the east
    assert other.get(f"/api/v1/work-items/{owned['item']}").status_code == 200
    assert other.post(f"/api/v1/work-items/{owned['item']}/claim").status_code == 403


def test_the_team_claims_releases_and_completes(world: World, owned: dict[str, Any]) -> None:
    field, path = world.person("field"), f"/api/v1/work-items/{owned['item']}"
    assert field.post(f"{path}/complete", {"result": {}}).status_code == 409  # not claimed yet
    claimed = field.post(f"{path}/claim")
    assert (claimed.status_code, claimed.get_json()["claimed_by"]) == (200, "field")
    assert field.post(f"{path}/claim").status_code == 200  # again changes nothing
    too_late = world.person("sh.lead").post(f"{path}/claim")
    assert too_late.status_code == 409
    assert "field" in too_late.get_json()["detail"]  # who has it; it is never taken away from them silently
    assert field.post(f"{path}/release").get_json()["state"] == "open"
    field.post(f"{path}/claim")
    mine = field.get("/api/v1/work-items?tab=mine").get_json()
    assert [row["id"] for row in mine["items"]] == [owned["item"]]
    assert field.get(f"/api/v1/work-items?tab=all&order={owned['order']['orderNumber']}").get_json()["total"] == 1
    done = field.post(f"{path}/complete", {"result": {"note": "ok"}})
    assert (done.status_code, done.get_json()["state"]) == (200, "completed")
    assert field.post(f"{path}/complete", {"result": {}}).status_code == 409


def test_who_is_taken_out_of_a_team_may_not_claim_at_the_next_request(world: World, owned: dict[str, Any]) -> None:
    lead, path = world.person("sh.lead"), f"/api/v1/work-items/{owned['item']}"
    with transaction(world.deps.sessions) as tx:
        item = tx.session.get_one(WorkItem, owned["item"])
        item.state, item.claimed_by, item.completed_at, item.completed_by = "open", None, None, None
        members = select(TeamMember.team_code).where(TeamMember.login == "field")
        teams = list(tx.session.scalars(members))
    field = world.person("field")
    assert field.post(f"{path}/claim").status_code == 200
    assert field.post(f"{path}/release").status_code == 200
    with transaction(world.deps.sessions) as tx:
        tx.session.execute(delete(TeamMember).where(TeamMember.login == "field"))
    try:
        assert field.post(f"{path}/claim").status_code == 403
        assert lead.get(path).get_json()["state"] == "open"
    finally:
        with transaction(world.deps.sessions) as tx:
            tx.session.add_all(TeamMember(team_code=team, login="field") for team in teams)


def test_a_demo_token_acts_for_every_area_in_demo_mode_only(fresh_world) -> None:  # type: ignore[no-untyped-def]
    normal, demo = fresh_world(), fresh_world(demo=True)
    headers = {"Authorization": "Bearer demo-bj.front"}
    assert normal.app.test_client().get(ORDERS, headers=headers).status_code == 401
    with transaction(demo.deps.sessions):
        pass
    placed = demo.person("front").post(ORDERS, home_bundle()).get_json()
    assert demo.app.test_client().get(placed["href"], headers=headers).status_code == 200
    assert demo.app.test_client().get(ORDERS, headers={"Authorization": "Bearer demo-nobody"}).status_code == 401


def test_a_ticket_reported_twice_is_one_ticket(world: World, owned: dict[str, Any]) -> None:
    again = world.person("front").post("/api/v1/tickets", {"product_id": "P10000102", "description": "still"})
    assert again.get_json()["id"] == owned["ticket"]["id"]
    command = OpenTicket(product_id="P10000102", description="x")
    assert command.severity == "normal" and trouble_desk.REPAIRABLE
