"""A drawing as a small picture: its shapes and lines without words, to be known again at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from processes.canonical import BOUNDS, DIAGRAM, POINTS
from processes.spiff.xmlsource import SourceRefused, local_name, read

MARGIN: Final = 12
PEOPLE: Final = frozenset({"userTask", "manualTask"})
CALLS: Final = frozenset({"callActivity", "subProcess", "adHocSubProcess", "transaction"})


@dataclass(frozen=True)
class Shape:
    """One box. ``kind``: ``event``, ``gateway``, ``people``, ``call`` or ``task``; numbers in pixels of the drawing."""

    kind: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Thumbnail:
    """The picture: its ``box`` for ``viewBox``, its shapes, and its lines as points; ``steps``: how many boxes."""

    box: str
    shapes: tuple[Shape, ...] = ()
    lines: tuple[str, ...] = ()
    steps: int = 0


def thumbnail(content: bytes) -> Thumbnail:
    """The picture of a BPMN file; an empty one where nothing is drawn or the file cannot be read."""
    try:
        root = read(content)
    except SourceRefused:
        return Thumbnail("0 0 1 1")
    kinds = {element.get("id", ""): _kind(local_name(element)) for element in root.iter() if element.get("id")}
    shapes = [shape for each in root.iter(f"{{{DIAGRAM}}}BPMNShape") if (shape := _shape(each, kinds)) is not None]
    lines = [_line(each) for each in root.iter(f"{{{DIAGRAM}}}BPMNEdge")]
    if not shapes:
        return Thumbnail("0 0 1 1")
    left, top = min(shape.x for shape in shapes) - MARGIN, min(shape.y for shape in shapes) - MARGIN
    right = max(shape.x + shape.width for shape in shapes) + MARGIN
    bottom = max(shape.y + shape.height for shape in shapes) + MARGIN
    steps = sum(shape.kind in {"people", "call", "task"} for shape in shapes)
    return Thumbnail(f"{left} {top} {right - left} {bottom - top}", tuple(shapes), tuple(filter(None, lines)), steps)


def _kind(name: str) -> str:
    if name.endswith("Event"):
        return "event"
    if name.endswith("Gateway"):
        return "gateway"
    if name in PEOPLE:
        return "people"
    if name in CALLS:
        return "call"
    return "task" if name.lower().endswith("task") else ""


def _shape(element: etree._Element, kinds: dict[str, str]) -> Shape | None:
    kind = kinds.get(element.get("bpmnElement", ""), "")
    bounds = element.find(f"{{{BOUNDS}}}Bounds")
    if not kind or bounds is None:
        return None
    try:
        x, y, width, height = (round(float(bounds.get(name, ""))) for name in ("x", "y", "width", "height"))
    except (ValueError, OverflowError):
        return None
    return Shape(kind, x, y, width, height)


def _line(element: etree._Element) -> str:
    points = []
    for point in element.findall(f"{{{POINTS}}}waypoint"):
        try:
            points.append(f"{round(float(point.get('x', '')))},{round(float(point.get('y', '')))}")
        except (ValueError, OverflowError):
            return ""
    return " ".join(points)
