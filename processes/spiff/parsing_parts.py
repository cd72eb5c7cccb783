"""The smaller parts of a BPMN element: event definitions, repetition, mappings, foreign extensions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from processes import vocabulary
from processes.spiff.dialects import is_tool_note
from processes.spiff.fixes import name_event, set_field
from processes.spiff.model import Event, Loop, Node, Raised
from processes.spiff.parsing_activities import data_objects, object_of
from processes.spiff.report import Report
from processes.spiff.xmlsource import BPMN, YIZHAN, bpmn, local_name, namespace, text_in

# Engines whose extensions would be silently without effect here.
KIND_ZH: Final = {"message": "消息", "signal": "信号", "error": "错误", "escalation": "升级"}
FOREIGN: Final = (
    "camunda.org/schema/1.0",
    "camunda.org/schema/zeebe",
    "spiffworkflow",
    "flowable",
    "activiti",
    "operaton",
    "fluxnova",
)
KINDS: Final = {
    "messageEventDefinition": "message",
    "timerEventDefinition": "timer",
    "signalEventDefinition": "signal",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "cancelEventDefinition": "cancel",
    "terminateEventDefinition": "terminate",
    "linkEventDefinition": "link",
    "conditionalEventDefinition": "conditional",
    "compensateEventDefinition": "compensation",
}
#: What a repeated activity can throw by itself.
RAISED: Final = frozenset({"signal", "escalation", "error", "message"})
TIMERS: Final = {"timeDuration": "duration", "timeDate": "date", "timeCycle": "cycle"}


@dataclass
class Definitions:
    """The messages, signals, errors and escalations a file defines, by id."""

    rows: dict[str, dict[str, etree._Element]] = field(default_factory=dict)
    events: dict[str, etree._Element] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    associations: list[tuple[str, str]] = field(default_factory=list)
    objects: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, root: etree._Element, report: Report) -> Definitions:
        """Collect them."""
        found = cls({kind: {} for kind in ("message", "signal", "error", "escalation")})
        for item in root.iter(bpmn("property")):
            found.properties[str(item.get("id", ""))] = str(item.get("name") or item.get("id", ""))
        found.objects = data_objects(root)
        for item in root.iter(bpmn("association")):
            found.associations.append((item.get("sourceRef", ""), item.get("targetRef", "")))
        for child in root:
            kind = local_name(child)
            if namespace(child) == BPMN and kind in found.rows:
                if not child.get("id"):
                    report.add("missing-id", "", child.get("name", ""))
                found.rows[kind][child.get("id", "")] = child
            elif kind in KINDS:
                found.events[child.get("id", "")] = child
        return found

    def find(self, kind: str, reference: str) -> etree._Element | None:
        """The definition a reference means; a prefix before a colon is ignored."""
        rows = self.rows[kind]
        return rows.get(reference, rows.get(reference.split(":")[-1]))

    def name_of(self, kind: str, reference: str, node: Node, report: Report) -> str:
        """The name of a message or signal; what is missing is noted."""
        row = self.find(kind, reference)
        if row is None:
            if reference:
                report.add("dangling-reference", node.id, node.name, reference)
            else:
                fixes = [name_event(node.id, kind, KIND_ZH[kind])]
                report.add("event-names-nothing", node.id, node.name, kind, KIND_ZH[kind], place="event", fixes=fixes)
            return ""
        if not row.get("name"):
            report.add("nameless-event", node.id, node.name, kind)
        return str(row.get("name", ""))

    def code_of(self, kind: str, reference: str, node: Node, report: Report) -> str | None:
        """The code of an error or escalation; its id stands in for a missing code; None: any."""
        if not reference:
            return None
        row = self.find(kind, reference)
        if row is None:
            report.add("dangling-reference", node.id, node.name, reference)
            return None
        return str(row.get(f"{kind}Code") or row.get("id", ""))


def parse_event(element: etree._Element, node: Node, definitions: Definitions, report: Report) -> None:
    """The definitions of an event: what it waits for or throws, and whether any of them will do."""
    found = [child for child in element if local_name(child).endswith("EventDefinition") and namespace(child) == BPMN]
    for child in element:
        if local_name(child) == "eventDefinitionRef":
            reference = (child.text or "").strip().split(":")[-1]
            if reference in definitions.events:
                found.append(definitions.events[reference])
            else:
                report.add("dangling-reference", node.id, node.name, reference)
    events = [event_of(item, node, definitions, report) for item in found]
    if events:
        node.event, node.others = events[0], events[1:]
    node.gathers = len(events) > 1 and element.get("parallelMultiple") == "true"


def event_of(definition: etree._Element, node: Node, definitions: Definitions, report: Report) -> Event:
    """What an event definition says."""
    kind = KINDS.get(local_name(definition), local_name(definition))
    if kind in ("message", "signal"):
        return Event(kind, name=definitions.name_of(kind, definition.get(f"{kind}Ref", ""), node, report))
    if kind in ("error", "escalation"):
        return Event(kind, code=definitions.code_of(kind, definition.get(f"{kind}Ref", ""), node, report))
    if kind == "link":
        return Event(kind, name=definition.get("name", "").strip())
    if kind == "timer":
        return _timer(definition, node, report)
    if kind == "conditional":
        return Event(kind, value=text_in(definition, "condition") or "")
    if kind == "compensation":
        reference = definition.get("activityRef", "").split(":")[-1].strip()
        return Event(kind, ref=reference, wait=definition.get("waitForCompletion", "true") != "false")
    return Event(kind)


def _timer(definition: etree._Element, node: Node, report: Report) -> Event:
    given = [
        (TIMERS[local_name(child)], text_in(definition, local_name(child)) or "")
        for child in definition
        if local_name(child) in TIMERS
    ]
    if len(given) != 1 or not given[0][1]:
        fixes = [set_field(node.id, "timer", "P1D", "等 1 天", "Wait for 1 day")]
        zh, en = (
            ("只能写一个时间", "only one time can be given") if len(given) > 1 else ("没有写时间", "no time is given")
        )
        report.add("timer", node.id, node.name, en, zh, place="timer", fixes=fixes if not given else ())
        return Event("timer")
    return Event("timer", timer=given[0][0], value=given[0][1])


def parse_loop(element: etree._Element, node: Node, definitions: Definitions, report: Report) -> Loop | None:
    """Multi-instance or standard loop characteristics."""
    plain, many = (
        element.find(bpmn("standardLoopCharacteristics")),
        element.find(bpmn("multiInstanceLoopCharacteristics")),
    )
    if plain is not None:
        maximum = plain.get("loopMaximum", "")
        if maximum and not (maximum.isascii() and maximum.isdigit() and 0 < int(maximum[:9]) <= 2000):
            report.add("loop", node.id, node.name, "loopMaximum 1..2000")
            maximum = ""
        return Loop(
            "while",
            condition=text_in(plain, "loopCondition"),
            test_before=plain.get("testBefore") == "true",
            maximum=int(maximum) if maximum else None,
        )
    if many is None:
        return None
    loop = Loop("sequential" if many.get("isSequential") == "true" else "parallel")
    loop.raises = parse_behaviour(many, node, definitions, report)
    loop.items, loop.cardinality = text_in(many, "loopDataInputRef"), text_in(many, "loopCardinality")
    loop.collect, loop.until = text_in(many, "loopDataOutputRef"), text_in(many, "completionCondition")
    loop.items = object_of(element, loop.items, definitions.objects) or loop.items or None
    loop.collect = object_of(element, loop.collect, definitions.objects) or loop.collect or None
    for child in many:
        name = child.get("name") or child.get("id", "")
        if local_name(child) == "inputDataItem":
            loop.item = name
        elif local_name(child) == "outputDataItem":
            loop.output = name
        for full in child.attrib:
            check_foreign(str(etree.QName(str(full)).namespace or ""), str(full), node.id, node.name, report)
    for full in many.attrib:
        name_space = str(etree.QName(str(full)).namespace or "")
        check_foreign(name_space, str(etree.QName(str(full)).localname), node.id, node.name, report)
    return loop


def parse_behaviour(many: etree._Element, node: Node, definitions: Definitions, report: Report) -> list[Raised]:
    """The events a repeated activity throws when its instances are done: for each, for the first, or on conditions."""
    behaviour = many.get("behavior", "All")
    if behaviour == "All":
        return []
    found: list[tuple[str, etree._Element | None, str | None]] = []
    if behaviour in ("None", "One"):
        reference = many.get(f"{behaviour.lower()}BehaviorEventRef", "").split(":")[-1]
        found.append(("each" if behaviour == "None" else "first", definitions.events.get(reference), None))
    for row in many.findall(bpmn("complexBehaviorDefinition")) if behaviour == "Complex" else ():
        holder = row.find(bpmn("event"))
        inner = [child for child in holder if local_name(child) in KINDS] if holder is not None else []
        found.append(("if", inner[0] if inner else None, text_in(row, "condition")))
    raised = [
        Raised(when, event_of(given, node, definitions, report), text)
        for when, given, text in found
        if given is not None
    ]
    fits = all(row.event.kind in RAISED and (row.when != "if" or row.condition) for row in raised)
    if not raised or len(raised) != len(found) or not fits:
        report.add("loop", node.id, node.name, f"behavior={behaviour}: {' | '.join(sorted(RAISED))}")
        return []
    return raised


def parse_mappings(element: etree._Element, wanted: str, kind: str, report: Report) -> list[tuple[str, str | None]]:
    """The yizhan: elements of one kind in the extensionElements; with ``input`` everything else there is checked."""
    holder = element.find(bpmn("extensionElements"))
    rows: list[tuple[str, str | None]] = []
    node_id, node_name = element.get("id", ""), element.get("name", "")
    for child in holder if holder is not None else ():
        name, space = local_name(child), namespace(child)
        row = vocabulary.extension(name) if space == YIZHAN else None
        if row is not None and kind not in row.on:
            if wanted == "input":
                report.add("misplaced-attribute", node_id, node_name, name)
        elif space == YIZHAN and name == wanted:
            target, value = child.get("name", "").strip(), child.get("value")
            if not target or (value is None and wanted == "input" and kind != "process"):
                report.add("bad-value", node_id, node_name, f"yizhan:{name}")
                continue
            rows.append((target, value.strip() if value is not None else None))
        elif wanted == "input" and space == YIZHAN and row is None:
            report.add("unknown-attribute", node_id, node_name, name)
        elif wanted == "input" and space != YIZHAN:
            _check_foreign_element(child, node_id, node_name, report)
    return rows


def _check_foreign_element(child: etree._Element, node_id: str, node_name: str, report: Report) -> None:
    if local_name(child) in ("preScript", "postScript", "script"):
        report.add("script", node_id, node_name, local_name(child))
    else:
        check_foreign(namespace(child), local_name(child), node_id, node_name, report)


def check_foreign(space: str, name: str, node_id: str, node_name: str, report: Report) -> None:
    """Note an attribute or element of another engine; colours and notes of drawing tools are nobody's business."""
    if any(engine in space.lower() for engine in FOREIGN) and not is_tool_note(space):
        report.add("foreign-extension", node_id, node_name, name)
