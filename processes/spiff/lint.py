"""What is refused at deployment because it would be ignored, break, or hang at run time."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field

from processes.spiff.fixes import add_input, replace_with, set_attribute
from processes.spiff.lint_changes import change_of, lint_changes
from processes.spiff.lint_compensation import lint_compensation
from processes.spiff.lint_events import lint_event, lint_links
from processes.spiff.lint_flows import lint_flows
from processes.spiff.lint_names import lint_names
from processes.spiff.lint_targets import lint_target
from processes.spiff.lint_values import asked, close_to, lint_values
from processes.spiff.model import Node, ProcessModel, Scope
from processes.spiff.pins import lint_pin
from processes.spiff.report import Report


@dataclass(frozen=True)
class Surroundings:
    """What there is besides the process: operations (None: not checked), other processes, decisions.

    ``decision_versions``: those that can be taken, by key, the one in force last (None: nobody counts them).
    ``values``: what an attribute may say, by its name, for those that are checked.
    """

    operations: Container[str] | None
    is_process: Callable[[str], bool]
    is_decision: Callable[[str], bool]
    decision_inputs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    decision_versions: Mapping[str, Sequence[int]] | None = None
    values: Mapping[str, Container[str]] = field(default_factory=dict)


def lint(model: ProcessModel, around: Surroundings, report: Report) -> None:
    """Check one process."""
    if not model.root.nodes:
        report.add("no-start", model.key, model.name)
        return
    for scope, node in model.root.walk():
        cancelled = node.type == "boundaryEvent" and any(event.kind == "cancel" for event in node.events)
        if cancelled and node.attached_to in scope.nodes:
            scope.nodes[node.attached_to].cancel_caught = True
    for scope, node in model.root.walk():
        _lint_activity(node, around, report)
        lint_event(scope, node, report)
        _lint_loop(node, report)
    for scope in _scopes(model.root):
        lint_links(scope, report)
        lint_flows(scope, report)
        lint_compensation(scope, report)
    promised = model.attributes.get("promiseEndsWith")
    if promised and promised not in {node.id for _, node in model.root.walk()}:
        report.add("dangling-reference", model.key, model.name, promised)
    lint_values(model, around.values, report)
    lint_names(model, report)


def _scopes(scope: Scope) -> list[Scope]:
    return [scope, *[node.inner for _, node in scope.walk() if node.inner is not None]]


def _lint_activity(node: Node, around: Surroundings, report: Report) -> None:
    if node.type == "serviceTask" or (node.type == "sendTask" and not node.message):
        _lint_operation(node.attributes.get("operation", ""), node, around, report, "operation")
    if node.attributes.get("undo") and around.operations is not None:
        _lint_operation(node.attributes["undo"], node, around, report, "undo")
    if node.attributes.get("undoneBy") and not around.is_process(node.attributes["undoneBy"]):
        report.add("unknown-process", node.id, node.name, node.attributes["undoneBy"], place="yizhan:undoneBy")
    if node.attributes.get("change") and around.operations is not None:
        _lint_operation(change_of(node.attributes["change"])[0], node, around, report, "change")
    lint_changes(node, report)
    if node.type == "businessRuleTask":
        _lint_decision(node, around, report)
    if node.type == "callActivity" and not node.attributes.get("calledExpression"):
        if not node.called:
            report.add("missing-call-target", node.id, node.name, place="calledElement")
        elif not around.is_process(node.called):
            report.add("unknown-process", node.id, node.name, node.called, place="calledElement")
    if node.type in ("task", "manualTask") and not node.outputs:
        by_hand = replace_with(node.id, "bpmn:UserTask", "改为人工任务", "Make it a task of people")
        call = replace_with(node.id, "bpmn:ServiceTask", "改为服务任务", "Make it a service task")
        report.add("does-nothing", node.id, node.name, fixes=[by_hand, call])
    if node.ad_hoc is not None and not node.ad_hoc.by_hand:
        for name in sorted({"team", "skill", "form"} & node.attributes.keys()):
            report.add("misplaced-attribute", node.id, node.name, f'{name} (yizhan:byHand="true")')
    lint_target(node, report)


def _lint_decision(node: Node, around: Surroundings, report: Report) -> None:
    decision = node.attributes.get("decision", "")
    if not decision:
        report.add("missing-decision", node.id, node.name, place="yizhan:decision")
    elif not around.is_decision(decision):
        report.add("unknown-decision", node.id, node.name, decision, place="yizhan:decision")
    if not lint_pin(node, around.decision_versions, report):
        return  # an older version may need other inputs
    for name in sorted(around.decision_inputs.get(decision, frozenset()) - {name for name, _ in node.inputs}):
        fixes = [add_input(node.id, name, "")]
        report.add("decision-input", node.id, node.name, name, place=f"input:{name}", fixes=fixes)


def _lint_operation(operation: str, node: Node, around: Surroundings, report: Report, attribute: str) -> None:
    place = f"yizhan:{attribute}"
    if not operation:
        report.add("missing-operation", node.id, node.name, place=place)
    elif around.operations is not None and operation not in around.operations:
        found = close_to(operation, around.operations, report)
        fixes = [set_attribute(node.id, place, other) for other in found if attribute != "change"]
        report.add("unknown-operation", node.id, node.name, operation + asked(found), place=place, fixes=fixes)


def _lint_loop(node: Node, report: Report) -> None:
    loop = node.loop
    if loop is None:
        return
    if node.by_event:
        report.add("loop", node.id, node.name, "event sub-process")
    if loop.mode == "while":
        if not loop.condition and loop.maximum is None:
            report.add("loop", node.id, node.name, "loopCondition | loopMaximum")
        return
    if any(found.rule == "foreign-expression" and found.element_id == node.id for found in report.findings):
        return  # what it repeats over is said there, and could not be taken over
    if bool(loop.items) == bool(loop.cardinality):
        report.add("loop", node.id, node.name, "loopDataInputRef | loopCardinality")
    if bool(loop.collect) != bool(loop.output):
        report.add("loop", node.id, node.name, "loopDataOutputRef + outputDataItem")
    if loop.item and not loop.items:
        report.add("loop", node.id, node.name, "inputDataItem + loopDataInputRef")
    if node.outputs and not loop.collect:
        report.add("loop-overwrites", node.id, node.name)
