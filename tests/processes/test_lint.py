"""What is refused at deployment, by rule; every refusal in two languages, with a way to mend it."""

from __future__ import annotations

import pytest

from processes.spiff.compile import compile_files
from processes.spiff.messages import RULES
from tests.processes.drawing import (
    HEAD,
    boundary,
    bpmn,
    call,
    catch,
    condition,
    end,
    event,
    flows,
    io,
    link,
    many,
    node,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.processes.driving import findings
from tests.processes.test_decisions import table

COMPENSATE = "<bpmn:compensateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"
S = start()


def one(*body: str, **more: str) -> bytes:
    """A process with a start event and whatever else."""
    return bpmn(S, *body, **more)


def task(inner: str, **more: str) -> bytes:
    return one(user("a", inner, **more), flows("s>a"))


def edge(id: str, inner: str, **more: str) -> str:
    return node("boundaryEvent", id, inner, attachedToRef="a", **more)


def xor(*pairs: str, **conditions: str) -> bytes:
    return one(node("exclusiveGateway", "x"), user("a"), user("b"), flows("s>x x>a x>b", **conditions), *pairs)


REFUSED = {
    # files
    "not-xml": ("xml-broken", b"hello"),
    "empty": ("xml-broken", b""),
    "cut short": ("xml-broken", bpmn(S)[:-30]),
    "wrong bytes": ("xml-broken", b"<?xml version='1.0' encoding='utf-8'?><a>\xff\xfe</a>"),
    "unknown encoding": ("xml-broken", b"<?xml version='1.0' encoding='klingon'?><a/>"),
    "doctype": ("doctype", b'<!DOCTYPE x [<!ENTITY a "b">]>' + bpmn(S).split(b"?>", 1)[1]),
    "external entity": ("doctype", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
    "billion laughs": (
        "doctype",
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>',
    ),
    "doctype in utf-16": ("doctype", '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16")),
    "html": ("not-bpmn", b"<html/>"),
    "other definitions": ("not-bpmn", b'<definitions xmlns="urn:other"/>'),
    "no process": ("no-process", f"{HEAD}</bpmn:definitions>".encode()),
    "too large": ("too-large", b"<a>" + b" " * 2_000_001 + b"</a>"),
    "too deep": ("too-deep", b"<a>" * 150 + b"</a>" * 150),
    "too many": ("too-many-elements", one(*[user(f"t{n}") for n in range(2001)])),
    "too nested": (
        "nested-too-deep",
        one("".join(f'<bpmn:subProcess id="u{n}">' for n in range(25)) + "</bpmn:subProcess>" * 25),
    ),
    # processes
    "not executable": ("not-executable", one(process_attributes='isExecutable="false"')),
    "bad id": ("bad-id", one(user("预占端口"), flows("s>预占端口"))),
    "missing id": ("missing-id", one("<bpmn:userTask/>")),
    "twice": ("duplicate-id", one(user("a"), user("a"), flows("s>a"))),
    "two processes": ("duplicate-process", one(root='<bpmn:process id="p"/>')),
    "nothing in it": ("no-start", bpmn()),
    "only a circle": ("no-start", bpmn(user("a"), user("b"), flows("a>b b>a"))),
    "two starts": ("several-starts", one(start("s2"), user("a"), flows("s>a s2>a"))),
    "start in the middle": ("bad-start", one(user("a"), flows("s>a a>s"))),
    "end in the middle": ("bad-end", one(end(), user("a"), flows("s>e e>a"))),
    # scripts
    "script task": ("script", one(node("scriptTask", "a", "<bpmn:script>x=1</bpmn:script>"), flows("s>a"))),
    "pre script": (
        "script",
        task(
            '<bpmn:extensionElements><spiff:preScript xmlns:spiff="http://spiffworkflow.org/bpmn/schema/1.0/core">x</spiff:preScript></bpmn:extensionElements>'
        ),
    ),
    # what other engines would do
    "camunda attribute": ("foreign-extension", task("", **{"camunda:banana": "demo"})),
    "camunda element": (
        "foreign-extension",
        task("<bpmn:extensionElements><camunda:banana/></bpmn:extensionElements>"),
    ),
    "camunda collection": (
        "foreign-extension",
        task('<bpmn:multiInstanceLoopCharacteristics camunda:banana="items" />'),
    ),
    "feel": ("foreign-expression", xor(x_a="= for n in m return n", x_b="True")),
    "juel": ("foreign-expression", xor(x_a="${bean.check(n)}", x_b="True")),
    "other language": (
        "foreign-expression",
        one(
            node("exclusiveGateway", "x"),
            user("a"),
            flows("s>x"),
            '<bpmn:sequenceFlow id="f" sourceRef="x" targetRef="a">'
            '<bpmn:conditionExpression language="groovy">n</bpmn:conditionExpression></bpmn:sequenceFlow>',
        ),
    ),
    # vocabulary
    "misspelt": ("unknown-attribute", task("", yz_taem="home_field")),
    "unknown element": ("unknown-attribute", task("<bpmn:extensionElements><yizhan:inputs/></bpmn:extensionElements>")),
    "misplaced": ("misplaced-attribute", task("", yz_operation="resource.assign")),
    "misplaced output": (
        "misplaced-attribute",
        one(node("exclusiveGateway", "x", io(outputs={"y": "1"})), user("a"), flows("s>x x>a")),
    ),
    "misplaced data": (
        "misplaced-attribute",
        task('<bpmn:extensionElements><yizhan:data name="x"/></bpmn:extensionElements>'),
    ),
    "bad choice": ("bad-value", task("", yz_pointOfNoReturn="maybe")),
    "bad duration": ("bad-value", task("", yz_duration="4h")),
    "input without value": (
        "bad-value",
        task('<bpmn:extensionElements><yizhan:input name="x"/></bpmn:extensionElements>'),
    ),
    "no operation": ("missing-operation", one(node("serviceTask", "a"), flows("s>a"))),
    "no decision": ("missing-decision", one(node("businessRuleTask", "a"), flows("s>a"))),
    "unknown decision": ("unknown-decision", one(node("businessRuleTask", "a", yz_decision="nothing"), flows("s>a"))),
    "no target": ("missing-call-target", one(node("callActivity", "a"), flows("s>a"))),
    "unknown target": ("unknown-process", one(call("a", "nothing"), flows("s>a"))),
    "calls itself": ("call-cycle", one(call("a", "p"), flows("s>a"))),
    "promise": ("dangling-reference", one(user("a"), flows("s>a"), process_attributes='yizhan:promiseEndsWith="b"')),
    # flows
    "flow to nowhere": ("bad-flow", one(flows("s>a"))),
    "flow into a sub-process": ("bad-flow", one(sub("u", start("s2") + user("a") + flows("s2>a")), flows("s>a"))),
    "unreachable": ("unreachable", one(user("a"), user("b"), flows("s>a"))),
    "no way out": ("gateway-without-flow", one(node("parallelGateway", "x"), flows("s>x"))),
    "two without condition": ("ambiguous-default", xor()),
    "wrong default": (
        "dangling-reference",
        one(node("exclusiveGateway", "x", default="no"), user("a"), flows("s>x x>a")),
    ),
    "condition at a fork": (
        "ignored-condition",
        one(node("parallelGateway", "x"), user("a"), user("b"), flows("s>x x>a x>b", x_a="n")),
    ),
    "endless": (
        "endless-loop",
        one(node("exclusiveGateway", "x"), node("exclusiveGateway", "y"), end(), flows("s>x x>y y>x y>e", y_x="n")),
    ),
    "endless over a table": (
        "endless-loop",
        one(
            node("exclusiveGateway", "x"),
            node("businessRuleTask", "y", yz_decision="k"),
            end(),
            flows("s>x x>y y>x x>e", x_y="n"),
        ),
    ),
    "endless over a link": (
        "endless-loop",
        one(throw("t", link("L")), catch("c", link("L")), throw("u"), flows("s>t c>u u>t")),
    ),
    "endless inside": (
        "endless-loop",
        one(sub("u", start("s2") + throw("a") + throw("b") + flows("s2>a a>b b>a")), flows("s>u")),
    ),
    "quantity": ("quantity", task("", startQuantity="0")),
    "many quantities": ("quantity", task("", completionQuantity="1000")),
    "tokens from nowhere": ("quantity", bpmn(user("a", startQuantity="2"))),
    # events
    "no definition": ("missing-event", one(catch("c", ""), flows("s>c"))),
    "boundary without definition": ("missing-event", one(user("a"), boundary("b", "a", ""), end(), flows("s>a b>e"))),
    "an end in two ways": (
        "several-events",
        one(end("x", event("error", "no") + "<bpmn:terminateEventDefinition/>"), flows("s>x")),
    ),
    "an error and a message together": (
        "several-events",
        one(user("a"), edge("b", event("error", "no") + event("message", "m"), parallelMultiple="true"), flows("s>a")),
    ),
    "again and again among several": (
        "several-events",
        one(catch("c", timer("R3/PT1H", "timeCycle") + event("message", "m")), flows("s>c")),
    ),
    "a link among several": ("several-events", one(throw("t", link("l") + event("message", "m")), flows("s>t"))),
    "all inside a process": (
        "parallel-race",
        one(node("eventBasedGateway", "g", eventGatewayType="Parallel"), catch("c", timer("PT1H")), flows("s>g g>c")),
    ),
    "a signal that begins together": (
        "gathering-start",
        bpmn(start("s", event("message", "m") + event("signal", "x"), parallelMultiple="true"), end(), flows("s>e")),
    ),
    "a timer behind what begins together": (
        "gathering-start",
        bpmn(
            node("eventBasedGateway", "g", instantiate="true", eventGatewayType="Parallel"),
            catch("c", timer("PT1H")),
            catch("d", event("message", "m")),
            flows("g>c g>d"),
        ),
    ),
    "computed timer start": ("timer", bpmn(start("s", timer("order.due", "timeDate")), user("a"), flows("s>a"))),
    "plain start with outputs": ("misplaced-attribute", bpmn(start("s", io(outputs={"x": "1"})), flows(""))),
    "start inside": (
        "unsupported-event",
        one(sub("u", start("s2", event("message", "m")) + user("a") + flows("s2>a")), flows("s>u")),
    ),
    "message thrown without name": (
        "event-names-nothing",
        one(throw("t", "<bpmn:messageEventDefinition/>"), flows("s>t")),
    ),
    "receive task that starts, with a way in": (
        "instantiate",
        one(node("receiveTask", "r", messageRef="message_m", instantiate="true"), flows("s>r")),
    ),
    "condition about time": ("condition-never-changes", one(catch("c", condition("now > '2026'")), flows("s>c"))),
    "condition about nothing": ("condition-never-changes", one(catch("c", condition("1 > 2")), flows("s>c"))),
    "no condition": ("missing-event", one(catch("c", condition("")), flows("s>c"))),
    "broken condition": ("expression", one(catch("c", condition("n >")), flows("s>c"))),
    "error catch": ("unsupported-event", one(catch("c", event("error", "m")), flows("s>c"))),
    "terminate in the middle": ("unsupported-event", one(throw("t", "<bpmn:terminateEventDefinition/>"), flows("s>t"))),
    "compensation handler in the flow": (
        "compensation-handler",
        one(user("a", isForCompensation="true"), flows("s>a")),
    ),
    "compensation caught": ("unsupported-event", one(catch("c", COMPENSATE), flows("s>c"))),
    "message without name": (
        "nameless-event",
        one(catch("c", '<bpmn:messageEventDefinition messageRef="m"/>'), flows("s>c"), root='<bpmn:message id="m"/>'),
    ),
    "signal without reference": ("event-names-nothing", one(throw("t", "<bpmn:signalEventDefinition/>"), flows("s>t"))),
    "message reference": (
        "dangling-reference",
        one(catch("c", '<bpmn:messageEventDefinition messageRef="no"/>'), flows("s>c")),
    ),
    "error reference": (
        "dangling-reference",
        one(end("t", '<bpmn:errorEventDefinition errorRef="no"/>'), flows("s>t")),
    ),
    "definition reference": (
        "dangling-reference",
        one(catch("c", "<bpmn:eventDefinitionRef>no</bpmn:eventDefinitionRef>"), flows("s>c")),
    ),
    "receive without message": ("event-names-nothing", one(node("receiveTask", "r"), flows("s>r"))),
    "naive date": ("timer", one(catch("c", timer("2026-01-01T10:00:00", "timeDate")), flows("s>c"))),
    "negative": ("timer", one(catch("c", timer("-PT1H")), flows("s>c"))),
    "no time": ("timer", one(catch("c", "<bpmn:timerEventDefinition/>"), flows("s>c"))),
    "empty time": ("timer", one(catch("c", timer("PT")), flows("s>c"))),
    "too often": ("timer", one(catch("c", timer("R/PT0.1S", "timeCycle")), flows("s>c"))),
    "error that only reminds": (
        "error-interrupts",
        one(user("a"), boundary("b", "a", event("error", "x"), False), end(), flows("s>a b>e")),
    ),
    "boundary of nobody": (
        "dangling-reference",
        one(user("a"), boundary("b", "no", timer("PT1H")), end(), flows("s>a b>e")),
    ),
    "boundary of an event": (
        "bad-boundary",
        one(throw("a"), boundary("b", "a", timer("PT1H")), end(), flows("s>a b>e")),
    ),
    "boundary with a way in": (
        "bad-boundary",
        one(user("a"), user("c"), boundary("b", "a", timer("PT1H")), end(), flows("s>a a>c c>b b>e")),
    ),
    "task behind event gateway": (
        "bad-event-gateway",
        one(node("eventBasedGateway", "g"), user("a"), flows("s>g g>a")),
    ),
    "handler without event": (
        "bad-event-subprocess",
        one(user("a"), sub("h", start("s2") + user("b") + flows("s2>b"), triggeredByEvent="true"), flows("s>a")),
    ),
    "handler with a way in": (
        "bad-event-subprocess",
        one(
            user("a"),
            sub("h", start("s2", timer("PT1H")) + user("b") + flows("s2>b"), triggeredByEvent="true"),
            flows("s>a a>h"),
        ),
    ),
    "lonely link": ("link", one(throw("t", link("L")), flows("s>t"))),
    "two links": ("link", one(throw("t", link("L")), catch("c", link("L")), catch("d", link("L")), flows("s>t"))),
    "cancel outside": ("cancel", one(end("t", CANCEL), flows("s>t"))),
    "cancel uncaught": (
        "cancel",
        one(node("transaction", "u", start("s2") + end("t", CANCEL) + flows("s2>t")), flows("s>u")),
    ),
    # expressions
    "syntax": ("expression", xor(x_a="n >", x_b="True")),
    "function": ("expression", xor(x_a="open('x')", x_b="True")),
    "method": ("expression", task(io({"x": "n.items()"}))),
    "key": ("expression", one(catch("c", event("message", "m"), yz_messageKey="1 +"), flows("s>c"))),
    "computed timer": ("expression", one(catch("c", timer("4 hours")), flows("s>c"))),
    "items": ("expression", task(many("[x for x in y]", "x"))),
    "reserved name": ("bad-name", task(io(outputs={"result": "1"}))),
    "function as name": ("bad-name", task(io(outputs={"len": "1"}))),
    "name with a dot": ("bad-name", task(io(outputs={"a.b": "1"}))),
    "unknown name": (
        "unknown-name",
        task(io({"x": "ordr.id"}), **{}).replace(
            b'isExecutable="true">',
            b'isExecutable="true"><bpmn:extensionElements><yizhan:data name="order"/></bpmn:extensionElements>',
        ),
    ),
    # repetition
    "nothing to repeat over": ("loop", task(many())),
    "both": ("loop", task(many("items", "x", cardinality="3"))),
    "half a collection": ("loop", task(many("items", "x", collect="all"))),
    "collected but not written": ("loop", task(many("items", "x", collect="all", output="y"))),
    "no reason to stop": ("loop", task("<bpmn:standardLoopCharacteristics/>")),
    "maximum": ("loop", task('<bpmn:standardLoopCharacteristics loopMaximum="0"/>')),
    "behaviour": (
        "loop",
        task(
            '<bpmn:multiInstanceLoopCharacteristics behavior="Complex"><bpmn:loopCardinality>2</bpmn:loopCardinality>'
            "</bpmn:multiInstanceLoopCharacteristics>"
        ),
    ),
    # elements
    "start in an ad-hoc sub-process": (
        "ad-hoc",
        one(node("adHocSubProcess", "g", start("s2") + user("a") + flows("s2>a")), flows("s>g")),
    ),
    "choreography": ("unsupported-element", one(node("choreographyTask", "g"), flows("s>g"))),
    "global script task": ("script", one(root='<bpmn:globalScriptTask id="g"/>')),
    "instantiating gateway": (
        "instantiate",
        one(node("eventBasedGateway", "g", instantiate="true"), catch("c", timer("PT1H")), flows("s>g g>c")),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    rule, data = REFUSED[case]
    processes, decisions, found = compile_files({"test.bpmn": data})
    assert rule in {row.rule for row in found if row.severity == "error"}, [(row.rule, row.message_en) for row in found]
    assert processes == [] and decisions == []
    for row in found:
        assert row.message_zh and row.message_en and row.file == "test.bpmn"
        assert row.severity != "error" or (row.fix_zh and row.fix_en)
        assert "{detail}" not in row.message_zh + row.message_en + row.fix_zh + row.fix_en


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        ("no-default", xor(x_a="n > 1", x_b="n < 1")),
        ("implicit-default", xor(x_a="n > 1")),
        ("does-nothing", one(node("task", "a"), flows("s>a"))),
        ("does-nothing", one(node("manualTask", "a"), flows("s>a"))),
        (
            "data-ignored",
            task("<bpmn:dataInputAssociation><bpmn:sourceRef>x</bpmn:sourceRef></bpmn:dataInputAssociation>"),
        ),
        ("loop-overwrites", task(io(outputs={"x": "1"}) + many("items", "i"))),
    ],
)
def test_warned_but_not_refused(rule, data):
    processes, _, found = compile_files({"test.bpmn": data})
    assert [(row.rule, row.severity) for row in found] == [(rule, "warning")]
    assert len(processes) == 1


def test_a_finding_names_the_element():
    [row] = findings(
        one(service("a", name="预占端口", operation="no.such"), flows("s>a")), operations={"resource.assign"}
    )
    assert (row.rule, row.element_id, row.element_name) == ("unknown-operation", "a", "预占端口")
    assert "no.such" in row.message_zh and "no.such" in row.message_en


def test_undo_operations_are_looked_up_too():
    drawing = one(service("a", yz_undo="no.such"), flows("s>a"))
    assert [row.rule for row in findings(drawing, operations={"resource.assign"})] == ["unknown-operation"]
    assert findings(drawing) == []


def test_files_refer_to_each_other_and_to_what_is_deployed():
    parent, child = bpmn(S, call("a", "child"), flows("s>a")), bpmn(S, user("b"), flows("s>b"), key="child")
    assert [row.rule for row in findings(parent)] == ["unknown-process"]
    assert findings({"a": parent, "b": child}) == []
    assert findings(parent, known_processes={"child"}) == []
    rule = bpmn(S, node("businessRuleTask", "a", yz_decision="d"), flows("s>a"))
    assert findings(rule, known_decisions={"d"}) == []


def test_calls_in_a_circle_are_named():
    def caller(key: str, target: str) -> bytes:
        return bpmn(S, call("a", target), flows("s>a"), key=key)

    found = findings({"1": caller("p1", "p2"), "2": caller("p2", "p3"), "3": caller("p3", "p1")})
    assert [row.rule for row in found] == ["call-cycle"] * 3
    assert "p1 > p2 > p3 > p1" in found[0].message_en


def test_a_process_twice_in_two_files():
    drawing = bpmn(S, user("a"), flows("s>a"))
    assert [(row.rule, row.file) for row in findings({"1": drawing, "2": drawing})] == [("duplicate-process", "2")]


def test_a_loop_over_a_user_task_or_a_timer_is_fine():
    for step in (user("a"), catch("a", timer("PT1H")), service("a"), call("a", "c", yz_calledExpression="'c'")):
        drawing = one(node("exclusiveGateway", "x", default="x_e"), step, end(), flows("s>x x>a a>x x>e", x_a="n < 3"))
        assert findings(drawing) == []


def test_names_are_checked_only_when_start_data_is_declared():
    names = '<bpmn:extensionElements><yizhan:data name="order"/></bpmn:extensionElements>'
    good = [
        user("a", io({"x": "order.id", "t": "now"}, {"y": "result.y"})),
        user("b", io({"x": "y"}) + many("order.items", "it", until="numberOfCompletedInstances > 1")),
        user("c", io({"i": "it"}, {"z": "loopCounter"}) + many("order.items", "it")),
        boundary("e1", "c", event("error")),
        user("d", io({"c": "error.code"})),
        flows("s>a a>b b>c e1>d"),
    ]
    assert [row for row in findings(bpmn(names, S, *good)) if row.severity == "error"] == []
    bad = findings(bpmn(names, S, user("a", io({"x": "ordr.id", "r": "result.x"})), flows("s>a")))
    assert sorted(row.message_en for row in bad) == ["nobody provides the name ordr", "nobody provides the name result"]
    assert findings(bpmn(S, user("a", io({"x": "ordr.id"})), flows("s>a"))) == []


def test_drawings_of_other_tools_are_read():
    data = bpmn(
        S,
        user("a"),
        flows("s>a"),
        '<bpmn:textAnnotation id="t"><bpmn:text>note</bpmn:text></bpmn:textAnnotation>',
        '<bpmn:laneSet id="l"><bpmn:lane id="l1"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
        root='<bpmn:collaboration id="c"><bpmn:participant id="pp" processRef="p"/></bpmn:collaboration>',
    )
    assert findings(data) == []


def test_same_file_same_hash_and_specification():
    data = bpmn(S, user("a"), flows("s>a"))
    one_, two = compile_files({"a": data})[0][0], compile_files({"b": data})[0][0]
    assert (one_.content_hash, one_.spec_json) == (two.content_hash, two.spec_json)
    assert compile_files({"a": data.replace(b'"a"', b'"b"')})[0][0].content_hash != one_.content_hash


def test_what_others_are_told_of_a_process():
    inner = (
        start("s2")
        + service("b", io({"x": "1"}, {"y": None}), name="乙", yz_nameEn="B", yz_workOrder="w")
        + flows("s2>b")
    )
    data = bpmn(
        S,
        start("m", event("message", "news")),
        sub("u", inner),
        call("c", "child"),
        node("businessRuleTask", "d", yz_decision="k"),
        flows("s>u m>u u>c c>d"),
        process_attributes='yizhan:nameEn="Process" yizhan:promiseEndsWith="c"',
    )
    [process] = compile_files({"f": data}, known_processes={"child"}, known_decisions={"k"})[0]
    assert (process.key, process.name, process.name_en) == ("p", "流程", "Process")
    assert (process.called_keys, process.decision_keys, process.start_messages) == (("child",), ("k",), ("news",))
    assert process.attributes == {"promiseEndsWith": "c"}
    element = process.elements["b"]
    assert (element.type, element.name, element.name_en, element.parent) == ("serviceTask", "乙", "B", "u")
    assert element.attributes == {"operation": "resource.assign", "workOrder": "w"}
    assert (element.inputs, element.outputs) == ((("x", "1"),), (("y", None),))
    assert set(process.elements) == {"s", "m", "u", "s2", "b", "c", "d"}
    assert process.xml == data


def test_every_rule_is_said_in_two_languages():
    for code, rule in RULES.items():
        assert rule.zh and rule.en and rule.zh != rule.en, code
        assert any("\u4e00" <= sign <= "\u9fff" for sign in rule.zh), code
        assert rule.severity != "error" or (rule.fix_zh and rule.fix_en), code


def test_properties_of_a_process_declare_its_data():
    properties = '<bpmn:property id="order" name="order"/><bpmn:property id="Property_2" name="items"/>'
    good = bpmn(properties, S, user("a", io({"x": "order.id"}) + many("Property_2", "it")), flows("s>a"))
    assert findings(good) == []
    bad = bpmn(properties, S, user("a", io({"x": "ordr.id"})), flows("s>a"))
    assert [row.rule for row in findings(bad)] == ["unknown-name"]


def test_a_condition_that_always_holds_is_as_good_as_a_default():
    drawing = one(node("inclusiveGateway", "x"), user("a"), user("b"), flows("s>x x>a x>b", x_a="True", x_b="n > 1"))
    assert findings(drawing) == []


def test_decisions_and_calls_get_what_they_need():
    rule = bpmn(S, node("businessRuleTask", "d", io({"tier": "tier"}), yz_decision="sla"), flows("s>d"))
    found = findings({"p": rule, "sla.dmn": table(["tier", "order.city"], ["w"], [])})
    assert [(row.rule, row.message_en) for row in found] == [
        ("decision-input", "the decision needs the input order, which is not handed over")
    ]
    child = bpmn(
        '<bpmn:property id="item"/><bpmn:property id="port"/>',
        S,
        user("b", io({"i": "item"}, {"port": "1"})),
        flows("s>b"),
        key="child",
    )
    parent = bpmn(S, call("c", "child"), flows("s>c"))
    [row] = findings({"p": parent, "c": child})
    assert (row.rule, row.severity, row.element_id) == ("call-input", "warning", "c")
    assert "item" in row.message_en
    # What it declares and writes itself may be handed over, and where the work is done; anything else nobody takes.
    for name, rules in (("port", []), ("area", []), ("colour", ["call-extra"])):
        parent = bpmn(S, call("c", "child", io({"item": "1", name: "1"})), flows("s>c"))
        assert [one.rule for one in findings({"p": parent, "c": child})] == rules, name


def test_a_task_without_a_team_is_pointed_out_where_teams_are_known():
    by_hand = node("adHocSubProcess", "h", user("c", yz_team="noc"), yz_byHand="true")
    drawing = bpmn(start(), user("a"), user("b", yz_team="noc"), by_hand, end(), flows("s>a a>b b>h h>e"))
    found = findings(drawing, values={"team": {"noc"}})
    assert [(row.rule, row.severity, row.element_id) for row in found] == [
        ("no-team", "warning", "a"),
        ("no-team", "warning", "h"),
    ]
    assert findings(drawing) == []


def test_a_repetition_that_could_not_be_taken_over_is_said_once():
    space = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    marks = '<zeebe:loopCharacteristics inputCollection="=items[price &gt; 10]" inputElement="item"/>'
    loop = many().replace("</", f"<bpmn:extensionElements>{marks}</bpmn:extensionElements></", 1)
    drawing = bpmn(start(), user("a", loop), end(), flows("s>a a>e")).decode()
    found = findings(drawing.replace('xmlns:camunda="http://camunda.org/schema/1.0/bpmn"', space).encode())
    assert [row.rule for row in found if row.severity == "error"] == ["foreign-expression"]
