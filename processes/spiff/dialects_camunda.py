"""Attributes of Camunda 7 and its relatives (Flowable, Activiti, Operaton): what becomes of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from processes.spiff.dialects_element import Element, is_foreign_text, short
from processes.spiff.dialects_grammar import UntranslatableError
from processes.spiff.dialects_juel import translated
from processes.spiff.timers import TimerError, parse_duration
from processes.spiff.xmlsource import bpmn, local_name

Handler = Callable[[Element, str, str], None]  # element, value, how the attribute is written

WORKERS: Final = ("serviceTask", "sendTask", "businessRuleTask")
BEAN: Final = re.compile(r"^\s*[$#]\{\s*([A-Za-z_][\w.]*)\s*\}\s*$")
# Settings of how the other engine stores and schedules; here every step is stored before the next begins.
_NOT_NEEDED = """
async asyncBefore asyncAfter asyncLeave asyncLeaveExclusive exclusive jobPriority taskPriority jobCategory
triggerable parallelInSameTransaction doNotIncludeVariables sameDeployment fallbackToDefaultTenant completeAsync
calledElementType inheritBusinessKey useLocalScopeForOutParameters useLocalScopeForResultVariable
storeResultVariableAsTransient variableName variableEvents eventName taskIdVariableName processInstanceName
processInstanceIdVariableName errorVariableLocalScope errorVariableTransient assigneeType assigneeField
idmAssignee formFieldValidation cascade
"""
_NOTES = """
versionTag historyTimeToLive isStartableInTasklist category priority followUpDate modelerTemplate
modelerTemplateVersion modelerTemplateIcon diagramRelationId errorMessage docker historyLevel id text
"""
_BINDINGS = """
calledElementBinding calledElementVersion calledElementVersionTag calledElementTenantId decisionRefBinding
decisionRefVersion decisionRefVersionTag decisionRefTenantId formRefBinding formRefVersion
"""
NOT_NEEDED: Final = frozenset(_NOT_NEEDED.split())
NOTES: Final = frozenset(_NOTES.split())
BINDINGS: Final = frozenset(_BINDINGS.split())


def attribute(element: Element, name: str, value: str, foreign: str) -> bool:
    """Take one attribute over or explain it; False if nobody knows it."""
    if name in NOT_NEEDED:
        element.say("not-needed", f'{foreign}="{short(value)}"')
    elif name in NOTES:
        element.say("tool-note", f'{foreign}="{short(value)}"')
    elif name in BINDINGS:
        if value not in ("latest", ""):
            element.say("binding", f'{foreign}="{short(value)}"')
    elif name in ATTRIBUTES:
        ATTRIBUTES[name](element, value, foreign)
    else:
        return False
    return True


def _operation(element: Element, value: str, foreign: str) -> None:
    """An external task's topic: the name both sides know the work by."""
    if is_foreign_text(value):
        element.say(
            "foreign-expression",
            f"{foreign}: {short(value)}: a computed name",
            f"{foreign}：{short(value)}：名称不能计算",
        )
    elif element.kind in ("endEvent", "intermediateThrowEvent"):
        element.say("event-worker", f'{foreign}="{short(value)}"')
    else:
        if element.kind == "businessRuleTask":
            element.becomes("serviceTask", foreign)
        element.set("operation", value.strip(), f'{foreign}="{short(value)}"')
        element.needs_data = True


def _type(element: Element, value: str, foreign: str) -> None:
    if value in ("external", "external-worker"):
        return
    if value == "dmn" and element.kind == "serviceTask":
        element.becomes("businessRuleTask", f'{foreign}="dmn"')
        element.needs_data = True
        return
    element.say("foreign-task-type", f'{foreign}="{short(value)}"')


def _bean(element: Element, value: str, foreign: str) -> None:
    found = BEAN.match(value)
    if found is None and is_foreign_text(value):
        element.say("foreign-task-type", f'{foreign}="{short(value)}"')
        return
    name = found[1] if found is not None else value.strip()
    element.say("java-code", f'{foreign}="{short(value)}"')
    _operation(element, name, foreign)


def _computed(element: Element, value: str, foreign: str) -> None:
    """``camunda:expression``: a value worked out on the spot is an output of a plain task; a call of Java is not."""
    target = next((row for full, row in element.xml.attrib.items() if str(full).endswith("}resultVariable")), None)
    try:
        text = translated(value)
    except UntranslatableError:
        text = ""
    if not text or target is None:
        element.say("foreign-task-type", f'{foreign}="{short(value)}"')
        return
    element.becomes("task", foreign)
    element.output(str(target), text, foreign)


def _result(element: Element, value: str, foreign: str) -> None:
    if element.kind in WORKERS:
        element.output(value.strip(), None, f'{foreign}="{short(value)}"')


def _shape(element: Element, value: str, foreign: str) -> None:
    """How a decision's answer is cut: ours is an object for one hit and a list for several."""
    if value in ("singleResult", "resultList", ""):
        return
    if value == "singleEntry":
        element.wants_value = True
        return
    target = next((row for full, row in element.xml.attrib.items() if str(full).endswith("}resultVariable")), "result")
    element.say("all-data", f'{foreign}="{short(value)}" (result.…, {target})')


def _decision(element: Element, value: str, foreign: str) -> None:
    if is_foreign_text(value):
        element.say("foreign-expression", f"{foreign}: {short(value)}")
        return
    element.set("decision", value.strip(), f'{foreign}="{short(value)}"')


