"""Events with several definitions: any of them will do, or all of them have to happen.

The event itself holds the token. Each definition is a *part* with a token of its own, which belongs to the event's and
goes with it. At the edge of an activity, and for event sub-processes, "any" needs none of this: there each definition
is an event for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processes.spiff.library import Task
from processes.spiff.specs.activities import began
from processes.spiff.specs.events import Boundary, Catch, Trigger
from processes.spiff.tokens import write


class Several(Catch):
    """``extensions["parts"]``: names of the parts; ``["all"]``: every one has to happen, in whatever order."""

    def arrive(self, task: Task) -> bool:
        """The parts have to be put down."""
        return True

    def perform(self, task: Task) -> bool | None:
        """Wait with every part, or, where one of them has begun the instance, with the others."""
        facts, begun = task.internal_data, "started" in task.internal_data
        if begun and not (self.extensions["all"] and facts.get("by")):
            return began(self, task)
        by, again = facts.pop("by", None), facts.pop("again", False)
        if begun:
            facts["got"] = dict(facts.pop("started") or {})
            self.wait_for_others(task)
        for name in self.extensions["parts"]:
            event = task.workflow.spec.task_specs[name].extensions["event"]
            if not (begun and event.get("name") == by):
                self.wait_with(task, name, was=again and event["kind"] == "conditional")
        if not self.parts(task):
            self.fire(task, facts.pop("got"))
        return None

    def wait_with(self, task: Task, name: str, *, was: bool = False) -> None:
        """Put one part down."""
        beside = {key: task.internal_data[key] for key in ("host", "trigger", "key") if key in task.internal_data}
        more: dict[str, Any] = {"was": True} if was else {}
        task.workflow.top_workflow.spawn(task.workflow, name, task, owner=task.id, part=True, **beside, **more)

    def parts(self, task: Task) -> list[Task]:
        """The parts that still wait."""
        return [other for other in task.workflow.tokens() if other.internal_data.get("owner") == task.id]

    def happened(self, task: Task, part: Task, payload: Mapping[str, Any]) -> None:
        """One of the definitions has happened; with several payloads the later one wins a name."""
        top, got = task.workflow.top_workflow, {**task.internal_data.pop("got", {}), **payload}
        top.close(part, "completed")
        top.retire(part)
        if self.extensions["all"] and self.parts(task):
            task.internal_data["got"] = got
            return
        self.stop(task)
        self.fire(task, got)

    def stop(self, task: Task) -> None:
        """Wait no more with what is left."""
        for other in self.parts(task):
            task.workflow.top_workflow.cancel(other)

    def leave(self, task: Task) -> None:
        """However the token goes on, nothing of it stays."""
        self.stop(task)
        super().leave(task)

    def again(self, task: Task) -> dict[str, Any] | None:
        """It can only be waited for once more if no definition of it was a time."""
        specs = task.workflow.spec.task_specs
        kinds = [specs[name].extensions["event"]["kind"] for name in self.extensions["parts"]]
        return None if "timer" in kinds else {"again": True}


class SeveralAtStart(Several):
    """The start event of a process: what came is the instance's data, unless the outputs say otherwise."""

    def perform(self, task: Task) -> bool | None:
        """Begun by hand there is nothing to wait for."""
        return super().perform(task) if "started" in task.internal_data else True

    def go_on(self, task: Task, payload: Mapping[str, Any]) -> None:
        """Take all payloads over."""
        if not self.extensions.get("outputs"):
            for name, value in payload.items():
                write(task, name, value)
        super().go_on(task, payload)


class SeveralAtEdge(Several, Boundary):
    """At the edge of an activity, when all have to happen."""


class SeveralTrigger(Several, Trigger):
    """The start event of an event sub-process, when all have to happen."""


class Part(Catch):
    """One definition of an event that has several."""

    def fire(self, task: Task, payload: Mapping[str, Any]) -> None:
        """Tell the event."""
        whole = whole_of(task)
        whole.task_spec.happened(whole, task, payload)


def whole_of(task: Task) -> Task:
    """The token of the event a part belongs to; any other token is itself."""
    owner = task.workflow.token(task.internal_data.get("owner")) if isinstance(task.task_spec, Part) else None
    return task if owner is None else owner
