"""Drawings of other engines: what they mean is taken over, and what cannot be is said at the element."""

from __future__ import annotations

from pathlib import Path

import pytest

from processes.check import check_files
from processes.retries import written_policy
from processes.spiff import dialects_camunda, dialects_feel, dialects_juel, dialects_rows, dialects_zeebe
from processes.spiff.bridge import load_spec
from processes.spiff.dialects_grammar import UntranslatableError
from processes.spiff.expressions import evaluate
from tests.processes.drawing import HEAD, bpmn, call, catch, event, flows, node, start, user
from tests.processes.driving import Anything, Drive
from tests.processes.test_decisions import table

HERE = Path(__file__).parent / "foreign"
ZEEBE = HEAD.replace("<bpmn:definitions ", '<bpmn:definitions xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" ')
KNOWN = {
    "operations": {"resource.assign", "billing.start"},
    "values": {"team": {"home_field"}, "form": {"review_documents", "credit_review"}, "retry": {"sync"}},
    "known_processes": Anything(),
}


def taken(file: str, **more):
    """The elements of a foreign drawing as they were taken over, and the findings."""
    files = {file: (HERE / file).read_bytes()}
    if "decision" in more:
        files["k.dmn"] = more["decision"]
    checked = check_files(files, **KNOWN)
    assert checked.ok, [row for row in checked.findings if row.severity == "error"]
    return checked.processes[0], checked.findings


def test_a_drawing_of_camunda_7():
    process, found = taken("camunda7.bpmn")
    elements = process.elements
    reserve = elements["reserve_port"]
    assert reserve.attributes == {"operation": "resource.assign", "retry": "R5/PT10M"}
    assert dict(reserve.inputs) == {
        "address": "order.address",
        "source": "'portal'",
        "tags": "['new', order.segment]",
        "limits": "{'down': order.speed}",
    }
    assert dict(reserve.outputs) == {
        "port": "result.portId",
        "served": "exists('result.portId') and order.address != ''",
    }
    review = elements["review"]
    assert review.attributes == {"team": "home_field", "form": "review_documents", "duration": "P1D"}
    assert dict(review.outputs) == {"approved": "get(result, 'approved')", "remark": "get(result, 'remark')"}
    lines = elements["install_lines"]
    assert lines.attributes == {"calledExpression": "order.plan"}
    assert dict(lines.inputs) == {"line": "line", "where": "order.address"}
    assert dict(lines.outputs) == {"line_state": "result.state"}
    assert dict(elements["failed"].outputs) == {"failure_code": "error.code", "failure_text": "error.message"}
    said = {(row.rule, row.element_id) for row in found if row.severity == "warning"}
    assert ("form-fields", "review") in said and ("unkept-name", "reserve_port") in said


def test_what_was_taken_over_runs_as_it_was_meant():
    process, _ = taken("camunda7.bpmn")
    order = {"address": "A1", "segment": "home", "speed": 500, "lines": ["l1", "l2"], "plan": "line_plan"}
    drive = Drive.begin("step", load_spec(process.spec_json), {"order": order})
    assert drive.inputs("reserve_port") == {
        "address": "A1",
        "source": "portal",
        "tags": ["new", "home"],
        "limits": {"down": 500},
    }
    drive.complete("reserve_port", {"portId": "P7"}).complete("review", {"approved": True})
    assert drive.data["port"] == "P7" and drive.data["served"] is True
    assert drive.waiting("install_lines")[0].called_key == "line_plan"
    drive.complete("install_lines", {"state": "up"})
    assert drive.inputs("install_lines") == {"line": "l2", "where": "A1"}
    assert drive.error("install_lines", "line-failed")
    assert drive.data["failure_code"] == "line-failed"
    assert drive.complete("repair").done


def test_a_drawing_of_camunda_8():
    process, found = taken("camunda8.bpmn")
    elements = process.elements
    assert (elements["prepare"].type, dict(elements["prepare"].outputs)) == (
        "task",
        {"size": "'big' if amount > 1000 else 'small'"},
    )
    charge = elements["charge"]
    assert charge.attributes == {"operation": "billing.start", "retry": "R4/PT1S"}
    assert dict(charge.inputs) == {"amount": "amount", "currency": "'CNY'", "headers": "{'method': 'card'}"}
    assert dict(charge.outputs) == {"receipt": "result.receipt.number"}
    assert elements["paid"].attributes == {"messageKey": "order_number"}
    assert elements["confirm"].attributes == {"team": "home_field", "form": "credit_review"}
    assert process.called_keys == ("report_payment",)
    said = {(row.rule, row.element_id) for row in found if row.severity == "warning"}
    assert {("person-by-name", "confirm"), ("due-date", "confirm")} <= said

    drive = Drive.begin(
        "stimulus", load_spec(process.spec_json), {"amount": 2000, "order_number": "O-1", "positions": [1, 2, 3]}
    )
    drive.complete("charge", {"receipt": {"number": "R-9"}})
    assert [wait.message_key for wait in drive.waiting("paid")] == ["O-1"]
    drive.deliver("paid", {"bank": "ICBC"}).fire("reminder")
    drive.complete("confirm", {"answer": "a"}, index=0).complete("confirm", {"answer": "b"}, index=1)
    assert (drive.data["answers"], drive.data["bank"], drive.inputs("report")) == (
        ["a", "b"],
        "ICBC",
        {"receipt": "R-9"},
    )
    assert drive.complete("report").done


