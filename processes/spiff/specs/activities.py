"""Tasks: done by people, by outside systems, by another process, by a decision table, or by a scope inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from processes.errors import ProcessError
from processes.spiff.expressions import ExpressionError, evaluate
from processes.spiff.library import Task
from processes.spiff.records import compensating, forget, remember, remember_scope
from processes.spiff.specs.node import Node, guarded
from processes.spiff.tokens import clean, merge, stamps, write, write_local
from processes.spiff.waits import Wait
from processes.spiff.workflow import loop_index

if TYPE_CHECKING:
    from processes.spiff.workflow import Scope


class Activity(Node):
    """A task or sub-process: may carry boundary events and may be one instance of a repeated activity."""

    is_activity = True

    def begin(self, task: Task) -> None:
        """Arm the boundary events, once per activation."""
        if task.internal_data.get("armed") or "owner" in task.internal_data:
            return
        task.internal_data["armed"] = True
        for name in self.extensions.get("boundary", ()):
            task.workflow.top_workflow.spawn(task.workflow, name, task, host=task.id)

    def perform(self, task: Task) -> bool | None:
        """A plain task: note it and go on."""
        self.begin(task)
        task.workflow.top_workflow.log("entered", task, self.map_inputs(task))
        self.apply_outputs(task, None)
        return True

    def completed_detail(self, task: Task) -> dict[str, Any]:
        """The names this activity has written."""
        return {name: task.data[name] for name in task.internal_data.get("out", ())}

    def leave(self, task: Task) -> None:
        """Take the boundary events down; an instance reports to its repeated activity instead of sending tokens."""
        scope, top, task_id = task.workflow, task.workflow.top_workflow, task.id
        if self.extensions.get("boundary"):
            for other in scope.tokens():
                if other.internal_data.get("host") == task_id:
                    top.cancel(other)
        end_race(task)
        if "keep" in self.extensions:
            remember(task, loop_index(task))
        owner = scope.token(task.internal_data.get("owner"))
        if owner is None:
            if not scope.stops_after(task):
                super().leave(task)
            return
        top.log("completed", task, self.completed_detail(task))
        top.retire(task)
        owner.task_spec.instance_done(owner, task)

    def finish(self, task: Task, result: Any, also: Mapping[str, Any] | None = None) -> None:
        """The outside has answered: map the outputs and go on, or fail and keep the answer for a retry."""
        top = task.workflow.top_workflow
        top.close(task, "completed")
        try:
            self.apply_outputs(task, result)
            for name, value in (also or {}).items():
                write(task, name, value)
        except ExpressionError as problem:
            task.internal_data["result"] = [_kept(result), _kept(dict(also or {}))]
            guarded(task, "outputs", problem)
            return
        task.internal_data.pop("result", None)
        task.complete()


class Waiting(Activity):
    """User task, service task, linked call, receive task: waits until the caller completes it."""

    def perform(self, task: Task) -> bool | None:
        """Compute what the outside needs to know, and wait."""
        if "started" in task.internal_data:
            task.workflow.top_workflow.log("entered", task)
            return began(self, task)
        self.begin(task)
        top, facts = task.workflow.top_workflow, self.extensions
        inputs: dict[str, Any] = clean(self.map_inputs(task))
        kind, names = facts["wait"], top.names(task)
        called = facts.get("called") or text_of(facts.get("called_expression"), names)
        if kind == "call" and not called:
            raise ExpressionError(f"{facts.get('called_expression')}: no process is named to be called")
        wait = Wait(
            task_id=task.id,
            element_id=facts["el"],
            kind=kind,
            inputs=inputs,
            message=facts.get("message"),
            message_key=message_key(task, facts.get("message_key")) if kind == "message" else None,
            called_key=called,
            business_key=text_of(facts.get("business_key"), names),
            loop_index=loop_index(task),
            compensates=compensating(task),
        )
        top.log("entered", task, inputs)
        top.open(task, wait)
        return None


class Decision(Activity):
    """Business rule task: decided at once by the caller's decision tables."""

    def perform(self, task: Task) -> bool | None:
        """Hand the inputs to the decision and map its result."""
        self.begin(task)
        top, inputs = task.workflow.top_workflow, clean(self.map_inputs(task))
        top.log("entered", task, inputs)
        try:
            asked = self.extensions["decision"], inputs, self.extensions.get("decision_version")
            result = clean(top.context.decide(*asked))
        except LookupError as problem:
            raise UndecidedError(str(problem)) from None
        self.apply_outputs(task, result)
        return True


class UndecidedError(ProcessError):
    """The decision is unknown or has no answer."""

    code = "decision-failed"


class SubProcess(Activity):
    """Embedded sub-process; also the body of an event sub-process."""

    def perform(self, task: Task) -> bool | None:
        """Open the scope inside, and put a token on where it begins."""
        scope = self.open(task)
        scope.begin(scope.spec.start.extensions["first"], task.data, stamps(task))
        return None

    def open(self, task: Task) -> Scope:
        """Open the scope inside; inputs become names that exist only there."""
        self.begin(task)
        top, inputs = task.workflow.top_workflow, self.map_inputs(task)
        top.log("entered", task, clean(inputs))
        local = set(task.internal_data.get("local", ())) | set(inputs)
        for name, value in inputs.items():
            write_local(task, name, value)
        scope: Scope = top.create_subprocess(task, self.extensions["scope"])
        scope.local_names = frozenset(local)
        return scope

    def scope_done(self, task: Task, scope: Scope) -> None:
        """The scope inside has ended: take its data over, or only what the outputs say."""
        task.workflow.top_workflow.subprocesses.pop(task.id, None)
        remember_scope(task, scope, loop_index(task))
        if self.extensions.get("outputs"):
            self.finish(task, scope.latest)
            return
        merge(task, scope.latest, scope.stamps, leave_out=scope.local_names)
        task.complete()

    def dropped(self, task: Task) -> None:
        """It ended, but its outputs could not be mapped, and then it was taken away."""
        if "keep" in self.extensions:
            forget(task)


def _kept(answer: Any) -> Any:
    """An answer to be mapped again after a correction; one that is too large to keep is let go."""
    try:
        return clean(answer)
    except ExpressionError:
        return {}


def began(node: Node, task: Task) -> bool:
    """The event waited for here has started the instance: map its payload, unless the caller has done so, and go on."""
    payload = task.internal_data["started"]
    if payload is not None:
        node.apply_outputs(task, payload)
    return True


def end_race(task: Task) -> None:
    """Behind an event-based gateway the first one wins: take the others away."""
    race, top = task.internal_data.pop("race", None), task.workflow.top_workflow
    if race is not None:
        for other in task.workflow.tokens():
            if other is not task and other.internal_data.get("race") == race:
                top.cancel(other)


def message_key(task: Task, expression: str | None) -> str:
    """The key of the message awaited: as drawn, else that of the message this one has to come together with."""
    key = text_of(expression, task.workflow.top_workflow.names(task))
    return str(task.internal_data.get("key") or "") if key is None else key


def text_of(expression: str | None, names: Mapping[str, Any]) -> str | None:
    """The text an expression yields; numbers are written out, anything else is refused."""
    if not expression:
        return None
    value = evaluate(expression, names)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ExpressionError(f"{expression}: a text is needed")
    return str(value)
