"""Rules for compensation: what makes good what, and who can ask for it."""

from __future__ import annotations

from dataclasses import replace

from processes.spiff.model import ACTIVITIES, Node, Scope
from processes.spiff.report import Report

THROWERS = ("intermediateThrowEvent", "endEvent")


def lint_compensation(scope: Scope, report: Report) -> None:
    """Check the handlers, the throwing events and the compensation event sub-processes of one scope."""
    tied: dict[str, int] = {}
    for node in scope.nodes.values():
        if node.type == "boundaryEvent" and node.event.kind == "compensation":
            _lint_boundary(scope, node, report)
            for handler in node.tied:
                tied[handler] = tied.get(handler, 0) + 1
        elif node.type in THROWERS:
            for event in node.events:
                if event.kind == "compensation":
                    _lint_throw(scope, replace(node, event=event), report)
    for node in scope.nodes.values():
        joined = scope.leaving(node.id) or scope.entering(node.id)
        if node.for_compensation and (tied.get(node.id) != 1 or joined or node.by_event):
            report.add("compensation-handler", node.id, node.name)
        if node.type in ACTIVITIES and len(handlers_of(scope, node)) > 1:
            report.add("compensation-twice", node.id, node.name)
    owner = scope.owner
    for node in own_handlers(scope):
        if owner is None or owner.by_event or owner.for_compensation:
            report.add("compensation-nowhere", node.id, node.name)


def handlers_of(scope: Scope, node: Node) -> list[Node]:
    """The boundary events and event sub-processes that compensate an activity."""
    boundaries = [item for item in scope.boundaries(node.id) if item.event.kind == "compensation"]
    return [*boundaries, *(own_handlers(node.inner) if node.inner is not None else [])]


def own_handlers(scope: Scope) -> list[Node]:
    """The event sub-processes that compensate the sub-process they are in."""
    return [node for node in scope.nodes.values() if node.by_event and begins_with_compensation(node)]


def begins_with_compensation(node: Node) -> bool:
    """Whether an event sub-process is there to compensate."""
    inner = node.inner.nodes.values() if node.inner is not None else ()
    return any(item.type == "startEvent" and item.event.kind == "compensation" for item in inner)


def _lint_boundary(scope: Scope, node: Node, report: Report) -> None:
    handlers = [scope.nodes[item] for item in node.tied if scope.nodes[item].for_compensation]
    if len(handlers) != 1 or len(node.tied) != 1 or scope.leaving(node.id):
        report.add("compensation-handler", node.id, node.name)


def _lint_throw(scope: Scope, node: Node, report: Report) -> None:
    """What is named has to be an activity of the scope, or of the one whose events are handled here."""
    if not node.event.ref:
        return
    found = scope.nodes.get(node.event.ref)
    if found is None and scope.around is not None and scope.owner is not None and scope.owner.by_event:
        found = scope.around.nodes.get(node.event.ref)
    if found is None or found.type not in ACTIVITIES or found.for_compensation or found.by_event:
        report.add("compensation-ref", node.id, node.name, node.event.ref)