def test_a_drawing_of_flowable_and_the_decision_it_uses():
    process, found = taken("flowable.bpmn", decision=table(["n"], ["w"], [], key="k"))
    assert process.elements["rule"].type == "businessRuleTask"
    assert process.elements["rule"].attributes == {"decision": "k"}
    assert dict(process.elements["rule"].inputs) == {"n": "n"}
    assert process.elements["book"].attributes == {"operation": "resource.assign"}
    assert (dict(process.elements["book"].inputs), dict(process.elements["book"].outputs)) == (
        {"days": "n"},
        {"booking": "result.number"},
    )
    assert process.elements["tell"].attributes == {"team": "home_field"}
    assert sum(row.rule == "flow-without-id" for row in found) == 5


def test_a_drawing_of_signavio_says_what_is_missing_to_run():
    data = (HERE / "signavio.bpmn").read_bytes()
    checked = check_files({"signavio.bpmn": data})
    assert [(row.rule, row.element_id) for row in checked.findings if row.severity == "error"] == [
        ("ambiguous-default", "_46a97b1c-0003")
    ]
    assert "left-out" in {row.rule for row in checked.findings}
    mended = data.replace(b'"_46a97b1c-0003" name', b'"_46a97b1c-0003" default="_46a97b1c-f004" name').replace(
        b'<conditionExpression id="_46a97b1c-c1" xsi:type="tFormalExpression" />',
        b"<conditionExpression>complete</conditionExpression>",
    )
    [process] = check_files({"signavio.bpmn": mended}).processes
    assert process.key == "sid-00000000-aaaa-4000-8000-000000000010"


@pytest.mark.parametrize("file", ["camunda7.bpmn", "camunda8.bpmn", "flowable.bpmn"])
def test_what_is_kept_is_a_drawing_of_our_own(file):
    """Checked again it says nothing new and means the same: the designer opens what runs."""
    process, _ = taken(file, decision=table(["n"], ["w"], [], key="k"))
    again = check_files({file: process.xml, "k.dmn": table(["n"], ["w"], [], key="k")}, **KNOWN)
    assert again.ok and again.processes[0].elements == process.elements
    assert not {"taken-over", "foreign-extension"} & {row.rule for row in again.findings}
    assert b'xmlns:yizhan="urn:yizhan:bpmn:1"' in process.xml and b"xmlns:ns0" not in process.xml
    assert not any(f'xmlns:{engine}="'.encode() in process.xml for engine in ("camunda", "zeebe", "flowable"))
    assert again.processes[0].xml == process.xml and again.processes[0].content_hash == process.content_hash


def test_a_drawing_of_our_own_is_kept_byte_for_byte():
    data = bpmn(start(), user("a"), flows("s>a"))
    assert check_files({"a": data}).processes[0].xml == data


def drawn(inner: str = "", tag: str = "serviceTask", head: str = HEAD, **attributes: str) -> bytes:
    """A drawing with one such element."""
    drawing = bpmn(start(), node(tag, "a", inner, **attributes), flows("s>a"))
    return drawing.replace(HEAD.encode(), head.encode())


def inside(text: str) -> str:
    return f"<bpmn:extensionElements>{text}</bpmn:extensionElements>"


