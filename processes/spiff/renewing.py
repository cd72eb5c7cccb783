"""What a renewal does to tokens: calls again with other data, lets steps be over that were done before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from processes.errors import StaleTask
from processes.spiff.bridge import Execution, Wait
from processes.spiff.expressions import ExpressionError
from processes.spiff.mending import find
from processes.spiff.specs.activities import Activity, Waiting, end_race, text_of
from processes.spiff.specs.events import Boundary, Catch
from processes.spiff.tokens import clean, write, write_local


def call_again(execution: Execution, task_id: str, data: Mapping[str, Any]) -> tuple[str, str | None, dict[str, Any]]:
    """Write names at a waiting call; returns the process it would call now, the business key and the inputs.

    :raises StaleTask: the call does not wait any more.
    :raises ExpressionError: that cannot be computed from the data.
    """
    task = find(execution, task_id)
    if not isinstance(task.task_spec, Waiting) or task.internal_data.get("wait", {}).get("kind") != "call":
        raise StaleTask(f"task {task_id} is no call that waits")
    own = task.internal_data.get("local", ())
    for name, value in data.items():
        (write_local if name in own else write)(task, name, value)
    facts, names = task.task_spec.extensions, task.workflow.top_workflow.names(task)
    called = facts.get("called") or text_of(facts.get("called_expression"), names)
    if not called:
        raise ExpressionError(f"{facts.get('called_expression')}: no process is named to be called")
    inputs: dict[str, Any] = clean(task.task_spec.map_inputs(task))
    return called, text_of(facts.get("business_key"), names), inputs


def answer(execution: Execution, wait: Wait, result: Mapping[str, Any] | None, names: Mapping[str, Any]) -> None:
    """Let a wait be over with the whole answer, or, where that is not known, with what the step wrote before.

    :raises StaleTask: nobody waits for that any more.
    """
    task = find(execution, wait.task_id)
    if isinstance(task.task_spec, Boundary) or (result is not None and isinstance(task.task_spec, Catch)):
        task.task_spec.fire(task, dict(result or {}))
    elif result is not None and isinstance(task.task_spec, Activity):
        execution.complete(wait.task_id, result)
    elif isinstance(task.task_spec, Activity | Catch):
        task.workflow.top_workflow.close(task, "completed")
        for name, value in names.items():
            write(task, name, value)
        task.internal_data["out"] = sorted(names)
        end_race(task)
        task.complete()
    else:
        raise StaleTask(f"task {wait.task_id} cannot be taken over")


def set_due(execution: Execution, task_id: str, due_at: datetime) -> None:
    """Let a running timer be due at another instant."""
    task = find(execution, task_id)
    task.internal_data["timer"]["due_at"] = due_at.isoformat()
    task.internal_data["wait"]["due_at"] = due_at.isoformat()
