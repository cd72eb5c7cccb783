"""What activities may say besides what is common to all elements: quantities, ad-hoc, data that flows by drawing."""

from __future__ import annotations

from typing import Final

from lxml import etree

from processes.spiff.model import AdHoc, Node
from processes.spiff.report import Report
from processes.spiff.xmlsource import BPMN, bpmn, local_name, namespace, text_in

SCOPES: Final = ("subProcess", "transaction", "adHocSubProcess")
#: Tasks outside of any process, which call activities may call: by what they are inside one.
GLOBAL_TASKS: Final = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
MAX_QUANTITY: Final = 100


def parse_quantities(element: etree._Element, node: Node, report: Report) -> None:
    """How many tokens begin the activity, and how many leave it."""
    for name, field in (("startQuantity", "start_quantity"), ("completionQuantity", "completion_quantity")):
        text = element.get(name, "1").strip()
        if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= MAX_QUANTITY):
            report.add("quantity", node.id, node.name, f"{name}={text[:20]}")
            continue
        setattr(node, field, int(text))


def parse_ad_hoc(element: etree._Element, node: Node) -> AdHoc:
    """The order and the end of an ad-hoc sub-process."""
    return AdHoc(
        sequential=element.get("ordering") == "Sequential",
        cancel=element.get("cancelRemainingInstances", "true") != "false",
        until=text_in(element, "completionCondition") or None,
        chosen=node.attributes.get("chosen") or None,
        by_hand=node.attributes.get("byHand") == "true",
    )


def data_objects(root: etree._Element) -> dict[str, str]:
    """The names of the data objects of a file, by the ids of the objects and of the references to them."""
    found = {_id(item): item.get("name") or _id(item) for item in root.iter(bpmn("dataObject"))}
    for item in root.iter(bpmn("dataObjectReference")):
        target = item.get("dataObjectRef", "").split(":")[-1]
        if target in found:
            found[_id(item)] = found[target]
    for item in root.iter(bpmn("property")):
        found[_id(item)] = item.get("name") or _id(item)
    return {key: name for key, name in found.items() if key}


def _id(element: etree._Element) -> str:
    return element.get("id", "")


def object_of(element: etree._Element, reference: str | None, objects: dict[str, str]) -> str | None:
    """The data object that an input or output of an activity is tied to; objects may be meant directly."""
    if not reference:
        return None
    for child in element:
        kind = local_name(child)
        ends = (text_in(child, "sourceRef") or "", text_in(child, "targetRef") or "")
        own, other = ends[::-1] if kind == "dataInputAssociation" else ends
        if kind in ("dataInputAssociation", "dataOutputAssociation") and own == reference and other in objects:
            return objects[other]
    return objects.get(reference)


def parse_data(element: etree._Element, node: Node, objects: dict[str, str], report: Report) -> None:
    """Data associations between data objects and the named inputs and outputs of an activity become mappings.

    An arrow drawn without saying which input or output it means stays a note.
    """
    names = {
        item.get("id", ""): str(item.get("name") or "")
        for holder in element.findall(bpmn("ioSpecification"))
        for item in holder
        if local_name(item) in ("dataInput", "dataOutput")
    }
    for child in element:
        kind = local_name(child)
        if namespace(child) != BPMN or kind not in ("dataInputAssociation", "dataOutputAssociation"):
            continue
        source, target = text_in(child, "sourceRef") or "", text_in(child, "targetRef") or ""
        plain = child.find(bpmn("transformation")) is None and child.find(bpmn("assignment")) is None
        if plain and kind == "dataInputAssociation" and names.get(target) and source in objects:
            node.inputs.append((names[target], objects[source]))
        elif plain and kind == "dataOutputAssociation" and names.get(source) and target in objects:
            node.outputs.append((objects[target], f"get(result, '{names[source]}')"))
        else:
            report.add("data-ignored", node.id, node.name)
