"""Many timers due at one moment are fired together."""

from __future__ import annotations

import logging

import pytest

from tests.engine.diagrams import end, process, start, wait_for
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
