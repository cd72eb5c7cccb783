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
from sqlalchemy import func, select, update

from app.persistence.bulk_orders import BulkOrder, BulkOrderLine
from app.persistence.orders import ProductOrder
from app.persistence.people import actor_for
from app.services import bulk_orders, bulk_placing
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
    bulk_placing.register(replace(deps, settings=replace(deps.settings, bulk_starts_per_s=per_s)))
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
            select(ProductOrder.number, ProductOrder.state, ProductOrder.promised_at, Job.kind, Job.run_at)
            .join(Job, Job.instance_id == ProductOrder.process_instance_id)
            .where(ProductOrder.number.in_(numbers))
            .order_by(ProductOrder.number)
        ).all()
        run = session.scalars(
            select(BulkRun).join(BulkOrder, BulkOrder.run_id == BulkRun.id).where(BulkOrder.number == bulk["number"])
        ).one()
        first_at = run.created_at + timedelta(seconds=LARGE / bulk_placing.PLACED_PER_S)
    assert [row.number for row in rows] == numbers  # a job each, and no second one
    assert {(row.state, row.kind) for row in rows} == {("acknowledged", "start")}
    assert all(row.promised_at is not None for row in rows)  # promised from the second of acceptance on
    pace = timedelta(seconds=1 / slowly)
    expected = [first_at + (place + 1) * pace for place in range(LARGE)]
    assert all(abs(row.run_at - at) < timedelta(milliseconds=1) for row, at in zip(rows, expected, strict=True))
    history = front.get(f"/api/v1/orders/{numbers[0]}").get_json()["events"]
    assert history[0]["detail"]["begins_at"]

    body = {"productOrder": {"id": order_id(office, numbers[0])}, "cancellationReason": "a mistake in the sheet"}
    assert front.post(CANCELS, body).status_code == 201  # before anything has begun
    office.work()
    assert state(front, numbers[0]) == "cancelled"
    with transaction(office.whole.deps.sessions) as tx:
        assert tx.session.scalar(select(func.count()).select_from(Job).where(_first_steps(numbers[:1]))) == 0
        due = office.whole.deps.clock(tx.session)
        tx.session.execute(update(Job).where(_first_steps(numbers[1:3])).values(run_at=due))
    office.work()
    assert [state(front, number) for number in numbers[:3]] == ["cancelled", "inProgress", "inProgress"]
    for number in numbers[1:]:
        front.post(CANCELS, {"productOrder": {"id": order_id(office, number)}, "cancellationReason": "test"})
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


def test_sheets_at_a_walking_pace_and_small_ones_begin_at_once() -> None:
    def begins(total: int, rate_per_s: float, starts_per_s: float = 10.0) -> bool:
        run = BulkRun(total=total, rate_per_s=rate_per_s, created_at=datetime(2026, 11, 22, tzinfo=UTC))
        return bulk_placing.begins_at(run, 1, starts_per_s) is None

    assert begins(bulk_placing.SMALL, 0) and begins(2000, 10.0) and begins(2000, 0, starts_per_s=0)
    assert not begins(2000, 0) and not begins(2000, 10.5)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["postgresql", pytest.param("sqlite", marks=pytest.mark.torture)])
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
