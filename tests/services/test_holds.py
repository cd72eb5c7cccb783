"""Orders that stand still, for the customer or for us: nobody works on them, and they go on as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.operations_file import load_registry
from adapters.simulators.twin import Twin
from app.cli.field_crew import answers
from app.services.amending import order_holds
from app.services.ordering import reservation_keeping
from app.unit_of_work import transaction
from processes.clock import set_offset
from tests.api.world import CANCELS, ORDERS
from tests.scenario.cells import Cell
from tests.services.whole import SECRET, Whole, stock, whole

DEFER = {"reason": "customer-defer", "evidence": "call 4711"}
SHORTAGE = {"reason": "device-shortage", "note": "no set-top boxes"}
#: How far the clocks of the product and of its neighbours are ahead.
SHIFT = [timedelta(0)]
LINE = Cell(
    name="line",
    order_type="install",
    customer="C200003",
    account="AC2000031",
    product="leased_line_local",
    offering="ll-local-10m",
    places=(("a_end", "A0009"), ("z_end", "A0014")),
)


@pytest.fixture(scope="module")
def running(make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    neighbours = Twin(
        load_registry(),
        now=lambda: datetime.now(UTC) + SHIFT[0],
        seed_data=stock(),
        secret=SECRET.encode(),
        callback_delay_s=0.0,
        is_ample=True,  # so many orders at one address
    )
    url, folder = make_database("sqlite", migrated=True), tmp_path_factory.mktemp("holds")
    with whole(url, folder, neighbours=neighbours) as one:
        yield one
        with transaction(one.deps.sessions) as tx:
            set_offset(tx.session, 0.0)
        assert one.violations() == []


def ask(running: Whole, order_id: str, what: str, body: Any = None, status: int = 200, login: str = "front") -> Any:
    path = f"/api/v1/orders/{order_id}/{what}"
    answer = running.client.open(
        path, method="GET" if body is None else "POST", json=body, headers=running.headers(login)
    )
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def settle(running: Whole) -> None:
    while running.work():
        pass


def placed(running: Whole, **more: Any) -> str:
    order_id = running.place("home-bundle.json", externalId=f"HOLD-{running.deps.new_id()}", **more)
    settle(running)
    return order_id


def view(running: Whole, order_id: str) -> Any:
    return running.call("GET", f"/api/v1/orders/{order_id}")


def to_dos(running: Whole, order_id: str) -> list[Any]:
    return [row for row in view(running, order_id)["work_items"] if row["state"] in {"open", "claimed", "paused"}]


def to_do(running: Whole, order_id: str) -> Any:
    (row,) = to_dos(running, order_id)
    return running.call("GET", f"/api/v1/work-items/{row['id']}")


def hand_in(running: Whole, item: Any, status: int) -> None:
    result = answers(item.get("form") or {}, item.get("context") or {})
    path = f"/api/v1/work-items/{item['id']}/complete"
    answer = running.client.post(path, json={"result": result}, headers=running.headers("front"))
    assert answer.status_code == status, answer.get_data(as_text=True)


def clocks(shown: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for clock in shown["sla"]:
        found.setdefault(clock["kind"], set()).add(clock["state"])
    return found


def test_we_hold_an_order_and_every_clock_runs(running: Whole) -> None:
    order_id = placed(running)
    item = running.call("POST", f"/api/v1/work-items/{to_do(running, order_id)['id']}/claim", {})
    before = clocks(view(running, order_id))
    shown = ask(running, order_id, "hold", SHORTAGE, login="ops2")
    assert (shown["state"], {row["state"] for row in shown["items"]}) == ("held", {"held"})
    assert clocks(shown) == before
    assert "paused" not in before["promise"]
    assert (to_do(running, order_id)["state"], to_do(running, order_id)["claimed_by"]) == ("paused", item["claimed_by"])
    hand_in(running, item, 409)
    ask(running, order_id, "hold", SHORTAGE, 409)
    ask(running, order_id, "pause", DEFER, 409)
    (hold,) = ask(running, order_id, "holds")["items"]
    assert (hold["kind"], hold["reason"], hold["who"], hold["frozen"]) == ("ours", "device-shortage", "ops2", True)
    shown = ask(running, order_id, "resume", {})
    assert (shown["state"], {row["state"] for row in shown["items"]}) == ("inProgress", {"inProgress"})
    assert (to_do(running, order_id)["state"], to_do(running, order_id)["claimed_by"]) == (
        "claimed",
        item["claimed_by"],
    )
    ask(running, order_id, "resume", {}, 409)
    assert running.play(order_id)["state"] == "completed"
    assert ask(running, order_id, "holds")["items"][0]["ended_by"] == "front"


WRONG = [
    ({"reason": "lazy"}, "reason", "not-a-hold-reason"),
    ({}, "reason", ""),
    ({**SHORTAGE, "until": "2026-01-01T00:00:00Z"}, "until", "in-the-past"),
]


def test_what_is_wrong_is_refused_with_field_and_reason(running: Whole) -> None:
    order_id = placed(running)
    for body, path, code in WRONG:
        answer = ask(running, order_id, "hold", body, 422)
        assert path in {row["path"] for row in answer["details"]}
        assert code in {row["code"] for row in answer["details"]} or not code
    past = ask(running, order_id, "pause", {**DEFER, "until": "2026-01-01T00:00:00Z"}, 422)
    assert [row["code"] for row in past["details"]] == ["in-the-past"]
    ask(running, "00000000-0000-7000-8000-000000000000", "hold", SHORTAGE, 404)
    ask(running, order_id, "hold", SHORTAGE, 403, login="designer")
    assert view(running, order_id)["state"] == "inProgress"
    assert ask(running, order_id, "holds")["items"] == []


def test_the_customer_waits_until_his_day_and_the_order_goes_on_by_itself(running: Whole) -> None:
    order_id = placed(running)
    until = datetime.now(UTC) + timedelta(days=10)
    shown = ask(running, order_id, "pause", {**DEFER, "until": until.isoformat()})
    assert (shown["state"], clocks(shown)["promise"], to_do(running, order_id)["state"]) == (
        "pending",
        {"paused"},
        "paused",
    )
    assert end_due(running, until - timedelta(hours=1)) == 0
    assert end_due(running, until) == 1
    shown = view(running, order_id)
    assert (shown["state"], "paused" in clocks(shown)["promise"]) == ("inProgress", False)
    assert ask(running, order_id, "holds")["items"][0]["ended_by"] == "system"


def end_due(running: Whole, now: datetime) -> int:
    with transaction(running.deps.sessions) as tx:
        return order_holds.end_due(tx.session, running.deps, now)


def test_for_another_reason_only_the_clock_stands_still(running: Whole) -> None:
    order_id = placed(running)
    ask(running, order_id, "pause", {"reason": "customer-reschedule", "evidence": "SMS of Monday"})
    assert to_do(running, order_id)["state"] == "open"
    hand_in(running, running.call("POST", f"/api/v1/work-items/{to_do(running, order_id)['id']}/claim", {}), 200)


def test_an_order_that_waits_for_its_day_is_not_resumed_by_hand(running: Whole) -> None:
    later = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    order_id = placed(running, requestedStartDate=later)
    assert view(running, order_id)["state"] == "pending"
    refused = ask(running, order_id, "resume", {}, 409)
    assert "预约" in refused["detail"]
    assert view(running, order_id)["state"] == "pending"


def test_what_an_incident_holds_is_not_resumed_by_hand_and_our_own_hold_outlasts_it(running: Whole) -> None:
    running.neighbours.script("refuse", "resource.assign", code="no-vlan")
    order_id = placed(running)
    running.neighbours.clear_scripts()
    assert view(running, order_id)["state"] == "held"
    refused = ask(running, order_id, "resume", {}, 409)
    assert "异常" in refused["detail"]
    ask(running, order_id, "hold", SHORTAGE)
    ask(running, order_id, "resume", {})
    assert view(running, order_id)["state"] == "held"  # the incident is still there
    ask(running, order_id, "hold", SHORTAGE)
    (row,) = (row for row in view(running, order_id)["work_items"] if row["kind"] == "incident")
    assert row["state"] == "open"
    ask(running, order_id, "resume", {})
    retry = f"/api/v1/incidents/{row['incident_id']}/retry"
    assert running.client.post(retry, json={}, headers=running.headers("ops")).status_code == 200
    settle(running)
    assert view(running, order_id)["state"] == "inProgress"
    assert to_do(running, order_id)["state"] == "open"


def test_a_cancelled_order_is_held_by_nobody(running: Whole) -> None:
    order_id = placed(running)
    ask(running, order_id, "hold", SHORTAGE)
    body = {"productOrder": {"id": order_id}, "cancellationReason": "had enough"}
    running.call("POST", CANCELS, body)
    settle(running)
    assert view(running, order_id)["state"] == "cancelled"
    assert ask(running, order_id, "holds")["items"][0]["ended_at"] is not None


def reserved_until(running: Whole) -> dict[str, str]:
    with running.neighbours.database.transaction() as store:
        rows = list(store.find("reservations"))
    return {key: str(doc["expires_at"]) for key, doc in rows if doc["state"] == "reserved"}


def prolong(running: Whole, moment: datetime) -> int:
    """What the chores of a worker do at that moment, and what follows from it."""
    SHIFT[0] = moment - datetime.now(UTC)
    with transaction(running.deps.sessions) as tx:
        set_offset(tx.session, SHIFT[0].total_seconds())
    with transaction(running.deps.sessions) as tx:
        begun = reservation_keeping.prolong_due(tx.session, running.deps.engine, running.deps.clock(tx.session))
    settle(running)
    return begun


def test_a_reservation_is_prolonged_before_it_lapses_while_the_customer_waits(running: Whole) -> None:
    known = set(reserved_until(running))
    order_id = str(running.call("POST", ORDERS, LINE.body(f"HOLD-{running.deps.new_id()}"))["id"])
    while not any(row["form_key"] == "survey_end" for row in to_dos(running, order_id)):
        settle(running)
        for row in to_dos(running, order_id):
            if row["form_key"] != "survey_end":
                hand_in(running, running.call("POST", f"/api/v1/work-items/{row['id']}/claim", {}), 200)
                break
    fresh = {key: at for key, at in reserved_until(running).items() if key not in known}
    number, first = min(fresh.items(), key=lambda pair: pair[1])
    ask(running, order_id, "pause", {**DEFER, "until": (datetime.now(UTC) + timedelta(days=80)).isoformat()})
    lapses = datetime.fromisoformat(first)
    assert prolong(running, lapses - timedelta(days=2)) == 0
    now = lapses - timedelta(hours=5)
    assert prolong(running, now) == len(fresh)
    second = reserved_until(running)[number]
    assert datetime.fromisoformat(second) > lapses + timedelta(days=1)
    assert prolong(running, now) == 0  # once
    assert prolong(running, datetime.fromisoformat(second) - timedelta(hours=5)) == len(fresh)
    ask(running, order_id, "resume", {})
    assert prolong(running, datetime.fromisoformat(second) + timedelta(days=1)) == 0  # nobody waits any more
    assert number in reserved_until(running)
