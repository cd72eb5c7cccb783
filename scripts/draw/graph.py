"""What a drawing needs to know of a process: boxes with sizes, and the flows between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from scripts.draw.names import local_name, q

EVENT: Final = (36, 36)
GATEWAY: Final = (50, 50)
TASK: Final = (124, 80)


@dataclass(kw_only=True)
class Node:
    """A box of the drawing. ``x``, ``y``: the upper left corner, set by the placement; sizes in pixels."""

    id: str
    tag: str
    label: str
    attached_to: str | None = None
    events: int = 0  # boundary events that sit on it
    x: float = 0
    y: float = 0

    @property
    def is_task(self) -> bool:
        return not (self.is_event or self.is_gateway)

    @property
    def is_event(self) -> bool:
        return self.tag.endswith("Event")

    @property
    def is_gateway(self) -> bool:
        return self.tag.endswith("Gateway")

    @property
    def width(self) -> int:
        if self.is_task:
            return max(TASK[0], 56 * self.events)
        return (EVENT if self.is_event else GATEWAY)[0]

    @property
    def height(self) -> int:
        return (EVENT if self.is_event else GATEWAY if self.is_gateway else TASK)[1]

    @property
    def middle_x(self) -> float:
        return self.x + self.width / 2

    @property
    def middle_y(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, kw_only=True)
class Flow:
    """An arrow from one node to another."""

    id: str
    source: str
    target: str
    label: str


@dataclass(kw_only=True)
class Graph:
    """One process: its nodes by id, in the order of the file, and its flows."""

    process_id: str
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)

    def host(self, node_id: str) -> str:
        """The node itself, or the activity a boundary event sits on."""
        return self.nodes[node_id].attached_to or node_id


_NODE_ENDINGS: Final = ("Event", "Gateway", "Task", "task", "callActivity", "subProcess")


def read_graph(definitions: etree._Element) -> Graph:
    """Read the first process of a BPMN file. Boxes inside embedded sub-processes are not drawn by this tool."""
    process = definitions.find(q("bpmn:process"))
    if process is None:
        raise ValueError("the file holds no process")
    graph = Graph(process_id=process.get("id", ""))
    for element in process:
        if not isinstance(element.tag, str):
            continue
        tag = local_name(element.tag)
        if tag == "sequenceFlow":
            graph.flows.append(
                Flow(
                    id=element.get("id", ""),
                    source=element.get("sourceRef", ""),
                    target=element.get("targetRef", ""),
                    label=element.get("name", ""),
                )
            )
        elif tag.endswith(_NODE_ENDINGS):
            node_id = element.get("id", "")
            graph.nodes[node_id] = Node(
                id=node_id, tag=tag, label=element.get("name", ""), attached_to=element.get("attachedToRef")
            )
    for node in graph.nodes.values():
        if node.attached_to:
            graph.nodes[node.attached_to].events += 1
    return graph
