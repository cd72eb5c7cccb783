"""Events: waiting for a message, a time or a signal; boundary events; event sub-processes; ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from processes.spiff.expressions import ExpressionError, evaluate
from processes.spiff.library import Task, TaskState
from processes.spiff.router import catch_signal, throw
from processes.spiff.specs.activities import began, end_race, message_key
from processes.spiff.specs.node import Node, guarded
from processes.spiff.specs.sending import throw_message
from processes.spiff.timers import Armed, TimerError, arm, is_literal, rearm
from processes.spiff.tokens import inherit, merge, write
from processes.spiff.waits import Wait
from processes.spiff.workflow import loop_index

PASSIVE = ("error", "escalation", "signal", "cancel", "conditional")


class Catch(Node):
    """Waits for its event; ``extensions["event"]``: its ``kind`` and ``value``, ``name``, ``key`` or ``code``."""

    def arrive(self, task: Task) -> bool:
        """Errors and signals are waited for without any preparation."""
        event = self.extensions["event"]
        if event["kind"] in PASSIVE and "started" not in task.internal_data:
            task._set_state(TaskState.STARTED)
            if event["kind"] == "signal":
                self.wait(task, "signal", message=event["name"])
            return False
        return True

    def perform(self, task: Task) -> bool | None:
        """Compute when, or for which message, to wait."""
        event = self.extensions["event"]
        if "started" in task.internal_data:
            return began(self, task)
        if event["kind"] == "timer":
            if "timer" not in task.internal_data:
                remember(task, arm_timer(task, event))
            self.wait(task, "timer", due_at=datetime.fromisoformat(task.internal_data["timer"]["due_at"]))
        else:
            self.wait(task, "message", message=event["name"], message_key=message_key(task, event.get("key")))
        return None

    def wait(self, task: Task, kind: Any, **facts: Any) -> None:
        """Tell the caller."""
        element_id = self.extensions.get("el") or self.extensions["near"]
        wait = Wait(task_id=task.id, element_id=element_id, kind=kind, loop_index=loop_index(task), **facts)
        task.workflow.top_workflow.open(task, wait)

    def fire(self, task: Task, payload: Mapping[str, Any]) -> None:
        """The event has happened."""
        self.go_on(task, payload)

    def go_on(self, task: Task, payload: Mapping[str, Any]) -> None:
        """Map the payload and let the token go; or fail and keep the payload for a retry."""
        task.workflow.top_workflow.close(task, "completed")
        try:
            self.apply_outputs(task, dict(payload))
        except ExpressionError as problem:
            task.internal_data["result"] = [dict(payload), {}]
            guarded(task, "outputs", problem)
            return
        end_race(task)
        task.complete()

    def finish(self, task: Task, result: Any, also: Mapping[str, Any] | None = None) -> None:
        """Retry after a failed mapping."""
        self.go_on(task, result)

    def again(self, task: Task) -> dict[str, Any] | None:
        """What a fresh activation has to remember if this event is waited for once more; None: it is not."""
        event, top = self.extensions["event"], task.workflow.top_workflow
        if event["kind"] == "conditional":
            return {"was": True}
        if event["kind"] != "timer":
            return {}
        if event["timer"] != "cycle":
            return None
        facts = task.internal_data["timer"]
        left = Armed(datetime.fromisoformat(facts["due_at"]), facts["left"], facts["every"])
        context = top.context
        following = rearm(left, now=context.now, scale=context.wait_scale, zone=context.zone)
        return None if following is None else {"timer": as_facts(following)}


class Begin(Node):
    """The start event of a process that an event starts; the event's payload can be mapped."""

    def perform(self, task: Task) -> bool | None:
        """Take over what came with the event, if one has begun it."""
        return began(self, task) if "started" in task.internal_data else True


class CycleCatch(Catch):
    """An intermediate catch event with a repeating timer: one token leaves at every firing."""

    def fire(self, task: Task, payload: Mapping[str, Any]) -> None:
        """Send one token and wait for the next firing."""
        facts = self.again(task)
        if facts is not None:
            end_race(task)
            task.workflow.top_workflow.spawn(task.workflow, self.name, task, **facts)
        self.go_on(task, payload)


class Boundary(Catch):
    """An event at the edge of an activity; ``extensions["interrupting"]``."""

    def fire(self, task: Task, payload: Mapping[str, Any]) -> None:
        """Stop the activity (or leave it and wait again), then go on with what it knew."""
        scope, top = task.workflow, task.workflow.top_workflow
        host = scope.token(task.internal_data.pop("host", None))
        if host is not None:
            facts = {"host": host.id}
            take_over(task, host)
            if self.extensions["interrupting"]:
                top.cancel(host, {"by": self.extensions["el"]})
            elif (again := self.again(task)) is not None:
                top.spawn(scope, self.name, host, **facts, **again)
        tell(task, self.extensions["event"]["kind"], payload)
        self.go_on(task, payload)


