"""Complex gateways, ad-hoc sub-processes, behaviour of repetitions, quantities, global tasks, data objects."""

from __future__ import annotations

import pytest

from processes.spiff.bridge import load_spec
from processes.spiff.compile import compile_files
from tests.processes.drawing import boundary, bpmn, end, event, flows, io, many, node, service, start, sub, user
from tests.processes.driving import Drive, every_way


def complex_gateway(id: str, activation: str, **more: str) -> str:
    condition = f"<bpmn:activationCondition>{activation}</bpmn:activationCondition>" if activation else ""
    return node("complexGateway", id, condition, **more)


def three_ways(activation: str, *more: str, **conditions: str) -> bytes:
    return bpmn(
        start(),
        node("exclusiveGateway", "m"),
        node("parallelGateway", "f"),
        user("a"),
        user("b"),
        user("c"),
        complex_gateway("g", activation),
        user("x", io(outputs={"again": "result.again"})),
        node("exclusiveGateway", "q", default="q_e"),
        end(),
        *more,
        flows(
            "s>m m>f f>a f>b f>c a>g b>g c>g g>x x>q q>m q>e" + (" g>late late>e2" if more else ""),
            q_m="again",
            **conditions,
        ),
    )


@every_way
def test_two_of_three_are_enough_and_the_third_is_swallowed(mode):
    run = Drive.begin(mode, three_ways("activationCount &gt;= 2"))
    assert run.complete("b").at == ["a", "c"]
    assert run.complete("a").at == ["c", "x"]
    run.complete("c")
    assert run.at == ["x"]
    run.complete("x", {"again": True})
    assert run.at == ["a", "b", "c"]
    run.complete("c").complete("b")
    assert run.at == ["a", "x"]
    run.complete("x", {"again": False})
    assert not run.done
    assert run.complete("a").done


@every_way
def test_the_first_wins(mode):
    run = Drive.begin(mode, three_ways("activationCount == 1"))
    assert run.complete("b").at == ["a", "c", "x"]
    run.complete("a").complete("c")
    assert run.at == ["x"]
    assert run.complete("x", {"again": False}).done


@every_way
def test_a_second_round_can_begin_while_nobody_else_can_come(mode):
    drawing = bpmn(
        start(),
        node("exclusiveGateway", "o", default="o_b"),
        user("a"),
        user("b"),
        complex_gateway("g", "activationCount &gt;= 1"),
        user("x"),
        node("exclusiveGateway", "q", default="q_e"),
        end(),
        flows("s>o o>a o>b a>g b>g g>x x>q q>o q>e", o_a="n == 1", q_o="n == 1"),
    )
    run = Drive.begin(mode, drawing, {"n": 1})
    for _ in range(3):
        assert run.at == ["a"]
        run.complete("a")
        assert run.at == ["x"]
        run.complete("x")
    assert run.most_tokens <= 2


@every_way
def test_its_end_of_a_round_can_be_heard(mode):
    drawing = three_ways(
        "activationCount == 1", user("late"), end("e2"), g_x="waitingForStart", g_late="not waitingForStart"
    )
    run = Drive.begin(mode, drawing)
    assert run.complete("a").at == ["b", "c", "x"]
    assert run.complete("b").at == ["c", "x"]
    assert run.complete("c").at == ["late", "x"]


@every_way
def test_a_condition_that_fails_can_be_mended(mode):
    run = Drive.begin(mode, three_ways("activationCount &gt;= wanted")).complete("a")
    [failure] = run.failures
    run.execution.retry(failure.task_id, {"wanted": 1})
    run.settle()
    assert run.at == ["b", "c", "x"]


@every_way
def test_without_a_condition_it_is_like_an_inclusive_gateway(mode):
    run = Drive.begin(mode, three_ways("")).complete("a").complete("b")
    assert run.at == ["c"]
    assert run.complete("c").at == ["x"]


def ad_hoc(inner: str, until: str = "", **more: str) -> bytes:
    condition = f"<bpmn:completionCondition>{until}</bpmn:completionCondition>" if until else ""
    return bpmn(start(), node("adHocSubProcess", "h", inner + condition, **more), user("z"), flows("s>h h>z"))


LOOSE = user("a", io(outputs={"n": "result.n"})) + user("b", io({"n": "1"})) + user("c") + flows("b>c")