@pytest.mark.parametrize(
    ("rule", "severity", "drawing"),
    [
        ("java-code", "warning", drawn(**{"camunda:class": "com.example.Reserve"})),
        ("unknown-operation", "error", drawn(**{"camunda:class": "com.example.Reserve"})),
        ("java-code", "warning", drawn(**{"camunda:delegateExpression": "${reserve}"})),
        ("foreign-task-type", "error", drawn(**{"camunda:expression": "${bean.do(execution)}"})),
        ("foreign-task-type", "error", drawn(**{"camunda:type": "mail"})),
        ("foreign-task-type", "error", drawn(inside("<camunda:connector><camunda:connectorId>http"
                                                        "</camunda:connectorId></camunda:connector>"))),
        ("foreign-expression", "error", drawn(**{"camunda:type": "external", "camunda:topic": "${t}"})),
        ("data-by-name", "warning", drawn(**{"camunda:type": "external", "camunda:topic": "resource.assign"})),
        ("listener", "error", drawn(inside('<camunda:executionListener event="start" class="L"/>'))),
        ("listener", "error", drawn(inside("<camunda:taskListener><camunda:script/></camunda:taskListener>"),
                                    "userTask")),
        ("several-groups", "error", drawn(tag="userTask", **{"camunda:candidateGroups": "a, b"})),
        ("unknown-value", "error", drawn(tag="userTask", **{"camunda:candidateGroups": "hom_field"})),
        ("person-by-name", "warning", drawn(tag="userTask", **{"camunda:candidateUsers": "ann,bob"})),
        ("due-date", "warning", drawn(tag="userTask", **{"camunda:dueDate": "${dueDate}"})),
        ("start-form", "warning", drawn(tag="startEvent", **{"camunda:formKey": "f"})),
        ("script", "error", drawn(inside('<camunda:inputOutput><camunda:inputParameter name="x">'
                                             '<camunda:script scriptFormat="groovy">1</camunda:script>'
                                             "</camunda:inputParameter></camunda:inputOutput>"))),
        ("all-data", "warning", drawn(inside('<camunda:in variables="all"/>'), "callActivity", calledElement="q")),
        ("binding", "warning", drawn(tag="callActivity", calledElement="q",
                                     **{"camunda:calledElementBinding": "deployment"})),
        ("foreign-extension", "error", drawn(tag="callActivity", calledElement="q", **{"camunda:caseRef": "c"})),
        ("listener", "error", drawn(inside('<zeebe:executionListeners><zeebe:executionListener eventType="end" '
                                               'type="x"/></zeebe:executionListeners>'), head=ZEEBE)),
        ("data-by-name", "warning", drawn(inside('<zeebe:calledElement processId="q"/>'), "callActivity", ZEEBE)),
        ("binding", "warning", drawn(inside('<zeebe:calledElement processId="q" bindingType="deployment"/>'),
                                         "callActivity", ZEEBE)),
        ("foreign-extension", "error", drawn(inside('<zeebe:agentDefinition agentType="x"/>'), head=ZEEBE)),
        ("form-fields", "warning", drawn(inside('<camunda:formData><camunda:formField id="x"/></camunda:formData>'),
                                             "userTask")),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_over_is_explained_at_the_element(rule, severity, drawing):
    found = [row for row in check_files({"f": drawing}, **KNOWN).findings if row.element_id == "a"]
    assert (rule, severity) in {(row.rule, row.severity) for row in found}, found
    assert all(row.message_zh and row.message_en and row.path == "p/a" for row in found)


def test_a_name_close_to_a_known_one_is_suggested():
    drawing = bpmn(start(), node("serviceTask", "a", **{"camunda:topic": "resource.asign"}), flows("s>a"))
    [row] = [row for row in check_files({"f": drawing}, **KNOWN).findings if row.rule == "unknown-operation"]
    assert "resource.assign" in row.message_en and "resource.assign" in row.message_zh


def test_where_an_element_is_is_part_of_the_finding():
    inner = start("s2") + user("b", yz_team="nobody") + flows("s2>b")
    drawing = bpmn(start(), node("subProcess", "u", inner), flows("s>u"))
    [row] = check_files({"f": drawing}, **KNOWN).findings
    assert (row.rule, row.path) == ("unknown-value", "p/u/b")


@pytest.mark.parametrize(
    ("foreign", "ours", "names", "value"),
    [
        ("${a}", "a", {"a": 1}, 1),
        ("#{a.b ge 5 ? 'x' : 'y'}", "'x' if a.b >= 5 else 'y'", {"a": {"b": 7}}, "x"),
        ("${!a || b && c}", "not a or b and c", {"a": True, "b": True, "c": True}, True),
        ("${(a + 1) * -b % 4}", "(a + 1) * -b % 4", {"a": 2, "b": 3}, 3),
        ("${empty a}", "not exists('a') or a in ['', [], {}]", {"a": []}, True),
        ("${not empty a.b}", "not (not exists('a.b') or a.b in ['', [], {}])", {"a": {"b": "x"}}, True),
        ("${a == null}", "not exists('a')", {}, True),
        ("${execution.getVariable('a') eq 'it''s'}".replace("''s", "\\'s"), 'a == "it\'s"', {"a": "it's"}, True),
        ("${execution.hasVariable('a')}", "exists('a')", {}, False),
        ("${a.size() > 1 and a.contains('x')}", "len(a) > 1 and contains(a, 'x')", {"a": ["x", "y"]}, True),
        ("Order ${a} of ${b}", "concat('Order ', a, ' of ', b)", {"a": 1, "b": "x"}, "Order 1 of x"),
        ("${a['k'][0]}", "a['k'][0]", {"a": {"k": [5]}}, 5),
        ("${nrOfCompletedInstances / nrOfInstances >= 0.5}", "nrOfCompletedInstances / nrOfInstances >= 0.5",
         {"nrOfCompletedInstances": 1, "nrOfInstances": 2}, True),
        ("${订单.城市 == '北京'}", "订单.城市 == '北京'", {"订单": {"城市": "北京"}}, True),
    ],
)  # fmt: skip
def test_expressions_of_camunda_7(foreign, ours, names, value):
    assert dialects_juel.translated(foreign) == ours
    assert evaluate(ours, names) == value


@pytest.mark.parametrize(
    ("foreign", "ours", "names", "value"),
    [
        ("a > 1 and not(b)", "a > 1 and not b", {"a": 2, "b": False}, True),
        ('if a = "x" then 1 else 2', "1 if a == 'x' else 2", {"a": "y"}, 2),
        ("a between 1 and 5", "a >= 1 and a <= 5", {"a": 5}, True),
        ("a in [1..5)", "a >= 1 and a < 5", {"a": 5}, False),
        ("a in ]1..5]", "a > 1 and a <= 5", {"a": 1}, False),
        ('a in ("x", "y")', "a in ['x', 'y']", {"a": "y"}, True),
        ("a[1] + a[-1]", "a[0] + a[-1]", {"a": [1, 2, 3]}, 4),
        ("count(a) * string length(b)", "len(a) * len(b)", {"a": [1, 2], "b": "abc"}, 6),
        ("is defined(a.b)", "exists('a.b')", {"a": {}}, False),
        ("a.b != null", "exists('a.b')", {"a": {"b": 0}}, True),
        ("get or else(a, [1, 2])", "a if exists('a') else [1, 2]", {}, [1, 2]),
        ('{a: 1, "b c": a}', "{'a': 1, 'b c': a}", {"a": 2}, {"a": 1, "b c": 2}),
        ('append(a, "z")', "concat(a, ['z'])", {"a": ["y"]}, ["y", "z"]),
        ('upper case("a\\"b")', "upper('a\"b')", {}, 'A"B'),
        ('date and time("2026-11-01T09:00:00+08:00")', "'2026-11-01T09:00:00+08:00'", {}, "2026-11-01T09:00:00+08:00"),
        ('cycle(duration("PT5M"))', "'R/PT5M'", {}, "R/PT5M"),
        ("modulo(a, 3) = 1", "a % 3 == 1", {"a": 4}, True),
        ("-(a + 1)", "-(a + 1)", {"a": 1}, -2),
    ],
)
def test_expressions_of_camunda_8(foreign, ours, names, value):
    assert dialects_feel.translated(foreign) == ours
    assert evaluate(ours, names) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (dialects_juel.translated, "${bean.approve(order)}"),
        (dialects_juel.translated, "${execution.id}"),
        (dialects_juel.translated, "${authenticatedUserId}"),
        (dialects_juel.translated, "${a"),
        (dialects_juel.translated, "${}"),
        (dialects_juel.translated, "${" + "(" * 100 + "}"),
        (dialects_juel.translated, "${" + "a+" * 2000 + "a}"),
        (dialects_juel.translated, '${"' * 3000),
        (dialects_feel.translated, "for x in a return x"),
        (dialects_feel.translated, "some x in a satisfies x"),
        (dialects_feel.translated, "a[x > 1]"),
        (dialects_feel.translated, "a ** 2"),
        (dialects_feel.translated, "today()"),
        (dialects_feel.translated, "a;b"),
        (dialects_feel.translated, ""),
        (dialects_feel.translated, "-" * 500 + "1"),
    ],
)
def test_what_an_expression_cannot_say_here_is_refused_with_the_reason(read, text):
    with pytest.raises(UntranslatableError) as problem:
        read(text)
    assert problem.value.en and any("\u4e00" <= sign <= "\u9fff" for sign in problem.value.zh)


