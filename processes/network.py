"""What a drawing says of the order of its work: which steps follow which, and how long timers between them wait.

Read from the drawing alone, without running it. With the data a process starts with, branches whose conditions can be
told from it are decided; of the others all are kept, as steps that may be left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from processes.spiff.expressions import ExpressionError, evaluate
from processes.spiff.model import Flow, Node, Scope
from processes.spiff.parsing import parse_file
from processes.spiff.report import Report
from processes.spiff.timers import TimerError, is_literal, parse_duration
from processes.spiff.xmlsource import read

#: Stands for the beginning, where no step comes before.
BEGINNING: Final = ""
#: The attribute that makes a node a step of the plan.
STEP: Final = "workOrder"


@dataclass(frozen=True)
class PlannedStep:
    """A step of the plan. ``after``: what has to be done before, with the time that has to pass in between; only the
    nearest ones. ``certain``: it is done in every case."""

    element_id: str
    after: Mapping[str, timedelta]
    certain: bool = True


@dataclass
class Drawing:
    """The nodes of a process, those of embedded sub-processes too, and how they follow each other."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    starts: list[str] = field(default_factory=list)


def drawing_of(xml: bytes, key: str) -> Drawing:
    """Read the process of that key."""
    for model in parse_file(read(xml), Report(f"{key}.bpmn")):
        if model.key == key:
            drawing = Drawing()
            drawing.starts = _add(drawing, model.root)
            return drawing
    return Drawing()


def _add(drawing: Drawing, scope: Scope) -> list[str]:
    """Add a scope; returns where it begins. What happens at an edge or by an event of its own is left out."""
    drawing.nodes.update(scope.nodes)
    drawing.flows += scope.flows.values()
    for node in scope.nodes.values():
        if node.inner is None or node.by_event:
            continue
        for start in _add(drawing, node.inner):
            drawing.flows.append(Flow(f"{node.id}>{start}", node.id, start))
        ends = [inner.id for inner in node.inner.nodes.values() if not node.inner.leaving(inner.id)]
        # Whoever leaves the sub-process has been through it.
        for flow in scope.leaving(node.id):
            drawing.flows.remove(flow)
            drawing.flows += [Flow(f"{end}>{flow.target}", end, flow.target) for end in ends]
    entered = {flow.target for flow in scope.flows.values()}
    return [node.id for node in scope.nodes.values() if node.id not in entered and _begins(node)]


def _begins(node: Node) -> bool:
    return node.type != "boundaryEvent" and not node.by_event and not node.for_compensation


def steps_of(drawing: Drawing, data: Mapping[str, Any] | None = None) -> list[PlannedStep]:
    """The steps of a plan in the order of the drawing.

    :param data: what the process starts with; without it no branch is decided.
    """
    leaving = _leaving(drawing, data)
    last: dict[str, dict[str, timedelta]] = {}
    for node_id in leaving:
        sources = [source for source, flows in leaving.items() if source in last and _leads_to(flows, node_id)]
        before: dict[str, timedelta] = {} if sources else {BEGINNING: timedelta()}
        for source in sources:
            for step, delay in _behind(drawing.nodes[source], last[source], data).items():
                before[step] = max(delay, before.get(step, timedelta()))
        last[node_id] = before
    return [
        PlannedStep(node_id, last[node_id], not _is_avoidable(node_id, drawing.starts, leaving))
        for node_id, node in drawing.nodes.items()
        if STEP in node.attributes and node_id in last
    ]


def without(steps: Collection[PlannedStep], left_out: Collection[str]) -> list[PlannedStep]:
    """The steps that remain when some are not done: what came after those comes after what was before them."""
    by_id = {step.element_id: step for step in steps}

    def before(element_id: str, seen: frozenset[str]) -> dict[str, timedelta]:
        found: dict[str, timedelta] = {}
        for other, delay in by_id[element_id].after.items():
            if other not in left_out or other in seen:
                found[other] = max(delay, found.get(other, timedelta()))
                continue
            for nearer, more in before(other, seen | {other}).items():
                found[nearer] = max(delay + more, found.get(nearer, timedelta()))
        return found

    return [
        PlannedStep(step.element_id, before(step.element_id, frozenset()), step.certain)
        for step in steps
        if step.element_id not in left_out
    ]


