"""Rules for events."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from processes.spiff.expressions import ExpressionError, names_in
from processes.spiff.lint_several import lint_gateway, lint_several
from processes.spiff.model import ACTIVITIES, Node, Scope
from processes.spiff.report import Report
from processes.spiff.timers import TimerError, TimerKind, check_literal, is_literal

ALLOWED: Final = {
    "startEvent": {"none", "message", "timer", "signal", "conditional"},
    "endEvent": {"none", "terminate", "error", "escalation", "signal", "message", "cancel", "compensation"},
    "intermediateThrowEvent": {"none", "escalation", "signal", "message", "link", "compensation"},
    "intermediateCatchEvent": {"message", "timer", "signal", "conditional", "link"},
    "boundaryEvent": {"message", "timer", "signal", "conditional", "error", "escalation", "cancel", "compensation"},
}
TRIGGERS: Final = {"message", "timer", "signal", "conditional", "error", "escalation", "compensation"}


def lint_event(scope: Scope, node: Node, report: Report) -> None:
    """Check one event, or an event sub-process, or an event-based gateway."""
    if node.by_event:
        _lint_event_subprocess(scope, node, report)
    if node.type == "eventBasedGateway":
        _lint_race(scope, node, report)
        lint_gateway(scope, node, report)
    if not node.type.endswith("Event"):
        return
    for event in node.events:
        _lint_definition(scope, replace(node, event=event, others=[]), report)
    lint_several(scope, node, report)
    if node.type == "boundaryEvent":
        _lint_boundary(scope, node, report)
    if node.outputs and node.type == "startEvent" and node.event.kind == "none":
        report.add("misplaced-attribute", node.id, node.name, "output")


def _lint_definition(scope: Scope, node: Node, report: Report) -> None:
    kind = node.event.kind
    in_handler = scope.owner is not None and scope.owner.by_event
    allowed = ALLOWED[node.type]
    if node.type == "startEvent":
        allowed = TRIGGERS if in_handler else (allowed if scope.owner is None else {"none"})
    if kind not in allowed:
        needs_one = kind == "none" and node.type in ("intermediateCatchEvent", "boundaryEvent")
        report.add("missing-event" if needs_one else "unsupported-event", node.id, node.name, kind)
    if kind == "timer":
        _lint_timer(node, report)
        if node.type == "startEvent" and scope.owner is None:
            _lint_first_timer(node, report)
    if kind == "conditional":
        _lint_condition(node, report)
    if kind == "error" and node.type in ("boundaryEvent", "startEvent") and not node.interrupting:
        report.add("error-interrupts", node.id, node.name)
    if kind == "cancel":
        _lint_cancel(scope, node, report)


def lint_links(scope: Scope, report: Report) -> None:
    """Every link thrown has exactly one catching end of the same name on the same level, and the other way round."""
    links = [node for node in scope.nodes.values() if node.event.kind == "link"]
    caught = [node.event.name for node in links if node.type == "intermediateCatchEvent"]
    thrown = {node.event.name for node in links if node.type == "intermediateThrowEvent"}
    for node in links:
        name = node.event.name
        if not name or caught.count(name) != 1 or name not in thrown:
            report.add("link", node.id, node.name, name)


def _lint_timer(node: Node, report: Report) -> None:
    event = node.event
    kinds: dict[str, TimerKind] = {"duration": "duration", "date": "date", "cycle": "cycle"}
    if event.timer in kinds and is_literal(event.value):
        try:
            check_literal(kinds[event.timer], event.value)
        except TimerError as problem:
            zh = f"{event.value[:100]} 不是这种时间的写法"
            report.add("timer", node.id, node.name, str(problem), zh, place="timer")


def _lint_condition(node: Node, report: Report) -> None:
    """A condition is looked at when data has changed; time that passes changes nothing."""
    if not node.event.value:
        report.add("missing-event", node.id, node.name)
        return
    try:
        names = names_in(node.event.value)
    except ExpressionError:
        return  # said already
    if "now" in names or not names:
        report.add("condition-never-changes", node.id, node.name, node.event.value)


def _lint_first_timer(node: Node, report: Report) -> None:
    """Before there is an instance there is no data a timer could be computed from."""
    try:
        names = set() if is_literal(node.event.value) else names_in(node.event.value) - {"now"}
    except ExpressionError:
        return  # said already
    if names:
        report.add("timer", node.id, node.name, f"{', '.join(sorted(names))}: no data yet")


def _lint_boundary(scope: Scope, node: Node, report: Report) -> None:
    host = scope.nodes.get(node.attached_to)
    if host is None:
        report.add("dangling-reference", node.id, node.name, node.attached_to or "attachedToRef")
    elif host.type not in ACTIVITIES or host.by_event or scope.entering(node.id):
        report.add("bad-boundary", node.id, node.name)


def _lint_cancel(scope: Scope, node: Node, report: Report) -> None:
    if node.type == "boundaryEvent":
        host = scope.nodes.get(node.attached_to)
        if host is not None and host.type != "transaction":
            report.add("cancel", node.id, node.name)
        return
    owner = scope.owner
    if owner is None or owner.type != "transaction" or not owner.cancel_caught:
        report.add("cancel", node.id, node.name)


def _lint_event_subprocess(scope: Scope, node: Node, report: Report) -> None:
    inner = node.inner
    starts = [item for item in inner.nodes.values() if item.type == "startEvent"] if inner is not None else []
    if len(starts) != 1 or starts[0].event.kind == "none" or scope.entering(node.id) or scope.leaving(node.id):
        report.add("bad-event-subprocess", node.id, node.name)


def _lint_race(scope: Scope, node: Node, report: Report) -> None:
    for flow in scope.leaving(node.id):
        target = scope.nodes.get(flow.target)
        fits = target is not None and target.type in ("intermediateCatchEvent", "receiveTask")
        if (
            target is None
            or not fits
            or any(event.kind == "link" for event in target.events)
            or target.loop
            or len(scope.entering(target.id)) > 1
        ):
            report.add("bad-event-gateway", node.id, node.name)
            return
