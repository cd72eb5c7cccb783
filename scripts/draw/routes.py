"""How the arrows run: right-angled, around the boxes, apart from each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from scripts.draw.graph import Flow, Graph, Node

Point = tuple[float, float]
Route = list[Point]
MARGIN: Final = 12
LANE: Final = 16


def route_all(graph: Graph) -> dict[str, Route]:
    """The corner points of every flow, by flow id. Short ones choose first; each next one keeps clear of them."""
    drawn: dict[str, Route] = {}
    for flow in sorted(graph.flows, key=lambda one: _length_order(graph, one)):
        candidates = [_simplified(route) for route in _candidates(graph, flow)]
        drawn[flow.id] = min(candidates, key=lambda route: _cost(graph, flow, route, drawn))
    return drawn


def _length_order(graph: Graph, flow: Flow) -> float:
    source, target = graph.nodes[flow.source], graph.nodes[flow.target]
    backwards = 10_000 if target.x < source.x else 0
    return backwards + abs(target.middle_x - source.middle_x) + 2 * abs(target.middle_y - source.middle_y)


def _candidates(graph: Graph, flow: Flow) -> Iterator[Route]:
    source, target = graph.nodes[flow.source], graph.nodes[flow.target]
    for out, out_side in _exits(source):
        for into, into_side in _entries(target):
            yield from _between(graph, out, out_side, into, into_side)


def _exits(node: Node) -> Iterator[tuple[Point, str]]:
    if not node.attached_to:
        yield (node.right, node.middle_y), "right"
    if node.attached_to or not node.is_event:
        yield (node.middle_x, node.bottom), "down"
    if not node.attached_to and not node.is_event:
        yield (node.middle_x, node.y), "up"


def _entries(node: Node) -> Iterator[tuple[Point, str]]:
    yield (node.x, node.middle_y), "right"
    yield (node.middle_x, node.bottom), "up"
    yield (node.middle_x, node.y), "down"


def _between(graph: Graph, out: Point, out_side: str, into: Point, into_side: str) -> Iterator[Route]:
    """Ways from a point that is left in one direction to a point that is entered in one."""
    (x1, y1), (x2, y2) = out, into
    out_flat, in_flat = out_side == "right", into_side == "right"
    if out_flat and in_flat:
        if y1 == y2:
            yield [out, into]
        for x in (x1 + 31, x2 - 31, x1 + 21, x2 - 21, x1 + 41, x2 - 41):
            yield [out, (x, y1), (x, y2), into]
        for lane in _lanes(graph, x1, x2):
            yield [out, (x1 + 25, y1), (x1 + 25, lane), (x2 - 25, lane), (x2 - 25, y2), into]
    elif out_flat:
        yield [out, (x2, y1), into]
        for lane in _lanes(graph, x1, x2):
            yield [out, (x1 + 25, y1), (x1 + 25, lane), (x2, lane), into]
    elif in_flat:
        yield [out, (x1, y2), into]
        for lane in _lanes(graph, x1, x2):
            yield [out, (x1, lane), (x2 - 25, lane), (x2 - 25, y2), into]
    else:
        for lane in _lanes(graph, x1, x2):
            yield [out, (x1, lane), (x2, lane), into]


def _lanes(graph: Graph, x1: float, x2: float) -> list[float]:
    """Heights at which an arrow may run sideways: above, below and between the boxes of the stretch."""
    low, high = min(x1, x2) - 80, max(x1, x2) + 80
    boxes = [node for node in graph.nodes.values() if node.right > low and node.x < high]
    edges = sorted({(node.y, node.bottom) for node in boxes})
    top, bottom = min(y for y, _ in edges), max(y for _, y in edges)
    lanes = [bottom + 34 + LANE * n for n in range(4)] + [top - 34 - LANE * n for n in range(3)]
    middles = sorted({node.middle_y for node in boxes if not node.attached_to})
    for upper, lower in pairwise(middles):
        if lower - upper > 100:
            lanes += [(upper + lower) / 2 + LANE * n for n in (-1, 0, 1)]
    return lanes


def _simplified(route: Route) -> Route:
    """Without repeated points and without corners that are none."""
    points: Route = []
    for point in route:
        if points and point == points[-1]:
            continue
        if len(points) > 1 and _in_line(points[-2], points[-1], point):
            points[-1] = point
        else:
            points.append(point)
    return points


def _in_line(a: Point, b: Point, c: Point) -> bool:
    return (a[0] == b[0] == c[0]) or (a[1] == b[1] == c[1])


def _cost(graph: Graph, flow: Flow, route: Route, drawn: dict[str, Route]) -> float:
    cost = 24 * (len(route) - 2) + 0.05 * sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pairwise(route))
    cost += 4000 if _turns_back(graph, flow, route) else 0
    for a, b in pairwise(route):
        cost += sum(3000 for node in graph.nodes.values() if _hits(node, a, b, flow, graph))
    for other_id, other in drawn.items():
        other_flow = next(one for one in graph.flows if one.id == other_id)
        for a, b in pairwise(route):
            for c, d in pairwise(other):
                if overlap(a, b, c, d):
                    same_end = other_flow.target == flow.target and route[-1] == other[-1]
                    same_start = other_flow.source == flow.source and route[0] == other[0]
                    cost += 30 if same_end else 10 if same_start else 900
                elif _cross(a, b, c, d):
                    cost += 60
        if route[0] == other[0]:
            cost += 35
        if route[-1] == other[-1] and not graph.nodes[flow.target].is_gateway:
            cost += 5
        if route[-1] == other[0] or route[0] == other[-1]:
            cost += 400
    return cost + _style(graph, flow, route)


def _style(graph: Graph, flow: Flow, route: Route) -> float:
    """Small preferences: tasks are left on the right and entered on the left; gateways may use their corners."""
    source, target = graph.nodes[flow.source], graph.nodes[flow.target]
    forwards = target.x > source.x
    cost = 0.0
    if forwards and route[0][0] != source.right and not source.is_gateway and not source.attached_to:
        cost += 60
    if forwards and route[-1][0] != target.x and not target.is_gateway:
        cost += 60
    if not forwards and route[0][0] == source.right:
        cost += 25
    if target.is_event and route[-1][0] != target.x:
        cost += 40
    return cost


def _turns_back(graph: Graph, flow: Flow, route: Route) -> bool:
    """The first step goes into the box it leaves, or the last one comes out of the box it enters."""
    source, target = graph.nodes[flow.source], graph.nodes[flow.target]
    return _inside(source, _along(route[0], route[1])) or _inside(target, _along(route[-1], route[-2]))


def _along(a: Point, b: Point) -> Point:
    step_x = (b[0] > a[0]) - (b[0] < a[0])
    step_y = (b[1] > a[1]) - (b[1] < a[1])
    return a[0] + step_x, a[1] + step_y


def _inside(node: Node, point: Point) -> bool:
    return node.x < point[0] < node.right and node.y < point[1] < node.bottom


def _hits(node: Node, a: Point, b: Point, flow: Flow, graph: Graph) -> bool:
    if node.id in {flow.source, flow.target}:
        return _crosses_box(node, a, b, -1)
    if node.attached_to in {flow.source, flow.target} or graph.nodes[flow.source].attached_to == node.id:
        return _crosses_box(node, a, b, -1)
    return _crosses_box(node, a, b, MARGIN)


def _crosses_box(node: Node, a: Point, b: Point, margin: float) -> bool:
    low_x, high_x = sorted((a[0], b[0]))
    low_y, high_y = sorted((a[1], b[1]))
    return (
        high_x > node.x - margin
        and low_x < node.right + margin
        and high_y > node.y - margin
        and low_y < node.bottom + margin
    )


def overlap(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Two pieces that run in the same line, or closer than a reader can tell apart."""
    for axis in (0, 1):
        across = 1 - axis
        if a[across] == b[across] and c[across] == d[across] and abs(a[across] - c[across]) < 8:
            low, high = sorted((a[axis], b[axis]))
            other_low, other_high = sorted((c[axis], d[axis]))
            return min(high, other_high) - max(low, other_low) > 1
    return False


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    if (a[0] == b[0]) == (c[0] == d[0]):
        return False
    upright, flat = ((a, b), (c, d)) if a[0] == b[0] else ((c, d), (a, b))
    low_y, high_y = sorted((upright[0][1], upright[1][1]))
    low_x, high_x = sorted((flat[0][0], flat[1][0]))
    return low_y < flat[0][1] < high_y and low_x < upright[0][0] < high_x
