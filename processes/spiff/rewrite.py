"""Make a model runnable: what BPMN allows to be left out is put in. Every original id is kept.

Helper nodes have ids no BPMN file can contain, because of the ``~``.
"""

from __future__ import annotations

from dataclasses import replace

from processes.spiff.lint_compensation import begins_with_compensation
from processes.spiff.lint_several import ENDINGS
from processes.spiff.model import GATEWAYS, Event, Flow, Node, ProcessModel, Scope

#: The order in which one event throws what it throws: the later ones may take it away.
THROWN: tuple[str, ...] = ("message", "signal", "escalation", *sorted(ENDINGS))


def rewrite(process: ProcessModel) -> None:
    """Connect links, give what gathers or chooses a gateway of its own, set compensation handlers apart."""
    for scope in [process.root, *[node.inner for _, node in process.root.walk() if node.inner is not None]]:
        _connect_links(scope)
        _order_throws(scope)
        _split_conditions(scope)
        _take_handlers(scope)
        _collect_tokens(scope)
        _make_twins(scope)


def _connect_links(scope: Scope) -> None:
    links = [node for node in scope.nodes.values() if node.event.kind == "link"]
    targets = {node.event.name: node for node in links if node.type == "intermediateCatchEvent"}
    for node in links:
        if node.type == "intermediateThrowEvent":
            flow = Flow(f"{node.id}~link", node.id, targets[node.event.name].id)
            scope.flows[flow.id] = flow
    for node in links:
        node.type, node.event = "intermediateThrowEvent", Event()


def _order_throws(scope: Scope) -> None:
    """Of an event that throws several things, what ends something comes last, and what is undone is a step before."""
    for node in list(scope.nodes.values()):
        if not node.others or node.type not in ("intermediateThrowEvent", "endEvent"):
            continue
        steps = [[event] for event in node.events if event.kind == "compensation"]
        rest = sorted((event for event in node.events if event.kind in THROWN), key=lambda one: THROWN.index(one.kind))
        if rest and rest[-1].kind == "cancel":  # whatever a transaction throws comes before it is undone
            steps += [rest[:-1], rest[-1:]]
        elif rest:
            steps.append(rest)
        *before, last = steps
        node.event, node.others = last[-1], last[:-1]
        for number, events in enumerate(reversed(before), start=1):
            _throw_before(scope, node, events, number)


def _throw_before(scope: Scope, node: Node, events: list[Event], number: int) -> None:
    """Put a helper that throws some of it before an event and what is before that already."""
    first = node.enters_at or node.id
    helper = Node(f"{node.id}~before-{number}", "intermediateThrowEvent", node.name, node.name_en, helper=True)
    helper.event, helper.others, helper.inputs = events[-1], events[:-1], list(node.inputs)
    helper.attributes = dict(node.attributes)
    for flow in scope.entering(first):
        flow.target = helper.id
    scope.nodes[helper.id] = helper
    scope.flows[f"{helper.id}-then"] = Flow(f"{helper.id}-then", helper.id, first)
    node.enters_at = helper.id


def _make_twins(scope: Scope) -> None:
    """At the edge of an activity each definition of an event waits, and happens, for itself."""
    for node in list(scope.nodes.values()):
        if node.type == "boundaryEvent" and node.others and not node.gathers:
            for number, event in enumerate(node.others, start=2):
                twin = replace(node, id=f"{node.id}~{number}", event=event, others=[], twin_of=node.id)
                scope.nodes[twin.id] = twin
            node.others = []


def _collect_tokens(scope: Scope) -> None:
    """An activity that takes several tokens to begin has a gateway before it that gathers them."""
    for node in list(scope.nodes.values()):
        if node.start_quantity > 1:
            helper = Node(f"{node.id}~collect", "collector", node.name, node.name_en, helper=True)
            helper.start_quantity = node.start_quantity
            for flow in scope.entering(node.id):
                flow.target = helper.id
            scope.nodes[helper.id] = helper
            scope.flows[f"{node.id}~collected"] = Flow(f"{node.id}~collected", helper.id, node.id)


def _take_handlers(scope: Scope) -> None:
    """Compensation handlers leave the flow and belong to what they make good for."""
    for node in list(scope.nodes.values()):
        if node.by_event and scope.owner is not None and begins_with_compensation(node):
            scope.owner.handler = scope.nodes.pop(node.id)
        elif node.type == "boundaryEvent" and node.event.kind == "compensation":
            scope.nodes[node.attached_to].handler = scope.nodes.pop(node.tied[0])
            del scope.nodes[node.id]
        elif node.type == "intermediateThrowEvent" and node.event.kind == "compensation" and not node.event.wait:
            # Whoever throws goes on at once; somebody else waits for the handlers, and keeps the scope alive.
            helper = Node(f"{node.id}~undo", node.type, node.name, node.name_en, event=node.event, helper=True)
            scope.nodes[helper.id] = helper
            scope.flows[f"{node.id}~to-undo"] = Flow(f"{node.id}~to-undo", node.id, helper.id)
            node.event = Event()


def _split_conditions(scope: Scope) -> None:
    """Unconditional flows are always taken; the default only if no condition holds."""
    for node in list(scope.nodes.values()):
        flows = scope.leaving(node.id)
        conditional = [flow for flow in flows if flow.condition is not None and flow.id != node.default]
        default = next((flow for flow in flows if flow.id == node.default), None)
        if node.type in GATEWAYS or (not conditional and default is None):
            continue
        if default is not None:
            default.condition = None
        if not conditional:
            continue
        helper = Node(f"{node.id}~split", "inclusiveGateway", node.name, node.name_en, helper=True)
        helper.default = default.id if default is not None else None
        helper.may_drop = len(flows) > len(conditional) and default is None
        for flow in [*conditional, *([default] if default is not None else [])]:
            flow.source = helper.id
        node.default = None
        scope.nodes[helper.id] = helper
        scope.flows[f"{node.id}~to-split"] = Flow(f"{node.id}~to-split", node.id, helper.id)
