"""The engine's door to SpiffWorkflow: start, complete, throw, fire, step to the next wait, save.

An :class:`Execution` is used for one stimulus: make or load it, tell it what happened, :meth:`~Execution.advance`,
look at :attr:`~Execution.changes`, :meth:`~Execution.dump`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from processes.errors import StaleTask
from processes.spiff import snapshot, steps
from processes.spiff.library import Task, TaskState
from processes.spiff.registry import LoadedSpec, load_spec
from processes.spiff.router import catch_signal, throw
from processes.spiff.specs.activities import Activity, Waiting, end_race
from processes.spiff.specs.adhoc import AdHoc
from processes.spiff.specs.events import Catch
from processes.spiff.specs.loops import Loop
from processes.spiff.specs.several import whole_of
from processes.spiff.specs.undoing import Undo
from processes.spiff.tokens import clean, copied, write, write_local
from processes.spiff.waits import Changes, Failure, LogEntry, StepContext, Thrown, Wait
from processes.spiff.workflow import Process, failure_of, loop_index

__all__ = [
    "Changes",
    "Execution",
    "Failure",
    "LoadedSpec",
    "LogEntry",
    "StepContext",
    "Thrown",
    "Wait",
    "load_spec",
]


NOTHING: Final[Mapping[str, Any]] = {}


class Execution:
    """One process instance, in memory."""

    def __init__(self, spec: LoadedSpec, top: Process) -> None:
        self.spec = spec
        self._top = top

    @classmethod
    def new(cls, spec: LoadedSpec, data: Mapping[str, Any], *, context: StepContext) -> Execution:
        """A fresh instance with its start data; nothing runs before :meth:`start`."""
        top = Process(spec.main, spec.subs, context, Changes())
        for name, value in clean(dict(data)).items():
            write_local(top.task_tree, name, value)
        top.latest, top.stamps = dict(top.task_tree.data), dict(top.task_tree.internal_data.get("w", {}))
        return cls(spec, top)

    @classmethod
    def load(
        cls, spec: LoadedSpec, saved: bytes, *, context: StepContext, inputs: Mapping[str, Any] = NOTHING
    ) -> Execution:
        """An instance as it was saved with these inputs; :raises SnapshotTooOld: if that cannot be read here."""
        return cls(spec, snapshot.load(saved, spec, context, Changes(), inputs))

    def at(self, context: StepContext) -> None:
        """Go on with another instant; for callers that keep an execution in memory between stimuli."""
        self._top.context = context

    def wake(self, context: StepContext) -> None:
        """Go on as if just loaded: with another instant and nothing to report yet."""
        self._top.context, self._top.changes = context, Changes()

    def dump(self, inputs: Mapping[str, Any] = NOTHING) -> bytes:
        """Save the state; what was reported in :attr:`changes` is not part of it.

        :param inputs: what the instance was started with, if that is kept beside it: here it takes no room then.
        """
        return snapshot.dump(self._top, self.spec.key, inputs)

    # -- what happens -------------------------------------------------------------------------------------------

    def start(self, at: str | None = None, payload: Mapping[str, Any] | None = None, key: str = "") -> None:
        """Put the first token down: at the element ``at``, whose event has happened, or the plain or only start.

        ``payload`` came with the event and is mapped by the outputs of ``at``; None: nothing is mapped. ``key``: of the
        message; others that have to come together with it are awaited under the same one.
        """
        facts = self._top.spec.start.extensions
        if at is None or at not in facts["starts"]:
            self._top.begin(facts["first"], self._top.latest, self._top.stamps)
            return
        started: dict[str, Any] = {"started": None if payload is None else dict(payload)}
        if self.spec.gathers:
            started |= {"key": key, "by": at.partition("~")[2]}
        self._top.begin(facts["starts"][at], self._top.latest, self._top.stamps, **started)

    def advance(self, budget: int = 500) -> None:
        """Go on until everything waits; a failure is reported if that takes more than ``budget`` steps."""
        steps.advance(self._top, budget)

    def complete(self, task_id: str, result: Mapping[str, Any], *, merge: Mapping[str, Any] | None = None) -> None:
        """A user task, job or call is done: map its outputs from ``result``, write ``merge`` as it is, go on.

        :raises StaleTask: nobody waits for that (any more).
        """
        task = self._waiting(task_id, Waiting, Undo, AdHoc)
        task.task_spec.finish(task, dict(result), merge)

    def deliver(self, task_id: str, payload: Mapping[str, Any]) -> None:
        """The awaited message or signal has come. :raises StaleTask: nobody waits for it."""
        task = self._waiting(task_id, Waiting, Catch)
        if isinstance(task.task_spec, Catch):
            task.task_spec.fire(task, dict(payload))
        else:
            task.task_spec.finish(task, dict(payload))

    def fire_timer(self, task_id: str) -> None:
        """The timer has come due; the clock is not asked again. :raises StaleTask: it is not running."""
        task = self._waiting(task_id, Catch)
        task.task_spec.fire(task, {})

    def signal(self, name: str, payload: Mapping[str, Any] | None = None) -> int:
        """Hand in a signal from outside; returns how many caught it."""
        return catch_signal(self._top, name, dict(payload or {}), source=None)

    def throw_error(self, task_id: str, code: str, message: str) -> bool:
        """The activity failed with a BPMN error. False: nobody catches it, and nothing has changed."""
        task = self._task(task_id)
        return throw(self._top, "error", code, scope=task.workflow, source=task, failed=task, message=message)

    def throw_escalation(self, task_id: str, code: str, payload: Mapping[str, Any] | None = None) -> bool:
        """The activity escalates and goes on, unless an interrupting event catches it. False: nobody catches it."""
        task = self._task(task_id)
        return throw(self._top, "escalation", code, scope=task.workflow, source=task, failed=task, payload=payload)

    def retry(self, task_id: str, data: Mapping[str, Any] | None = None) -> None:
        """Try a failed element again, with ``data`` corrected first. :raises StaleTask: it has not failed."""
        task = self._task(task_id)
        if not task.has_state(TaskState.ERROR):
            raise StaleTask(f"{task_id} has not failed")
        for name, value in (data or {}).items():
            write(task, name, value)
        phase = task.internal_data.pop("failure")["phase"]
        if phase == "outputs":
            task._set_state(TaskState.STARTED)
            result, also = task.internal_data["result"]
            task.task_spec.finish(task, result, also)
        elif phase == "loop" and isinstance(task.task_spec, Loop):
            task._set_state(TaskState.STARTED)
            task.task_spec.continue_after(task, {})
        elif phase == "join":
            task._set_state(TaskState.WAITING)
        else:
            task._ready()

    def skip(self, task_id: str, *, merge: Mapping[str, Any] | None = None) -> None:
        """Let a failed or waiting activity count as done: no outputs are mapped, ``merge`` is written instead."""
        task = whole_of(self._task(task_id))
        if not isinstance(task.task_spec, Activity | Catch) or task.internal_data.get("loop"):
            raise StaleTask(f"{task_id} cannot be skipped")
        task.internal_data.pop("failure", None)
        self._top.close(task, "completed")
        for name, value in (merge or {}).items():
            write(task, name, value)
        inner = self._top.subprocesses.pop(task.id, None)
        for token in inner.tokens() if inner is not None else ():
            self._top.cancel(token)
        end_race(task)
        task._set_state(TaskState.STARTED)
        task.complete()

    def cancel(self) -> None:
        """Take everything away; the instance has ended."""
        if not self._top.completed:
            self._top.outcome = "cancelled"
            self._top.end()

    # -- what is --------------------------------------------------------------------------------------------------

    @property
    def changes(self) -> Changes:
        """What happened since the execution was made or loaded."""
        return self._top.changes

    @property
    def is_completed(self) -> bool:
        """Whether nothing runs any more."""
        return self._top.completed

    @property
    def outcome(self) -> str | None:
        """How it ended: ``completed``, ``terminated``, ``cancelled`` or ``error``; None while it runs."""
        return (self._top.outcome or "completed") if self._top.completed else None

    @property
    def data(self) -> dict[str, Any]:
        """The last value written to each name; the final data once the instance has ended."""
        return copied(self._top.latest)

    @property
    def failed_tasks(self) -> list[Failure]:
        """The elements that cannot go on until they are retried, skipped or cancelled."""
        return [failure_of(task) for task in self._tokens() if "failure" in task.internal_data]

    @property
    def waits(self) -> list[Wait]:
        """All that is waited for now, without inputs (these are reported once, in ``changes.opened``)."""
        return [_wait_of(task) for task in self._tokens() if "wait" in task.internal_data]

    @property
    def undoing(self) -> dict[str, list[str]]:
        """What the ledger is asked to undo: for each open wait of kind ``undo`` its activations, newest first."""
        waits = [task for task in self._tokens() if task.internal_data.get("wait", {}).get("kind") == "undo"]
        return {task.id: list(task.internal_data["undoing"]) for task in waits}

    @property
    def activities(self) -> dict[str, str]:
        """The activities that have begun and not ended: element by task id; failed ones are in :attr:`failed_tasks`."""
        began = [task for task in self._tokens() if task.task_spec.is_activity and task.has_state(TaskState.STARTED)]
        found = {task.id: str(task.task_spec.extensions.get("el", "")) for task in began}
        return {task_id: element_id for task_id, element_id in found.items() if element_id}

    @property
    def size(self) -> int:
        """Number of live tokens."""
        return len(self._tokens())

    def waits_for(self, task_id: str) -> bool:
        """Whether this activation has begun and something is still awaited for it."""
        task = self._top.find(task_id)
        return task is not None and task.has_state(TaskState.STARTED) and not _no_wait(task)

    # -- looking up -----------------------------------------------------------------------------------------------

    def _tokens(self) -> list[Task]:
        return [task for scope in self._top.scopes() for task in scope.tokens()]

    def _task(self, task_id: str) -> Task:
        task = self._top.find(task_id)
        if task is None:
            raise StaleTask(f"no task {task_id} is open")
        return task

    def _waiting(self, task_id: str, *kinds: type) -> Task:
        task = self._task(task_id)
        if not isinstance(task.task_spec, kinds) or not task.has_state(TaskState.STARTED) or _no_wait(task):
            raise StaleTask(f"task {task_id} does not wait for that")
        return task


def _no_wait(task: Task) -> bool:
    return "wait" not in task.internal_data


def _wait_of(task: Task) -> Wait:
    facts = dict(task.internal_data["wait"])
    if "due_at" in facts:
        facts["due_at"] = datetime.fromisoformat(facts["due_at"])
    element_id = task.task_spec.extensions.get("el") or task.task_spec.extensions.get("near", "")
    return Wait(task_id=task.id, element_id=element_id, loop_index=loop_index(task), **facts)
