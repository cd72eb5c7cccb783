"""Write the drawing of a process into its BPMN file: shapes, edges and the places of their labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from lxml import etree

from scripts.draw.graph import Flow, Graph, Node
from scripts.draw.names import BPMNDI, DC, DI, q
from scripts.draw.routes import Route, overlap

LINE: Final = 14
WIDE: Final = 11.5  # pixels of a Chinese character at the size bpmn-js draws labels
Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class _Drawing:
    """What is decided already: the corners of the arrows and the boxes of their words."""

    routes: Mapping[str, Route]
    labels: Mapping[str, Box]


def write_shapes(definitions: etree._Element, graph: Graph, routes: dict[str, Route]) -> None:
    """Replace the drawing of ``definitions`` by one made of the placed nodes and the routes."""
    for old in definitions.findall(q("bpmndi:BPMNDiagram")):
        definitions.remove(old)
    etree.cleanup_namespaces(definitions, top_nsmap={"bpmndi": BPMNDI, "dc": DC, "di": DI}, keep_ns_prefixes=["xsi"])
    diagram = etree.SubElement(definitions, q("bpmndi:BPMNDiagram"), {"id": f"{graph.process_id}_diagram"})
    plane = etree.SubElement(
        diagram, q("bpmndi:BPMNPlane"), {"id": f"{graph.process_id}_plane", "bpmnElement": graph.process_id}
    )
    labels = {
        flow.id: _flow_label(flow, routes[flow.id], _of_others(flow, graph, routes))
        for flow in graph.flows
        if flow.label
    }
    drawing = _Drawing(routes=routes, labels=labels)
    for node in graph.nodes.values():
        _shape(plane, node, graph, drawing)
    for flow in graph.flows:
        _edge(plane, flow, drawing)


def _shape(plane: etree._Element, node: Node, graph: Graph, drawing: _Drawing) -> None:
    attributes = {"id": f"{node.id}_shape", "bpmnElement": node.id}
    if node.tag == "exclusiveGateway":
        attributes["isMarkerVisible"] = "true"
    shape = etree.SubElement(plane, q("bpmndi:BPMNShape"), attributes)
    _bounds(shape, (node.x, node.y, node.width, node.height))
    if node.label and not node.is_task:
        _bounds(etree.SubElement(shape, q("bpmndi:BPMNLabel")), _node_label(node, graph, drawing))


def _node_label(node: Node, graph: Graph, drawing: _Drawing) -> Box:
    """Where the words of an event or a gateway disturb nothing."""
    width, height = _text_size(node.label, 92)
    if node.attached_to:
        return node.middle_x - 4 - width, node.bottom + 3, width, height
    below = (node.middle_x - width / 2, node.bottom + 6, width, height)
    above = (node.middle_x - width / 2, node.y - 6 - height, width, height)
    corners = (
        (node.middle_x - 14 - width, node.y - height + 4, width, height),
        (node.middle_x - 14 - width, node.bottom - 4, width, height),
        (node.middle_x + 14, node.y - height + 4, width, height),
        (node.middle_x + 14, node.bottom - 4, width, height),
    )
    choices = (above, below, *corners) if node.is_gateway else (below, above, *corners)
    boxes = [one for one in graph.nodes.values() if one is not node]
    return min(choices, key=lambda box: _trouble(box, drawing, boxes))


def _edge(plane: etree._Element, flow: Flow, drawing: _Drawing) -> None:
    edge = etree.SubElement(plane, q("bpmndi:BPMNEdge"), {"id": f"{flow.id}_edge", "bpmnElement": flow.id})
    for x, y in drawing.routes[flow.id]:
        etree.SubElement(edge, q("di:waypoint"), {"x": _number(x), "y": _number(y)})
    if flow.id in drawing.labels:
        _bounds(etree.SubElement(edge, q("bpmndi:BPMNLabel")), drawing.labels[flow.id])


def _flow_label(flow: Flow, route: Route, others: list[Route]) -> Box:
    """On the first level piece that is long enough to carry the words, else beside the first piece."""
    width, height = _text_size(flow.label, 92)
    for index, ((x1, y1), (x2, _)) in enumerate(pairwise(route)):
        if index > 1 or x1 == x2 or abs(x2 - x1) < width + 16:
            continue
        if any(overlap((x1, y1), (x2, y1), a, b) for other in others for a, b in pairwise(other)):
            continue  # there the words would seem to be about the other arrow
        return (x1 + 7 if x2 > x1 else x1 - 7 - width), y1 - height - 6, width, height
    (x1, y1), (_, y2) = route[0], route[1]
    return x1 + 6, (y1 + 8 if y2 > y1 else y1 - 8 - height), width, height


def _of_others(flow: Flow, graph: Graph, routes: Mapping[str, Route]) -> list[Route]:
    return [routes[one.id] for one in graph.flows if one.source != flow.source]


def _trouble(box: Box, drawing: _Drawing, nodes: list[Node]) -> int:
    x, y, width, height = box
    lines = sum(
        max(a[0], b[0]) > x and min(a[0], b[0]) < x + width and max(a[1], b[1]) > y and min(a[1], b[1]) < y + height
        for route in drawing.routes.values()
        for a, b in pairwise(route)
    )
    boxes = [(node.x, node.y, node.width, node.height) for node in nodes]
    hits = sum(_meet(box, other) for other in [*boxes, *drawing.labels.values()])
    return lines + 3 * hits


def _meet(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def _text_size(text: str, widest: float) -> tuple[float, float]:
    length = sum(WIDE if ord(letter) > 255 else 6.2 for letter in text) + 4
    rows = max(1, -(-int(length) // int(widest)))
    return min(length, widest), LINE * rows


def _bounds(parent: etree._Element, box: Box) -> None:
    x, y, width, height = box
    etree.SubElement(
        parent,
        q("dc:Bounds"),
        {"x": _number(x), "y": _number(y), "width": _number(width), "height": _number(height)},
    )


def _number(value: float) -> str:
    return str(round(value))
