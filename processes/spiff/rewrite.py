"""Make a model runnable: what BPMN allows to be left out is put in. Every original id is kept.

Helper nodes have ids no BPMN file can contain, because of the ``~``.
"""

from __future__ import annotations

from processes.spiff.messages import Report
from processes.spiff.model import GATEWAYS, Event, Flow, Node, ProcessModel, Scope


def rewrite(process: ProcessModel, report: Report) -> None:
    """Connect links, and give conditions at tasks and events a gateway of their own."""
    for scope in [process.root, *[node.inner for _, node in process.root.walk() if node.inner is not None]]:
        _connect_links(scope, report)
        _split_conditions(scope)


def _connect_links(scope: Scope, report: Report) -> None:
    links = [node for node in scope.nodes.values() if node.event.kind == "link"]
    catches: dict[str, list[Node]] = {}
    for node in links:
        if node.type == "intermediateCatchEvent":
            catches.setdefault(node.event.name, []).append(node)
    thrown: set[str] = set()
    for node in links:
        if node.type != "intermediateThrowEvent":
            continue
        targets = catches.get(node.event.name, [])
        thrown.add(node.event.name)
        if len(targets) != 1 or not node.event.name:
            report.add("link", node.id, node.name, node.event.name)
        else:
            flow = Flow(f"{node.id}~link", node.id, targets[0].id)
            scope.flows[flow.id] = flow
        node.event = Event()
    for name, targets in catches.items():
        for node in targets:
            if name not in thrown or not name:
                report.add("link", node.id, node.name, name)
            node.type, node.event = "intermediateThrowEvent", Event()


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