class Trigger(Catch):
    """The start event of an event sub-process, armed as long as the scope around it runs."""

    def fire(self, task: Task, payload: Mapping[str, Any]) -> None:
        """Stop the scope (or leave it and wait again), then start the handler with the scope's latest data."""
        scope, top = task.workflow, task.workflow.top_workflow
        del task.internal_data["trigger"]
        if self.extensions["interrupting"]:
            for other in scope.tokens():
                if other is not task:
                    top.cancel(other)
        elif (again := self.again(task)) is not None:
            top.spawn(scope, self.name, scope.task_tree, trigger=True, **again)
        task.data, task.internal_data["w"] = dict(scope.latest), dict(scope.stamps)
        tell(task, self.extensions["event"]["kind"], payload)
        self.go_on(task, payload)


class Throw(Node):
    """Intermediate throw event: escalation, signal or message; anything else passes."""

    def perform(self, task: Task) -> bool | None:
        """Throw, then go on if the throw has not ended this token."""
        self.throw_all(task, [*self.extensions.get("also", ()), self.extensions.get("event", {"kind": "none"})])
        return True if task.workflow.top_workflow.alive(task) else None

    def throw_all(self, task: Task, events: Sequence[Mapping[str, Any]]) -> None:
        """Throw one after the other, even if the first takes this token away."""
        top, payload = task.workflow.top_workflow, self.map_inputs(task)
        if any(event["kind"] in ("escalation", "signal") for event in events):
            top.log("completed", task, self.completed_detail(task))  # what it sets off comes after it
            task.internal_data["said"] = True
        for event in events:
            if event["kind"] == "escalation":
                throw(top, "escalation", event["code"] or "", scope=task.workflow, source=task, payload=payload)
            elif event["kind"] == "signal":
                catch_signal(top, event["name"], payload, source=task)
            elif event["kind"] == "message":
                throw_message(task, event, payload)


class End(Throw):
    """End event: none, terminate, error, escalation, signal, message, cancel."""

    def perform(self, task: Task) -> bool | None:
        """Throw an error or take the rest of the scope away, as the event says."""
        top, event = task.workflow.top_workflow, self.extensions.get("event", {"kind": "none"})
        if event["kind"] in ("error", "cancel", "terminate") and "also" in self.extensions:
            self.throw_all(task, self.extensions["also"])
            if not top.alive(task):
                return None
        if event["kind"] == "error":
            message = str(self.map_inputs(task).get("message", ""))
            throw(top, "error", event["code"] or "", scope=task.workflow, source=task, message=message)
            return None
        if event["kind"] == "cancel":
            throw(top, "cancel", "", scope=task.workflow, source=task)
            return None
        if event["kind"] == "terminate":
            top.outcome = "terminated" if task.workflow is top else top.outcome
            for other in task.workflow.tokens():
                if other is not task:
                    top.cancel(other)
            return True
        return super().perform(task)


def take_over(task: Task, host: Task) -> None:
    """Start from what the activity knew, and from what was done inside it so far."""
    inherit(task, host)
    inner = task.workflow.top_workflow.subprocesses.get(host.id)
    if inner is not None and not inner.sealed:
        merge(task, inner.latest, inner.stamps, leave_out=inner.local_names)


def tell(task: Task, kind: str, payload: Mapping[str, Any]) -> None:
    """An error or escalation leaves its code and message under its own name in the data."""
    if kind in ("error", "escalation"):
        write(task, kind, dict(payload))


def arm_timer(task: Task, event: Mapping[str, Any]) -> Armed:
    """Start the timer of an event; the value is written out, or an expression that yields it."""
    top, text = task.workflow.top_workflow, event["value"]
    if not is_literal(text):
        text = evaluate(text, top.names(task))
        if not isinstance(text, str):
            raise TimerError(f"{event['value']}: a duration or a date as text is needed, not {text!r}")
    context = top.context
    return arm(event["timer"], text, now=context.now, scale=context.wait_scale, zone=context.zone)


def remember(task: Task, armed: Armed) -> None:
    """Keep a running timer with its token."""
    task.internal_data["timer"] = as_facts(armed)


def as_facts(armed: Armed) -> dict[str, Any]:
    """A running timer as JSON."""
    return {"due_at": armed.due_at.isoformat(), "left": armed.left, "every": armed.every}
