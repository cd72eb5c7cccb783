"""T02: killed at every fault point, an order comes to the same: each operation in force once, all books agree."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import redis
from sqlalchemy import make_url

from processes.faults import POINTS
from tests.scenario.supervised import Tortured, patiently, tortured

pytestmark = pytest.mark.slow
HOME = "home-bundle.json"
VISIT = "install_at_customer"
CANCEL = "/tmf-api/productOrderingManagement/v4/cancelProductOrder"
FORWARD = (
    "claim.after_commit",
    "op.before_sent_commit",
    "op.after_sent_commit",
    "http.before",
    "http.after_reply",
    "advance.loaded",
    "advance.before_commit",
    "advance.after_commit",
    "audit.before_append",
)
DOORS = (
    "order.before_ack",
    "outbox.before_enqueue",
    "outbox.after_enqueue",
    "inbox.before_insert",
    "inbox.after_insert",
)
LEASES = ("lease.before_renew",)
TIMERS = ("timer.claimed", "timer.before_commit")
UNDOING = ("comp.before", "comp.after")


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory, make_database: Callable[..., str], redis_url: str
) -> Iterator[Tortured]:
    url = make_database("postgresql", migrated=False)
    with tortured(tmp_path_factory.mktemp("tortured"), url, redis_url) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(system: Tortured) -> str:
    """A home bundle nobody was killed for."""
    order_id = system.place(HOME, "undisturbed")
    assert system.follow(order_id)["state"] == "completed"
    return order_id


def far_rows(system: Tortured, order_id: str) -> list[dict[str, Any]]:
    return [row for row in system.rig.effects() if order_id in row["business_key"]]


def told(system: Tortured, order_id: str) -> Any:
    """What an order came to: its items, its steps, and what the neighbours did for it."""
    view = patiently(lambda turn: system.rig.client(server=turn).ask(f"/api/v1/orders/{order_id}"))
    return {
        "state": view["state"],
        "items": [item["state"] for item in view["items"]],
        "steps": sorted((row["type"], row["state"]) for row in view["work_orders"]),
        "operations": Counter(row["operation"] for row in far_rows(system, order_id) if row["count"]),
    }


def assert_sound(system: Tortured, order_id: str) -> None:
    """Each operation of the order is in force once, nothing is left over, the books agree."""
    rows = far_rows(system, order_id)
    assert any(row["is_write"] for row in rows)
    assert [row for row in rows if row["is_write"] and row["count"] != 1] == []
    assert json.loads(system.rig.command("invariants", "--json")) == []


def test_every_point_has_its_turn() -> None:
    assert sorted(FORWARD + DOORS + LEASES + TIMERS + UNDOING) == sorted(POINTS)


def test_workers_killed_at_each_point_on_the_way(system: Tortured, undisturbed: str) -> None:
    deadly = system.arm(*FORWARD)  # each one passing later than the one before
    order_id = system.place(HOME, "workers")
    system.follow(order_id)
    assert system.died_at(deadly) == set(FORWARD)
    assert told(system, order_id) == told(system, undisturbed)
    assert_sound(system, order_id)


def test_web_servers_killed_between_commit_and_answer(system: Tortured, undisturbed: str) -> None:
    deadly = system.arm(*DOORS)
    order_id = system.place(HOME, "web")
    system.follow(order_id)
    assert system.place(HOME, "web") == order_id
    assert system.died_at(deadly) == set(DOORS)
    assert told(system, order_id) == told(system, undisturbed)
    assert_sound(system, order_id)


def test_killed_while_lengthening_the_lease_of_a_slow_call(system: Tortured, undisturbed: str) -> None:
    slow = {"adapter": "resource", "operation": "resource.assign", "fault": "slow", "seconds": 1.5, "times": 1}
    system.rig.far("POST", "/control/faults", slow)
    deadly = system.arm(*LEASES)
    order_id = system.place(HOME, "lease")
    system.follow(order_id)
    assert system.died_at(deadly) == set(LEASES)
    assert told(system, order_id) == told(system, undisturbed)
    assert_sound(system, order_id)


def test_killed_while_undoing_a_cancelled_order(system: Tortured) -> None:
    order_id = system.place(HOME, "cancelled")
    system.follow(order_id, until=lambda view: waits_for_visit(system, view), leave=VISIT)
    deadly = system.arm(*UNDOING)
    body = {"cancellationReason": "客户改变主意", "productOrder": {"id": order_id}}
    patiently(lambda turn: system.rig.client(server=turn).tell(CANCEL, body))
    view = system.follow(order_id)
    assert view["state"] == "cancelled"
    assert {item["state"] for item in view["items"]} == {"cancelled"}
    assert system.died_at(deadly) == set(UNDOING)
    product = str(view["items"][0]["product_id"])
    assert [row for row in system.rig.books("resource", "units") if row.get("product_id") == product] == []
    assert [row for row in system.rig.books("provisioning", "services") if row.get("product_id") == product] == []
    assert_sound(system, order_id)


def waits_for_visit(system: Tortured, view: Any) -> bool:
    items = patiently(
        lambda turn: system.rig.client(server=turn).ask(
            "/api/v1/work-items", tab="all", order=view["number"], limit=100
        )
    )["items"]
    return any(item["form_key"] == VISIT for item in items)


def test_killed_when_timers_come_due(system: Tortured) -> None:
    deadly = system.arm(*TIMERS, apart=0)
    order_id = system.place("disconnect-home-bundle.json", "timers")
    assert system.follow(order_id)["state"] == "completed"
    assert system.died_at(deadly) == set(TIMERS)
    assert_sound(system, order_id)


def test_redis_emptied_on_the_way_loses_nothing(system: Tortured, undisturbed: str, redis_url: str) -> None:
    system.arm()
    with redis.Redis.from_url(redis_url) as client:

        def empty(view: Any) -> bool:
            client.flushall()
            return bool(view["state"] == "completed")

        order_id = system.place(HOME, "flushed")
        client.flushall()
        system.follow(order_id, until=empty)
    assert told(system, order_id) == told(system, undisturbed)
    assert_sound(system, order_id)


def test_afterwards_all_books_agree(system: Tortured) -> None:
    compared = json.loads(system.rig.command("reconcile", "--json"))
    assert compared["differences"] == []
    assert compared["unanswered"] == {}
    assert {name for name, _pid, _code in system.supervisor.deaths} >= {"worker0", "worker1"}
    assert {code for _name, _pid, code in system.supervisor.deaths} == {-9}


def test_no_deadlock_was_met_and_every_point_was_deadly_once(system: Tortured, figures: Callable[..., None]) -> None:
    address = make_url(system.rig.env["YIZHAN_DATABASE_URL"]).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string()) as connection:
        count = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert count.fetchone() == (0,)
    deadly = system.deadly_so_far()
    assert deadly == set(POINTS)
    figures(
        "T02",
        database="postgresql",
        kills=len(system.supervisor.deaths),
        points=len(deadly),
        points_of_all=round(len(deadly) / len(POINTS), 2),
        passings=len(system.passed()),
        double_effects=0,
    )
