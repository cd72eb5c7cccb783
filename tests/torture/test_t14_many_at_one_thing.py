"""T14: fifty complete one task, twenty workers move one instance on: one wins each, and no update is lost."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.errors import InstanceNotRunning, StaleTask
from processes.store.instances import ActivityLog
from processes.store.units import run_unit
from processes.worker import Worker
from tests.engine.diagrams import end, node, process, service, start, user
from tests.engine.rig import Rig

pytestmark = pytest.mark.slow

PEOPLE = 50
WORKERS = 20
ROUNDS = {True: 200, False: 5}
PATIENCE_S = 60
SIDE_BY_SIDE = process(
    "side_by_side",
    start(),
    user("decide", {"winner": "result.who"}),
    node("parallelGateway", "fork"),
    *(
        service(f"step_{number}", "net.reserve", {"what": f"'{number}'"}, {f"got_{number}": "result.id"})
        for number in range(WORKERS)
    ),
    node("parallelGateway", "join"),
    service("last", "net.announce", {"what": "winner"}),
    end(),
    flows="begin > decide > fork; join > last > done; "
    + "; ".join(f"fork > step_{number} > join" for number in range(WORKERS)),
    data=["winner", *(f"got_{number}" for number in range(WORKERS))],
)


@pytest.fixture(params=["sqlite", "postgresql"])
def rig(request: pytest.FixtureRequest, make_database: Callable[..., str], tmp_path: Path) -> Iterator[Rig]:
    built = Rig(make_database(request.param, migrated=True), tmp_path)
    built.real_time()
    yield built
    built.close()


def test_one_wins_each_round_and_no_update_is_lost(rig: Rig, full: bool, figures: Callable[..., None]) -> None:
    rig.deploy(SIDE_BY_SIDE)
    workers = [
        Worker(rig.engine, rig.sessions, name=f"worker-{number}", threads=1, batch=1) for number in range(WORKERS)
    ]
    won, began = [], time.monotonic()
    with ThreadPoolExecutor(PEOPLE) as crowd:
        for number in range(ROUNDS[full]):
            root = begin(rig, workers[0], number)
            outcomes = complete_by_everybody(rig, crowd, root)
            assert outcomes["won"] == 1
            assert outcomes["refused"] == PEOPLE - 1
            won.append(outcomes)
            took_part = move_on_by_all_workers(rig, crowd, workers, root)
            assert_nothing_lost(rig, root, took_part)
    rig.check()
    counts = rig.parts.counters.all()
    figures(
        "T14",
        database=rig.database.dialect.name,
        rounds=len(won),
        people=PEOPLE,
        workers=WORKERS,
        winners=sum(outcomes["won"] for outcomes in won),
        lost_updates=0,
        units_retried=counts["units_retried"],
        fenced_writes=counts["fenced_writes"],
        seconds=round(time.monotonic() - began, 1),
    )


def begin(rig: Rig, worker: Worker, number: int) -> str:
    """Start an instance that waits at its user task."""
    with rig.work() as session:
        now = rig.parts.clock.now(session)
        root = rig.engine.start(
            session, "side_by_side", business_key=f"round:{number}", area="SH", data={}, now=now, actor="front"
        ).id
    worker.drain()
    return root


def complete_by_everybody(rig: Rig, crowd: ThreadPoolExecutor, root: str) -> Counter[str]:
    """Let everybody complete the one open task at the same instant; returns how each fared."""
    task_id = rig.user_tasks(root)[0].id
    together = threading.Barrier(PEOPLE)

    def complete(who: int) -> str:
        def unit(session: Session) -> None:
            now = rig.parts.clock.now(session)
            rig.engine.complete_user_task(session, task_id, {"who": f"p{who}"}, actor=f"p{who}", now=now)

        together.wait(PATIENCE_S)
        try:
            run_unit(rig.sessions, unit, rng=random.Random(who))
        except (StaleTask, InstanceNotRunning):
            return "refused"
        return "won"

    return Counter(crowd.map(complete, range(PEOPLE)))


def move_on_by_all_workers(rig: Rig, crowd: ThreadPoolExecutor, workers: list[Worker], root: str) -> int:
    """Let all workers loose on the jobs of one instance until it has ended; returns how many of them found any."""
    together, deadline = threading.Barrier(len(workers)), time.monotonic() + PATIENCE_S

    def drain(worker: Worker) -> int:
        done = 0
        together.wait(PATIENCE_S)
        while rig.instance(root).state != "completed":
            assert time.monotonic() < deadline, "the instance does not end"
            done += worker.drain()
        return done

    return sum(1 for done in crowd.map(drain, workers) if done)


def assert_nothing_lost(rig: Rig, root: str, took_part: int) -> None:
    data = rig.data(root)
    assert {data[f"got_{number}"] for number in range(WORKERS)} == {
        f"net.reserve:{number}" for number in range(WORKERS)
    }
    assert took_part > 1
    jobs: list[Any] = rig.jobs(root)
    assert Counter(job.state for job in jobs) == {"done": WORKERS + 1}
    with rig.sessions() as session:
        log = session.scalars(select(ActivityLog).where(ActivityLog.instance_id == root).order_by(ActivityLog.seq))
        rows = [(row.element_id, row.actor) for row in log if row.event == "completed" and row.element_id]
    decided = [actor for element, actor in rows if element == "decide"]
    assert decided == [data["winner"]]
    assert len({element for element, _actor in rows if element.startswith("step_")}) == WORKERS
    effects = Counter(row["operation_id"] for row in rig.far.effects())
    assert set(effects.values()) == {1}
