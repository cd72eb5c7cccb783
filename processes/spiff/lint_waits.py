"""Rules for waiting: every wait has a limit, and people are told what they are asked and until when."""

from __future__ import annotations

from processes.spiff.fixes import set_attribute, time_limit
from processes.spiff.model import Node, ProcessModel, Scope
from processes.spiff.report import Report

ENDLESS = ("message", "signal", "conditional")


def lint_waits(model: ProcessModel, report: Report) -> None:
    """Check what waits for others, and what people do."""
    for scope, node in model.root.walk():
        if node.for_compensation:
            continue
        if node.type == "userTask":
            _lint_task(scope, node, report)
        elif _waits_for_others(node) and not _is_limited(scope, node):
            fixes = [time_limit(node.id, "P3D", "3 天", "3 days")] if node.type == "receiveTask" else []
            report.add("no-time-limit", node.id, node.name, fixes=fixes)


def _lint_task(scope: Scope, node: Node, report: Report) -> None:
    given = node.attributes
    if not given.get("form"):
        report.add("no-form", node.id, node.name, place="yizhan:form")
    if not any(given.get(name) for name in ("sla", "duration", "workOrder")) and not _is_limited(scope, node):
        mend = set_attribute(node.id, "yizhan:duration", "PT8H", "设 8 小时", "Set 8 hours")
        report.add("no-target-time", node.id, node.name, place="yizhan:sla", fixes=[mend])


def _waits_for_others(node: Node) -> bool:
    if node.type == "receiveTask":
        return not node.instantiate
    return node.type == "intermediateCatchEvent" and all(event.kind in ENDLESS for event in node.events)


def _is_limited(scope: Scope, node: Node) -> bool:
    """A timer stands on its edge or on that of a sub-process around it, races it, or begins beside it."""
    for flow in scope.entering(node.id):
        gateway = scope.nodes.get(flow.source)
        if gateway is not None and gateway.type == "eventBasedGateway":
            if gateway.instantiate:
                return True
            rivals = [scope.nodes[other.target] for other in scope.leaving(gateway.id) if other.target in scope.nodes]
            if any(_has_timer(rival) for rival in rivals):
                return True
    around: Scope | None = scope
    at = node
    while around is not None:
        if any(_has_timer(boundary) for boundary in around.boundaries(at.id)):
            return True
        beside = [one.inner for one in around.nodes.values() if one.by_event and one.inner is not None]
        if any(_has_timer(one) for inner in beside for one in inner.nodes.values() if one.type == "startEvent"):
            return True
        if around.owner is None:
            return False
        at, around = around.owner, around.around
    return False


def _has_timer(node: Node) -> bool:
    return any(event.kind == "timer" for event in node.events)
