"""The complex gateway: goes on as soon as its condition about the tokens that have come holds, once per round."""

from __future__ import annotations

from typing import Any

from processes.spiff.expressions import ExpressionError, evaluate
from processes.spiff.library import Task, TaskState
from processes.spiff.specs.gateways import Inclusive
from processes.spiff.specs.node import guarded
from processes.spiff.tokens import stamps

PHASE = "waitingForStart"


def open_rounds(scope: Any) -> dict[str, list[str]]:
    """The gateways of a scope that have gone on and wait for the end of their round: the flows still expected."""
    found: dict[str, list[str]] = scope.task_tree.internal_data.setdefault("gates", {})
    return found


class Complex(Inclusive):
    """``extensions["activation"]``: the condition over the data and ``activationCount``; without one: as inclusive.

    When it has gone on, tokens of the flows that had none yet are swallowed; once none of them can come any more, the
    gateway begins again. Conditions of its outgoing flows may use ``waitingForStart``; those that do are looked at a
    second time then, with false.
    """

    def arrive(self, task: Task) -> bool:
        """Look at the condition with every token that comes."""
        if "activation" not in self.extensions:
            return super().arrive(task)
        task._set_state(TaskState.WAITING)
        if self.name not in open_rounds(task.workflow):
            self.try_to_fire(task.workflow)
        return False

    def select(self, scope: Any, here: list[Task]) -> list[Task]:
        """The tokens that go on together: when the condition holds, or when a round is over."""
        if "activation" not in self.extensions:
            return super().select(scope, here)
        found = self.one_per_flow(here)
        gates = open_rounds(scope)
        if self.name in gates:
            return self.end_round(scope, gates, here)
        if not here or not self.holds(here):
            return []
        missing = [flow for flow in self.extensions["incoming"] if flow not in found]
        if missing:
            gates[self.name] = missing
        for task in found.values():
            task.internal_data[PHASE] = True
        return list(found.values())

    def end_round(self, scope: Any, gates: dict[str, list[str]], here: list[Task]) -> list[Task]:
        """When all is quiet: swallow what has come late; begin again when nothing more can come."""
        late = self.one_per_flow([task for task in here if task.internal_data.get("flow") in gates[self.name]])
        missing = [flow for flow in gates[self.name] if flow not in late]
        if missing and self.can_still_come(scope, missing):
            return []
        del gates[self.name]
        again = [flow for flow in self.extensions["flows"] if PHASE in (flow[2] or "")]
        if late and again:
            for task in late.values():
                task.internal_data[PHASE] = False
            return list(late.values())
        for task in late.values():
            scope.top_workflow.retire(task)
        chosen = self.select(scope, [task for task in here if task not in late.values()])
        if not chosen:
            scope.check_end()
        return chosen

    def can_still_come(self, scope: Any, flows: list[str]) -> bool:
        """Whether a token elsewhere can reach one of these flows."""
        behind = self.behind(flows)
        others = [task for task in scope.tokens() if task.task_spec is not self]
        others = [task for task in others if "trigger" not in task.internal_data and "host" not in task.internal_data]
        return any(task.internal_data.get("race_at", task.task_spec.name) in behind for task in others)

    def holds(self, here: list[Task]) -> bool:
        """Whether the tokens that have come are enough; a condition that fails stops here until it is mended."""
        names: dict[str, Any] = {}
        written: dict[str, int] = {}
        for task in here:
            names |= {name: task.data[name] for name, stamp in stamps(task).items() if stamp > written.get(name, -1)}
            written |= {name: stamp for name, stamp in stamps(task).items() if stamp > written.get(name, -1)}
        now = here[-1].workflow.top_workflow.context.now.isoformat()
        try:
            return bool(evaluate(self.extensions["activation"], {**names, "now": now, "activationCount": len(here)}))
        except ExpressionError as problem:
            guarded(here[-1], "join", problem)
            return False

    def perform(self, task: Task) -> bool | None:
        """Choose the flows; at the end of a round only those that ask for it."""
        phase = task.internal_data.pop(PHASE, True)
        names, flows = task.workflow.top_workflow.names(task, **{PHASE: phase}), self.extensions["flows"]
        asked = [i for i, flow in enumerate(flows) if flow[2] is not None and (phase or PHASE in flow[2])]
        taken = [i for i in asked if evaluate(flows[i][2], names)]
        if not taken and phase:
            taken = self.otherwise()
        task.internal_data["take"] = taken
        return True
