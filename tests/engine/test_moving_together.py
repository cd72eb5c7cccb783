"""Going back to before a place where the way divides: what came from there together goes back together."""

from __future__ import annotations

import pytest

from processes.errors import CannotMove
from processes.moving import MoveOrder
from tests.engine.diagrams import end, hear, node, process, service, start, user
from tests.engine.rig import Rig
from tests.engine.test_moving import in_force, move, open_places, sub, undone

DIVIDED = process(
    "divided",
    start(),
    user("prepare"),
    node("parallelGateway", "fork"),
    service("left", "net.reserve", {"what": "'left'"}),
    user("left_check"),
    service("right", "net.reserve", {"what": "'right'"}),
    service("third", "net.reserve", {"what": "'third'"}),
    hear("line_ready", "'k'"),
    node("parallelGateway", "join"),
    user("after"),
    end(),
    flows="begin > prepare > fork > left > left_check > join > after > done; fork > right > join; "
    "fork > third > line_ready > join",
)


@pytest.mark.parametrize("target", ["prepare", "fork"])
@pytest.mark.parametrize("named", [{}, {"element_id": "left_check"}, {"element_id": "join"}])
def test_back_to_before_the_fork_takes_all_branches_along(rig: Rig, target: str, named: dict[str, str]) -> None:
    rig.deploy(DIVIDED)
    root = rig.start("divided")
    rig.complete(root, "prepare")
    assert open_places(rig, root) == ["message:line_ready", "user:left_check"]
    plan = move(rig, root, target, **named)
    assert sorted(one.element_id for one in plan.left) == ["join", "left_check", "line_ready"]
    assert (list(plan.stays), len(plan.along)) == ([], 2)
    assert sorted(plan.closes) == [("message", "line_ready"), ("user", "left_check")]
    assert sorted(undone(rig)) == ["net.reserve:left", "net.reserve:right", "net.reserve:third"]
    if target == "prepare":
        assert open_places(rig, root) == ["user:prepare"]
        assert in_force(rig, root) == []
        rig.complete(root, "prepare")
    assert open_places(rig, root) == ["message:line_ready", "user:left_check"]
    rig.check()
    rig.complete(root, "left_check")
    assert open_places(rig, root) == ["message:line_ready"]  # nothing was left at the join from before
    move(rig, root, "join", element_id="line_ready")
    assert open_places(rig, root) == ["user:after"]
    rig.complete(root, "after")
    assert rig.instance(root).state == "completed"
    assert len(in_force(rig, root)) == 3
    rig.check()


ROUND = process(
    "round",
    start(),
    node("exclusiveGateway", "meet"),
    node("parallelGateway", "fork"),
    user("one"),
    user("two"),
    service("other", "net.reserve", {"what": "'other'"}),
    node("parallelGateway", "join"),
    user("look", {"more": "result.more"}),
    node("exclusiveGateway", "again", default="enough"),
    end(),
    '<bpmn:sequenceFlow id="more" sourceRef="again" targetRef="meet">'
    "<bpmn:conditionExpression>more</bpmn:conditionExpression></bpmn:sequenceFlow>"
    '<bpmn:sequenceFlow id="enough" sourceRef="again" targetRef="done"/>',
    flows="begin > meet > fork > one > two > join > look > again; fork > other > join",
)


def test_within_a_branch_the_others_stay_also_where_a_loop_leads_round(rig: Rig) -> None:
    rig.deploy(ROUND)
    root = rig.start("round")
    for element in ("one", "two"):
        rig.complete(root, element)
    rig.complete(root, "look", more=True)  # round once more: what lies before "one" has all been passed
    rig.complete(root, "one")
    plan = move(rig, root, "one", element_id="two")
    assert ([one.element_id for one in plan.stays], list(plan.along)) == (["join"], [])
    assert undone(rig) == []  # the other branch is done, and stays so
    rig.complete(root, "one")
    rig.complete(root, "two")
    plan = move(rig, root, "fork")  # of the second round; the first one stays in force
    assert undone(rig) == ["net.reserve:other"]
    assert len(in_force(rig, root)) == 2
    for element in ("one", "two"):
        rig.complete(root, element)
    rig.complete(root, "look", more=False)
    assert rig.instance(root).state == "completed"
    rig.check()


BOTH = process(
    "both",
    start(),
    user("prepare"),
    sub(
        "visit",
        start("v_begin"),
        node("parallelGateway", "v_fork"),
        service("v_reserve", "net.reserve", {"what": "'V'"}),
        user("v_work"),
        user("v_sign"),
        node("parallelGateway", "v_join"),
        end("v_end"),
        flows="v_begin > v_fork > v_reserve > v_work > v_join > v_end; v_fork > v_sign > v_join",
    ),
    user("bill"),
    end(),
    flows="begin > prepare > visit > bill > done",
)


def test_out_of_a_sub_process_to_before_it_leaves_it_as_a_whole(rig: Rig) -> None:
    rig.deploy(BOTH)
    root = rig.start("both")
    rig.complete(root, "prepare")
    plan = move(rig, root, "prepare", element_id="v_work")
    assert {one.element_id for one in plan.left} == {"visit", "v_work", "v_sign"}
    assert open_places(rig, root) == ["user:prepare"]
    assert undone(rig) == ["net.reserve:V"]
    rig.complete(root, "prepare")
    assert open_places(rig, root) == ["user:v_sign", "user:v_work"]
    for element in ("v_work", "v_sign", "bill"):
        rig.complete(root, element)
    assert rig.instance(root).state == "completed"
    rig.check()


def test_forward_and_sideways_leave_the_others_alone_and_want_to_be_told_which(rig: Rig) -> None:
    rig.deploy(DIVIDED)
    root = rig.start("divided")
    rig.complete(root, "prepare")
    with pytest.raises(CannotMove, match="say which token"), rig.sessions() as session:
        rig.engine.plan_move(session, root, MoveOrder(to="after"), now=rig.clock.at)
    plan = move(rig, root, "left", element_id="left_check")
    assert (sorted(one.element_id for one in plan.stays), list(plan.along)) == (["join", "line_ready"], [])
    assert undone(rig) == ["net.reserve:left"]
    assert open_places(rig, root) == ["message:line_ready", "user:left_check"]
    rig.check()


def test_a_wait_for_a_signal_is_named_and_left_like_any_other(rig: Rig) -> None:
    storm = '<bpmn:signalEventDefinition id="storm_event" signalRef="storm"/>'
    drawing = process(
        "signalled", start(), user("ask"), node("intermediateCatchEvent", "storm_comes", storm), end(),
        flows="begin > ask > storm_comes > done",
    )  # fmt: skip
    rig.deploy(drawing.replace(b"<bpmn:process ", b'<bpmn:signal id="storm" name="storm"/><bpmn:process ', 1))
    root = rig.start("signalled")
    rig.complete(root, "ask")
    assert open_places(rig, root) == ["signal:storm_comes"]
    plan = move(rig, root, "ask")
    assert list(plan.closes) == [("signal", "storm_comes")]
    assert open_places(rig, root) == ["user:ask"]
    rig.check()
