"""Check 21: an interrupting event at a sub-process: nothing inside runs afterwards, not even what was ready already."""

from __future__ import annotations

from tests.engine.diagrams import call, end, node, on_timer, process, service, start, user
from tests.engine.rig import Rig
from tests.processes.drawing import boundary, bpmn, event, flows, sub, throw
from tests.processes.drawing import start as first
from tests.processes.drawing import user as person
from tests.processes.driving import Drive, every_way

CHILD = process(
    "child",
    start(),
    service("far", "net.reserve", {"what": "'C'"}),
    user("see"),
    end(),
    flows="begin > far > see > done",
)
INSIDE = "".join(
    f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'
    for source, target in (("in", "fork"), ("fork", "fit"), ("fork", "inside"), ("fit", "after"), ("inside", "after"))
)
VISIT = process(
    "visit",
    start(),
    node(
        "subProcess",
        "at_home",
        start("in")
        + node("parallelGateway", "fork")
        + user("fit")
        + call("inside", "child", {})
        + user("after")
        + INSIDE,
    ),
    on_timer("too_late", "at_home", "PT4H"),
    user("call_back"),
    end(),
    flows="begin > at_home > done; too_late > call_back > done",
)


def test_everything_inside_is_gone_and_nothing_of_it_can_be_done_any_more(rig: Rig) -> None:
    rig.deploy(CHILD, VISIT)
    root = rig.start("visit")
    assert sorted(task.element_id for task in rig.user_tasks(root)) == ["fit", "see"]
    rig.later(hours=5)
    assert [task.element_id for task in rig.user_tasks(root)] == ["call_back"]
    assert {job.state for job in rig.jobs(root)} <= {"done"}
    rig.complete(root, "call_back")
    rig.later(days=2)
    assert rig.instance(root).state == "completed"
    assert not [event for event in rig.events if event.element is not None and event.element.id == "after"]
    rig.check()


@every_way
def test_not_even_what_was_ready_already(mode: str) -> None:
    """The signal is thrown in the same step that makes the next task ready."""
    inner = (
        first("s2")
        + person("a")
        + node("parallelGateway", "f")
        + throw("y", event("signal", "stop"))
        + person("ready")
        + person("later")
        + flows("s2>a a>f f>ready f>y y>later")
    )
    drawn = bpmn(first(), sub("u", inner), boundary("b", "u", event("signal", "stop")), person("z"), flows("s>u b>z"))
    run = Drive.begin(mode, drawn).complete("a")
    assert run.at == ["z"]
    assert run.events("later") == []
    assert run.complete("z").done
