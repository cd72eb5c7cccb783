"""Rules for points of no return: what cannot be undone lies behind one, and a soft one before a hard one."""

from __future__ import annotations

from processes.spiff.fixes import set_attribute
from processes.spiff.lint_operations import Known
from processes.spiff.model import Node, ProcessModel, Scope
from processes.spiff.reach import Reach
from processes.spiff.report import Report


def lint_returns(model: ProcessModel, known: Known, reach: Reach, report: Report) -> None:
    """Check one process. What it is called by is not seen; a drawing without such points is a part of a plan that may
    have passed its own."""
    hard = {node.id for _, node in model.root.walk() if node.attributes.get("pointOfNoReturn") == "hard"}
    for scope, node in model.root.walk():
        if node.attributes.get("pointOfNoReturn") == "soft":
            before = sorted(_before(scope, node, reach) & hard)
            if before:
                off = set_attribute(node.id, "yizhan:pointOfNoReturn", "", "去掉", "Take it out")
                place = "yizhan:pointOfNoReturn"
                report.add("return-order", node.id, node.name, before[0], place=place, fixes=[off])
        operation = known(node.attributes.get("operation", ""))
        if operation is None or not operation.irreversible or (not hard and _is_part(model)):
            continue
        if node.id not in hard and not _before(scope, node, reach) & hard:
            zh, en = "设为硬不可撤点", "Make it the hard point of no return"
            mend = set_attribute(node.id, "yizhan:pointOfNoReturn", "hard", zh, en)
            place = "yizhan:pointOfNoReturn"
            report.add("irreversible-early", node.id, node.name, operation.code, place=place, fixes=[mend])


def _before(scope: Scope | None, node: Node, reach: Reach) -> set[str]:
    """What is passed before a step, in its own scope and those around it; a sub-process that is passed counts with
    what is in it."""
    found: set[str] = set()
    at = node
    while scope is not None:
        passed = reach.ways(scope).behind([at.id]) - {at.id}
        found |= passed
        inner = [scope.nodes[one].inner for one in passed]
        found |= {one.id for part in inner if part is not None for _, one in part.walk()}
        owner = scope.owner
        scope = scope.around
        if owner is None:
            break
        found.add(owner.id)
        at = owner
    return found


def _is_part(model: ProcessModel) -> bool:
    """Whether the process is a piece that others call: one work order, with steps of one kind."""
    return not any(node.attributes.get("workOrder") for _, node in model.root.walk())