# The names in the engines' own descriptors of their vocabulary.
CAMUNDA_ATTRIBUTES = """asyncBefore asyncAfter async exclusive jobPriority errorCodeVariable errorMessageVariable
errorMessage formHandlerClass formKey formRef formRefBinding formRefVersion modelerTemplate modelerTemplateVersion
initiator candidateStarterGroups candidateStarterUsers versionTag historyTimeToLive isStartableInTasklist
escalationCodeVariable assignee candidateUsers candidateGroups dueDate followUpDate priority calledElementBinding
calledElementVersion calledElementVersionTag calledElementTenantId variableMappingClass
variableMappingDelegateExpression expression class delegateExpression resultVariable decisionRef decisionRefBinding
decisionRefVersion mapDecisionResult decisionRefTenantId type topic taskPriority collection elementVariable
variableName variableEvents diagramRelationId"""
CAMUNDA_ROWS = """in out potentialStarter properties connector inputOutput field failedJobRetryTimeCycle
executionListener taskListener formProperty formData"""
ZEEBE_ROWS = """ioMapping subscription taskHeaders taskDefinition loopCharacteristics calledElement userTaskForm
formDefinition linkedResources userTask calledDecision assignmentDefinition priorityDefinition jobPriorityDefinition
taskSchedule properties script executionListeners taskListeners versionTag conditionalFilter"""


