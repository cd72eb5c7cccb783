"""Rules for events with several definitions, and for what has to happen together before a process begins."""

from __future__ import annotations

from typing import Final

from processes.spiff.model import Event, Node, Scope
from processes.spiff.report import Report

#: What can be waited for until the others have happened, too; the rest is answered the moment it happens.
PATIENT: Final = frozenset({"message", "timer", "signal", "conditional"})
#: An end can end in one of these ways only.
ENDINGS: Final = frozenset({"error", "terminate", "cancel"})
#: These mean a place in the drawing, not something that happens.
PLACES: Final = frozenset({"link", "none"})
#: It happens once, so a timer in it cannot come again and again.
ONCE: Final = "intermediateCatchEvent"


def lint_several(scope: Scope, node: Node, report: Report) -> None:
    """Check the definitions of one event against each other."""
    if scope.owner is None and node.type == "startEvent" and node.gathers:
        _lint_together(node, node.events, report)
    if not node.others:
        return
    kinds = [event.kind for event in node.events]
    if PLACES & set(kinds):
        report.add("several-events", node.id, node.name, ", ".join(kinds))
    elif node.type in ("endEvent", "intermediateThrowEvent"):
        if sum(kind in ENDINGS for kind in kinds) > 1:
            report.add("several-events", node.id, node.name, ", ".join(kinds))
    elif "compensation" in kinds or (node.gathers and not PATIENT.issuperset(kinds)):
        report.add("several-events", node.id, node.name, ", ".join(kinds))
    elif any(event.timer == "cycle" for event in node.events) and (node.gathers or node.type == ONCE):
        report.add("several-events", node.id, node.name, "timeCycle")


def lint_gateway(scope: Scope, node: Node, report: Report) -> None:
    """What has to come together behind a gateway that begins a process has to be messages."""
    for flow in scope.leaving(node.id) if node.instantiate else ():
        target = scope.nodes.get(flow.target)
        if target is not None and (node.gathers or target.gathers):
            _lint_together(target, target.events, report)


def _lint_together(node: Node, events: list[Event], report: Report) -> None:
    others = sorted({event.kind for event in events} - {"message"})
    if others:
        report.add("gathering-start", node.id, node.name, ", ".join(others))
