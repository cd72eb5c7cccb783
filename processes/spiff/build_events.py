"""Specifications of events: what they wait for or throw, the triggers of event sub-processes, several definitions."""

from __future__ import annotations

from typing import Any

from processes.spiff.library import BpmnProcessSpec
from processes.spiff.model import Event, Node, Scope
from processes.spiff.specs.events import Catch, Trigger
from processes.spiff.specs.node import Node as NodeSpec
from processes.spiff.specs.several import Part, Several, SeveralAtEdge, SeveralAtStart, SeveralTrigger

# Names the library takes for itself in every scope.
RESERVED = frozenset({"Start", "End", "Root"})
WHOLES: dict[str, type[Several]] = {
    "intermediateCatchEvent": Several,
    "boundaryEvent": SeveralAtEdge,
    "startEvent": SeveralAtStart,
}


def spec_name(node_id: str) -> str:
    """The name of an element inside the specification."""
    return f"{node_id}~" if node_id in RESERVED or node_id.endswith(".EndJoin") else node_id


def event_facts(event: Event, key: str | None) -> dict[str, Any]:
    """What a specification knows of one definition; ``key`` is the correlation key as drawn."""
    facts: dict[str, Any] = {"kind": event.kind}
    if event.kind == "timer":
        facts |= {"timer": event.timer, "value": event.value}
    elif event.kind in ("message", "signal"):
        facts |= {"name": event.name, "key": key}
    elif event.kind in ("error", "escalation", "cancel"):
        facts["code"] = event.code
    elif event.kind == "conditional":
        facts["condition"] = event.value
    elif event.kind == "compensation":
        facts["ref"] = event.ref or None
    return facts


def several_of(node: Node) -> type[Several] | None:
    """The class that holds the token of an event whose definitions have tokens of their own; none: there are none."""
    alone = node.gathers or node.type == "intermediateCatchEvent"
    return WHOLES.get(node.type) if node.others and alone else None


def make_parts(spec: BpmnProcessSpec, node: Node, whole: str) -> dict[str, Any]:
    """Make the parts of the event named ``whole``; returns what it has to know of them."""
    names = [f"{whole}~part-{number}" for number, _ in enumerate(node.events, start=1)]
    for name, event in zip(names, node.events, strict=True):
        facts = {
            "type": node.type,
            "near": node.id,
            "flows": [],
            "incoming": [],
            "event": event_facts(event, node.attributes.get("messageKey")),
        }
        made = Part(spec, name, bpmn_name=node.name, extensions=facts)
        made.extensions = facts
    return {"parts": names, "all": node.gathers, "event": {"kind": "several"}}


def make_triggers(spec: BpmnProcessSpec, node: Node) -> list[str]:
    """The start event of an event sub-process becomes a trigger of the scope around it, or one for each definition."""
    start = next(inner for inner in node.inner.nodes.values() if inner.type == "startEvent") if node.inner else node
    name = f"{node.id}~trigger"
    facts = {
        "type": "startEvent",
        "near": start.id,
        "el": start.id,
        "flows": [[f"{node.id}~go", spec_name(node.id), None]],
        "incoming": [],
        "interrupting": start.interrupting,
        "outputs": [list(row) for row in start.outputs],
    }
    if start.gathers:
        return [_trigger(SeveralTrigger, spec, name, start, {**facts, **make_parts(spec, start, name)})]
    key = start.attributes.get("messageKey")
    made = []
    for number, event in enumerate(start.events, start=1):
        own = name if number == 1 else f"{name}-{number}"
        made.append(_trigger(Trigger, spec, own, start, {**facts, "event": event_facts(event, key)}))
    return made


def _trigger(cls: type[Catch], spec: BpmnProcessSpec, name: str, start: Node, facts: dict[str, Any]) -> str:
    made: NodeSpec = cls(spec, name, bpmn_name=start.name, extensions=facts)
    made.extensions = facts
    return name


def starts_of(scope: Scope) -> dict[str, Any]:
    """Where a scope can begin, by element; by element and message (``e~paid``) where several have to come together."""
    starts = {node.id: [spec_name(node.id)] for node in scope.nodes.values() if node.type == "startEvent"}
    facts: dict[str, Any] = {"starts": starts}
    if scope.owner is not None:
        return facts
    for node in scope.starting():
        starts[node.id] = [spec_name(node.id)]
        for event in node.events if node.gathers else ():
            starts[f"{node.id}~{event.name}"] = [spec_name(node.id)]
    gateways = [node for node in scope.nodes.values() if node.instantiate]
    if any(node.gathers for node in [*scope.starting(), *gateways]):
        facts["gathers"] = True
    return facts


def together_with(scope: Scope, node: Node) -> list[str]:
    """The events that have to happen together with this one before a process has begun."""
    found = []
    for flow in scope.entering(node.id):
        gateway = scope.nodes[flow.source]
        if gateway.type == "eventBasedGateway" and gateway.gathers:
            found += [spec_name(other.target) for other in scope.leaving(gateway.id) if other.target != node.id]
    return found
