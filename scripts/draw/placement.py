"""Where the boxes stand: columns from left to right along the flows, rows by branch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from scripts.draw.graph import Graph

LEFT: Final = 160
TOP: Final = 100
COLUMN_GAP: Final = 62
ROW_HEIGHT: Final = 130


def place(graph: Graph, rows: Mapping[str, float] | None = None, columns: Mapping[str, int] | None = None) -> None:
    """Set ``x`` and ``y`` of every node.

    ``rows`` and ``columns`` are wishes by node id; every other node gets the column behind its farthest
    predecessor, and the row of its first predecessor or the next free one below.
    """
    column_of = _columns(graph, dict(columns or {}))
    row_of = _rows(graph, column_of, dict(rows or {}))
    widths: dict[int, int] = defaultdict(int)
    for node_id, column in column_of.items():
        widths[column] = max(widths[column], graph.nodes[node_id].width)
    lefts, x = {}, LEFT
    for column in range(max(column_of.values()) + 1):
        lefts[column] = x
        x += (widths[column] or 36) + COLUMN_GAP
    highest = min(row_of.values())
    for node_id, column in column_of.items():
        node = graph.nodes[node_id]
        node.x = lefts[column] + (widths[column] - node.width) / 2
        node.y = TOP + (row_of[node_id] - highest) * ROW_HEIGHT - node.height / 2 + 40
    _attach(graph)


def _columns(graph: Graph, wishes: dict[str, int]) -> dict[str, int]:
    """Longest way from the start, arrows back left out; wishes win."""
    followers: dict[str, list[str]] = defaultdict(list)
    for flow in graph.flows:
        followers[graph.host(flow.source)].append(flow.target)
    stand_alone = [node_id for node_id, node in graph.nodes.items() if node.attached_to is None]
    order = _topological(stand_alone, followers)
    position = {node_id: index for index, node_id in enumerate(order)}
    column = dict.fromkeys(order, 0)
    for node_id in order:
        column[node_id] = wishes.get(node_id, column[node_id])
        for follower in followers[node_id]:
            if position[follower] > position[node_id]:
                column[follower] = max(column[follower], column[node_id] + 1)
    return column


def _topological(nodes: list[str], followers: Mapping[str, list[str]]) -> list[str]:
    """Depth-first finishing order, reversed: arrows that go back in it close a loop."""
    done: list[str] = []
    seen: set[str] = set()

    def visit(node_id: str) -> None:
        seen.add(node_id)
        for follower in reversed(followers[node_id]):
            if follower not in seen:
                visit(follower)
        done.append(node_id)

    for node_id in nodes:
        if node_id not in seen:
            visit(node_id)
    return done[::-1]


def _rows(graph: Graph, column_of: Mapping[str, int], wishes: dict[str, float]) -> dict[str, float]:
    taken = {(column_of[node_id], row) for node_id, row in wishes.items()}
    row_of: dict[str, float] = dict(wishes)
    for node_id in sorted(column_of, key=lambda one: column_of[one]):
        if node_id in row_of:
            continue
        before = [
            row_of[graph.host(flow.source)]
            for flow in graph.flows
            if flow.target == node_id and graph.host(flow.source) in row_of
        ]
        row = before[0] if before else 0.0
        while (column_of[node_id], row) in taken:
            row += 1
        row_of[node_id] = row
        taken.add((column_of[node_id], row))
    return row_of


def _attach(graph: Graph) -> None:
    """Boundary events sit on the lower edge of their activity, side by side."""
    on_host: dict[str, list[str]] = defaultdict(list)
    for node in graph.nodes.values():
        if node.attached_to:
            on_host[node.attached_to].append(node.id)
    for host_id, event_ids in on_host.items():
        host = graph.nodes[host_id]
        step = host.width / (len(event_ids) + 1)
        for index, event_id in enumerate(event_ids, start=1):
            event = graph.nodes[event_id]
            event.x = host.x + index * step - event.width / 2
            event.y = host.bottom - event.height / 2
