"""A compact outline (YAML) of one process becomes BPMN without a drawing.

The outline names nodes and flows; what a node is, is its first key::

    process: line_test
    zh: 线路测试
    en: Line test
    data: [item]                       # what a start of this process must bring
    nodes:
      test_wanted: {start: "", zh: 待测试, en: Test wanted}
      run_test: {service: provisioning.run_test, zh: 自动测试, en: Run test, in: {product_id: item.product_id}}
      test_failed: {error: test-failed, at: run_test, zh: 不合格, en: Failed}
      tested: {end: "", zh: 合格, en: Passed}
    flows:
      - test_wanted -> run_test
      - run_test -> tested
      - test_failed -> run_test
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

from scripts.draw.names import PREFIXES, q

_TAGS: Final = {
    "start": "startEvent",
    "end": "endEvent",
    "service": "serviceTask",
    "user": "userTask",
    "rules": "businessRuleTask",
    "call": "callActivity",
    "gateway": "exclusiveGateway",
    "error": "boundaryEvent",
    "timer": "intermediateCatchEvent",
    "message": "intermediateCatchEvent",
}
_OWN_ATTRIBUTES: Final = {
    "work_order": "workOrder",
    "point_of_no_return": "pointOfNoReturn",
    "milestone": "milestone",
    "duration": "duration",
    "skill": "skill",
    "form": "form",
    "undo": "undo",
    "undone_by": "undoneBy",
    "retry": "retry",
}
_FIRST_ATTRIBUTE: Final = {"service": "operation", "user": "team", "rules": "decision"}


class OutlineRefused(ValueError):
    """The outline names something it does not define, or a node of no known kind."""


def bpmn_of(outline: Mapping[str, Any]) -> etree._Element:
    """Return the ``definitions`` element of the process the outline describes, without shapes."""
    key = str(outline["process"])
    definitions = etree.Element(
        q("bpmn:definitions"),
        {"id": f"{key}_file", "targetNamespace": "urn:yizhan:processes"},
        nsmap={prefix: uri for prefix, uri in PREFIXES.items() if prefix not in {"bpmndi", "dc", "di"}},
    )
    shared = _Shared(definitions)
    process = etree.SubElement(definitions, q("bpmn:process"), {"id": key, "isExecutable": "true"})
    _name(process, outline)
    if ends_with := outline.get("promise_ends_with"):
        process.set(q("yizhan:promiseEndsWith"), ends_with)
    if about := outline.get("about"):
        etree.SubElement(process, q("bpmn:documentation")).text = about
    nodes: Mapping[str, Mapping[str, Any]] = outline["nodes"]
    collected = [node["each"]["collect"] for node in nodes.values() if "collect" in node.get("each", {})]
    for name in [*outline.get("data", ()), *collected]:
        etree.SubElement(process, q("bpmn:property"), {"id": name, "name": name})
    flows = [_flow(row, nodes) for row in outline["flows"]]
    for node_id, node in nodes.items():
        _node(process, node_id, node, flows, shared)
    for flow in flows:
        _write_flow(process, flow)
    return definitions


class _Shared:
    """Errors and messages: one definition per code, before the process."""

    def __init__(self, definitions: etree._Element) -> None:
        self._definitions, self._known = definitions, set[str]()

    def reference(self, tag: str, code: str) -> str:
        reference = f"{tag}_{code.replace('-', '_')}"
        if reference not in self._known:
            self._known.add(reference)
            element = etree.Element(q(f"bpmn:{tag}"), {"id": reference, "name": code})
            if tag == "error":
                element.set("errorCode", code)
            self._definitions.insert(len(self._known) - 1, element)
        return reference


def _kind(node_id: str, node: Mapping[str, Any]) -> str:
    kind = next(iter(node))
    if kind not in _TAGS:
        raise OutlineRefused(f"{node_id}: {kind} is no kind of node")
    return kind


def _name(element: etree._Element, words: Mapping[str, Any]) -> None:
    if words.get("zh"):
        element.set("name", words["zh"])
        element.set(q("yizhan:nameEn"), words["en"])


def _flow(row: str | Mapping[str, Any], nodes: Mapping[str, Any]) -> dict[str, Any]:
    arrow, rest = (row, {}) if isinstance(row, str) else next(iter(row.items()))
    source, _, target = (part.strip() for part in arrow.partition("->"))
    for end in (source, target):
        if end not in nodes:
            raise OutlineRefused(f"{arrow}: there is no node {end}")
    return {"id": f"{source}_to_{target}", "source": source, "target": target, **rest}


def _node(
    process: etree._Element, node_id: str, node: Mapping[str, Any], flows: list[dict[str, Any]], shared: _Shared
) -> None:
    kind = _kind(node_id, node)
    tag = f"{node[kind]}Gateway" if kind == "gateway" else _TAGS[kind]
    element = etree.SubElement(process, q(f"bpmn:{tag}"), {"id": node_id})
    _name(element, node)
    if kind == "error":
        element.set("attachedToRef", node["at"])
    for flow in flows:
        if flow["source"] == node_id and flow.get("if") == "else":
            element.set("default", flow["id"])
    _own_attributes(element, kind, node)
    if about := node.get("about"):
        etree.SubElement(element, q("bpmn:documentation")).text = about
    _mappings(element, node)
    for flow in flows:
        if flow["target"] == node_id:
            etree.SubElement(element, q("bpmn:incoming")).text = flow["id"]
    for flow in flows:
        if flow["source"] == node_id:
            etree.SubElement(element, q("bpmn:outgoing")).text = flow["id"]
    if each := node.get("each"):
        _loop(element, node_id, each)
    _event_definition(element, node_id, kind, node, shared)


def _own_attributes(element: etree._Element, kind: str, node: Mapping[str, Any]) -> None:
    if kind in _FIRST_ATTRIBUTE:
        element.set(q(f"yizhan:{_FIRST_ATTRIBUTE[kind]}"), node[kind])
    if kind == "call":
        called = str(node["call"])
        if called.startswith("="):
            element.set(q("yizhan:calledExpression"), called[1:])
        else:
            element.set("calledElement", called)
        if "key" in node:
            element.set(q("yizhan:businessKey"), node["key"])
    if kind == "message":
        element.set(q("yizhan:messageKey"), node["key"])
    for short, attribute in _OWN_ATTRIBUTES.items():
        if short in node:
            element.set(q(f"yizhan:{attribute}"), str(node[short]))


def _mappings(element: etree._Element, node: Mapping[str, Any]) -> None:
    inputs, outputs = node.get("in") or {}, node.get("out") or {}
    if not inputs and not outputs:
        return
    box = etree.SubElement(element, q("bpmn:extensionElements"))
    for tag, rows in (("yizhan:input", inputs), ("yizhan:output", outputs)):
        for name, value in rows.items():
            etree.SubElement(box, q(tag), {"name": name, "value": str(value)})


def _loop(element: etree._Element, node_id: str, each: Mapping[str, str]) -> None:
    loop = etree.SubElement(element, q("bpmn:multiInstanceLoopCharacteristics"), {"isSequential": "false"})
    etree.SubElement(loop, q("bpmn:loopDataInputRef")).text = each["in"]
    if "collect" in each:
        etree.SubElement(loop, q("bpmn:loopDataOutputRef")).text = each["collect"]
    etree.SubElement(loop, q("bpmn:inputDataItem"), {"id": f"{node_id}_{each['as']}", "name": each["as"]})
    if "collect" in each:
        etree.SubElement(loop, q("bpmn:outputDataItem"), {"id": f"{node_id}_{each['from']}", "name": each["from"]})


def _event_definition(
    element: etree._Element, node_id: str, kind: str, node: Mapping[str, Any], shared: _Shared
) -> None:
    if kind == "error":
        reference = shared.reference("error", node["error"])
        etree.SubElement(element, q("bpmn:errorEventDefinition"), {"id": f"{node_id}_error", "errorRef": reference})
    elif kind == "message":
        reference = shared.reference("message", node["message"])
        etree.SubElement(
            element, q("bpmn:messageEventDefinition"), {"id": f"{node_id}_message", "messageRef": reference}
        )
    elif kind == "timer":
        timer = etree.SubElement(element, q("bpmn:timerEventDefinition"), {"id": f"{node_id}_timer"})
        duration = etree.SubElement(timer, q("bpmn:timeDuration"), {q("xsi:type"): "bpmn:tFormalExpression"})
        duration.text = node["timer"]


def _write_flow(process: etree._Element, flow: Mapping[str, Any]) -> None:
    element = etree.SubElement(
        process,
        q("bpmn:sequenceFlow"),
        {"id": flow["id"], "sourceRef": flow["source"], "targetRef": flow["target"]},
    )
    _name(element, flow)
    condition = flow.get("if")
    if condition and condition != "else":
        text = etree.SubElement(element, q("bpmn:conditionExpression"), {q("xsi:type"): "bpmn:tFormalExpression"})
        text.text = condition
