"""Check 18: a cancel amid a tree of repeated calls: all is gone, nothing fires later, undone newest first."""

from __future__ import annotations

from processes import cancel_plans
from tests.engine.diagrams import call, each, end, io, node, on_timer, process, service, start, user
from tests.engine.rig import Rig

LINE = process(
    "line",
    start(),
    service("reserve", "net.reserve", {"what": "line"}),
    user("install"),
    on_timer("late", "install", "PT1H"),
    end(),
    end("missed"),
    flows="begin > reserve > install > done; late > missed",
    data=["line"],
)
ORDER = process(
    "order",
    start(),
    service("first", "net.reserve", {"what": "'first'"}),
    node("callActivity", "lines", io({"line": "line"}) + each("lines_of", "line"), calledElement="line"),
    end(),
    flows="begin > first > lines > done",
    data=["lines_of"],
)
GO = call("go", "order", {"lines_of": "['a', 'b', 'c']"})
ABOVE = process("above", start(), GO, end(), flows="begin > go > done")


def test_everything_ends_and_is_undone_newest_first(rig: Rig) -> None:
    rig.deploy(LINE, ORDER, ABOVE)
    root = rig.start("above")
    assert len(rig.user_tasks(root)) == 3
    done = [effect.outputs["id"] for effect in rig.effects(root)]
    with rig.sessions() as session:
        plan = cancel_plans.cancel_plan(session, root)
    assert (plan.instances, plan.outstanding) == (5, [])
    planned = [line.inputs["id"] for line in plan.undo]
    assert planned == done[::-1]
    rig.cancel(root)
    rig.drain()
    assert [row["inputs"]["id"] for row in rig.far.effects() if row["operation"] == "net.release"] == planned
    rig.later(hours=2)
    assert rig.user_tasks(root) == rig.incidents(root) == []
    assert {job.state for job in rig.jobs(root)} <= {"done", "cancelled"}
    assert rig.instance(root).state == "cancelled"
    rig.check()