@every_way
def test_ad_hoc_all_at_once_until_all_is_done(mode):
    run = Drive.begin(mode, ad_hoc(LOOSE))
    assert run.at == ["a", "b"]
    assert run.complete("b").at == ["a", "c"]
    assert run.complete("a", {"n": 1}).complete("c").at == ["z"]
    assert run.events("h") == ["entered", "completed"]
    assert run.data["n"] == 1


@every_way
def test_ad_hoc_until_it_is_enough(mode):
    run = Drive.begin(mode, ad_hoc(LOOSE, "n &gt; 3"))
    assert run.complete("a", {"n": 4}).at == ["z"]
    assert run.events("b") == ["entered", "cancelled"]
    run = Drive.begin(mode, ad_hoc(LOOSE, "n &gt; 3", cancelRemainingInstances="false"))
    assert run.complete("a", {"n": 4}).at == ["b"]
    assert run.complete("b").at == ["z"]


@every_way
def test_ad_hoc_one_after_the_other(mode):
    inner = user("a", io(outputs={"n": "result.n"})) + user("b", io({"n": "n"})) + user("c")
    run = Drive.begin(mode, ad_hoc(inner, "n == 9", ordering="Sequential"))
    assert run.at == ["a"]
    assert run.complete("a", {"n": 2}).at == ["b"]
    assert run.inputs("b") == {"n": 2}
    assert run.complete("b").at == ["c"]
    assert run.complete("c").at == ["z"]
    assert Drive.begin(mode, ad_hoc(inner, "n == 9", ordering="Sequential")).complete("a", {"n": 9}).at == ["z"]


@every_way
def test_ad_hoc_with_what_the_data_chooses(mode):
    drawing = ad_hoc(user("a") + user("b") + user("c"), yz_chosen="wanted")
    assert Drive.begin(mode, drawing, {"wanted": ["c", "a"]}).at == ["a", "c"]
    assert Drive.begin(mode, drawing, {"wanted": []}).at == ["z"]
    run = Drive.begin(mode, drawing, {"wanted": ["c", "x"]})
    [failure] = run.failures
    assert "x" in failure.message
    run.execution.retry(failure.task_id, {"wanted": ["b"]})
    assert run.settle().at == ["b"]


def behaving(behaviour: str, inner: str = "") -> str:
    text = many(cardinality="3").replace(">", f' behavior="{behaviour}" {behaviour.lower()}BehaviorEventRef="ev">', 1)
    return text.replace("</bpmn:multi", f"{inner}</bpmn:multi")


SIGNAL_ROOT = '<bpmn:signal id="signal_one" name="one"/><bpmn:signalEventDefinition id="ev" signalRef="signal_one"/>'


@every_way
@pytest.mark.parametrize(("behaviour", "times"), [("None", 3), ("One", 1)])
def test_a_repetition_tells_of_its_instances(mode, behaviour, times):
    drawing = bpmn(
        start(),
        user("a", behaving(behaviour)),
        boundary("b", "a", event("signal", "one"), False),
        end("heard"),
        user("z"),
        flows("s>a a>z b>heard"),
        root=SIGNAL_ROOT.replace('<bpmn:signal id="signal_one" name="one"/>', ""),
    )
    run = Drive.begin(mode, drawing).complete("a").complete("a").complete("a")
    assert run.events("b") == ["completed"] * times
    assert run.at == ["z"]


@every_way
def test_a_repetition_tells_what_its_conditions_say_and_may_be_stopped_by_it(mode):
    row = (
        "<bpmn:complexBehaviorDefinition><bpmn:condition>bad == true</bpmn:condition>"
        '<bpmn:event id="imp"><bpmn:signalEventDefinition signalRef="signal_one"/></bpmn:event>'
        "</bpmn:complexBehaviorDefinition>"
    )
    drawing = bpmn(
        start(),
        user("a", io(outputs={"bad": "result.bad"}) + behaving("Complex", row)),
        boundary("b", "a", event("signal", "one")),
        user("x"),
        user("z"),
        flows("s>a a>z b>x"),
    )
    run = Drive.begin(mode, drawing).complete("a", {"bad": False})
    assert run.at == ["a", "a", "b"]
    assert run.complete("a", {"bad": True}).at == ["x"]


def test_a_behaviour_without_an_event_is_refused():
    drawing = bpmn(start(), user("a", behaving("One")), flows("s>a"))
    assert "loop" in {row.rule for row in compile_files({"f": drawing})[2]}


