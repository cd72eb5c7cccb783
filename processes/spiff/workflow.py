"""A running process and its embedded sub-processes: tokens, and what is done with them.

Every token hangs directly below the root of its scope and is removed when it moves on, so the tree is never deeper
than one level and never grows with what has been done (the library's own tree would stop working at depth 1000).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

from processes.spiff.expressions import ExpressionError, evaluate
from processes.spiff.library import BpmnProcessSpec, BpmnSubWorkflow, BpmnWorkflow, Task, TaskState
from processes.spiff.records import Record
from processes.spiff.tokens import Token, inherit
from processes.spiff.waits import Changes, Closing, Failure, LogEntry, StepContext, Wait

FINISHED = TaskState.COMPLETED | TaskState.CANCELLED


class NoScripts:
    """Stands where the library expects a script engine, so that its evaluating one is never made."""

    def evaluate(self, task: Task, expression: str, external_context: Any = None) -> Any:
        """Compute an expression over the token's data."""
        return evaluate(expression, task.data)

    def execute(self, task: Task, script: str, external_context: Any = None) -> Any:
        """:raises ExpressionError: always; there are no scripts."""
        raise ExpressionError("scripts are not run")


class Scope:
    """What a process and an embedded sub-process have in common.

    ``latest`` holds the last value written to each name in this scope or below; ``sealed`` scopes keep their names
    to themselves; ``local_names`` exist only inside. ``records``: what was completed here and could be compensated.
    """

    spec: BpmnProcessSpec
    tasks: dict[str, Task]
    task_tree: Task
    completed: bool
    top_workflow: Any

    def prepare(self, parent_task: Task | None) -> None:
        """Set up an empty scope; ``parent_task`` is the sub-process element it belongs to."""
        self.parent_task = parent_task
        self.latest: dict[str, Any] = {}
        self.stamps: dict[str, int] = {}
        self.local_names: frozenset[str] = frozenset()
        self.records: list[Record] = []
        self.sealed = bool(self.spec.start.extensions.get("sealed"))
        self.task_tree = Token(self, self.spec.start, state=TaskState.COMPLETED, id=str(uuid4()))

    def tokens(self) -> list[Task]:
        """All tokens of this scope, armed boundary events and triggers included, in the order they came."""
        root = self.task_tree
        return [task for task in self.tasks.values() if task is not root]

    def token(self, task_id: str | None) -> Task | None:
        """The token of that id, if it is in this scope."""
        task = self.tasks.get(task_id) if task_id else None
        return None if task is self.task_tree else task

    def begin(self, first: Sequence[str], data: Mapping[str, Any], stamps: Mapping[str, int], **facts: Any) -> None:
        """Arm the event sub-processes and put a token, with ``facts``, on each of the ``first`` elements."""
        self.latest, self.stamps = dict(data), dict(stamps)
        self.task_tree.data, self.task_tree.internal_data["w"] = dict(data), dict(stamps)
        for trigger in self.spec.start.extensions.get("triggers", ()):
            self.top_workflow.spawn(self, trigger, self.task_tree, trigger=True)
        for name in first:
            self.top_workflow.spawn(self, name, self.task_tree, **facts)

    def check_end(self) -> None:
        """End the scope when nothing in it can go on any more; armed triggers alone do not keep it alive."""
        if not self.completed and all("trigger" in task.internal_data for task in self.tokens()):
            kept = self.task_tree.internal_data.get("adhoc")
            if kept is not None and kept.get("open") and not kept["next"]:
                return  # somebody may begin more
            if kept is None or not kept["next"]:
                self.end()
                return
            # the next activity of an ad-hoc sub-process knows what the ones before it have written
            self.task_tree.data, self.task_tree.internal_data["w"] = dict(self.latest), dict(self.stamps)
            self.top_workflow.spawn(self, kept["next"].pop(0), self.task_tree)

    def stops_after(self, task: Task) -> bool:
        """Whether an activity that has completed is the last of an ad-hoc sub-process: it is enough now."""
        kept = self.task_tree.internal_data.get("adhoc")
        if kept is None or not is_enough(self):
            return False
        self.top_workflow.log("completed", task, task.task_spec.completed_detail(task))
        self.top_workflow.retire(task)
        kept["next"] = []
        if kept["cancel"]:
            self.end()
        else:
            self.check_end()
        return True

    def end(self) -> None:
        """End the scope now; what is left in it is cancelled."""
        self.completed = True
        for task in self.tokens():
            self.top_workflow.cancel(task)
        if self.parent_task is not None:
            self.parent_task.task_spec.scope_done(self.parent_task, self)


