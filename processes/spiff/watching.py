"""Conditional events: looked at after every step that may have changed something, they fire when they become true.

They see the data as it is in their scope by now. What cannot be computed, because a name is not there yet, is not true.
"""

from __future__ import annotations

from processes.spiff.expressions import ExpressionError, evaluate
from processes.spiff.library import Task
from processes.spiff.router import waiting_in
from processes.spiff.workflow import Process


def watch(top: Process) -> None:
    """Fire every armed conditional event whose condition has become true, one after the other."""
    while top.looked_at != top.number and not top.completed:
        top.looked_at = top.number
        for task in _armed(top):
            was = task.internal_data.get("was", False)
            task.internal_data["was"] = holds(task)
            if task.internal_data["was"] and not was:
                task.task_spec.fire(task, {})
                break


def _armed(top: Process) -> list[Task]:
    found = [task for scope in top.scopes() for task in waiting_in(scope)]
    return [task for task in found if task.task_spec.extensions["event"]["kind"] == "conditional"]


def holds(task: Task) -> bool:
    """Whether the condition of an armed event is true."""
    scope = task.workflow
    names = {**task.data, **scope.latest, "now": scope.top_workflow.context.now.isoformat()}
    try:
        return bool(evaluate(task.task_spec.extensions["event"]["condition"], names))
    except ExpressionError:
        return False
