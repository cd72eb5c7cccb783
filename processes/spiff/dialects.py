"""Drawings of Camunda 7 and 8, Flowable, Activiti and Signavio: their extensions become ours, or are explained.

The tree is changed in place before it is read, so the rest of the house knows one vocabulary only. Whatever is taken
over, left out or in the way is said at its element. What nobody here knows stays, and is refused by the reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from processes.spiff import dialects_camunda, dialects_rows, dialects_zeebe
from processes.spiff.dialects_element import Element, is_foreign_text, space_of
from processes.spiff.report import Report
from processes.spiff.xmlsource import BPMN, YIZHAN, bpmn, local_name, namespace
from processes.vocabulary import PREFIX

# A part of the namespace, and how the engine's own files write its prefix.
FAMILIES: Final[Mapping[str, str]] = {
    "camunda.org/schema/zeebe": "zeebe",
    "camunda.org/schema/1.0/bpmn": "camunda",
    "flowable.org/bpmn": "flowable",
    "activiti.org/bpmn": "activiti",
    "operaton.org/schema": "operaton",
    "fluxnova": "fluxnova",
}
# Remarks of drawing tools that no engine looks at.
TOOLS: Final = ("camunda.org/schema/modeler", "flowable.com/modeler", "activiti.com/modeler", "signavio.com", "bpmn.io")
EXPRESSIONS: Final = (
    "conditionExpression",
    "completionCondition",
    "loopCardinality",
    "loopCondition",
    "condition",
    "timeDuration",
    "timeDate",
    "timeCycle",
)
CATCHERS: Final = ("receiveTask", "startEvent", "intermediateCatchEvent", "boundaryEvent")


def family_of(space: str) -> str:
    """The prefix of the engine a namespace belongs to; empty if it is none we know."""
    lower = space.lower()
    return next((prefix for part, prefix in FAMILIES.items() if part in lower), "")


@dataclass(frozen=True)
class DecisionFacts:
    """What a decision reads, and the name of its output if it has one only and answers with one hit."""

    inputs: frozenset[str]
    only_output: str = ""


@dataclass(frozen=True)
class TakenOver:
    """A drawing in our words; ``changed``: it is not what was read; ``foreign``: another engine's drawing."""

    root: etree._Element
    changed: bool
    foreign: bool


def take_over(root: etree._Element, report: Report, decisions: Mapping[str, DecisionFacts]) -> TakenOver:
    """Say what a BPMN file says in our words.

    Never raises: what cannot be taken over is a finding. ``decisions``: what is known of those beside it.
    """
    root = _with_our_prefix(root)
    keys = _subscription_keys(root)
    foreign, mended = bool(keys), False
    for item in list(_elements(root)):
        if local_name(item) in EXPRESSIONS:
            is_foreign, is_mended = _expression(item, local_name(item), report)
            foreign, mended = foreign or is_foreign, mended or is_mended
        else:
            foreign |= _element(item, report, decisions)
    for process in root.findall(bpmn("process")):
        mended |= _flow_ids(process, report)
    if keys:
        _set_keys(root, keys, report)
    if foreign:
        ours = [str(prefix) for prefix, space in root.nsmap.items() if prefix and not family_of(space)]
        etree.cleanup_namespaces(root, keep_ns_prefixes=ours)
    return TakenOver(root, foreign or mended, foreign)


def _with_our_prefix(root: etree._Element) -> etree._Element:
    """The same tree with our namespace declared at its root, so that what is added is written yizhan:."""
    if YIZHAN in root.nsmap.values() or PREFIX in root.nsmap:
        return root
    found = etree.Element(root.tag, dict(root.attrib), nsmap={**root.nsmap, PREFIX: YIZHAN})
    found.text = root.text
    found.extend(list(root))
    return found


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    return (item for item in root.iter() if isinstance(item.tag, str) and namespace(item) == BPMN)


def _element(item: etree._Element, report: Report, decisions: Mapping[str, DecisionFacts]) -> bool:
    """One BPMN element: its attributes and its extensions."""
    kind, holder = local_name(item), item.find(bpmn("extensionElements"))
    if (
        holder is None
        and kind not in ("callActivity", "userTask")
        and not any("{" in str(full) for full in item.attrib)
    ):
        return False
    element, is_foreign = Element(item, report), False
    for full, value in list(item.attrib.items()):
        space = space_of(full)
        if not space or space == YIZHAN:
            continue
        family = family_of(space)
        name = str(etree.QName(str(full)).localname)
        if family and _attribute(element, family, name, str(value)):
            is_foreign = True
            item.attrib.pop(full)
    for extension in list(holder) if holder is not None else ():
        family = family_of(namespace(extension)) if isinstance(extension.tag, str) else ""
        if family and _row(element, family, extension):
            is_foreign = True
            holder.remove(extension)  # type: ignore[union-attr]
    if kind == "callActivity":
        is_foreign |= dialects_camunda.called_element(element)
    elif kind == "userTask":
        is_foreign |= dialects_camunda.potential_owner(element)
    if is_foreign and element.kind == "businessRuleTask":
        _decision(element, decisions)
    if element.needs_data:
        _data_by_name(element)
    return is_foreign