@every_way
def test_quantities_of_tokens(mode):
    drawing = bpmn(
        start(),
        user("a", completionQuantity="3"),
        user("b", startQuantity="2"),
        end(),
        flows("s>a a>b b>e"),
    )
    run = Drive.begin(mode, drawing).complete("a")
    assert run.at == ["b"]
    run.complete("b")
    [failure] = run.failures
    assert failure.code == "stuck-join"
    even = drawing.replace(b'completionQuantity="3"', b'completionQuantity="4"')
    run = Drive.begin(mode, even).complete("a")
    assert run.at == ["b", "b"]
    assert run.complete("b").complete("b").done


def test_global_tasks_are_processes_that_can_be_called():
    drawing = bpmn(
        start(),
        node("callActivity", "c", calledElement="look"),
        flows("s>c"),
        root='<bpmn:globalUserTask id="look" name="看" yizhan:team="home_field"/>',
    )
    processes, _, found = compile_files({"f": drawing})
    assert [row for row in found if row.severity == "error"] == []
    [look] = [process for process in processes if process.key == "look"]
    assert look.elements["look"].attributes == {"team": "home_field"}
    run = Drive.begin("step", load_spec(look.spec_json))
    assert run.at == ["look"]
    assert run.complete("look").done


DATA = bpmn(
    '<bpmn:dataObject id="d1" name="order"/><bpmn:dataObjectReference id="r1" dataObjectRef="d1"/>'
    '<bpmn:dataObject id="d2" name="port"/><bpmn:dataObjectReference id="r2" dataObjectRef="d2"/>',
    start(),
    service(
        "a",
        '<bpmn:ioSpecification><bpmn:dataInput id="i1" name="what"/><bpmn:dataOutput id="o1" name="id"/>'
        "</bpmn:ioSpecification>"
        "<bpmn:dataInputAssociation><bpmn:sourceRef>r1</bpmn:sourceRef><bpmn:targetRef>i1</bpmn:targetRef>"
        "</bpmn:dataInputAssociation>"
        "<bpmn:dataOutputAssociation><bpmn:sourceRef>o1</bpmn:sourceRef><bpmn:targetRef>r2</bpmn:targetRef>"
        "</bpmn:dataOutputAssociation>",
    ),
    user("b", io({"p": "port"})),
    flows("s>a a>b"),
)


@every_way
def test_data_objects_flow_where_associations_name_what_they_mean(mode):
    run = Drive.begin(mode, DATA, {"order": {"id": 7}})
    assert run.inputs("a") == {"what": {"id": 7}}
    run.complete("a", {"id": "P-1"})
    assert run.inputs("b") == {"p": "P-1"}
    assert compile_files({"f": DATA})[2] == []


@every_way
def test_a_list_in_a_data_object_is_repeated_over(mode):
    drawing = bpmn(
        '<bpmn:dataObject id="d1" name="lines"/>',
        start(),
        user(
            "a",
            '<bpmn:ioSpecification><bpmn:dataInput id="i1"/></bpmn:ioSpecification>'
            "<bpmn:dataInputAssociation><bpmn:sourceRef>d1</bpmn:sourceRef><bpmn:targetRef>i1</bpmn:targetRef>"
            "</bpmn:dataInputAssociation>" + io({"it": "it"}) + many("i1", "it"),
        ),
        flows("s>a"),
    )
    run = Drive.begin(mode, drawing, {"lines": ["p", "q"]})
    assert [wait.inputs for wait in run.opened] == [{"it": "p"}, {"it": "q"}]


@every_way
def test_an_ad_hoc_sub_process_is_compensated_like_any_other(mode):
    undo = '<bpmn:association id="tie" sourceRef="a_undo" targetRef="ua"/>'
    inner = (
        user("a")
        + boundary("a_undo", "a", "<bpmn:compensateEventDefinition/>")
        + undo
        + user("ua", isForCompensation="true")
        + sub("u", start("s2") + user("b") + flows("s2>b"))
    )
    drawing = bpmn(
        start(),
        node("adHocSubProcess", "h", inner),
        node("intermediateThrowEvent", "t", "<bpmn:compensateEventDefinition/>"),
        user("z"),
        flows("s>h h>t t>z"),
    )
    run = Drive.begin(mode, drawing).complete("a").complete("b")
    assert run.at == ["ua"]
    assert run.complete("ua").at == ["z"]
