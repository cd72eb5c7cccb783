"""What a file says of each of its elements, whatever the engine makes of it: for comparing two of them word by word.

BPMN and DMN alike, also files that could not be deployed. Where something lies in the picture is kept apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from processes.spiff.xmlsource import SourceRefused, local_name, read
from processes.vocabulary import NAMESPACE

#: What is compared as a thing of its own; everything else belongs to the thing around it.
FLOW_THINGS: Final = frozenset(
    {"task", "userTask", "serviceTask", "sendTask", "receiveTask", "manualTask", "businessRuleTask", "scriptTask"}
    | {"callActivity", "subProcess", "transaction", "adHocSubProcess", "startEvent", "endEvent", "boundaryEvent"}
    | {"intermediateCatchEvent", "intermediateThrowEvent", "exclusiveGateway", "inclusiveGateway", "parallelGateway"}
    | {"eventBasedGateway", "complexGateway", "sequenceFlow", "dataObjectReference", "dataStoreReference"}
    | {"textAnnotation", "association", "group", "lane", "participant", "messageFlow"}
)
THINGS: Final = FLOW_THINGS | {"process", "decision", "inputData", "businessKnowledgeModel", "rule", "input", "output"}
NAMED_BY_REF: Final = frozenset({"messageRef", "signalRef", "errorRef", "escalationRef"})
#: Says nothing that the flows do not say.
NAMED: Final = frozenset({"input", "output", "data", "property"})
LEFT_OUT: Final = frozenset({"incoming", "outgoing", "flowNodeRef"})
#: Attributes that say nothing by themselves: inner ids, and what only one tool writes.
QUIET: Final = frozenset({"id", "exporter", "exporterVersion", "isExecutable", "typeLanguage", "expressionLanguage"})
DRAWN: Final = frozenset({"BPMNShape", "BPMNEdge", "DMNShape", "DMNEdge"})
MOST: Final = 5000


@dataclass(frozen=True)
class Thing:
    """One element. ``facts``: what is said of it, by path (``@name``, ``timerEventDefinition/timeDuration``)."""

    id: str
    type: str
    name: str
    name_en: str
    parent: str
    facts: Mapping[str, str]
    place: tuple[float, ...] = field(default=())


def things_of(content: bytes) -> dict[str, Thing]:
    """The elements of a file, by id, in its order; nothing of a file that cannot be read."""
    try:
        root = read(content)
    except SourceRefused:
        return {}
    referred = {
        str(row.get("id")): str(row.get("name") or row.get("errorCode") or row.get("id"))
        for row in root
        if isinstance(row.tag, str) and local_name(row) in ("message", "signal", "error", "escalation")
    }
    places = _places(root)
    found: dict[str, Thing] = {}
    counts: Counter[str] = Counter()
    for element, parent in _walk(root, ""):
        kind = local_name(element)
        own = element.get("id") or ""
        if not own:
            counts[f"{parent}/{kind}"] += 1
            own = f"{parent}/{kind}[{counts[f'{parent}/{kind}']}]"
        facts: dict[str, str] = {}
        _gather(element, "", facts, referred)
        name, english = element.get("name") or "", element.get(f"{{{NAMESPACE}}}nameEn") or ""
        found[own] = Thing(own, kind, name or _text_of(element), english, parent, facts, places.get(own, ()))
        if len(found) >= MOST:
            break
    return found


def _walk(element: etree._Element, parent: str) -> Iterator[tuple[etree._Element, str]]:
    for child in element:
        if not isinstance(child.tag, str):
            continue
        if _is_thing(child):
            yield child, parent
            yield from _walk(child, child.get("id") or parent)
        elif local_name(child) not in ("BPMNDiagram", "DMNDI", "extensionElements"):
            yield from _walk(child, parent)


def _is_thing(element: etree._Element) -> bool:
    space = str(etree.QName(element).namespace or "")
    return local_name(element) in THINGS and ("BPMN" in space or "DMN" in space)


def _gather(
    element: etree._Element, path: str, facts: dict[str, str], referred: Mapping[str, str], *, key: str = ""
) -> None:
    """Attributes and texts of an element and of all that belongs to it; ``key``: the name that stands in the path."""
    for name, value in element.attrib.items():
        shown = _attribute(str(name))
        if shown in QUIET or (key and shown == "name"):
            continue
        said = referred.get(str(value), str(value)) if shown in NAMED_BY_REF else str(value)
        facts[f"{path}@{shown}"] = said
    text = (element.text or "").strip()
    if text:
        facts[path or "text"] = text
    counts: Counter[str] = Counter()
    for child in element:
        if not isinstance(child.tag, str) or _is_thing(child) or local_name(child) in LEFT_OUT:
            continue
        kind = local_name(child)
        if kind == "extensionElements":
            _gather(child, path, facts, referred)
            continue
        own = str(child.get("name") or "") if kind in NAMED else ""
        counts[kind] += not own
        number = str(counts[kind]) if not own and counts[kind] > 1 else ""
        inner = f"{path}/{kind}" if path else kind
        inner = f"{inner}[{own or number}]" if own or number else inner
        before = len(facts)
        _gather(child, inner, facts, referred, key=own)
        if len(facts) == before:
            facts[inner] = ""


def _attribute(name: str) -> str:
    qualified = etree.QName(name)
    if qualified.namespace is None:
        return qualified.localname
    return f"yizhan:{qualified.localname}" if qualified.namespace == NAMESPACE else qualified.localname


def _text_of(element: etree._Element) -> str:
    """What a note says; rules of tables are called by what they ask for."""
    texts = (str(part).strip() for part in element.itertext())
    said = " ".join(part for part in texts if part)
    return said[:80] if local_name(element) in ("textAnnotation", "rule", "input", "output") else ""


def _places(root: etree._Element) -> dict[str, tuple[float, ...]]:
    """Where each element lies: corner and size of a shape, the bends of a line; rounded to whole points."""
    found: dict[str, tuple[float, ...]] = {}
    for element in root.iter():
        if not isinstance(element.tag, str) or local_name(element) not in (
            "BPMNShape",
            "BPMNEdge",
            "DMNShape",
            "DMNEdge",
        ):
            continue
        about = element.get("bpmnElement") or element.get("dmnElementRef") or ""
        numbers: list[float] = []
        for part in element:
            if isinstance(part.tag, str) and local_name(part) in ("Bounds", "waypoint"):
                numbers += [_number(part.get(name)) for name in ("x", "y", "width", "height") if part.get(name)]
        found[about] = tuple(numbers)
    return found


def _number(text: str | None) -> float:
    try:
        return float(round(float(text or 0)))
    except (ValueError, OverflowError):
        return 0.0