def _behind(node: Node, before: Mapping[str, timedelta], data: Mapping[str, Any] | None) -> Mapping[str, timedelta]:
    """What comes before whatever follows a node."""
    if STEP in node.attributes:
        return {node.id: timedelta()}
    if node.type == "intermediateCatchEvent" and node.event.kind == "timer" and node.event.timer == "duration":
        waits = _waits(node.event.value, data or {})
        return {step: delay + waits for step, delay in before.items()}
    return before


def _waits(text: str, data: Mapping[str, Any]) -> timedelta:
    """How long a timer waits; nothing where it can only be told while the process runs."""
    since = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        return parse_duration(text if is_literal(text) else str(evaluate(text, data))).after(since) - since
    except (TimerError, ExpressionError):
        return timedelta()


def _leaving(drawing: Drawing, data: Mapping[str, Any] | None) -> dict[str, list[tuple[str, bool]]]:
    """Every node that may be reached, each after those before it, with where its flows lead and whether they are taken
    in every case. Flows that go back are left out."""
    found: dict[str, list[tuple[str, bool]]] = {}
    finished: list[str] = []

    def visit(node_id: str) -> None:
        found[node_id] = []
        for flow, sure in _taken(drawing, drawing.nodes[node_id], data):
            if flow.target in drawing.nodes and (flow.target not in found or flow.target in finished):
                found[node_id].append((flow.target, sure))
                if flow.target not in found:
                    visit(flow.target)
        finished.append(node_id)

    for start in drawing.starts:
        if start not in found:
            visit(start)
    return {node_id: found[node_id] for node_id in reversed(finished)}


def _leads_to(flows: Collection[tuple[str, bool]], node_id: str) -> bool:
    return any(target == node_id for target, _ in flows)


def _is_avoidable(node_id: str, starts: Collection[str], leaving: Mapping[str, list[tuple[str, bool]]]) -> bool:
    """Whether the process may come to its end without this node: every branch that is taken in any case passes it by,
    and of a choice at least one way."""
    known: dict[str, bool] = {node_id: False}
    for at, flows in reversed(list(leaving.items())):
        if at in known:
            continue
        sure = [known[target] for target, is_sure in flows if is_sure]
        perhaps = [known[target] for target, is_sure in flows if not is_sure]
        known[at] = all(sure) and (bool(sure) or not perhaps or any(perhaps))
    return all(known[start] for start in starts if start in known)


def _taken(drawing: Drawing, node: Node, data: Mapping[str, Any] | None) -> Iterator[tuple[Flow, bool]]:
    flows = [flow for flow in drawing.flows if flow.source == node.id]
    if node.type not in ("exclusiveGateway", "inclusiveGateway"):
        yield from ((flow, flow.condition is None) for flow in flows)
        return
    alone, open_before, any_true = node.type == "exclusiveGateway", False, False
    for flow in flows:
        if flow.id == node.default:
            continue
        verdict = _verdict(flow, data)
        if verdict is False:
            continue
        yield flow, verdict is True and not (alone and open_before)
        any_true = any_true or verdict is True
        open_before = open_before or verdict is None
        if alone and verdict is True:
            return
    if not any_true:
        yield from ((flow, not open_before) for flow in flows if flow.id == node.default)


def _verdict(flow: Flow, data: Mapping[str, Any] | None) -> bool | None:
    """Whether the condition of a flow holds; None where nobody can tell yet."""
    if flow.condition is None:
        return True
    if data is None:
        return None
    try:
        return bool(evaluate(flow.condition, data))
    except ExpressionError:
        return None