def test_every_word_of_the_engines_is_known():
    attributes = {*dialects_camunda.ATTRIBUTES, *dialects_camunda.NOT_NEEDED, *dialects_camunda.NOTES}
    assert set(CAMUNDA_ATTRIBUTES.split()) <= attributes | dialects_camunda.BINDINGS
    assert set(CAMUNDA_ROWS.split()) <= set(dialects_rows.ROWS)
    assert set(ZEEBE_ROWS.split()) <= set(dialects_zeebe.ROWS)


def test_a_message_of_camunda_8_that_starts_a_process_needs_no_key():
    message = (
        '<bpmn:message id="message_m" name="m"><bpmn:extensionElements><zeebe:subscription correlationKey="=k"/>'
        "</bpmn:extensionElements></bpmn:message>"
    )
    drawing = bpmn(start("s", event("message", "m")), catch("c", event("message", "m")), flows("s>c"))
    drawing = drawing.replace(b'<bpmn:message id="message_m" name="m"/>', message.encode()).replace(
        HEAD.encode(), ZEEBE.encode()
    )
    [process] = check_files({"f": drawing}).processes
    assert process.elements["c"].attributes == {"messageKey": "k"}
    assert process.elements["s"].attributes == {}


def test_a_partner_who_does_not_run_is_left_out():
    partner = '<bpmn:process id="partner" isExecutable="false"><bpmn:scriptTask id="x"/></bpmn:process>'
    checked = check_files({"f": bpmn(start(), user("a"), flows("s>a"), root=partner)})
    assert checked.ok and [process.key for process in checked.processes] == ["p"]
    assert [(row.rule, row.element_id) for row in checked.findings] == [("left-out", "partner")]


def test_a_retry_policy_written_out():
    policy = written_policy("R5/PT10M")
    assert policy is not None and (policy.attempts, policy.longest_wait_s(4)) == (5, 600)
    for text in ("sync", "R/PT1M", "R0/PT1M", "R5/P1M", "R5/P40D", "R2000/PT1M", "PT1M", ""):
        assert written_policy(text) is None
    known = {"values": {"retry": {"sync"}}}
    fine = bpmn(start(), node("serviceTask", "a", yz_operation="x", yz_retry="R5/PT10M"), flows("s>a"))
    assert check_files({"f": fine}, **known).ok
    assert not check_files({"f": fine.replace(b"R5/PT10M", b"nothing")}, **known).ok


def test_a_call_of_a_computed_process():
    drawing = bpmn(start(), call("c", "${plan}"), flows("s>c"))
    assert check_files({"f": drawing}).processes[0].elements["c"].attributes == {"calledExpression": "plan"}


def test_a_decision_of_camunda_8_with_one_output_answers_with_the_bare_value():
    rule = (
        '<bpmn:extensionElements><zeebe:calledDecision decisionId="k" resultVariable="tier"/></bpmn:extensionElements>'
    )
    drawing = bpmn(start(), node("businessRuleTask", "d", rule), flows("s>d")).replace(HEAD.encode(), ZEEBE.encode())
    one = check_files({"p": drawing, "k.dmn": table(["n"], ["w"], [], key="k")}).processes[0].elements["d"]
    assert (dict(one.inputs), dict(one.outputs)) == ({"n": "n"}, {"tier": "get(result, 'w')"})
    two = check_files({"p": drawing, "k.dmn": table(["n"], ["w", "v"], [], key="k")}).processes[0].elements["d"]
    assert dict(two.outputs) == {"tier": None}
