"""What all elements have in common. Everything particular to one element is in its ``extensions``."""

from __future__ import annotations

from typing import Any

from processes.spiff.expressions import evaluate
from processes.spiff.library import BpmnSpecMixin, Task, TaskState
from processes.spiff.tokens import write


class Node(BpmnSpecMixin):
    """An element tokens pass through.

    Keys of ``extensions``: ``el`` id in the diagram (absent for inserted helpers), ``type`` BPMN local name,
    ``flows`` outgoing ``[flow id, target, condition]``, ``incoming`` ids of incoming flows, ``inputs``, ``outputs``.
    """

    is_activity = False

    @property
    def bpmn_type(self) -> str:
        """BPMN local name, ``boundaryEvent`` for instance."""
        return str(self.extensions.get("type", ""))

    def arrive(self, task: Task) -> bool:
        """A token has come; True if it can be run at once."""
        return True

    def perform(self, task: Task) -> bool | None:
        """Do what the element is for; True: go on, None: wait for the outside or for others."""
        return True

    def outgoing(self, task: Task) -> list[list[Any]]:
        """The flows the token leaves by."""
        flows: list[list[Any]] = self.extensions["flows"]
        return flows

    def completed_detail(self, task: Task) -> dict[str, Any]:
        """What the log says of the completion."""
        return {}

    def leave(self, task: Task) -> None:
        """Send tokens on and forget this one."""
        top, flows = task.workflow.top_workflow, self.outgoing(task)
        if "started" in task.internal_data:
            self.wait_for_others(task)
        if not task.internal_data.pop("said", False):
            top.log("completed", task, self.completed_detail(task))
        top.retire(task)
        for _ in range(self.extensions.get("copies", 1)):
            for flow_id, target, *_ in flows:
                top.spawn(task.workflow, target, task, flow=flow_id)
        if not flows:
            task.workflow.check_end()

    def wait_for_others(self, task: Task) -> None:
        """This event has begun the instance: wait for those that have to happen together with it."""
        for name in self.extensions.get("together", ()):
            task.workflow.top_workflow.spawn(task.workflow, name, task, key=task.internal_data.get("key"))

    def dropped(self, task: Task) -> None:
        """The token was taken away."""

    def map_inputs(self, task: Task) -> dict[str, Any]:
        """The declared inputs, computed over the token's data."""
        names = task.workflow.top_workflow.names(task)
        return {name: evaluate(text, names) for name, text in self.extensions.get("inputs", ())}

    def apply_outputs(self, task: Task, result: Any) -> None:
        """Compute the declared outputs over the data and ``result``, then write them all; or none if one fails."""
        names = task.workflow.top_workflow.names(task, result=result)
        written = {
            name: result if text is None else evaluate(text, names) for name, text in self.extensions.get("outputs", ())
        }
        for name, value in written.items():
            write(task, name, value)
        if written:
            task.internal_data["out"] = sorted(written)


def guarded(task: Task, phase: str, error: Exception) -> None:
    """Turn a refused computation into a failure of the token."""
    task.workflow.top_workflow.fail(task, getattr(error, "code", "process-error"), str(error), phase)


def waiting(task: Task) -> bool:
    """Whether the token waits for something from outside."""
    return bool(task.has_state(TaskState.STARTED))
