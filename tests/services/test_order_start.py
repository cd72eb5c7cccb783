"""Orders that begin later: on a day that was asked for, after other orders, or behind one that is under way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.services.ordering import order_waits
from app.unit_of_work import transaction
from processes.store.instances import ProcessInstance, Timer
from tests.api.world import CANCELS, ORDERS, Person, codes, home_bundle, item
from tests.services.desk import Desk


def placed(office: Desk, front: Person, **more: Any) -> dict[str, Any]:
    answer = front.post(ORDERS, home_bundle(**more))
    assert answer.status_code == 201, answer.get_json()
    office.work()
    shown: dict[str, Any] = answer.get_json()
    return shown


def state(front: Person, order: dict[str, Any]) -> str:
    return str(front.get(order["href"]).get_json()["state"])


def release(office: Desk) -> int:
    """What the chores of a worker do every few seconds; then everything that follows."""
    with transaction(office.whole.deps.sessions) as tx:
        told = order_waits.release_due(tx.session, office.whole.deps.engine, office.whole.deps.clock(tx.session))
    office.work()
    return told


def cancel(office: Desk, front: Person, order: dict[str, Any]) -> None:
    body = {"productOrder": {"id": order["id"]}, "cancellationReason": "changed my mind"}
    assert front.post(CANCELS, body).status_code == 201
    office.work()


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def after(order: dict[str, Any], kind: str = "dependsOn") -> list[dict[str, str]]:
    return [{"id": order["orderNumber"], "relationshipType": kind}]


def test_an_order_for_a_later_day_is_checked_at_once_and_then_pending(office: Desk, front: Person) -> None:
    order = placed(office, front, requestedStartDate=in_days(30))
    assert state(front, order) == "pending"
    view = front.get(f"/api/v1/orders/{order['id']}").get_json()
    assert view["work_orders"] == []  # nothing is split, so nobody is sent
    assert [wait["kind"] for wait in view["waits_for"]] == ["date"]
    cancel(office, front, order)
    assert state(front, order) == "cancelled"


def line(**more: Any) -> dict[str, Any]:
    """A leased line of a large account between two addresses of Shanghai."""
    places = [{"id": "A0005", "role": "a_end"}, {"id": "A0023", "role": "z_end"}]
    wanted = {"id": "1", "action": "add", "productOffering": {"id": "ll-local-100m"}, "product": {"place": places}}
    return home_bundle(relatedParty=[{"id": "C300001", "role": "customer"}], productOrderItem=[wanted], **more)


def begins(office: Desk, order: dict[str, Any]) -> timedelta:
    """How long before the wanted day the work begins, as the order says and as the timer has it."""
    view = office.person("sh.am").get(f"/api/v1/orders/{order['id']}").get_json()
    told = {name: datetime.fromisoformat(at) for name, at in view["checks"]["start"].items()}
    with office.whole.deps.read_sessions() as session:
        timer = select(Timer.due_at).join(ProcessInstance, ProcessInstance.id == Timer.instance_id)
        mine = ProcessInstance.business_key == f"order:{order['id']}"
        assert session.scalars(timer.where(mine, Timer.state == "waiting")).all() == [told["work_begins"]]
    return told["wanted"] - told["work_begins"]


def test_what_is_built_begins_early_enough_to_be_done_by_the_day(office: Desk, front: Person) -> None:
    manager = office.person("sh.am")
    home = placed(office, front, requestedStartDate="2027-03-11T09:00:00+08:00")  # a Thursday
    assert timedelta(hours=1) < begins(office, home) < timedelta(days=8)
    leads = []
    for wanted in ("2027-03-11T09:00:00+08:00", "2027-03-15T09:00:00+08:00"):  # Thursday, Monday
        answer = manager.post(ORDERS, line(requestedStartDate=wanted))
        assert answer.status_code == 201, answer.get_json()
        office.work()
        leads.append(begins(office, answer.get_json()))
        cancel(office, manager, answer.get_json())
    assert leads[0] > timedelta(days=3) and leads[1] != leads[0]  # working days, not days
    stop = {"id": "1", "action": "modify", "product": {"id": "P10000401"}}
    about = {"category": "suspend", "relatedParty": [{"id": "C100004", "role": "customer"}]}
    stopped = placed(office, front, **about, productOrderItem=[stop], requestedStartDate=in_days(30))
    assert begins(office, stopped) == timedelta()  # on the day and not before
    for order in (home, stopped):
        cancel(office, front, order)


def test_what_is_wanted_sooner_than_it_can_be_built_begins_at_once(office: Desk, front: Person) -> None:
    order = placed(office, front, requestedStartDate=in_days(0.02))
    view = front.get(f"/api/v1/orders/{order['id']}").get_json()
    assert view["state"] == "inProgress" and view["work_orders"]
    assert view["checks"]["start"]["work_begins"] < view["checks"]["start"]["wanted"]
    cancel(office, front, order)


def test_a_prerequisite_that_is_cancelled_is_looked_at_by_a_person(office: Desk, front: Person) -> None:
    first = placed(office, front)
    second = placed(office, front, orderRelationship=after(first))
    third = placed(office, front, orderRelationship=after(first, "requires"))
    assert (state(front, second), release(office)) == ("pending", 0)
    cancel(office, front, first)
    assert release(office) == 2 and release(office) == 0
    for order, decision, ends in ((second, {"decision": "go_on"}, "inProgress"), (third, REJECT, "cancelled")):
        (row,) = front_items(office, order)
        assert row["title_en"] == "Review the prerequisite"
        assert office.person("back2").post(f"/api/v1/work-items/{row['id']}/claim").status_code == 200
        done = office.person("back2").post(f"/api/v1/work-items/{row['id']}/complete", {"result": decision})
        assert done.status_code == 200, done.get_json()
        office.work()
        assert state(front, order) == ends


REJECT = {"decision": "reject", "reason": "no longer wanted"}


def front_items(office: Desk, order: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        office.person("back2").get(f"/api/v1/work-items?tab=all&order={order['orderNumber']}").get_json()["items"]
    )
    return found


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"requestedStartDate": in_days(-2)}, "requestedStartDate", "in-the-past"),
        ({"requestedCompletionDate": "2020-01-01T00:00:00Z"}, "requestedCompletionDate", "in-the-past"),
        ({"requestedStartDate": in_days(2000)}, "requestedStartDate", "too-far-ahead"),
        (
            {"requestedStartDate": in_days(9), "requestedCompletionDate": in_days(8)},
            "requestedCompletionDate",
            "before-start",
        ),
        (
            {"orderRelationship": [{"id": "O-0001-000001", "relationshipType": "dependsOn"}]},
            "orderRelationship.0.id",
            "unknown-order",
        ),
        (
            {"orderRelationship": [{"id": "O-0001-000001", "relationshipType": "likes"}]},
            "orderRelationship.0.relationshipType",
            "unknown-relationship",
        ),
    ],
)
def test_what_cannot_be_waited_for_is_refused_with_its_field(
    front: Person, change: dict[str, Any], path: str, code: str
) -> None:
    answer = front.post(ORDERS, home_bundle(**change))
    assert answer.status_code == 422, answer.get_json()
    assert codes(answer) == {path: code}
    assert all(row["message"] for row in answer.get_json()["details"])


def test_an_ended_prerequisite_is_refused_and_a_stranger_has_none(office: Desk, front: Person) -> None:
    first = placed(office, front)
    cancel(office, front, first)
    answer = front.post(ORDERS, home_bundle(orderRelationship=after(first)))
    assert codes(answer) == {"orderRelationship.0.id": "prerequisite-not-met"}
    theirs = placed(office, front)
    body = home_bundle(
        orderRelationship=after(theirs),
        relatedParty=[{"id": "C100013", "role": "customer"}],
        productOrderItem=[item(product={"productSpecification": {"id": "home_bundle"}, "place": [{"id": "A0017"}]})],
    )
    refused = office.person("bj.front").post(ORDERS, body)
    assert codes(refused)["orderRelationship.0.id"] == "unknown-order"


def test_what_billing_asks_for_waits_behind_an_open_order(office: Desk, front: Person) -> None:
    gone = {"id": "1", "action": "delete", "product": {"id": "P10000401"}}
    body = home_bundle(
        category="disconnect", relatedParty=[{"id": "C100004", "role": "customer"}], productOrderItem=[gone]
    )
    first = front.post(ORDERS, body).get_json()
    office.work()
    conflict = front.post(ORDERS, body)
    assert (conflict.status_code, conflict.get_json()["code"]) == (409, "open-order-conflict")
    assert first["orderNumber"] in conflict.get_json()["details"][0]["message"]
    behind = front.post(ORDERS, {**body, "channel": [{"id": "billing"}]}).get_json()
    office.work()
    assert state(front, behind) == "pending"
    cancel(office, front, first)
    assert release(office) == 1
    assert state(front, behind) == "inProgress"  # any end will do, it only stood in the queue
