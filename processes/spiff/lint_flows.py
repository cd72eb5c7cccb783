"""Rules for flows: where they lead, what they need, and circles that never wait."""

from __future__ import annotations

from processes.spiff.fixes import default_flow, remove
from processes.spiff.model import GATEWAYS, Node, Scope
from processes.spiff.report import Report


def lint_flows(scope: Scope, report: Report) -> None:
    """Check the flows of one scope."""
    if not _lint_ends(scope, report):
        return
    for node in scope.nodes.values():
        _lint_node(scope, node, report)
    _lint_starts(scope, report)
    _lint_circles(scope, report)


def _lint_ends(scope: Scope, report: Report) -> bool:
    fine = True
    for flow in scope.flows.values():
        missing = [end for end in (flow.source, flow.target) if end not in scope.nodes]
        if missing:
            report.add("bad-flow", flow.id, flow.name, f"{flow.id} ({missing[0] or '?'})")
            fine = False
    return fine


def _lint_node(scope: Scope, node: Node, report: Report) -> None:
    leaving, entering = scope.leaving(node.id), scope.entering(node.id)
    if node.default is not None and node.default not in {flow.id for flow in leaving}:
        report.add("dangling-reference", node.id, node.name, node.default)
    if node.type == "startEvent" and entering:
        report.add("bad-start", node.id, node.name)
    if node.instantiate and (entering or scope.owner is not None):
        report.add("instantiate", node.id, node.name)
    if node.start_quantity > 1 and not entering:
        report.add("quantity", node.id, node.name, f"startQuantity={node.start_quantity}")
    if node.type == "endEvent" and leaving:
        report.add("bad-end", node.id, node.name)
    if node.type in GATEWAYS:
        if not leaving:
            report.add("gateway-without-flow", node.id, node.name)
        _lint_conditions(scope, node, report)


def _lint_conditions(scope: Scope, node: Node, report: Report) -> None:
    leaving = scope.leaving(node.id)
    if node.type in ("parallelGateway", "eventBasedGateway"):
        if any(flow.condition is not None for flow in leaving) or node.default is not None:
            report.add("ignored-condition", node.id, node.name)
        return
    free = [flow for flow in leaving if flow.condition is None and flow.id != node.default]
    if node.type == "exclusiveGateway" and len(leaving) > 1:
        if len(free) > 1 or (free and node.default is not None):
            report.add("ambiguous-default", node.id, node.name)
        elif free:
            fixes = [default_flow(node.id, free[0].id, free[0].name)]
            report.add("implicit-default", node.id, node.name, fixes=fixes)
    always = any(flow.condition in ("True", "true") for flow in leaving)
    if len(leaving) > 1 and not free and not always and node.default not in {flow.id for flow in leaving}:
        fixes = [default_flow(node.id, leaving[-1].id, leaving[-1].name)]
        report.add("no-default", node.id, node.name, fixes=fixes)


def _lint_starts(scope: Scope, report: Report) -> None:
    if scope.owner is not None and scope.owner.ad_hoc is not None:
        for node in scope.nodes.values():
            if node.type in ("startEvent", "endEvent"):
                report.add("ad-hoc", node.id, node.name)
    nodes = [node for node in scope.nodes.values() if not node.by_event and not node.for_compensation]
    starts = [node for node in nodes if node.type == "startEvent"]
    plain = [node for node in starts if node.event.kind == "none"]
    if scope.owner is None and len(plain) > 1:
        report.add("several-starts", plain[1].id, plain[1].name)
    entered = {flow.target for flow in scope.flows.values()}
    first = starts or [node for node in nodes if node.id not in entered and not node.attached_to]
    first = [*first, *[node for node in nodes if node.instantiate and node.id not in entered and node not in first]]
    if nodes and not first:
        report.add("no-start", nodes[0].id, nodes[0].name)
        return
    if not nodes and scope.owner is not None:
        report.add("no-start", scope.owner.id, scope.owner.name)
        return
    reached = reachable(scope, [node.id for node in first])
    for node in nodes:
        if node.id not in reached:
            report.add("unreachable", node.id, node.name, fixes=[remove(node.id)])


def reachable(scope: Scope, start: list[str]) -> set[str]:
    """What tokens that begin at ``start`` can come to, over flows, boundary events and links."""
    links: dict[str, list[str]] = {}
    for node in scope.nodes.values():
        if node.type == "intermediateCatchEvent" and node.event.kind == "link":
            links.setdefault(node.event.name, []).append(node.id)
    following: dict[str, list[str]] = {node_id: [] for node_id in scope.nodes}
    for flow in scope.flows.values():
        following[flow.source].append(flow.target)
    for node in scope.nodes.values():
        if node.attached_to in following:
            following[node.attached_to].append(node.id)
        if node.type == "intermediateThrowEvent" and node.event.kind == "link":
            following[node.id].extend(links.get(node.event.name, ()))
    reached, todo = set(), list(start)
    while todo:
        node_id = todo.pop()
        if node_id not in reached:
            reached.add(node_id)
            todo.extend(following.get(node_id, ()))
    return reached


def _lint_circles(scope: Scope, report: Report) -> None:
    """Every circle needs a node where a token waits; a circle without one would run for ever."""
    busy = {node.id for node in scope.nodes.values() if not node.is_wait}
    following = {node_id: [target for target in _next(scope, node_id) if target in busy] for node_id in busy}
    for circle in circles(following):
        names = " > ".join(circle[:6])
        node = scope.nodes[circle[0]]
        report.add("endless-loop", node.id, node.name, names)


def _next(scope: Scope, node_id: str) -> list[str]:
    node = scope.nodes[node_id]
    found = [flow.target for flow in scope.leaving(node_id)]
    found += [boundary.id for boundary in scope.boundaries(node_id)]
    if node.event.kind == "link" and node.type == "intermediateThrowEvent":
        catches = [n for n in scope.nodes.values() if n.type == "intermediateCatchEvent" and n.event.kind == "link"]
        found += [catch.id for catch in catches if catch.event.name == node.event.name]
    return found


def circles(following: dict[str, list[str]]) -> list[list[str]]:
    """The strongly connected parts of a graph with a circle in them (Kosaraju, without recursion)."""
    order: list[str] = []
    seen: set[str] = set()
    for root in following:
        stack = [(root, iter(following[root]))] if root not in seen else []
        seen.add(root)
        while stack:
            node, rest = stack[-1]
            child = next(rest, None)
            if child is None:
                order.append(node)
                stack.pop()
            elif child not in seen:
                seen.add(child)
                stack.append((child, iter(following[child])))
    before: dict[str, list[str]] = {node: [] for node in following}
    for node, targets in following.items():
        for target in targets:
            before[target].append(node)
    found, placed = [], set()
    for root in reversed(order):
        part, todo = [], [root]
        while todo:
            node = todo.pop()
            if node not in placed:
                placed.add(node)
                part.append(node)
                todo.extend(before[node])
        if len(part) > 1 or (part and root in following[root]):
            found.append(sorted(part))
    return found
