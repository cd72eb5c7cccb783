"""From XML to the model; says what it cannot read and never guesses."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from processes import vocabulary
from processes.spiff.model import ACTIVITIES, FLOW_NODES, Event, Flow, Node, ProcessModel, Scope
from processes.spiff.parsing_activities import (
    GLOBAL_TASKS,
    SCOPES,
    parse_ad_hoc,
    parse_data,
    parse_quantities,
)
from processes.spiff.parsing_parts import (
    Definitions,
    check_foreign,
    parse_event,
    parse_loop,
    parse_mappings,
)
from processes.spiff.report import Report
from processes.spiff.xmlsource import BPMN, YIZHAN, bpmn, local_name, namespace, text_in

MAX_ELEMENTS: Final = 2000
MAX_NESTING: Final = 20
GOOD_ID: Final = re.compile(r"^[A-Za-z_][A-Za-z0-9_.-]{0,99}$", re.ASCII)
# Drawn for people; they do not change what runs.
NOTES: Final = frozenset(
    {
        "documentation",
        "extensionElements",
        "laneSet",
        "incoming",
        "outgoing",
        "textAnnotation",
        "association",
        "group",
        "category",
        "property",
        "ioSpecification",
        "dataInputAssociation",
        "dataOutputAssociation",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "auditing",
        "monitoring",
        "standardLoopCharacteristics",
        "multiInstanceLoopCharacteristics",
        "completionCondition",
        "activationCondition",
        "conditionExpression",
        "resourceRole",
        "performer",
        "potentialOwner",
        "humanPerformer",
        "rendering",
        "correlationSubscription",
        "supportedInterfaceRef",
    }
)
ROOT_NOTES: Final = frozenset(
    {
        "import",
        "extension",
        "itemDefinition",
        "message",
        "error",
        "escalation",
        "signal",
        "interface",
        "collaboration",
        "category",
        "dataStore",
        "relationship",
        "resource",
        "endPoint",
        "correlationProperty",
        "process",
        "documentation",
        "extensionElements",
    }
)


def parse_file(root: etree._Element, report: Report) -> list[ProcessModel]:
    """Read all processes of a file."""
    if str(root.tag) != bpmn("definitions"):
        report.add("not-bpmn", detail=local_name(root)[:80])
        return []
    count = sum(
        1 for item in root.iter() if namespace(item) == BPMN and local_name(item) in (*FLOW_NODES, "sequenceFlow")
    )
    if count > MAX_ELEMENTS:
        report.add("too-many-elements")
        return []
    definitions = Definitions.of(root, report)
    processes = []
    runs = any(child.get("isExecutable") != "false" for child in root.findall(bpmn("process")))
    for child in root:
        kind = local_name(child)
        if namespace(child) == BPMN and kind == "process":
            if runs and child.get("isExecutable") == "false":
                report.add("left-out", child.get("id", ""), child.get("name", ""))
                continue
            processes.append(_process(child, definitions, report))
        elif namespace(child) == BPMN and kind in GLOBAL_TASKS:
            processes.append(_global_task(child, GLOBAL_TASKS[kind], definitions, report))
        elif namespace(child) == BPMN and kind == "globalScriptTask":
            report.add("script", child.get("id", ""), child.get("name", ""), kind)
        elif namespace(child) == BPMN and kind not in ROOT_NOTES and not kind.endswith("EventDefinition"):
            report.add("unsupported-element", child.get("id", ""), child.get("name", ""), kind)
    if not processes:
        report.add("no-process")
    seen: set[str] = set()
    for process in processes:
        if process.key in seen:
            report.add("duplicate-process", process.key, process.name, process.key)
        seen.add(process.key)
    return processes


def _process(element: etree._Element, definitions: Definitions, report: Report) -> ProcessModel:
    key, name = element.get("id", ""), element.get("name", "")
    if not GOOD_ID.match(key):
        report.add("bad-id" if key else "missing-id", key, name, key[:120])
    if element.get("isExecutable") == "false":
        report.add("not-executable", key, name)
    attributes = _attributes(element, "process", report)
    model = ProcessModel(key, report.file, name, attributes.pop("nameEn", ""), attributes)
    rows = [row for kind in ("data", "input") for row in parse_mappings(element, kind, "process", report)]
    properties = [str(item.get("name") or item.get("id", "")) for item in element.iter(bpmn("property"))]
    drawn = sorted(set(definitions.objects.values()) - set(properties))
    model.declared = [*[name for name, _ in rows], *properties] if rows or properties else None
    model.drawn = drawn
    seen: set[str] = set()
    _scope(element, model.root, definitions, report, seen, depth=0)
    return model


def _global_task(element: etree._Element, kind: str, definitions: Definitions, report: Report) -> ProcessModel:
    """A task outside of any process is a process with nothing else in it, for call activities to call."""
    model = ProcessModel(element.get("id", ""), report.file, element.get("name", ""))
    _node(element, kind, model.root, definitions, report, set(), 0)
    return model


def _scope(
    element: etree._Element, scope: Scope, definitions: Definitions, report: Report, seen: set[str], depth: int
) -> None:
    if depth > MAX_NESTING:
        report.add("nested-too-deep", element.get("id", ""), element.get("name", ""))
        return
    for child in element:
        kind, space = local_name(child), namespace(child)
        if space != BPMN:
            continue
        if kind == "sequenceFlow":
            _flow(child, scope, report, seen)
        elif kind in FLOW_NODES:
            _node(child, kind, scope, definitions, report, seen, depth)
        elif kind == "scriptTask":
            report.add("script", child.get("id", ""), child.get("name", ""), "scriptTask")
        elif kind not in NOTES and not kind.endswith("EventDefinition"):
            report.add("unsupported-element", child.get("id", ""), child.get("name", ""), kind)
    for node in scope.nodes.values():
        if node.event.kind == "compensation" and node.type == "boundaryEvent":
            pairs = [pair for pair in definitions.associations if node.id in pair]
            node.tied = [other for pair in pairs for other in pair if other != node.id and other in scope.nodes]


def _take_id(element: etree._Element, report: Report, seen: set[str]) -> str:
    found = element.get("id", "")
    if not GOOD_ID.match(found):
        report.add("bad-id" if found else "missing-id", found, element.get("name", ""), found[:120])
    if found in seen:
        report.add("duplicate-id", found, element.get("name", ""), found)
    seen.add(found)
    return found


def _flow(element: etree._Element, scope: Scope, report: Report, seen: set[str]) -> None:
    flow_id = _take_id(element, report, seen)
    condition = element.find(bpmn("conditionExpression"))
    flow = Flow(flow_id, element.get("sourceRef", ""), element.get("targetRef", ""), None, element.get("name", ""))
    if condition is not None:
        flow.condition = "".join(str(part) for part in condition.itertext()).strip()
        language = condition.get("language", "")
        if language and "yizhan" not in language and "python" not in language.lower():
            report.add("foreign-expression", flow_id, flow.name, language)
    _attributes(element, "sequenceFlow", report)
    scope.flows[flow_id] = flow


def _node(
    element: etree._Element,
    kind: str,
    scope: Scope,
    definitions: Definitions,
    report: Report,
    seen: set[str],
    depth: int,
) -> None:
    node_id = _take_id(element, report, seen)
    attributes = _attributes(element, kind, report)
    node = Node(node_id, kind, element.get("name", ""), attributes.pop("nameEn", ""), attributes)
    node.inputs = [(name, value or "") for name, value in parse_mappings(element, "input", kind, report)]
    node.outputs = parse_mappings(element, "output", kind, report)
    node.default = element.get("default")
    parse_quantities(element, node, report)
    parse_data(element, node, definitions.objects, report)
    node.loop = parse_loop(element, node, definitions, report)
    if kind in ACTIVITIES:
        _activity(element, node, definitions, report)
    elif kind.endswith("Event"):
        parse_event(element, node, definitions, report)
        node.attached_to = element.get("attachedToRef", "") if kind == "boundaryEvent" else ""
        cancel = element.get("cancelActivity" if kind == "boundaryEvent" else "isInterrupting", "true")
        node.interrupting = cancel != "false"
    elif kind == "eventBasedGateway":
        node.instantiate = element.get("instantiate") == "true"
        node.gathers = element.get("eventGatewayType") == "Parallel"
        if node.gathers and not node.instantiate:
            report.add("parallel-race", node_id, node.name)
    elif element.get("instantiate") == "true":
        report.add("instantiate", node_id, node.name)
    if kind == "complexGateway":
        node.activation = text_in(element, "activationCondition") or None
    elif kind == "adHocSubProcess":
        node.ad_hoc = parse_ad_hoc(element, node)
    for child in element:
        _check_child(child, kind, node, report)
    if kind in SCOPES:
        node.inner = Scope(owner=node, around=scope)
        _scope(element, node.inner, definitions, report, seen, depth + 1)
    scope.nodes[node_id] = node


def _activity(element: etree._Element, node: Node, definitions: Definitions, report: Report) -> None:
    node.by_event = element.get("triggeredByEvent") == "true"
    node.called = element.get("calledElement", "").split(":")[-1].strip()
    node.for_compensation = element.get("isForCompensation") == "true"
    if node.type == "receiveTask":
        reference = element.get("messageRef", "")
        node.message = definitions.name_of("message", reference, node, report)
        if element.get("instantiate") == "true":
            node.instantiate, node.event = True, Event("message", name=node.message)
    elif node.type == "sendTask" and element.get("messageRef") and "operation" not in node.attributes:
        node.message = definitions.name_of("message", element.get("messageRef", ""), node, report)


def _check_child(child: etree._Element, kind: str, node: Node, report: Report) -> None:
    name = local_name(child)
    if namespace(child) != BPMN:
        return
    if name == "script":
        report.add("script", node.id, node.name, "script")
    elif kind not in SCOPES and name not in NOTES:
        allowed = kind.endswith("Event") and (
            name.endswith("EventDefinition") or name in ("eventDefinitionRef", "dataOutput")
        )
        if not allowed:
            report.add("unsupported-element", node.id, node.name, name)


def _attributes(element: etree._Element, kind: str, report: Report) -> dict[str, str]:
    """The yizhan: attributes of an element; unknown and misplaced ones are noted."""
    found: dict[str, str] = {}
    node_id, node_name = element.get("id", ""), element.get("name", "")
    for full, value in element.attrib.items():
        name = etree.QName(str(full))
        if name.namespace != YIZHAN:
            check_foreign(str(name.namespace or ""), str(name.localname), node_id, node_name, report)
            continue
        row = vocabulary.attribute(name.localname)
        if row is None:
            report.add("unknown-attribute", node_id, node_name, name.localname)
        elif kind not in row.on:
            report.add("misplaced-attribute", node_id, node_name, name.localname)
        else:
            found[name.localname] = str(value).strip()
            if "|" in row.kind and found[name.localname] not in row.kind.split("|"):
                report.add("bad-value", node_id, node_name, f"yizhan:{name.localname} ({row.kind})")
    return found


__all__ = ["Event", "parse_file", "text_in"]
