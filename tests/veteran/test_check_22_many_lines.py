"""Check 22: a step over a thousand lines, done when four fifths are; one bad line stops nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from processes.lifecycle import IncidentState, JobState
from processes.store.instances import ActivityLog, Incident
from processes.store.jobs import Job
from tests.engine.diagrams import each, end, process, service, start
from tests.engine.far_side import refuse
from tests.engine.rig import Rig
from tests.processes.drawing import bpmn, flows, io, many, user
from tests.processes.drawing import end as last
from tests.processes.drawing import start as first
from tests.processes.driving import Drive

FOUR_FIFTHS = "numberOfCompletedInstances >= numberOfInstances * 0.8"
LINES = each("lines", "line").replace(
    "</bpmn:multiInstanceLoopCharacteristics>",
    f"<bpmn:completionCondition>{FOUR_FIFTHS.replace('>', '&gt;')}</bpmn:completionCondition>"
    "</bpmn:multiInstanceLoopCharacteristics>",
)
ORDER = process(
    "lines_of_an_order",
    start(),
    service("reserve", "net.reserve", {"what": "line"}, loop=LINES),
    end(),
    flows="begin > reserve > done",
    data=["lines"],
)


def test_a_thousand_lines_begin_at_once_and_the_last_two_hundred_are_cancelled() -> None:
    """People's steps, in memory: the wait of each line is seen, and what becomes of it."""
    drawn = bpmn(
        first(),
        user("a", io({"line": "line"}) + many("lines", "line", until=FOUR_FIFTHS)),
        user("z"),
        last(),
        flows("s>a a>z z>e"),
    )
    run = Drive.begin("plain", drawn, {"lines": list(range(1000))}, budget=5000)
    assert len(run.waiting("a")) == 1000
    waits = {wait.loop_index: wait.task_id for wait in run.waiting("a")}
    done = [index for index in range(1000) if index % 7 != 3]  # the others never answer
    for index in done[:799]:
        run.execution.complete(waits[index], {})
        run.settle()
    assert run.at.count("a") == 201
    run.execution.complete(waits[done[799]], {})
    run.settle()
    assert run.at == ["z"]
    ends = run.events("a")
    assert (ends.count("cancelled"), ends.count("completed")) == (200, 801)  # 800 lines, and the step itself
    run.reload()
    assert run.complete("z").done


@pytest.mark.parametrize("lines", [40, pytest.param(1000, marks=pytest.mark.torture)])
def test_one_bad_line_stops_nobody_and_is_cancelled_with_the_rest(rig: Rig, lines: int) -> None:
    rig.deploy(ORDER)
    rig.far.script("net.reserve", refuse("bad-line"))
    root = rig.start("lines_of_an_order", lines=[f"line {number}" for number in range(lines)])
    wanted = lines * 4 // 5
    assert rig.instance(root).state == "completed"
    with rig.sessions() as session:
        lines_of = select(ActivityLog.event, func.count().label("number")).where(
            ActivityLog.element_id == "reserve", ActivityLog.loop_index.is_not(None)
        )
        ends = {row.event: row.number for row in session.execute(lines_of.group_by(ActivityLog.event))}
        incidents = session.scalars(select(Incident)).all()
        open_jobs = session.scalar(
            select(func.count()).where(Job.state.not_in((JobState.DONE, JobState.CANCELLED)), ~Job.detached)
        )
    assert (ends["entered"], ends["completed"], ends["cancelled"]) == (lines, wanted, lines - wanted)
    assert [(one.code, one.state, one.resolution) for one in incidents] == [
        ("bad-line", IncidentState.RESOLVED, "cancelled")
    ]
    assert open_jobs == 0
    assert len(rig.effects(root)) >= wanted
    rig.check()
