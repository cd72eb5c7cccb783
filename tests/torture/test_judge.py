"""The judge of the experiments must be able to say no: each kind of wrong is planted, and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from app.persistence import all_rows
from app.seed.demo import load_demo
from app.seed.reference import load_reference
from processes.store.opening import create_database_engine
from processes.store.sessions import session_factory
from tests.persistence.orders import make_item, make_order
from tests.servers import RunningSimulators
from tests.torture.cluster import Cluster
from tests.torture.judge import Verdict, look_at_books, look_at_orders, look_at_rows, wait_for_rest
from tests.torture.load import Sent
from tests.torture.members import Journal

pytestmark = pytest.mark.slow
assert all_rows.MODULES
WRITE = {"adapter": "billing", "operation": "billing.start_charging", "is_write": True, "state": "done", "code": ""}
CALL = {**WRITE, "digest": "", "outputs": {}, "message": "", "ready_s": 0, "at": "2026-11-21T00:00:00+00:00"}


@pytest.fixture(scope="module")
def database(make_database: Callable[..., str]) -> str:
    """A database with one open order that waits for nobody."""
    url = make_database("sqlite")
    engine = create_database_engine(url, application_name="tests")
    with session_factory(engine).begin() as session:
        load_reference(session)
        load_demo(session, lambda password: f"hash of {password}")
        make_order(session, datetime.now(UTC), external_id="T-1", state="inProgress")
    engine.dispose()
    return url


@pytest.fixture
def system(database: str, simulators: RunningSimulators, tmp_path: Path) -> Iterator[Cluster]:
    """The database and the neighbours; no process of ours runs."""
    env = {"YIZHAN_DATABASE_URL": database}
    cluster = Cluster(tmp_path, env, [], simulators.url, Journal(tmp_path / "journal.jsonl"))
    yield cluster
    cluster.stop()


@contextmanager
def planted(simulators: RunningSimulators, key: str, count: int) -> Iterator[None]:
    """A write in the books of the neighbours that took effect so often."""
    path = f"{simulators.url}/control/books/calls/{key}"
    httpx.post(path, json={"merge": {**CALL, "count": count}}).raise_for_status()
    try:
        yield
    finally:
        httpx.post(path, json={"delete": True}).raise_for_status()


def test_an_order_that_waits_for_nobody_never_rests(system: Cluster) -> None:
    assert [row["external_id"] for row in wait_for_rest(system, Verdict(), within_s=0)] == ["T-1"]


def test_an_acknowledged_order_that_is_not_there_is_named(system: Cluster) -> None:
    verdict = Verdict()
    lost, other = Sent("T-9", {}, "acked", "some-id"), Sent("T-1", {}, "acked", "another-id")
    look_at_orders(system, [lost, other, Sent("T-1", {}, "refused"), Sent("T-8", {}, "unknown")], verdict)
    assert [problem.split()[0] for problem in verdict.problems] == ["T-9", "T-1"]


def test_a_refused_order_that_is_there_is_named(system: Cluster) -> None:
    verdict = Verdict()
    look_at_orders(system, [Sent("T-1", {}, "refused")], verdict)
    assert "was refused and is there" in verdict.problems[0]


def test_what_took_effect_twice_or_behind_our_back_is_named(system: Cluster, simulators: RunningSimulators) -> None:
    before, verdict = Verdict(), Verdict()
    look_at_books(system, before)
    with planted(simulators, "twice", 2), planted(simulators, "unknown", 1):
        look_at_books(system, verdict)
    assert (before.duplicates, verdict.duplicates) == (0, 1)
    assert any("took effect 2 times" in problem for problem in verdict.problems)
    assert verdict.effects == before.effects + 3


def test_a_work_item_that_nothing_waits_for_is_named(system: Cluster) -> None:
    before, verdict = Verdict(), Verdict()
    look_at_rows(system, before)
    engine = create_database_engine(system.env["YIZHAN_DATABASE_URL"], application_name="tests")
    with session_factory(engine).begin() as session:
        make_item(session, datetime.now(UTC), state="open")
    engine.dispose()
    look_at_rows(system, verdict)
    assert before.problems == []
    assert ["work items without a user task" in problem for problem in verdict.problems] == [True]
