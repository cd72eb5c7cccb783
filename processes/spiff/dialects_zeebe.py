"""Extensions of Camunda 8 (Zeebe): elements only, expressions in FEEL after an equals sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from lxml import etree

from processes.spiff.dialects_camunda import ATTRIBUTES, NOTES
from processes.spiff.dialects_element import Element, short
from processes.spiff.dialects_rows import answer, retry, text_of
from processes.spiff.xmlsource import local_name

Handler = Callable[[Element, etree._Element], None]


def row(element: Element, extension: etree._Element) -> bool:
    """Take one extension element over or explain it; False if nobody knows it."""
    handler = ROWS.get(local_name(extension))
    if handler is None:
        return False
    handler(element, extension)
    return True


def attribute(element: Element, name: str, value: str, foreign: str) -> bool:
    """Camunda 8 has attributes of templates only."""
    if name in NOTES or name in ("retryCounter", "modelerConfigurationTemplate", "modelerConfigurationName"):
        element.say("tool-note", f'{foreign}="{short(value)}"')
        return True
    return False


def value_of(element: Element, text: str) -> str | None:
    """What is written after the sign is FEEL; everything else is a text."""
    return element.value(text)


def _given(extension: etree._Element, name: str) -> str:
    return str(extension.get(name, "")).strip()


def _plain(element: Element, extension: etree._Element, name: str, ours: str) -> None:
    value = _given(extension, name)
    if value:
        ATTRIBUTES[ours](element, value, f"zeebe:{local_name(extension)} {name}")


def _task(element: Element, extension: etree._Element) -> None:
    if element.kind == "scriptTask":
        element.becomes("serviceTask", "zeebe:taskDefinition")
    _plain(element, extension, "type", "topic")
    retries = _given(extension, "retries")
    if retries.isascii() and retries.isdigit() and int(retries[:6]) > 0 and element.kind in ("serviceTask", "sendTask"):
        # Camunda 8 tries again at once unless the worker says otherwise; a second keeps the neighbour alive.
        retry(element, f"R{int(retries[:6])}/PT1S", f"zeebe:taskDefinition retries={retries}")
    elif retries:
        element.say("not-needed", f"zeebe:taskDefinition retries={short(retries)}")


def _mapping(element: Element, extension: etree._Element) -> None:
    for child in extension:
        kind, target = local_name(child), _given(child, "target") if isinstance(child.tag, str) else ""
        if kind not in ("input", "output") or not target:
            continue
        value = value_of(element, _given(child, "source"))
        if value is None:
            continue
        if "." in target:
            element.say("all-data", f"zeebe:{kind} {short(target)}")
        elif kind == "input":
            element.input(target, value, f"zeebe:input {target}")
        elif element.kind in ("startEvent", "boundaryEvent") and _is_error(element):
            element.output(target, value, f"zeebe:output {target}")
        else:
            answer(element, target, value, f"zeebe:output {target}")


def _is_error(element: Element) -> bool:
    return any(local_name(child) in ("errorEventDefinition", "escalationEventDefinition") for child in element.owner)


def _headers(element: Element, extension: etree._Element) -> None:
    """Constants for the worker: an input of their own."""
    rows = {_given(child, "key"): _given(child, "value") for child in extension if isinstance(child.tag, str)}
    if rows and element.kind in ("serviceTask", "sendTask", "userTask"):
        element.input("headers", repr(rows), "zeebe:taskHeaders")


def _called_element(element: Element, extension: etree._Element) -> None:
    called = _given(extension, "processId") or _given(extension, "processIdExpression")
    if called.startswith("="):
        text = element.expression(called)
        if text is not None:
            element.set("calledExpression", text, "zeebe:calledElement processId")
    elif called:
        element.owner.set("calledElement", called)
        element.taken("zeebe:calledElement processId", f'calledElement="{short(called)}"')
    _binding(element, extension)
    for name in ("propagateAllChildVariables", "propagateAllParentVariables"):
        # Both are on unless somebody says no.
        if _given(extension, name) != "false":
            element.needs_data = True


def _binding(element: Element, extension: etree._Element) -> None:
    binding = _given(extension, "bindingType")
    if binding not in ("", "latest"):
        element.say("binding", f'zeebe:{local_name(extension)} bindingType="{short(binding)}"')


def _decision(element: Element, extension: etree._Element) -> None:
    _plain(element, extension, "decisionId", "decisionRef")
    _plain(element, extension, "resultVariable", "resultVariable")
    element.wants_value = True
    _binding(element, extension)


def _assignment(element: Element, extension: etree._Element) -> None:
    for name in ("candidateGroups", "assignee", "candidateUsers"):
        _plain(element, extension, name, name)


def _form(element: Element, extension: etree._Element) -> None:
    for name in ("formId", "formKey", "externalReference"):
        _plain(element, extension, name, "formKey")
    _binding(element, extension)


def _many(element: Element, extension: etree._Element) -> None:
    _plain(element, extension, "inputCollection", "collection")
    if _given(extension, "inputElement"):
        _plain(element, extension, "inputElement", "elementVariable")
    collected, each = _given(extension, "outputCollection"), _given(extension, "outputElement")
    if not collected or not each:
        return
    value, name = value_of(element, each), f"{collected}_item"
    if value is None:
        return
    answer(element, name, value, "zeebe:loopCharacteristics outputElement")
    element.beside("loopDataOutputRef", after=("loopCardinality", "loopDataInputRef")).text = collected
    places = ("loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem")
    element.beside("outputDataItem", after=places).set("name", name)
    element.taken(f"zeebe:loopCharacteristics {collected}", f"loopDataOutputRef {collected}")


def _script(element: Element, extension: etree._Element) -> None:
    """A script of one FEEL expression is an output of a task that waits for nothing."""
    target, value = _given(extension, "resultVariable"), value_of(element, _given(extension, "expression"))
    if value is None or not target:
        return
    element.becomes("task", "zeebe:script")
    element.output(target, value, "zeebe:script")


def _listeners(element: Element, extension: etree._Element) -> None:
    for child in extension:
        if isinstance(child.tag, str):
            element.say(
                "listener", f"zeebe:{local_name(child)} {_given(child, 'eventType')} {short(_given(child, 'type'))}"
            )


def _schedule(element: Element, extension: etree._Element) -> None:
    _plain(element, extension, "dueDate", "dueDate")
    if _given(extension, "followUpDate"):
        element.say("tool-note", f'zeebe:followUpDate="{short(_given(extension, "followUpDate"))}"')


def _note(element: Element, extension: etree._Element) -> None:
    rows = [f"{child.get('name', '')}={child.get('value', '')}" for child in extension if isinstance(child.tag, str)]
    said = short(", ".join(rows) or ", ".join(f"{key}={value}" for key, value in extension.attrib.items()))
    element.say("tool-note", f"zeebe:{local_name(extension)} {said}".strip())


def _inline_form(element: Element, extension: etree._Element) -> None:
    element.say("form-fields", f"zeebe:userTaskForm {short(_given(extension, 'id'))} {short(text_of(extension))}")


def _nothing(element: Element, extension: etree._Element) -> None:
    """A mark that says what the element is anyway."""


def subscription_key(message: etree._Element) -> str | None:
    """The correlation key a Camunda 8 message asks for, with its sign."""
    for extension in message.iter():
        if local_name(extension) == "subscription":
            return _given(extension, "correlationKey") or None
    return None


ROWS: Final[Mapping[str, Handler]] = {
    "taskDefinition": _task,
    "ioMapping": _mapping,
    "taskHeaders": _headers,
    "calledElement": _called_element,
    "calledDecision": _decision,
    "assignmentDefinition": _assignment,
    "formDefinition": _form,
    "loopCharacteristics": _many,
    "script": _script,
    "executionListeners": _listeners,
    "taskListeners": _listeners,
    "taskSchedule": _schedule,
    "properties": _note,
    "versionTag": _note,
    "priorityDefinition": _note,
    "jobPriorityDefinition": _note,
    "linkedResources": _note,
    "conditionalFilter": _note,
    "userTaskForm": _inline_form,
    "userTask": _nothing,
    "subscription": _nothing,
}
