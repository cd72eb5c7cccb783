"""Check 23: a step late in a long life costs no more than an early one; counted in calls and bytes, not in seconds."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from sqlalchemy import func, select

from processes.store.instances import ActivityLog, ProcessInstance
from tests.engine.diagrams import end as last
from tests.engine.diagrams import io as mapped
from tests.engine.diagrams import node as element
from tests.engine.diagrams import process
from tests.engine.diagrams import start as first
from tests.engine.rig import Rig
from tests.processes.drawing import boundary, bpmn, end, flows, io, node, start, timer, user
from tests.processes.driving import Drive

STEPS = 100
ROUNDS = 300
CHAIN = bpmn(
    start(),
    *(user(f"u{number}") for number in range(STEPS)),
    *(
        boundary(f"b{number}_{which}", f"u{number}", timer("P1D"), interrupting=False)
        for number in range(STEPS)
        for which in range(2)
    ),
    *(end(f"x{number}_{which}") for number in range(STEPS) for which in range(2)),
    end(),
    flows(
        " ".join(
            [
                "s>u0",
                *(f"u{number}>u{number + 1}" for number in range(STEPS - 1)),
                f"u{STEPS - 1}>e",
                *(f"b{number}_{which}>x{number}_{which}" for number in range(STEPS) for which in range(2)),
            ]
        )
    ),
)
LOOP = bpmn(
    start(),
    user("a", io(outputs={"again": "result.again"})),
    node("exclusiveGateway", "g", default="g_e"),
    end(),
    flows("s>a a>g g>a g>e", g_a="again"),
)


def calls_of(work: Callable[[], Any]) -> int:
    """How many functions are called meanwhile: what a step costs, without a clock."""
    count = 0

    def counting(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def test_the_hundredth_step_among_two_hundred_events_costs_what_the_third_does() -> None:
    run = Drive.begin("stimulus", CHAIN)
    calls, sizes = [], []
    for number in range(STEPS):
        calls.append(calls_of(lambda at=number: run.complete(f"u{at}")))  # type: ignore[misc]
        sizes.append(len(run.execution.dump()))
    assert run.done
    assert max(calls[90:99]) <= 2 * min(calls[2:5]), (calls[2:5], calls[90:99])
    assert max(sizes[:99]) <= 2 * sizes[2]
    assert run.most_tokens <= 4


def test_the_three_hundredth_round_of_a_loop_costs_what_the_third_does() -> None:
    run = Drive.begin("stimulus", LOOP)
    calls, sizes, lines = [], [], []
    for number in range(ROUNDS):
        before = len(run.entries)
        calls.append(calls_of(lambda at=number: run.complete("a", {"again": at < ROUNDS - 1})))  # type: ignore[misc]
        sizes.append(len(run.execution.dump()))
        lines.append(len(run.entries) - before)
    assert run.done
    assert max(calls[290:299]) <= 2 * min(calls[2:5]), (calls[2:5], calls[290:299])
    assert max(sizes[:299]) <= 1.5 * sizes[2]
    assert set(lines[2:299]) == {lines[2]}
    assert run.most_tokens <= 2


def test_a_round_through_the_database_writes_as_many_rows_late_as_early(rig: Rig) -> None:
    again = mapped(outputs={"again": "result.again"})
    rig.deploy(
        process(
            "rounds",
            first(),
            element("userTask", "a", again, y_team="home_field"),
            element("exclusiveGateway", "g", default="g_to_done"),
            '<bpmn:sequenceFlow id="g_to_a" sourceRef="g" targetRef="a">'
            "<bpmn:conditionExpression>again</bpmn:conditionExpression></bpmn:sequenceFlow>",
            last(),
            flows="begin > a > g > done",
        )
    )
    root = rig.start("rounds")
    lines, sizes = [], []
    for number in range(30):
        rig.complete(root, "a", again=number < 29)
        with rig.sessions() as session:
            lines.append(session.scalar(select(func.count()).select_from(ActivityLog)) or 0)
            snapshot = session.scalar(select(ProcessInstance.snapshot).where(ProcessInstance.id == root))
            sizes.append(len(snapshot or b""))
    per_round = [after - before for before, after in itertools.pairwise(lines[2:29])]
    assert set(per_round) == {per_round[0]}
    assert max(sizes[:29]) <= 1.5 * sizes[2]
    assert rig.instance(root).state == "completed"
    rig.check()
