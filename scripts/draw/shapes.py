"""Write the drawing of a process into its BPMN file: shapes, edges and the places of their labels."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from lxml import etree

from scripts.draw.graph import Flow, Graph, Node
from scripts.draw.names import BPMNDI, DC, DI, q
from scripts.draw.routes import Route

LINE: Final = 14
WIDE: Final = 11.5  # pixels of a Chinese character at the size bpmn-js draws labels
Box = tuple[float, float, float, float]


def write_shapes(definitions: etree._Element, graph: Graph, routes: dict[str, Route]) -> None:
    """Replace the drawing of ``definitions`` by one made of the placed nodes and the routes."""
    for old in definitions.findall(q("bpmndi:BPMNDiagram")):
        definitions.remove(old)
    etree.cleanup_namespaces(definitions, top_nsmap={"bpmndi": BPMNDI, "dc": DC, "di": DI}, keep_ns_prefixes=["xsi"])
    diagram = etree.SubElement(definitions, q("bpmndi:BPMNDiagram"), {"id": f"{graph.process_id}_diagram"})
    plane = etree.SubElement(
        diagram, q("bpmndi:BPMNPlane"), {"id": f"{graph.process_id}_plane", "bpmnElement": graph.process_id}
    )
    for node in graph.nodes.values():
        _shape(plane, node, graph, routes)
    for flow in graph.flows:
        _edge(plane, flow, routes[flow.id], graph)


def _shape(plane: etree._Element, node: Node, graph: Graph, routes: dict[str, Route]) -> None:
    attributes = {"id": f"{node.id}_shape", "bpmnElement": node.id}
    if node.tag == "exclusiveGateway":
        attributes["isMarkerVisible"] = "true"
    shape = etree.SubElement(plane, q("bpmndi:BPMNShape"), attributes)
    _bounds(shape, (node.x, node.y, node.width, node.height))
    if node.label and not node.is_task:
        _bounds(etree.SubElement(shape, q("bpmndi:BPMNLabel")), _node_label(node, graph, routes))


def _node_label(node: Node, graph: Graph, routes: dict[str, Route]) -> Box:
    width, height = _text_size(node.label, 92)
    below = (node.middle_x - width / 2, node.bottom + 6, width, height)
    above = (node.middle_x - width / 2, node.y - 6 - height, width, height)
    if node.attached_to:
        return node.x - width - 2, node.bottom + 2, width, height
    corners = (
        (node.middle_x + 12, node.bottom - 2, width, height),
        (node.middle_x + 12, node.y - height + 2, width, height),
    )
    choices = (above, below, *reversed(corners)) if node.is_gateway else (below, above, *corners)
    pieces = [piece for route in routes.values() for piece in pairwise(route)]
    boxes = [one for one in graph.nodes.values() if one is not node]
    return min(choices, key=lambda box: _label_trouble(box, pieces, boxes))


def _edge(plane: etree._Element, flow: Flow, route: Route, graph: Graph) -> None:
    edge = etree.SubElement(plane, q("bpmndi:BPMNEdge"), {"id": f"{flow.id}_edge", "bpmnElement": flow.id})
    for x, y in route:
        etree.SubElement(edge, q("di:waypoint"), {"x": _number(x), "y": _number(y)})
    if flow.label:
        _bounds(etree.SubElement(edge, q("bpmndi:BPMNLabel")), _flow_label(flow, route, graph))


def _flow_label(flow: Flow, route: Route, graph: Graph) -> Box:
    """Beside the first piece that is long enough to carry the words."""
    width, height = _text_size(flow.label, 92)
    (x1, y1), (x2, y2) = route[0], route[1]
    if x1 == x2:
        y = y1 + 8 if y2 > y1 else y1 - 8 - height
        return x1 + 6, y, width, height
    if x2 > x1:
        return x1 + 6, y1 - height - 5, width, height
    return x1 - 6 - width, y1 - height - 5, width, height


def _label_trouble(box: Box, pieces: list[tuple[tuple[float, float], tuple[float, float]]], nodes: list[Node]) -> int:
    x, y, width, height = box
    lines = sum(
        max(a[0], b[0]) > x and min(a[0], b[0]) < x + width and max(a[1], b[1]) > y and min(a[1], b[1]) < y + height
        for a, b in pieces
    )
    boxes = sum(
        node.right > x and node.x < x + width and node.bottom > y and node.y < y + height for node in nodes
    )
    return lines + 3 * boxes


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
