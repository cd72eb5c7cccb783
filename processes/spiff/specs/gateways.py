"""Gateways, and where tokens wait for each other.

Joins look only at the tokens that wait at the same gateway of the same scope, never at what has been done before.
"""

from __future__ import annotations

from typing import Any

from processes.errors import ProcessError
from processes.spiff.expressions import evaluate
from processes.spiff.library import Task, TaskState
from processes.spiff.specs.node import Node
from processes.spiff.tokens import merge, stamps


class NoFlowTaken(ProcessError):
    """No condition holds at a gateway, and it has no default flow."""

    code = "no-flow-taken"


class Exclusive(Node):
    """One flow: the first whose condition holds, else the default."""

    def perform(self, task: Task) -> bool | None:
        """Choose the flow."""
        names = task.workflow.top_workflow.names(task)
        default = None
        for index, (_, _, condition) in enumerate(self.extensions["flows"]):
            if condition is None:
                default = index if default is None else default
            elif evaluate(condition, names):
                task.internal_data["take"] = [index]
                return True
        if default is None and self.extensions["flows"]:
            raise NoFlowTaken("no condition holds and there is no default flow")
        task.internal_data["take"] = [] if default is None else [default]
        return True

    def outgoing(self, task: Task) -> list[list[Any]]:
        """The flows chosen."""
        return [self.extensions["flows"][index] for index in task.internal_data.get("take", ())]

    def completed_detail(self, task: Task) -> dict[str, Any]:
        """The ids of the flows taken."""
        return {"flows": [flow[0] for flow in self.outgoing(task)]}


class Join(Node):
    """Where tokens wait for each other; one token goes on for all that are taken."""

    def arrive(self, task: Task) -> bool:
        """Wait here, and see whether that makes the set complete."""
        task._set_state(TaskState.WAITING)
        self.try_to_fire(task.workflow)
        return False

    def try_to_fire(self, scope: Any) -> bool:
        """Merge one complete set of waiting tokens into one that goes on; the surplus stays."""
        here = [task for task in scope.tokens() if task.task_spec is self and task.has_state(TaskState.WAITING)]
        here.sort(key=lambda task: int(task.internal_data["n"]))
        chosen = self.select(scope, here)
        if not chosen:
            return False
        first, *others = chosen
        for other in others:
            merge(first, other.data, stamps(other))
            scope.top_workflow.retire(other)
        first._ready()
        return True

    def select(self, scope: Any, here: list[Task]) -> list[Task]:
        """The tokens to take, one for each flow that has to bring one; empty: keep waiting."""
        raise NotImplementedError

    def one_per_flow(self, here: list[Task]) -> dict[str, Task]:
        """The oldest token of each incoming flow."""
        found: dict[str, Task] = {}
        for task in here:
            found.setdefault(task.internal_data.get("flow", ""), task)
        return found


class Parallel(Join):
    """Waits for one token from every incoming flow; sends one out on every outgoing flow."""

    def select(self, scope: Any, here: list[Task]) -> list[Task]:
        """All flows, or nothing."""
        found = self.one_per_flow(here)
        return list(found.values()) if len(found) >= len(self.extensions["incoming"]) else []

    def completed_detail(self, task: Task) -> dict[str, Any]:
        """The ids of the flows taken."""
        return {"flows": [flow[0] for flow in self.outgoing(task)]}


class Inclusive(Join, Exclusive):
    """Waits for every token that can still come; sends one out on every flow whose condition holds."""

    def arrive(self, task: Task) -> bool:
        """With one way in there is nobody to wait for."""
        if len(self.extensions["incoming"]) < 2:
            return True
        task._set_state(TaskState.WAITING)
        return False

    def select(self, scope: Any, here: list[Task]) -> list[Task]:
        """One token per flow that has one, once no other token can still reach a flow that has none.

        A token that can also reach a flow which has one already does not count: this is the standard's rule.
        """
        found = self.one_per_flow(here)
        empty = [flow for flow in self.extensions["incoming"] if flow not in found]
        if not found or not empty:
            return list(found.values())
        to_empty, to_full = self.behind(empty), self.behind(list(found))
        for task in scope.tokens():
            if task.task_spec is self or "trigger" in task.internal_data or "host" in task.internal_data:
                continue
            name = task.internal_data.get("race_at", task.task_spec.name)
            if name in to_empty and name not in to_full:
                return []
        return list(found.values())

    def behind(self, flows: list[str]) -> set[str]:
        """The elements from which one of these flows can be reached without passing this gateway."""
        specs, wanted = self._wf_spec.task_specs, set(flows)
        reached: set[str] = set()
        sources: dict[str, list[str]] = {}
        todo: list[str] = []
        for name, spec in specs.items():
            facts = getattr(spec, "extensions", {})
            for flow_id, target, *_ in facts.get("flows", ()):
                sources.setdefault(target, []).append(name)
                if flow_id in wanted and target == self.name:
                    todo.append(name)
            for boundary in facts.get("boundary", ()):
                sources.setdefault(boundary, []).append(name)
            if "instance" in facts.get("loop", {}):
                sources.setdefault(name, []).append(facts["loop"]["instance"])
        while todo:
            name = todo.pop()
            if name not in reached and name != self.name:
                reached.add(name)
                todo.extend(sources.get(name, ()))
        return reached

    def perform(self, task: Task) -> bool | None:
        """Choose every flow whose condition holds, else the default."""
        names = task.workflow.top_workflow.names(task)
        flows = self.extensions["flows"]
        taken = [i for i, flow in enumerate(flows) if flow[2] is not None and evaluate(flow[2], names)]
        task.internal_data["take"] = taken or self.otherwise()
        return True

    def otherwise(self) -> list[int]:
        """The default flow, if no condition holds."""
        flows = self.extensions["flows"]
        taken = [i for i, flow in enumerate(flows) if flow[2] is None][:1]
        if not taken and flows and not self.extensions.get("may_drop"):
            raise NoFlowTaken("no condition holds and there is no default flow")
        return taken


class Collector(Join):
    """Put before an element with a start quantity: waits for that many tokens, whichever way they come."""

    def select(self, scope: Any, here: list[Task]) -> list[Task]:
        """The oldest ones, once there are enough."""
        wanted = int(self.extensions["collect"])
        return here[:wanted] if len(here) >= wanted else []


class EventBased(Node):
    """Puts a token on every event behind it; the first that happens takes the others away, unless ``all`` have to."""

    def leave(self, task: Task) -> None:
        """Start the race."""
        top = task.workflow.top_workflow
        top.log("completed", task)
        top.retire(task)
        for flow_id, target, *_ in self.extensions["flows"]:
            race = {} if self.extensions.get("all") else {"race": task.id, "race_at": self.name}
            top.spawn(task.workflow, target, task, flow=flow_id, **race)
