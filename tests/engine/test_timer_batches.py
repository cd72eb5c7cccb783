"""Many timers due at one moment are fired together."""

from __future__ import annotations

import logging

import pytest

from processes import queries
from processes.locking import lock_instance
from tests.engine.diagrams import end, node, process, start, wait_for
from tests.engine.rig import Rig

COUNT = 20
WAITS = process("waits", start(), wait_for("t", "PT1H"), end(), flows="begin > t > done")


def test_timers_due_at_one_moment_are_fired_together(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.deploy(WAITS)
    roots = [rig.start("waits") for _ in range(COUNT)]
    with caplog.at_level(logging.WARNING):
        rig.later(hours=1)
    assert {rig.instance(root).state for root in roots} == {"completed"}
    assert rig.parts.counters.all()["timers_fired"] == COUNT
    assert [record.getMessage() for record in caplog.records] == [], "no batch fell apart"
    rig.check()


TWICE = process(
    "twice",
    start(),
    node("parallelGateway", "both"),
    wait_for("first", "PT1H"),
    wait_for("second", "PT1H"),
    node("parallelGateway", "join"),
    end(),
    flows="begin > both > first > join > done; both > second > join",
)


def test_two_timers_of_one_instance_both_fire(rig: Rig) -> None:
    rig.deploy(TWICE)
    root = rig.start("twice")
    rig.later(hours=1)
    assert rig.instance(root).state == "completed"
    rig.check()


LATE = process(
    "late",
    start(),
    node("parallelGateway", "many"),
    *[wait_for(f"t{hour}", f"PT{hour}H") for hour in range(1, 9)],
    node("parallelGateway", "join"),
    end(),
    flows="begin > many; join > done; " + "; ".join(f"many > t{hour} > join" for hour in (5, 2, 8, 1, 7, 3, 6, 4)),
)


def test_timers_missed_during_an_outage_fire_in_the_order_they_came_due(rig: Rig) -> None:
    rig.deploy(LATE)
    roots = [rig.start("late") for _ in range(3)]
    rig.later(hours=10)
    for root in roots:
        with rig.sessions() as session:
            rows = [(row.element_id, row.event) for row in queries.history(session, root)]
        fired = [element for element, event in rows if element.startswith("t") and event == "completed"]
        assert fired == [f"t{hour}" for hour in range(1, 9)]


def test_a_timer_whose_instance_is_locked_is_passed_over_and_fires_later(rig: Rig) -> None:
    if rig.database.dialect.name == "sqlite":
        pytest.skip("one writer at a time: nothing to pass over")
    rig.deploy(WAITS)
    roots = [rig.start("waits") for _ in range(3)]
    with rig.work() as session:
        lock_instance(session, roots[0])
        rig.later(hours=1)
        assert [rig.instance(root).state for root in roots] == ["running", "completed", "completed"]
    rig.later(seconds=2)
    assert rig.instance(roots[0]).state == "completed"
    rig.check()
