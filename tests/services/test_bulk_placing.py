"""Lines of a sheet that become orders together: none lost, none twice, and the work on them begins at a pace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.persistence.administration.parameters import LiveSettings
from app.persistence.bulk.bulk_orders import BulkOrderLine
from app.persistence.ordering.orders import ProductOrder
from app.persistence.people import actor_for
from app.services.bulk import bulk_orders, bulk_placing
from app.unit_of_work import transaction
from processes.bulk_runner import AT_ONCE
from processes.store.bulk import BulkRun
from processes.store.instances import ProcessInstance
from processes.store.jobs import Job
from tests.api.world import CANCELS, Person
from tests.bench.bulk_sheet import sheet
from tests.servers import ROOT
from tests.services.desk import Desk, desk
from tests.services.test_bulk_orders import BULK, checked, lines, submitted

LARGE = bulk_placing.SMALL + 10


@pytest.fixture
def slowly(office: Desk) -> Iterator[float]:
    """The work of large sheets begins so slowly that no clock of a busy machine gets there first."""
    deps = office.whole.deps
    per_s = 0.001
    bulk_placing.register(replace(deps, live=LiveSettings(replace(deps.settings, bulk_starts_per_s=per_s))))
    yield per_s
    bulk_placing.register(deps)


def large(office: Desk, front: Person, day: int) -> dict[str, Any]:
    """A sheet of so many lines that its work is put off, accepted."""
    row = ["C100006", "新装", "fb-300", "", "A0013", "", "", f"2027-05-{day:02}"]
    order = submitted(front, checked(front, [row] * LARGE))
    assert office.runner.round() == LARGE
    done: dict[str, Any] = front.get(f"{BULK}/{order['number']}").get_json()
    assert (done["state"], done["placed"], done["refused"]) == ("done", LARGE, 0)
    return done


def state(front: Person, number: str) -> str:
    return str(front.get(f"/api/v1/orders/{number}").get_json()["state"])


def test_a_large_sheet_is_accepted_first_and_then_begins_at_a_pace(office: Desk, front: Person, slowly: float) -> None:
    bulk = large(office, front, 1)
    office.work()
    numbers = [line["order_number"] for line in lines(front, bulk, "placed")]
    assert len(set(numbers)) == LARGE
    with office.whole.deps.sessions() as session:
        rows = session.execute(
            select(
                ProductOrder.number,
                ProductOrder.state,
                ProductOrder.promised_at,
                ProductOrder.ordered_at,
                Job.kind,
                Job.run_at,
            )
            .join(Job, Job.instance_id == ProductOrder.process_instance_id)
            .where(ProductOrder.number.in_(numbers))
            .order_by(ProductOrder.number)
        ).all()
    assert [row.number for row in rows] == numbers  # a job each, and no second one
    assert {(row.state, row.kind) for row in rows} == {("acknowledged", "start")}
    assert all(row.promised_at is not None for row in rows)  # promised from the second of acceptance on
    for seq, row in enumerate(rows, 1):  # when the rest should be through, and then at the pace
        assert timedelta() <= row.run_at - row.ordered_at - timedelta(seconds=seq / slowly) < timedelta(seconds=301)
    view = front.get(f"/api/v1/orders/{numbers[0]}").get_json()
    assert datetime.fromisoformat(view["checks"]["start"]["work_begins"]) == rows[0].run_at
    assert [wait["kind"] for wait in view["waits_for"]] == ["date"] and "开工" in view["waits_for"][0]["text_zh"]

    # Before anything has begun an order can be amended, put off by the customer, and cancelled.
    amend = f"/api/v1/orders/{order_id(office, numbers[1])}/amendments"
    faster = {"items": [{"item_no": "1", "offering": "fb-1000"}], "reason": "wants more"}
    shown = front.post(amend, faster).get_json()
    amended = front.post(amend, {**faster, "dry_run": False, "digest": shown["digest"]})
    assert amended.status_code == 201, amended.get_json()
    waits = {"reason": "customer-defer", "evidence": "call 4711"}
    assert front.post(f"/api/v1/orders/{numbers[2]}/pause", waits).get_json()["state"] == "pending"
    body = {"productOrder": {"id": order_id(office, numbers[0])}, "cancellationReason": "a mistake in the sheet"}
    assert front.post(CANCELS, body).status_code == 201  # before anything has begun
    office.work()
    assert state(front, numbers[0]) == "cancelled"
    begin_now(office, numbers[:3])
    assert [state(front, number) for number in numbers[:3]] == ["cancelled", "inProgress", "pending"]
    assert front.get(f"/api/v1/orders/{numbers[1]}").get_json()["items"][0]["offering"] == "fb-1000"
    with office.whole.deps.read_sessions() as session:
        item = f"order:{order_id(office, numbers[1])}/item:1"
        plan = session.scalars(select(ProcessInstance).where(ProcessInstance.business_key == item)).first()
        assert plan is not None and plan.inputs["item"]["characteristics"]["downstream_mbps"] == 1000
    assert front.post(f"/api/v1/orders/{numbers[2]}/resume", {}).status_code == 200
    begin_now(office, numbers[2:3])
    assert state(front, numbers[2]) == "inProgress"
    for number in numbers[1:3]:  # the time of the others does not come while tests run
        front.post(CANCELS, {"productOrder": {"id": order_id(office, number)}, "cancellationReason": "test"})
    office.work()


def begin_now(office: Desk, numbers: list[str]) -> None:
    """The time of these orders has come."""
    with transaction(office.whole.deps.sessions) as tx:
        due = office.whole.deps.clock(tx.session)
        tx.session.execute(update(Job).where(_first_steps(numbers)).values(run_at=due))
    office.work()


def _first_steps(numbers: list[str]) -> Any:
    of_orders = select(ProductOrder.process_instance_id).where(ProductOrder.number.in_(numbers))
    return Job.instance_id.in_(of_orders) & (Job.kind == "start") & (Job.state == "ready")


def order_id(office: Desk, number: str) -> str:
    with office.whole.deps.read_sessions() as session:
        return session.scalars(select(ProductOrder.id).where(ProductOrder.number == number)).one()


def test_two_lines_about_parts_of_one_bundle_see_each_other(office: Desk, front: Person) -> None:
    rows = [
        ["C100005", "停", "", "P10000501", "", "", "", ""],
        ["C100005", "停", "", "P10000502", "", "", "", ""],  # broadband of that bundle
        ["C100004", "停", "", "P10000401", "", "", "", ""],
    ]
    order = submitted(front, checked(front, rows))
    office.runner.round()
    told = [(line["state"], [one["code"] for one in line["problems"]]) for line in lines(front, order)]
    assert told == [("placed", []), ("refused", ["open-order"]), ("placed", [])]
    for line in lines(front, order, "placed"):
        body = {"productOrder": {"id": order_id(office, line["order_number"])}, "cancellationReason": "test"}
        assert front.post(CANCELS, body).status_code == 201
    office.work()


def test_when_the_work_on_a_sheet_begins() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)

    def begins(
        total: int, seq: int, took_s: float, *, rate_per_s: float = 0.0, starts_per_s: float = 10.0
    ) -> float | None:
        run = BulkRun(total=total, rate_per_s=rate_per_s, created_at=at)
        found = bulk_placing.begins_at(run, seq, starts_per_s, at + timedelta(seconds=took_s))
        return None if found is None else round((found - at).total_seconds(), 3)

    assert begins(bulk_placing.SMALL, 1, 1) is None  # small
    assert begins(2000, 1, 1, rate_per_s=10) is None  # at a walking pace
    assert begins(2000, 1, 1, starts_per_s=0) is None
    assert begins(2000, 20, 1.2) == 1.2 + 19.8 + 2  # nothing else known: a hundred in a second
    assert begins(2000, 1000, 51) == 51 + 50 + 100  # twenty in a second so far
    assert begins(2000, 2000, 101) == 101 + 200
    assert begins(2000, 100, 3600) == 3600 + 300 + 10  # it was paused


@pytest.mark.torture
@pytest.mark.parametrize("backend", ["postgresql", "sqlite"])
def test_whoever_dies_while_placing_leaves_each_line_an_order_or_waiting(
    make_database: Callable[..., str], tmp_path: Path, backend: str
) -> None:
    with desk(make_database(backend, migrated=True), tmp_path) as one:
        deps = one.whole.deps
        with transaction(deps.sessions) as tx:
            actor = actor_for(tx.session, "front")
        bulk = bulk_orders.check_sheet(
            sheet(LARGE, 4), file_name="s.xlsx", channel="account_manager", actor=actor, deps=deps
        )
        bulk_orders.submit(bulk.number, actor, deps, max_failures=None, rate_per_s=0)
        good = LARGE - 4
        seen = []
        for deadly in ("bulk.before_commit:1", "bulk.after_commit:1", "bulk.before_commit:4", ""):
            (tmp_path / "rules").write_text(f"{deadly}:kill" if deadly else "", encoding="utf-8")
            faulty = {
                "YIZHAN_TEST_FAULTS": "1",
                "YIZHAN_TEST_FAULT_FILE": str(tmp_path / "rules"),
                "YIZHAN_TEST_FAULT_LOG": str(tmp_path / "hits"),
            }
            command = [sys.executable, "-m", "tests.services.placing_program", str(deps.settings.database_url)]
            ended = subprocess.run(command, env={**os.environ, **faulty}, cwd=ROOT, check=False)
            assert ended.returncode == (-signal.SIGKILL if deadly else 0)
            with deps.read_sessions() as session:
                orders = set(session.scalars(select(ProductOrder.id)))
                of_lines = session.scalars(select(BulkOrderLine.order_id).where(BulkOrderLine.order_id.is_not(None)))
                begun = session.scalars(select(ProcessInstance.id))
                assert sorted(of_lines) == sorted(orders)
                assert set(begun) == set(session.scalars(select(ProductOrder.process_instance_id)))
                seen.append(len(orders))
        assert seen == [0, AT_ONCE, 2 * AT_ONCE, good]
        assert one.whole.violations("I1", "I3", "I5", "I6", "I7") == []