def _attribute(element: Element, family: str, name: str, value: str) -> bool:
    foreign = f"{family}:{name}"
    if family == "zeebe":
        return dialects_zeebe.attribute(element, name, value, foreign)
    return dialects_camunda.attribute(element, name, value, foreign)


def _row(element: Element, family: str, extension: etree._Element) -> bool:
    if family == "zeebe":
        return dialects_zeebe.row(element, extension)
    return dialects_rows.row(element, extension, f"{family}:{local_name(extension)}")


def _expression(item: etree._Element, kind: str, report: Report) -> tuple[bool, bool]:
    """The text of an expression; answers whether it was another engine's, and whether the file was mended."""
    text = "".join(str(part) for part in item.itertext()).strip()
    element = Element(item, report)
    if kind == "conditionExpression" and not text and not item.attrib.get("language"):
        parent = item.getparent()
        if parent is not None:
            parent.remove(item)
            element.say("empty-condition")
        return False, True
    is_feel = "feel" in str(item.get("language", "")).lower()
    if not is_feel and not is_foreign_text(text):
        return False, False
    ours = element.expression(text, feel=is_feel)
    if ours is None:
        # The reason has been said; a condition that holds keeps the reader from saying it in other words.
        ours = "true"
    elif kind.startswith("time"):
        ours = _literal(ours)
    for child in list(item):
        item.remove(child)
    item.text = ours
    item.attrib.pop("language", None)
    if kind.startswith("time") and ours == "true":
        item.text = "PT1H"
    return True, False


def _literal(text: str) -> str:
    """``'PT1H'`` as an expression is PT1H as a timer."""
    is_quoted = len(text) > 2 and text[0] == text[-1] and text[0] in "'\"" and text[0] not in text[1:-1]
    return text[1:-1] if is_quoted else text


def _decision(element: Element, decisions: Mapping[str, DecisionFacts]) -> None:
    """Other engines hand a decision everything, and take the bare value of a table with one output."""
    facts = decisions.get(str(element.owner.get(f"{{{YIZHAN}}}decision", "")))
    if facts is None:
        return
    for name in sorted(facts.inputs):
        element.input(name, name, "businessRuleTask")
    if element.wants_value and facts.only_output:
        element.whole_result_is(f"get(result, {facts.only_output!r})")


def _data_by_name(element: Element) -> None:
    if not element.names("input") or not element.names("output"):
        element.say("data-by-name")


def _flow_ids(process: etree._Element, report: Report) -> bool:
    """Flowable's own examples leave the ids of flows out; nobody refers to them."""
    flows = list(process.iter(bpmn("sequenceFlow")))
    taken = {str(item.get("id")) for item in process.iter() if isinstance(item.tag, str) and item.get("id")}
    number = 0
    for flow in flows:
        if flow.get("id"):
            continue
        number += 1
        while f"flow_{number}" in taken:
            number += 1
        flow.set("id", f"flow_{number}")
        report.add("flow-without-id", f"flow_{number}", str(flow.get("name", "")), f"flow_{number}")
    return number > 0


def _subscription_keys(root: etree._Element) -> dict[str, str]:
    """Camunda 8 writes the key of a message into the message, we into those who wait for it."""
    found: dict[str, str] = {}
    for message in root.findall(bpmn("message")):
        key = dialects_zeebe.subscription_key(message)
        if key is not None and message.get("id"):
            found[str(message.get("id"))] = key
    return found


def _set_keys(root: etree._Element, keys: Mapping[str, str], report: Report) -> None:
    for process in root.findall(bpmn("process")):
        for item in list(_elements(process)):
            reference = item.get("messageRef")
            key = keys.get(str(reference).split(":")[-1]) if reference is not None else None
            element = Element(item, report) if key is not None else None
            if key is None or element is None or element.kind not in CATCHERS:
                continue
            if element.kind == "startEvent" and local_name(element.owner.getparent()) == "process":  # type: ignore[arg-type]
                continue  # a message that starts an instance is matched by name alone
            text = element.expression(key)
            if text is not None:
                element.set("messageKey", text, "zeebe:subscription correlationKey")


def is_tool_note(space: str) -> bool:
    """Whether a namespace belongs to a drawing tool, whose remarks change nothing."""
    return any(tool in space.lower() for tool in TOOLS)
