"""An instance is begun anew with other data: what still holds stays, the rest is undone first, each effect once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from processes import queries
from processes.errors import CannotMove, InstanceNotRunning, PlanChanged, StaleTask
from processes.repairs import Why
from tests.engine.diagrams import call, end, io, node, on_timer, process, service, start, user
from tests.engine.rig import Rig

WHY = Why(actor="front", reason="the customer wants another speed")

ORDER = process("order", start(), call("plan", "plan", {"item": "item"}), end(), flows="begin > plan > done")
PLAN = process(
    "plan",
    start(),
    call("prepare", "prepare", {"item": "item"}, {"port": "result.port"}),
    service("account", "net.reserve", {"what": "item.speed"}, {"account": "result.id"}, y_change="net.adjust(id=id)",
            y_changes="what"),
    service("card", "net.reserve", {"what": "'card ' + item.name"}),
    user("visit"),
    on_timer("late", "visit", "PT4H"),
    service("start", "net.announce", {"what": "item.speed"}),
    end(),
    end("missed"),
    flows="begin > prepare > account > card > visit > start > done; late > missed",
    data=("item",),
)  # fmt: skip
PREPARE = process(
    "prepare",
    start(),
    service("port", "net.reserve", {"what": "item.place"}, {"port": "result.id"}),
    service("cable", "net.reserve", {"what": "'cable to ' + port"}),
    end(),
    flows="begin > port > cable > done",
    data=("item",),
)
ITEM = {"place": "Road 1", "speed": "100", "name": "Li"}


@pytest.fixture(autouse=True)
def nothing_is_broken(rig: Rig) -> Iterator[None]:
    yield
    rig.check()


def begun(rig: Rig, **item: Any) -> tuple[str, str]:
    """The order and its plan, come as far as the visit."""
    rig.deploy(PREPARE)
    rig.deploy(PLAN)
    rig.deploy(ORDER)
    root = rig.start("order", item={**ITEM, **item})
    return root, plan_of(rig, root)


def plan_of(rig: Rig, root: str) -> str:
    with rig.sessions() as session:
        running = [one for one in queries.tree(session, root) if one.state == "running" and one.process_key == "plan"]
    (found,) = running
    return found.id


def plan_of_all(rig: Rig, root: str) -> list[str]:
    """Every plan there has been, the oldest first."""
    with rig.sessions() as session:
        return sorted(one.id for one in queries.tree(session, root) if one.process_key == "plan")


def foreseen(rig: Rig, plan: str, **item: Any) -> Any:
    with rig.work() as session:
        return rig.engine.plan_renewal(session, plan, {"item": {**ITEM, **item}}, now=rig.clock.at)


def renew(rig: Rig, plan: str, *, drain: bool = True, digest: str | None = None, **item: Any) -> Any:
    with rig.work() as session:
        data = {"item": {**ITEM, **item}}
        _, planned = rig.engine.renew(session, plan, data, why=WHY, now=rig.clock.at, digest=digest)
    if drain:
        rig.drain()
    return planned


def acts(planned: Any) -> dict[str, str]:
    known = {step.path: step.act for step in planned.steps}
    return known | {planned.records[place].path: "drop" for place in planned.dropped}


def far(rig: Rig, *operations: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(row["operation"], row["inputs"]) for row in rig.far.effects() if row["operation"] in operations]


def in_force(rig: Rig, root: str) -> list[str]:
    return [f"{one.operation} {one.inputs['what']}" for one in rig.effects(root) if one.state == "confirmed"]


RESERVED = ["net.reserve Road 1", "net.reserve cable to net.reserve:Road 1", "net.reserve 100", "net.reserve card Li"]


def test_nothing_is_done_where_nothing_differs(rig: Rig) -> None:
    root, plan = begun(rig)
    calls = len(rig.far.calls)
    (task,) = rig.user_tasks(root)
    planned = renew(rig, plan)
    assert set(acts(planned).values()) == {"keep", "new"}
    assert acts(planned)["start"] == "new"
    assert len(rig.far.calls) == calls
    assert in_force(rig, root) == RESERVED
    assert plan_of(rig, root) != plan
    (same,) = rig.user_tasks(root)
    assert (same.id, same.opened_at) == (task.id, task.opened_at)
    assert same.instance_id == plan_of(rig, root)
    rig.complete(root, "visit")
    assert rig.instance(root).state == "completed"
    assert far(rig, "net.announce") == [("net.announce", {"what": "100"})]


def test_a_step_with_a_change_of_its_own_is_changed_in_place(rig: Rig) -> None:
    root, plan = begun(rig)
    planned = renew(rig, plan, speed="300")
    assert acts(planned) == {
        "prepare/port": "keep",
        "prepare/cable": "keep",
        "account": "change",
        "card": "keep",
        "visit": "keep",
        "start": "new",
    }
    assert planned.effects == []
    assert far(rig, "net.adjust", "net.release") == [("net.adjust", {"id": "net.reserve:100", "what": "300"})]
    assert in_force(rig, root) == [*RESERVED, "net.adjust 300"]
    rig.complete(root, "visit")
    assert far(rig, "net.announce") == [("net.announce", {"what": "300"})]


def test_what_no_longer_holds_and_what_used_it_is_undone_newest_first(rig: Rig) -> None:
    root, plan = begun(rig)
    planned = renew(rig, plan, place="Road 2")
    assert acts(planned)["prepare/port"] == acts(planned)["prepare/cable"] == "redo"
    assert [acts(planned)[name] for name in ("account", "card", "visit")] == ["keep"] * 3
    assert [inputs["id"] for _, inputs in far(rig, "net.release")] == [
        "net.reserve:cable to net.reserve:Road 1",
        "net.reserve:Road 1",
    ]
    assert in_force(rig, root) == [
        "net.reserve 100",
        "net.reserve card Li",
        "net.reserve Road 2",
        "net.reserve cable to net.reserve:Road 2",
    ]
    assert [task.element_id for task in rig.user_tasks(root)] == ["visit"]


def test_a_cancel_after_it_undoes_all_that_is_in_force_newest_first(rig: Rig) -> None:
    root, plan = begun(rig)
    renew(rig, plan, speed="300")
    rig.cancel(root)
    rig.drain()
    assert rig.instance(root).state == "cancelled"
    assert in_force(rig, root) == []
    undos = [row["inputs"] for row in rig.far.effects() if row["operation"] in ("net.release", "net.adjust")][1:]
    assert undos[0] == {"id": "net.reserve:100", "what": "100"}  # the change back, before what was changed
    assert [one["id"] for one in undos[1:]] == [
        "net.reserve:card Li",
        "net.reserve:100",
        "net.reserve:cable to net.reserve:Road 1",
        "net.reserve:Road 1",
    ]


def test_amended_twice_it_is_the_last_that_counts(rig: Rig) -> None:
    root, plan = begun(rig)
    renew(rig, plan, speed="300")
    renew(rig, plan_of(rig, root), place="Road 2", speed="500")
    assert [inputs["what"] for _, inputs in far(rig, "net.adjust")] == ["300", "500"]
    renew(rig, plan_of(rig, root), place="Road 2", speed="500")
    assert len(far(rig, "net.adjust")) == 2
    assert in_force(rig, root).count("net.reserve card Li") == 1
    rig.complete(root, "visit")
    assert rig.instance(root).state == "completed"
    assert far(rig, "net.announce") == [("net.announce", {"what": "500"})]


def test_amended_again_before_the_plan_has_come_to_what_is_kept(rig: Rig) -> None:
    """A talk has to be had again; what lies behind it was done once, and is there once whoever amends meanwhile."""
    talk = node("userTask", "talk", io({"name": "item.name"}, {}), y_team="home_field")
    steps = (service("card", "net.reserve", {"what": "'card'"}), user("visit"), end())
    rig.deploy(process("plan", start(), talk, *steps, flows="begin > talk > card > visit > done", data=("item",)))
    rig.deploy(ORDER)
    root = rig.start("order", item=ITEM)
    rig.complete(root, "talk")
    (visit,) = rig.user_tasks(root)
    for name in ("Wang", "Zhao"):
        planned = renew(rig, plan_of(rig, root), name=name)
        assert acts(planned) == {"talk": "redo", "card": "keep", "visit": "keep"}
        assert [task.element_id for task in rig.user_tasks(root)] == ["talk"]
    aside = [event.detail["user_task_id"] for event in rig.events if event.kind == "user_task_put_aside"]
    assert aside[0] == visit.id
    rig.complete(root, "talk")
    assert [task.id for task in rig.user_tasks(root)] == [visit.id]
    assert in_force(rig, root) == ["net.reserve card"]
    assert len(far(rig, "net.reserve")) == 1
    rig.complete(root, "visit")
    assert rig.instance(root).state == "completed"


def test_what_is_kept_and_never_come_to_is_let_go(rig: Rig) -> None:
    """The plan ends before it comes to a task that was put aside, and to what was done before that."""
    talk = node("userTask", "talk", io({"name": "item.name"}, {"enough": "result.enough"}), y_team="home_field")
    gate = node("exclusiveGateway", "more", default="more_to_card")
    drawn = process(
        "plan", start(), talk, gate, service("card", "net.reserve", {"what": "'card'"}), user("visit"), end(),
        flows="begin > talk > more > card > visit > done", data=("item",),
    ).replace(
        b"</bpmn:process>",
        b'<bpmn:sequenceFlow id="stop" sourceRef="more" targetRef="done"><bpmn:conditionExpression '
        b'xsi:type="bpmn:tFormalExpression">enough</bpmn:conditionExpression></bpmn:sequenceFlow></bpmn:process>',
    )  # fmt: skip
    rig.deploy(drawn)
    rig.deploy(ORDER)
    root = rig.start("order", item=ITEM)
    rig.complete(root, "talk", enough=False)
    for name in ("Wang", "Zhao"):
        renew(rig, plan_of(rig, root), name=name)
    rig.complete(root, "talk", enough=True)
    rig.drain()
    assert rig.instance(root).state == "completed"
    assert in_force(rig, root) == []
    assert rig.user_tasks(root) == []


def test_it_waits_for_the_answer_that_is_out(rig: Rig) -> None:
    """The far side has taken the port; the answer comes after the amendment and its effect is undone too."""
    rig.far.script("net.reserve", lambda asked: rig.far.take_effect(asked, pending=True))
    root, plan = begun(rig)
    (job,) = rig.jobs(root, operation="net.reserve")
    planned = renew(rig, plan, place="Road 2")
    assert planned.effects == []
    assert len(far(rig, "net.reserve")) == 1
    rig.far.settle(job.operation_id)
    rig.answer(job.operation_id, outputs={"id": "net.reserve:Road 1"})
    rig.drain()
    assert [inputs["id"] for _, inputs in far(rig, "net.release")] == ["net.reserve:Road 1"]
    assert in_force(rig, root)[:2] == ["net.reserve Road 2", "net.reserve cable to net.reserve:Road 2"]


def test_an_answer_that_comes_late_and_still_holds_is_taken_over(rig: Rig) -> None:
    rig.far.script("net.reserve", lambda asked: rig.far.take_effect(asked, pending=True))
    root, plan = begun(rig)
    (job,) = rig.jobs(root, operation="net.reserve")
    renew(rig, plan, speed="300")
    rig.far.settle(job.operation_id)
    rig.answer(job.operation_id, outputs={"id": "net.reserve:Road 1"})
    rig.drain()
    assert far(rig, "net.release") == []
    assert [inputs["what"] for _, inputs in far(rig, "net.reserve")] == [
        "Road 1",
        "cable to net.reserve:Road 1",
        "300",
        "card Li",
    ]


def test_a_task_with_other_inputs_is_withdrawn_and_another_one_waits(rig: Rig) -> None:
    asked = io({"name": "item.name"}, {"said": "result.said"})
    talk = node("userTask", "talk", asked, y_team="home_field")
    rig.deploy(
        process("plan", start(), talk, user("visit"), end(), flows="begin > talk > visit > done", data=("item",))
    )
    rig.deploy(ORDER)
    root = rig.start("order", item=ITEM)
    (before,) = rig.user_tasks(root)
    renew(rig, plan_of(rig, root), name="Wang")
    (after,) = rig.user_tasks(root)
    assert (after.inputs, before.id == after.id) == ({"name": "Wang"}, False)
    rig.complete(root, "talk", said="yes")
    renew(rig, plan_of(rig, root), name="Wang", speed="300")
    assert [task.element_id for task in rig.user_tasks(root)] == ["visit"]  # the talk counts
    renew(rig, plan_of(rig, root), name="Zhao")
    assert [task.element_id for task in rig.user_tasks(root)] == ["talk"]
    rig.complete(root, "talk", said="well")
    rig.complete(root, "visit")
    assert rig.data(plan_of_all(rig, root)[-1])["said"] == "well"


def test_what_cannot_be_undone_is_not_done_again(rig: Rig) -> None:
    rig.deploy(PREPARE)
    rig.deploy(
        process(
            "plan",
            start(),
            service("tell", "net.announce", {"what": "item.speed"}),
            user("visit"),
            end(),
            flows="begin > tell > visit > done",
            data=("item",),
        )
    )
    rig.deploy(ORDER)
    root = rig.start("order", item=ITEM)
    plan = plan_of(rig, root)
    assert len(foreseen(rig, plan, speed="300").final) == 1
    with pytest.raises(CannotMove):
        renew(rig, plan, speed="300")
    assert rig.instance(plan).state == "running"
    renew(rig, plan, name="Wang")
    assert len(far(rig, "net.announce")) == 1


def test_another_plan_than_the_one_shown_is_refused(rig: Rig) -> None:
    root, plan = begun(rig)
    shown = foreseen(rig, plan, speed="300")
    rig.complete(root, "visit")
    with pytest.raises((PlanChanged, InstanceNotRunning)):
        renew(rig, plan, speed="300", digest=shown.digest)


def test_while_it_waits_the_task_cannot_be_handed_in_and_a_cancel_takes_it_along(rig: Rig) -> None:
    root, plan = begun(rig)
    (task,) = rig.user_tasks(root)
    renew(rig, plan, drain=False, place="Road 2")
    with rig.work() as session, pytest.raises(StaleTask):
        rig.engine.complete_user_task(session, task.id, {}, actor="field", now=rig.clock.at)
    rig.cancel(root)
    rig.drain()
    assert rig.instance(root).state == "cancelled"
    assert in_force(rig, root) == []
    released = [inputs["id"] for _, inputs in far(rig, "net.release")]
    assert sorted(released) == sorted(set(released))
    assert len(released) == 4


def test_steps_of_the_drawing_that_the_new_data_adds_or_leaves_out(rig: Rig) -> None:
    gate = node("exclusiveGateway", "voice_wanted", default="voice_wanted_to_visit")
    drawn = process(
        "plan",
        start(),
        service("line", "net.reserve", {"what": "'line'"}),
        gate,
        service("voice", "net.reserve", {"what": "'voice'"}),
        user("visit"),
        end(),
        flows="begin > line > voice_wanted; voice_wanted > visit > done; voice > visit",
        data=("item",),
    ).replace(
        b"</bpmn:process>",
        b'<bpmn:sequenceFlow id="yes" sourceRef="voice_wanted" targetRef="voice"><bpmn:conditionExpression '
        b'xsi:type="bpmn:tFormalExpression">item.voice</bpmn:conditionExpression></bpmn:sequenceFlow></bpmn:process>',
    )
    rig.deploy(drawn)
    rig.deploy(ORDER)
    root = rig.start("order", item={**ITEM, "voice": False})
    assert acts(renew(rig, plan_of(rig, root), voice=True))["voice"] == "new"
    assert in_force(rig, root) == ["net.reserve line", "net.reserve voice"]
    assert acts(renew(rig, plan_of(rig, root), voice=False))["voice"] == "drop"
    assert in_force(rig, root) == ["net.reserve line"]
    assert len(far(rig, "net.reserve")) == 2
    rig.complete(root, "visit")
    assert rig.instance(root).state == "completed"


def test_the_timer_of_a_task_goes_on(rig: Rig) -> None:
    root, plan = begun(rig)
    rig.later(hours=3)
    renew(rig, plan, speed="300")
    rig.later(hours=2)
    assert rig.instance(root).state == "completed"
    assert far(rig, "net.announce") == []
