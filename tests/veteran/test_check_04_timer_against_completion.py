"""Check 4: a boundary timer fires while its task is being completed: exactly one of the two ways is taken."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from processes.errors import StaleTask
from processes.store.units import run_unit
from tests.engine.diagrams import end, on_timer, process, start, user
from tests.engine.rig import Rig

ROUNDS, FULL_ROUNDS = 8, 200
LATE = process(
    "late",
    start(),
    user("install"),
    on_timer("too_late", "install", "PT1H"),
    end("in_time"),
    user("apologise"),
    end("expired"),
    flows="begin > install > in_time; too_late > apologise > expired",
)


def test_exactly_one_of_the_two_ways_is_taken(rig: Rig, request: pytest.FixtureRequest) -> None:
    rounds = FULL_ROUNDS if request.config.getoption("--full") else ROUNDS
    rig.deploy(LATE)
    roots = [rig.start("late") for _ in range(rounds)]
    tasks = [rig.user_tasks(root)[0].id for root in roots]
    rig.clock.move(timedelta(hours=1))
    begin, outcomes = threading.Barrier(2), []

    def complete() -> None:
        begin.wait()
        for task_id in tasks:
            try:
                run_unit(
                    rig.sessions,
                    lambda session, task_id=task_id: rig.engine.complete_user_task(  # type: ignore[misc]
                        session, task_id, {}, actor="field", now=rig.clock.at
                    ),
                    rng=rig.parts.rng,
                    tries=20,
                )
                outcomes.append("completed")
            except StaleTask:
                outcomes.append("late")

    person = threading.Thread(target=complete)
    person.start()
    begin.wait()
    rig.drain()
    person.join()
    rig.later(minutes=1)  # what was locked at that moment
    states = [rig.instance(root).state for root in roots]
    assert states == ["completed" if outcome == "completed" else "running" for outcome in outcomes]
    for root, outcome in zip(roots, outcomes, strict=True):
        assert [task.element_id for task in rig.user_tasks(root)] == ([] if outcome == "completed" else ["apologise"])
    rig.check()
