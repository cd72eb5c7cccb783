"""Rules for steps that call an operation: they hand over what it takes, and read what it answers."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Collection

from adapters.operations import Operation
from processes.spiff.expressions import ExpressionError, parse
from processes.spiff.fixes import Fix, add_input, remove_input, rename_input
from processes.spiff.model import Node, ProcessModel
from processes.spiff.reach import Reach
from processes.spiff.report import Report

Known = Callable[[str], Operation | None]


def lint_operations(model: ProcessModel, known: Known, reach: Reach, report: Report) -> None:
    """Check every step that names a registered operation."""
    usual = _usual_values(model)
    for _, node in model.root.walk():
        operation = known(node.attributes.get("operation", ""))
        if operation is not None:
            _lint_inputs(node, operation, usual, reach, report)
            _lint_outputs(node, operation, report)
            if operation.idempotency == "neither" and not _has_way_out(model, node):
                report.add("unsafe-repeat", node.id, node.name, operation.code, place="yizhan:operation")


def _lint_inputs(node: Node, operation: Operation, usual: dict[str, str], reach: Reach, report: Report) -> None:
    given = {name for name, _ in node.inputs}
    missing = [name for name in operation.inputs if name not in given]
    extra = sorted(given - {*operation.inputs, *operation.optional_inputs})
    for name in missing:
        fixes: list[Fix] = [rename_input(node.id, other, name) for other in close(name, extra)]
        value = usual.get(name) or (name if reach.name_at(node.id, name) else "")
        fixes.append(add_input(node.id, name, value))
        report.add("operation-input", node.id, node.name, name, place=f"input:{name}", fixes=fixes)
    for name in extra if operation.inputs or operation.optional_inputs else ():
        free = [one for one in (*operation.inputs, *operation.optional_inputs) if one not in given]
        fixes = [rename_input(node.id, name, other) for other in close(name, free)]
        fixes.append(remove_input(node.id, name))
        report.add("operation-extra", node.id, node.name, name, place=f"input:{name}", fixes=fixes)


def _lint_outputs(node: Node, operation: Operation, report: Report) -> None:
    """More may come than is registered; only what looks like a slip of the pen is pointed out."""
    for name, value in node.outputs:
        for part in _parts_of_result(value or ""):
            meant = close(part, operation.outputs)
            if part not in operation.outputs and meant:
                report.add(
                    "operation-output",
                    node.id,
                    node.name,
                    f"{part} ({', '.join(meant)}?)",
                    place=f"output:{name}",
                )


def _parts_of_result(text: str) -> list[str]:
    try:
        tree = parse(text)
    except ExpressionError:
        return []
    parts = [one for one in ast.walk(tree) if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)]
    return [one.attr for one in parts if isinstance(one.value, ast.Name) and one.value.id == "result"]


def _usual_values(model: ProcessModel) -> dict[str, str]:
    """How other steps of the drawing fill in an input of that name; the first one counts."""
    found: dict[str, str] = {}
    for _, node in model.root.walk():
        for name, value in node.inputs if "operation" in node.attributes else ():
            found.setdefault(name, value)
    return found


def _has_way_out(model: ProcessModel, node: Node) -> bool:
    """Whether a failure of this step is caught, at the step or around it."""
    for scope, one in model.root.walk():
        if one.id == node.id:
            at = [boundary for boundary in scope.boundaries(node.id) if boundary.event.kind == "error"]
            around = scope.around.boundaries(scope.owner.id) if scope.around is not None and scope.owner else []
            return bool(at) or any(boundary.event.kind == "error" for boundary in around)
    return False


def close(word: str, words: Collection[str]) -> list[str]:
    """What may have been meant by a word."""
    return difflib.get_close_matches(word[:100], list(words), n=1, cutoff=0.75)
