"""From the model to SpiffWorkflow's specifications. The model has been checked; nothing here can fail on input."""

from __future__ import annotations

from typing import Any

from processes.spiff.build_events import (
    event_facts,
    make_parts,
    make_triggers,
    several_of,
    spec_name,
    starts_of,
    together_with,
)
from processes.spiff.library import BpmnProcessSpec
from processes.spiff.model import ACTIVITIES, Flow, Node, ProcessModel, Scope
from processes.spiff.pins import pin_of
from processes.spiff.registry import dump_spec
from processes.spiff.remembering import format_of, remembered, throws_compensation, undo_name
from processes.spiff.specs.activities import Activity, Decision, SubProcess, Waiting
from processes.spiff.specs.adhoc import AdHoc
from processes.spiff.specs.complex_gateway import Complex
from processes.spiff.specs.events import Begin, Boundary, Catch, CycleCatch, End, Throw
from processes.spiff.specs.gateways import Collector, EventBased, Exclusive, Inclusive, Parallel
from processes.spiff.specs.loops import Loop
from processes.spiff.specs.node import Node as NodeSpec
from processes.spiff.specs.sending import Send
from processes.spiff.specs.undoing import CancelEnd, Undo

CLASSES: dict[str, type[NodeSpec]] = {
    "task": Activity,
    "manualTask": Activity,
    "userTask": Waiting,
    "serviceTask": Waiting,
    "sendTask": Waiting,
    "receiveTask": Waiting,
    "callActivity": Waiting,
    "businessRuleTask": Decision,
    "subProcess": SubProcess,
    "transaction": SubProcess,
    "adHocSubProcess": AdHoc,
    "exclusiveGateway": Exclusive,
    "inclusiveGateway": Inclusive,
    "parallelGateway": Parallel,
    "complexGateway": Complex,
    "collector": Collector,
    "eventBasedGateway": EventBased,
    "startEvent": NodeSpec,
    "intermediateThrowEvent": Throw,
    "intermediateCatchEvent": Catch,
    "boundaryEvent": Boundary,
    "endEvent": End,
}
WAITS = {
    "userTask": "user",
    "serviceTask": "job",
    "sendTask": "job",
    "receiveTask": "message",
    "callActivity": "call",
}
#: What the frame around a repeated activity has of its own.
FRAME = ("el", "type", "flows", "incoming", "boundary", "copies")


def build(process: ProcessModel) -> bytes:
    """The JSON of what is run."""
    subs: dict[str, BpmnProcessSpec] = {}
    main = _scope(process.key, process.root, subs)
    return dump_spec(process.key, main, subs, form=format_of(process))


def _scope(
    name: str, scope: Scope, subs: dict[str, BpmnProcessSpec], kept: bool = False, undoing: bool = False
) -> BpmnProcessSpec:
    """One scope. ``kept``: what is completed in it is remembered; ``undoing``: it is a compensation handler itself."""
    spec = BpmnProcessSpec(name)
    specs: dict[str, NodeSpec] = {}
    kept = not undoing and (kept or throws_compensation(scope))
    for node in scope.nodes.values():
        specs[node.id] = _element(spec, scope, node, kept)
        if node.inner is not None:
            subs[node.id] = _scope(node.id, node.inner, subs, kept)
        if kept and node.handler is not None:
            _handler(node, node.handler, subs)
    for flow in scope.flows.values():
        specs[flow.source].connect(specs[flow.target])
    first = _first(scope)
    for node in first:
        spec.start.connect(specs[node.id])
    triggers = []
    for node in scope.nodes.values():
        if node.by_event:
            triggers += make_triggers(spec, node)
    spec.start.extensions = {
        "first": [spec_name(node.id) for node in first],
        "triggers": triggers,
        "sealed": bool(scope.owner is not None and scope.owner.outputs),
        **starts_of(scope),
    }
    conditional = [node for _, node in scope.walk() if any(event.kind == "conditional" for event in node.events)]
    if scope.owner is None and conditional:
        spec.start.extensions["watches"] = True
    return spec


def _handler(node: Node, handler: Node, subs: dict[str, BpmnProcessSpec]) -> None:
    """What makes good for an activity gets a scope of its own, which whoever compensates can open."""
    name, own = undo_name(node), handler.inner if handler.by_event else None
    subs[name] = _scope(name, own or Scope({handler.id: handler}), subs, undoing=True)


def _first(scope: Scope) -> list[Node]:
    """Where a scope begins: its plain start events, its only start event, or whatever nothing leads to."""
    if scope.owner is not None and scope.owner.by_event:
        return [node for node in scope.nodes.values() if node.type == "startEvent"]
    starts = [node for node in scope.nodes.values() if node.type == "startEvent"]
    plain = [node for node in starts if node.event.kind == "none"]
    if starts:
        return plain or starts[:1]
    entered = {flow.target for flow in scope.flows.values()}
    return [
        node for node in scope.nodes.values() if node.id not in entered and not node.attached_to and not node.by_event
    ]


