"""Messages thrown: handed to the caller, who brings them to whoever waits, in this instance or another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processes.spiff.library import Task
from processes.spiff.specs.activities import Activity, text_of
from processes.spiff.tokens import clean
from processes.spiff.waits import Thrown


def throw_message(task: Task, event: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
    """Throw the message of ``event``: its ``name``, and its correlation key computed over the token's data."""
    top = task.workflow.top_workflow
    key = text_of(event.get("key"), top.names(task)) or ""
    element = task.task_spec.extensions.get("el", "")
    top.changes.thrown.append(Thrown("message", event["name"], "", element, clean(dict(payload)), key))


class Send(Activity):
    """A send task with a message and no operation: throws the message and goes on."""

    def perform(self, task: Task) -> bool | None:
        """Throw; the inputs are the payload."""
        self.begin(task)
        inputs = clean(self.map_inputs(task))
        task.workflow.top_workflow.log("entered", task, inputs)
        throw_message(task, self.extensions["send"], inputs)
        self.apply_outputs(task, None)
        return True
