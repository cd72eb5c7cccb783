"""The data of one token, looked at and corrected before it tries again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from processes.errors import StaleTask
from processes.spiff.bridge import Execution
from processes.spiff.library import Task
from processes.spiff.tokens import clean, write


def values(execution: Execution, task_id: str, names: Iterable[str]) -> dict[str, Any]:
    """What the token knows under these names; one it does not know is left out."""
    task = find(execution, task_id)
    return {name: task.data[name] for name in names if name in task.data}


def correct(execution: Execution, task_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Write names of the process at a waiting token; returns what its inputs are now.

    :raises StaleTask: the token is not there any more.
    :raises ExpressionError: the inputs cannot be computed from that.
    """
    task = find(execution, task_id)
    for name, value in data.items():
        write(task, name, value)
    inputs: dict[str, Any] = clean(task.task_spec.map_inputs(task))
    return inputs


def find(execution: Execution, task_id: str) -> Task:
    """The token of that id. :raises StaleTask: it is not there any more."""
    task = execution._top.find(task_id)
    if task is None:
        raise StaleTask(f"no task {task_id} is open")
    return task