def _element(spec: BpmnProcessSpec, scope: Scope, node: Node, kept: bool) -> NodeSpec:
    facts = _facts(scope, node)
    if kept and node.by_event:
        facts["by_event"] = True
    elif kept and remembered(node):
        own = node.handler is not None and node.handler.by_event
        facts["keep"] = {"handler": undo_name(node) if node.handler is not None else None, "own": own}
    name, cls = spec_name(node.id), CLASSES[node.type]
    several = several_of(node)
    if several is not None:
        cls = several
        facts |= make_parts(spec, node, name)
    elif cls is Catch and node.event.kind == "timer" and node.event.timer == "cycle":
        cls = CycleCatch
    elif node.type == "startEvent" and node.event.kind != "none" and scope.owner is None:
        cls = Begin
    elif node.event.kind == "compensation" and node.type != "startEvent":
        cls = Undo
    elif node.event.kind == "cancel" and node.type == "endEvent":
        cls = CancelEnd
    elif node.type == "sendTask" and node.message:
        cls = Send
    if node.loop is None:
        return _make(cls, spec, name, node, facts)
    instance = f"{name}~instance"
    inner = {key: value for key, value in facts.items() if key not in ("boundary", "copies")}
    _make(cls, spec, instance, node, {**inner, "flows": [], "incoming": []})
    frame = {key: value for key, value in facts.items() if key in FRAME}
    frame["loop"] = {
        "mode": node.loop.mode,
        "instance": instance,
        "items": node.loop.items,
        "cardinality": node.loop.cardinality,
        "item": node.loop.item,
        "collect": node.loop.collect,
        "output": node.loop.output,
        "until": node.loop.until,
        "while": node.loop.condition,
        "test_before": node.loop.test_before,
        "max": node.loop.maximum,
    }
    if node.loop.raises:
        frame["loop"]["raises"] = [
            {"when": row.when, "condition": row.condition, "event": event_facts(row.event, None)}
            for row in node.loop.raises
        ]
    return _make(Loop, spec, name, node, frame)


def _make(cls: type[NodeSpec], spec: BpmnProcessSpec, name: str, node: Node, facts: dict[str, Any]) -> NodeSpec:
    made = cls(spec, name, bpmn_name=node.name, extensions=facts)
    made.extensions = facts
    return made


def _facts(scope: Scope, node: Node) -> dict[str, Any]:
    leaving = scope.leaving(node.twin_of or node.id)
    facts: dict[str, Any] = {
        "type": node.type,
        "flows": [[flow.id, spec_name(flow.target), _condition(node, flow, leaving)] for flow in leaving],
        "incoming": [flow.id for flow in scope.entering(node.id)],
        "inputs": [list(row) for row in node.inputs],
        "outputs": [list(row) for row in node.outputs],
    }
    # The trigger of an event sub-process stands for its start event; the inner one is only where tokens begin.
    triggered = node.type == "startEvent" and scope.owner is not None and scope.owner.by_event
    facts["near" if node.helper or triggered else "el"] = node.id.split("~")[0] if node.helper else node.id
    if node.twin_of:
        facts["el"] = node.twin_of
    if node.enters_at:
        facts["enters_at"] = node.enters_at
    together = together_with(scope, node)
    if together:
        facts["together"] = together
    if node.may_drop:
        facts["may_drop"] = True
    if node.completion_quantity > 1:
        facts["copies"] = node.completion_quantity
    if node.type == "collector":
        facts["collect"] = node.start_quantity
    elif node.activation:
        facts["activation"] = node.activation
    if node.type in ACTIVITIES:
        facts["boundary"] = [spec_name(boundary.id) for boundary in scope.boundaries(node.id)]
        _activity(node, facts)
    elif node.type == "eventBasedGateway" and node.gathers:
        facts["all"] = True
    elif node.type == "startEvent":
        if node.event.kind == "none" or scope.owner is not None:
            facts["outputs"] = []
    elif node.type.endswith("Event"):
        facts["event"] = event_facts(node.event, node.attributes.get("messageKey"))
        facts["interrupting"] = node.interrupting
        if node.others and node.type in ("intermediateThrowEvent", "endEvent"):
            facts["also"] = [event_facts(event, node.attributes.get("messageKey")) for event in node.others]
        if node.event.kind == "none" and node.type != "endEvent":
            del facts["event"]
    return facts


def _activity(node: Node, facts: dict[str, Any]) -> None:
    if node.type == "sendTask" and node.message:
        facts["send"] = {"name": node.message, "key": node.attributes.get("messageKey")}
    elif node.type in WAITS:
        facts["wait"] = WAITS[node.type]
    if node.type == "receiveTask":
        facts["message"], facts["message_key"] = node.message, node.attributes.get("messageKey")
    elif node.type == "callActivity":
        expression = node.attributes.get("calledExpression")
        facts["called"], facts["called_expression"] = "" if expression else node.called, expression
        facts["business_key"] = node.attributes.get("businessKey")
    elif node.type == "businessRuleTask":
        facts["decision"] = node.attributes.get("decision", "")
        if (version := pin_of(node.attributes)) is not None:
            facts["decision_version"] = version
    elif node.inner is not None:
        facts["scope"] = node.id
        if node.ad_hoc is not None:
            facts["adhoc"] = {
                "order": [[inner.id, spec_name(inner.id)] for inner in _first(node.inner)],
                "sequential": node.ad_hoc.sequential,
                "until": node.ad_hoc.until,
                "cancel": node.ad_hoc.cancel,
                "chosen": node.ad_hoc.chosen,
            }
            if node.ad_hoc.by_hand:
                facts["wait"] = "user"


def _condition(node: Node, flow: Flow, leaving: list[Flow]) -> str | None:
    """The condition of a flow; None: the default, or always."""
    if flow.id == node.default:
        return None
    if node.type in ("inclusiveGateway", "complexGateway") and flow.condition is None and len(leaving) > 1:
        return "True"
    return flow.condition
