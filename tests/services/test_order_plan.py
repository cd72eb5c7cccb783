"""The plan of an order: side by side where it may be, later where a step slips, learned from before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select

from app.persistence.ordering.work_orders import WorkOrder
from app.running.chores import Chores
from app.services.ordering.step_times import FEWEST, learn
from app.unit_of_work import transaction
from processes.clock import set_offset
from tests.services.whole import Whole, whole

COLUMNS = [column.key for column in inspect(WorkOrder).column_attrs]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def running(
    request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Whole]:
    with whole(make_database(request.param, migrated=True), tmp_path_factory.mktemp("plan")) as one:
        yield one


def plan_of(running: Whole, order_id: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    (item,) = running.call("GET", f"/api/v1/orders/{order_id}/plan")["items"]
    return item, {step["element_id"]: step for step in item["steps"]}


def at(step: dict[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(step[name])


@pytest.fixture(scope="module")
def order_id(running: Whole) -> str:
    """An order that waits for its first person."""
    found = running.place("home-bundle.json")
    running.play(found, leave=0)
    return found


def test_a_plan_says_what_follows_what_and_what_decides_the_end(running: Whole, order_id: str) -> None:
    item, steps = plan_of(running, order_id)
    assert {one["cfs"] for one in item["service_orders"]} == {"cfs_internet_access", "cfs_voice", "cfs_tv"}
    before = {one["element_id"] for one in steps["field_installation"]["after"]}
    assert before == {
        *("subscription_setup", "book_appointment", "access_activation", "voice_activation", "iptv_activation"),
        "fibre_patching",  # perhaps: the resource system says when it assigns the port
    }
    assert item["critical_path"][-1] == "reconcile_item"
    assert {"book_appointment", "field_installation"} <= set(item["critical_path"])
    assert not steps["voice_activation"]["critical"]
    assert at(steps["field_installation"], "expected_from") >= at(steps["book_appointment"], "expected_to")
    assert at(steps["reconcile_item"], "expected_to_p90") >= at(steps["reconcile_item"], "expected_to")
    assert steps["book_appointment"]["calendar"]  # people's time is counted by their calendar


def test_a_step_that_slips_moves_what_follows(running: Whole, order_id: str) -> None:
    item, steps = plan_of(running, order_id)
    with transaction(running.deps.sessions) as tx:
        set_offset(tx.session, timedelta(days=3).total_seconds())
    try:
        later, slipped = plan_of(running, order_id)
    finally:
        with transaction(running.deps.sessions) as tx:
            set_offset(tx.session, 0.0)
    assert at(slipped["field_installation"], "expected_from") >= at(steps["field_installation"], "expected_from") + (
        timedelta(days=2)
    )
    assert at(later, "expected_end") > at(item, "expected_end")
    assert slipped["resource_assignment"]["expected_to"] == steps["resource_assignment"]["expected_to"]  # it is over


def test_due_times_follow_the_promise_and_the_steps_that_slip(running: Whole, order_id: str) -> None:
    item, steps = plan_of(running, order_id)
    promised, end = at(item, "promised_at"), at(item, "expected_end")
    assert steps["resource_assignment"]["due_at"] is None  # it is over
    assert at(steps["reconcile_item"], "due_at") == promised  # the last one
    waiting = {name: step for name, step in steps.items() if step["ended_at"] is None}
    for step in waiting.values():
        room = at(step, "due_at") - at(step, "expected_to")
        assert room == promised - end + timedelta(minutes=step["slack_min"])
    with transaction(running.deps.sessions) as tx:
        set_offset(tx.session, timedelta(days=3).total_seconds())
    try:
        _, slipped = plan_of(running, order_id)
    finally:
        with transaction(running.deps.sessions) as tx:
            set_offset(tx.session, 0.0)
    assert at(slipped["reconcile_item"], "due_at") == promised  # a slip moves no promise ...
    late = slipped["field_installation"]
    assert at(late, "expected_to") > at(late, "due_at")  # ... and shows where it is endangered


def promise_of(running: Whole, order_id: str, *, later: timedelta = timedelta()) -> dict[str, Any]:
    """The promise of an order after a round of the chores so much later; demonstration waits are not shortened."""
    with transaction(running.deps.sessions) as tx:
        set_offset(tx.session, later.total_seconds())
    try:
        Chores(running.deps).round()
        Chores(running.deps).round()  # what the first round found is looked at again
        promises = running.call("GET", f"/api/v1/promises/{order_id}")["promises"]
    finally:
        with transaction(running.deps.sessions) as tx:
            set_offset(tx.session, 0.0)
    found: dict[str, Any] = next(one for one in promises if one["kind"] == "promise")
    return found


def test_the_forecast_is_the_end_of_the_network_and_moves_when_a_step_slips(running: Whole) -> None:
    order_id = running.place("home-bundle.json")
    running.play(order_id, leave=0)
    soon = timedelta(minutes=11)  # when the plan is looked at for the first time
    promise = promise_of(running, order_id, later=soon)
    item, steps = plan_of(running, order_id)
    forecast = at(promise, "forecast_at")
    assert abs(forecast - at(item, "expected_end")) <= soon
    in_a_row = sum((timedelta(minutes=step["median_min"]) for step in steps.values()), timedelta())
    on_the_path = (timedelta(minutes=steps[one]["median_min"]) for one in item["critical_path"])
    assert sum(on_the_path, timedelta()) < in_a_row  # side by side: less than one after another
    late = promise_of(running, order_id, later=timedelta(days=2))
    assert at(late, "forecast_at") > forecast + timedelta(days=1)
    assert at(late, "due_at") == at(promise, "due_at")
    shown = running.call("GET", f"/api/v1/orders/{order_id}")
    assert shown["expected_at"] == late["forecast_at"]


def test_durations_are_learned_from_orders_that_ended(running: Whole, order_id: str) -> None:
    running.play(order_id)
    with transaction(running.deps.sessions) as tx:
        rows = select(WorkOrder).where(WorkOrder.order_id == order_id, WorkOrder.type == "subscription_setup")
        (row,) = tx.session.scalars(rows)
        assert row.started_at is not None
        row.ended_at = row.started_at + timedelta(minutes=42)
        copied = {name: getattr(row, name) for name in COLUMNS if name not in ("id", "task_id")}
        tx.session.add_all(WorkOrder(**copied) for _ in range(FEWEST - 1))
    with transaction(running.deps.sessions) as tx:
        now = running.deps.clock(tx.session)
        assert learn(tx.session, now)
        assert not learn(tx.session, now)  # a moment ago
    _, steps = plan_of(running, order_id)
    learned = steps["subscription_setup"]
    assert (learned["duration_from"], learned["median_min"], learned["p90_min"]) == ("learned", 42.0, 42.0)
    assert steps["line_test"]["duration_from"] != "learned"  # one is too few


def test_a_stranger_sees_no_plan(running: Whole) -> None:
    headers = running.headers("front")
    answer = running.client.open("/api/v1/orders/O-2611-999999/plan", method="GET", headers=headers)
    assert answer.status_code == 404
