"""What the compiler has to know of a model: what is remembered for compensation, and which programs can run it."""

from __future__ import annotations

from typing import Final

from processes.spiff.model import Node, ProcessModel, Scope

#: Elements whose effects the ledger may hold.
FAR_SIDES: Final = ("serviceTask", "sendTask", "callActivity")


def throws_compensation(scope: Scope) -> bool:
    """Whether something in this scope, or in an event sub-process of it, asks for what was completed to be undone."""
    for node in scope.nodes.values():
        kinds = {event.kind for event in node.events}
        if "compensation" in kinds and node.type in ("intermediateThrowEvent", "endEvent"):
            return True
        if "cancel" in kinds and node.type == "endEvent":
            return True
        if node.by_event and node.inner is not None and throws_compensation(node.inner):
            return True
    return False


def remembered(node: Node) -> bool:
    """Whether the completion of an activity matters to compensation: a handler, effects, or such things inside."""
    if node.by_event or (node.type == "sendTask" and node.message):
        return False
    if node.handler is not None or node.type in FAR_SIDES or node.attributes.get("undoneBy"):
        return True
    return node.inner is not None and any(remembered(inner) for _, inner in node.inner.walk())


def undo_name(node: Node) -> str:
    """The name of the scope that makes good for an activity."""
    return f"{node.id}~undo"


def format_of(process: ProcessModel) -> int:
    """The format of the specification: 2 if programs that know only the first would not run it as drawn."""
    return 2 if any(_is_newer(scope, node) for scope, node in process.root.walk()) else 1


def _is_newer(scope: Scope, node: Node) -> bool:
    if (
        node.others
        or node.twin_of
        or node.ad_hoc is not None
        or node.type in ("complexGateway", "collector")
        or node.completion_quantity > 1
    ):
        return True
    if node.loop is not None and node.loop.raises:
        return True
    throws = node.type in ("intermediateThrowEvent", "endEvent")
    if node.event.kind in ("compensation", "conditional") or (throws and node.event.kind == "message"):
        return True
    if node.instantiate or (node.type == "startEvent" and node.event.kind != "none" and scope.owner is None):
        return True
    return (node.type == "sendTask" and bool(node.message)) or (node.type == "endEvent" and node.event.kind == "cancel")