def _groups(element: Element, value: str, foreign: str) -> None:
    groups = [part.strip() for part in value.split(",") if part.strip()]
    if is_foreign_text(value):
        element.say(
            "foreign-expression",
            f"{foreign}: {short(value)}: a computed team",
            f"{foreign}：{short(value)}：班组不能计算",
        )
    elif len(groups) > 1:
        element.say("several-groups", ", ".join(groups))
    elif groups:
        element.set("team", groups[0], f'{foreign}="{short(value)}"')


def _person(element: Element, value: str, foreign: str) -> None:
    element.say("person-by-name", f'{foreign}="{short(value)}"')


def _due(element: Element, value: str, foreign: str) -> None:
    try:
        parse_duration(value)
    except TimerError:
        element.say("due-date", f'{foreign}="{short(value)}"')
        return
    element.set("duration", value.strip(), f'{foreign}="{short(value)}"')


def _form(element: Element, value: str, foreign: str) -> None:
    """``embedded:app:forms/check.html`` and ``camunda-forms:bpmn:check`` are called check here."""
    if element.kind == "startEvent":
        element.say("start-form", f'{foreign}="{short(value)}"')
        return
    key = re.sub(r"\.(html?|form|json)$", "", re.split(r"[:/]", value.strip())[-1])
    if is_foreign_text(value) or not key:
        element.say("foreign-expression", f"{foreign}: {short(value)}")
        return
    element.set("form", key, f'{foreign}="{short(value)}"')


def _starter(element: Element, value: str, foreign: str) -> None:
    element.say("starters", f'{foreign}="{short(value)}"')


def _initiator(element: Element, value: str, foreign: str) -> None:
    element.say("starters", f'{foreign}="{short(value)}"')


def _collection(element: Element, value: str, foreign: str) -> None:
    text = element.expression(value) if is_foreign_text(value) else value.strip()
    if text is not None:
        element.beside("loopDataInputRef", after=("loopCardinality",)).text = text
        element.taken(f'{foreign}="{short(value)}"', f"loopDataInputRef {short(text)}")


def _element_variable(element: Element, value: str, foreign: str) -> None:
    row = element.beside("inputDataItem", after=("loopCardinality", "loopDataInputRef", "loopDataOutputRef"))
    row.set("name", value.strip())
    element.taken(f'{foreign}="{short(value)}"', f"inputDataItem {value.strip()}")


def _caught(field: str) -> Handler:
    def handle(element: Element, value: str, foreign: str) -> None:
        element.output(value.strip(), field, f'{foreign}="{short(value)}"')

    return handle


def _business_key(element: Element, value: str, foreign: str) -> None:
    text = element.value(value)
    if text is not None and not is_own_key(value):
        element.set("businessKey", text, f'{foreign}="{short(value)}"')


def is_own_key(text: str) -> bool:
    """Whether the caller's business key is handed on, which happens here by itself."""
    return "businessKey" in text.replace("BusinessKey", "businessKey")


def _inherit(element: Element, value: str, foreign: str) -> None:
    if value == "true":
        element.say("all-data", f'{foreign}="true"')


def _java(element: Element, value: str, foreign: str) -> None:
    element.say("listener", f'{foreign}="{short(value)}"')


def called_element(element: Element) -> bool:
    """``calledElement="${plan}"`` is computed: ours says so in an attribute of its own."""
    called = str(element.owner.get("calledElement", ""))
    if not is_foreign_text(called):
        return False
    text = element.expression(called)
    element.drop("calledElement")
    if text is not None:
        element.set("calledExpression", text, f'calledElement="{short(called)}"')
    return True


def potential_owner(element: Element) -> bool:
    """``group(management)`` of the standard's own potentialOwner."""
    found = [*element.owner.findall(bpmn("potentialOwner")), *element.owner.findall(bpmn("humanPerformer"))]
    for owner in found:
        text = " ".join("".join(str(part) for part in owner.itertext()).split())
        kind = local_name(owner)
        groups = re.findall(r"group\(\s*([^)]+?)\s*\)", text[:1000])
        if not groups and "(" not in text and kind == "potentialOwner":
            groups = [text] if text else []
        if groups:
            _groups(element, ",".join(groups), kind)
        elif text:
            _person(element, text, kind)
        element.owner.remove(owner)
    return bool(found)


ATTRIBUTES: Final[Mapping[str, Handler]] = {
    "type": _type,
    "topic": _operation,
    "class": _bean,
    "delegateExpression": _bean,
    "expression": _computed,
    "resultVariable": _result,
    "resultVariableName": _result,
    "mapDecisionResult": _shape,
    "decisionRef": _decision,
    "candidateGroups": _groups,
    "candidateUsers": _person,
    "assignee": _person,
    "owner": _person,
    "dueDate": _due,
    "formKey": _form,
    "formRef": _form,
    "formHandlerClass": _java,
    "initiator": _initiator,
    "candidateStarterGroups": _starter,
    "candidateStarterUsers": _starter,
    "collection": _collection,
    "elementVariable": _element_variable,
    "errorCodeVariable": _caught("error.code"),
    "errorMessageVariable": _caught("error.message"),
    "errorVariableName": _caught("error"),
    "escalationCodeVariable": _caught("escalation.code"),
    "businessKey": _business_key,
    "inheritVariables": _inherit,
    "variableMappingClass": _java,
    "variableMappingDelegateExpression": _java,
}
