"""Check 10: timers due while everything was down fire once on restart, and a cycle does not fire a burst."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from processes.store.instances import ProcessInstance
from tests.engine.diagrams import end, node, process, start, user, wait_for
from tests.engine.rig import Rig

WAITS = process("waits", start(), wait_for("pause", "PT1H"), end(), flows="begin > pause > done")


def cycle(value: str) -> str:
    return (
        '<bpmn:timerEventDefinition id="cycle"><bpmn:timeCycle xsi:type="bpmn:tFormalExpression">'
        f"{value}</bpmn:timeCycle></bpmn:timerEventDefinition>"
    )


REMINDS = process(
    "reminds",
    start(),
    user("install"),
    node("boundaryEvent", "hourly", cycle("R/PT1H"), attachedToRef="install", cancelActivity="false"),
    user("remind"),
    end(),
    end("reminded"),
    flows="begin > install > done; hourly > remind > reminded",
)
HOURLY = process("hourly", node("startEvent", "begin", cycle("R/PT1H")), end(), flows="begin > done")


def count(rig: Rig, key: str) -> int:
    with rig.sessions() as session:
        rows = select(func.count()).select_from(ProcessInstance).where(ProcessInstance.process_key == key)
        return session.scalar(rows) or 0


def test_after_ten_hours_down_each_fires_once_and_then_in_its_old_rhythm(rig: Rig) -> None:
    rig.deploy(WAITS, REMINDS, HOURLY)
    waiting = [rig.start("waits") for _ in range(3)]
    reminding = rig.start("reminds")
    rig.clock.move(timedelta(hours=10, minutes=30))  # nobody works meanwhile
    rig.drain()
    rig.another_worker().drain()
    assert [rig.instance(root).state for root in waiting] == ["completed"] * 3
    assert rig.parts.counters.all()["timers_fired"] == 4
    assert [task.element_id for task in rig.user_tasks(reminding)] == ["install", "remind"]
    assert count(rig, "hourly") == 1
    rig.later(minutes=29)
    assert (len(rig.user_tasks(reminding)), count(rig, "hourly")) == (2, 1)
    rig.later(minutes=1)
    assert (len(rig.user_tasks(reminding)), count(rig, "hourly")) == (3, 2)
    rig.check()