class SubProcessScope(Scope, BpmnSubWorkflow):
    """A running embedded sub-process."""

    def __init__(self, spec: BpmnProcessSpec, parent_task: Task, top: Process) -> None:
        self.parent_task = parent_task
        super().__init__(spec, parent_task.id, top, deserializing=True)
        self.prepare(parent_task)

    def _calculate_depth(self) -> int:
        outer = self.parent_task.workflow if self.parent_task else None
        return 1 + int(getattr(outer, "depth", 0))

    @property
    def parent_workflow(self) -> Any:
        """The scope around this one."""
        return self.parent_task.workflow if self.parent_task else None


class Process(Scope, BpmnWorkflow):
    """A running process: the outermost scope, the queue of tokens that can go on, and the report to the caller."""

    def __init__(
        self, spec: BpmnProcessSpec, subs: Mapping[str, BpmnProcessSpec], context: StepContext, changes: Changes
    ) -> None:
        super().__init__(spec, subs, script_engine=NoScripts(), deserializing=True)
        self.context, self.changes = context, changes
        self.queue: deque[Task] = deque()
        self.number = 0
        self.outcome: str | None = None
        self.prepare(None)
        self.watches = bool(self.spec.start.extensions.get("watches"))
        self.looked_at = -1

    # -- scopes -------------------------------------------------------------------------------------------------

    def create_subprocess(self, my_task: Task, spec_name: str) -> SubProcessScope:
        """Make the scope of a sub-process element."""
        scope = SubProcessScope(self.subprocess_specs[spec_name], my_task, self)
        self.subprocesses[my_task.id] = scope
        return scope

    def scopes(self) -> Iterator[Scope]:
        """This scope and all that run inside it, outer ones first."""
        yield self
        yield from list(self.subprocesses.values())

    def is_completed(self) -> bool:
        """Whether the process has ended; a flag, never a walk over the tree."""
        return self.completed

    def find(self, task_id: str) -> Task | None:
        """The token of that id, if it is still there."""
        for scope in self.scopes():
            task = scope.tasks.get(task_id)
            if task is not None:
                return None if task is scope.task_tree else task
        return None

    # -- tokens -------------------------------------------------------------------------------------------------

    def next_number(self) -> int:
        """Numbers for writes and arrivals, never used twice in one instance."""
        self.number += 1
        return self.number

    def spawn(self, scope: Scope, name: str, source: Task, **facts: Any) -> Task:
        """Put a token with the data of ``source`` on an element; ``facts`` are remembered with it."""
        spec = scope.spec.task_specs[name]
        task = Token(scope, spec, scope.task_tree, state=TaskState.FUTURE, id=self.context.ids())
        inherit(task, source)
        task.internal_data.update(facts, n=self.next_number())
        spec._update(task)
        return task

    def alive(self, task: Task) -> bool:
        """Whether the token is still in its scope."""
        return task.workflow.tasks.get(task.id) is task

    def retire(self, task: Task) -> None:
        """Forget a token that has moved on or was cancelled."""
        if self.alive(task):
            task.workflow.task_tree._children.remove(task.id)
            del task.workflow.tasks[task.id]

    def cancel(self, task: Task, detail: Mapping[str, Any] | None = None) -> None:
        """Take a token away, with its boundary events, its instances, and all that runs inside it."""
        if not self.alive(task):
            return
        task_id, scope = task.id, task.workflow
        self.close(task, "cancelled")
        if "failure" in task.internal_data:
            self.changes.closed.append((task_id, "cancelled"))
            self.changes.kinds[task_id] = "failure"
        quiet = "trigger" in task.internal_data or "host" in task.internal_data
        if not quiet and not task.internal_data.pop("said", False):
            self.log("cancelled", task, dict(detail or {}))
        task._set_state(TaskState.CANCELLED)
        self.retire(task)
        task.task_spec.dropped(task)
        inner = self.subprocesses.pop(task.id, None)
        for token in inner.tokens() if inner is not None else ():
            self.cancel(token)
        facts = task.task_spec.extensions
        if facts.get("boundary") or "loop" in facts or "parts" in facts:
            for other in scope.tokens():
                if task_id in (other.internal_data.get("host"), other.internal_data.get("owner")):
                    self.cancel(other)

    def names(self, task: Task, **more: Any) -> dict[str, Any]:
        """What an expression at this token can see."""
        return {**task.data, "now": self.context.now.isoformat(), **more}

    # -- report -------------------------------------------------------------------------------------------------

    def log(self, event: Any, task: Task, detail: dict[str, Any] | None = None) -> None:
        """Note what happened at an element of the diagram; inserted helper elements are left out."""
        element_id = task.task_spec.extensions.get("el")
        if element_id and (task.task_spec.is_activity or event != "entered"):
            self.changes.log.append(LogEntry(task.id, element_id, event, detail or {}, loop_index(task)))

    def open(self, task: Task, wait: Wait) -> None:
        """Tell the caller what the token waits for; kept with the token without its inputs."""
        task.internal_data["wait"] = {
            key: value
            for key, value in vars(wait).items()
            if value is not None and key not in ("inputs", "task_id", "element_id", "loop_index", "compensates")
        }
        if wait.due_at is not None:
            task.internal_data["wait"]["due_at"] = wait.due_at.isoformat()
        self.changes.opened.append(wait)

    def close(self, task: Task, how: Closing) -> None:
        """Tell the caller that a wait is over, unless it has not heard of it yet."""
        wait = task.internal_data.pop("wait", None)
        if wait is None:
            return
        task_id, before = task.id, len(self.changes.opened)
        self.changes.opened[:] = [wait for wait in self.changes.opened if wait.task_id != task_id]
        if len(self.changes.opened) == before:
            self.changes.closed.append((task_id, how))
            self.changes.kinds[task_id] = wait["kind"]

    def fail(self, task: Task, code: str, message: str, phase: str) -> None:
        """Stop at this token until somebody retries; ``phase`` says where to begin again."""
        task._set_state(TaskState.ERROR)
        task.internal_data["failure"] = {"code": code, "message": message[:2000], "phase": phase}
        self.changes.failures.append(failure_of(task))
        self.log("failed", task, {"code": code, "message": message[:2000]})


def is_enough(scope: Scope) -> bool:
    """Whether the completion condition of an ad-hoc sub-process holds; what cannot be computed yet does not."""
    until = scope.task_tree.internal_data["adhoc"]["until"]
    try:
        now = scope.top_workflow.context.now.isoformat()
        return bool(until) and bool(evaluate(until, {**scope.task_tree.data, **scope.latest, "now": now}))
    except ExpressionError:
        return False


def failure_of(task: Task) -> Failure:
    """The failure a token in error stands at."""
    found = task.internal_data["failure"]
    element_id = task.task_spec.extensions.get("el") or task.task_spec.extensions.get("near", "")
    return Failure(task.id, element_id, found["code"], found["message"])


def loop_index(task: Task) -> int | None:
    """The place of this instance of a repeated activity (from 0), or of the one it runs in."""
    holder: Task | None = task
    while holder is not None:
        if "idx" in holder.internal_data:
            return int(holder.internal_data["idx"])
        holder = holder.workflow.parent_task
    return None
