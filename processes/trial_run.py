"""The inside of a trial: executions in memory, answers, and the clock that jumps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from processes.ids import CountingIds
from processes.spiff.bridge import Execution, StepContext, Wait, load_spec
from processes.spiff.decisions import Decision
from processes.spiff.definition import CompiledProcess

MAX_DEPTH: Final = 20
Sample = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


@dataclass
class Running:
    """One execution: the process tried, or one it calls."""

    process: CompiledProcess
    execution: Execution
    path: str
    business_key: str
    parent: Running | None = None
    parent_task: str = ""
    open: dict[str, Wait] = field(default_factory=dict)
    children: dict[str, Running] = field(default_factory=dict)
    ended: bool = False


@dataclass
class TrialRun:
    """All executions of one trial, and what has been seen of them."""

    processes: dict[str, CompiledProcess]
    decisions: dict[str, Decision]
    answers: Mapping[str, Any]
    sample: Sample | None
    now: datetime
    ids: CountingIds = field(default_factory=CountingIds)
    running: list[Running] = field(default_factory=list)
    trace: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    stimuli: int = 0

    def context(self) -> StepContext:
        return StepContext(now=self.now, ids=self.ids, decide=self.decide)

    def decide(self, key: str, inputs: Mapping[str, Any]) -> Any:
        if key not in self.decisions:
            raise LookupError(f"there is no decision {key!r} among the files")
        return self.decisions[key].evaluate(inputs)

    # -- executions -----------------------------------------------------------------------------------------------

    def begin(
        self, process: CompiledProcess, data: Mapping[str, Any], path: str, key: str, parent: Running | None, task: str
    ) -> Running:
        execution = Execution.new(load_spec(process.spec_json), data, context=self.context())
        run = Running(process, execution, path, key, parent, task)
        self.running.append(run)
        execution.start()
        self.settle(run)
        return run

    def settle(self, run: Running) -> None:
        """Advance, note what happened, start the children, tell the parent."""
        run.execution.advance()
        changes = run.execution.changes
        for entry in changes.log:
            self.note(run, entry.element_id, entry.event, entry.detail, entry.loop_index)
        for failure in changes.failures:
            path = self.path_of(run, failure.element_id)
            self.failures.append({"path": path, "code": failure.code, "message": failure.message})
        for task_id, _ in changes.closed:
            run.open.pop(task_id, None)
            child = run.children.pop(task_id, None)
            if child is not None:
                self.drop(child)
        opened, thrown = list(changes.opened), list(changes.thrown)
        for rows in (changes.log, changes.failures, changes.closed, changes.opened, changes.thrown):
            rows.clear()
        for wait in opened:
            run.open[wait.task_id] = wait
        if run.execution.is_completed:
            self.finish(run, next((item for item in thrown if item.kind == "error"), None))

    def finish(self, run: Running, error: Any) -> None:
        run.ended = True
        run.open.clear()
        parent = run.parent
        if parent is None or run.parent_task not in parent.open:
            return
        parent.children.pop(run.parent_task, None)
        wait = parent.open.pop(run.parent_task)
        if error is None:
            parent.execution.complete(run.parent_task, run.execution.data)
        elif not parent.execution.throw_error(run.parent_task, error.code, error.message):
            self.failures.append(
                {"path": self.path_of(parent, wait.element_id), "code": error.code, "message": error.message}
            )
            return
        self.settle(parent)

    def drop(self, run: Running) -> None:
        run.ended = True
        run.open.clear()
        for child in run.children.values():
            self.drop(child)

    # -- answers --------------------------------------------------------------------------------------------------

    def path_of(self, run: Running, element_id: str) -> str:
        steps, element = [element_id], run.process.elements.get(element_id)
        while element is not None and element.parent:
            steps.append(element.parent)
            element = run.process.elements.get(element.parent)
        return run.path + "/".join(reversed(steps))

    def answer(self, run: Running, wait: Wait) -> tuple[bool, Any]:
        path = self.path_of(run, wait.element_id)
        for key in (path, wait.element_id):
            if key in self.answers:
                found = self.answers[key]
                if not isinstance(found, list):
                    return True, found
                place = self.used.get(path, 0)
                self.used[path] = place + 1
                return (True, found[place]) if place < len(found) else (False, None)
        return False, None

    def note(self, run: Running, element_id: str, event: str, detail: Mapping[str, Any], index: int | None) -> None:
        element = run.process.elements.get(element_id)
        row: dict[str, Any] = {
            "at": self.now.isoformat(),
            "path": self.path_of(run, element_id),
            "name": element.name if element else "",
            "event": event,
            "detail": dict(detail),
        }
        if index is not None:
            row["index"] = index
        self.trace.append(row)

    def respond(self, run: Running, wait: Wait) -> bool:
        """Let the outside answer one wait; False: it stays open."""
        if wait.kind == "timer" or wait.task_id in self.silent or wait.task_id in run.children:
            return False
        if wait.kind == "call" and self.call(run, wait):
            return True
        given, found = self.answer(run, wait)
        if isinstance(found, Mapping) and found.get("$never"):
            self.silent.add(wait.task_id)
            return False
        if wait.kind in ("message", "signal") and not given:
            return False
        if isinstance(found, Mapping) and "$error" in found:
            self.throw(run, wait, str(found["$error"]), str(found.get("$message", "")))
            return True
        result = found if isinstance(found, Mapping) else self.made_up(run, wait)
        run.open.pop(wait.task_id, None)
        if wait.kind in ("message", "signal"):
            run.execution.deliver(wait.task_id, result)
        else:
            run.execution.complete(wait.task_id, result)
        self.settle(run)
        return True

    def throw(self, run: Running, wait: Wait, code: str, message: str) -> None:
        run.open.pop(wait.task_id, None)
        if run.execution.throw_error(wait.task_id, code, message):
            self.settle(run)
        else:
            path = self.path_of(run, wait.element_id)
            self.failures.append({"path": path, "code": code, "message": message or "nobody catches this error"})

    def made_up(self, run: Running, wait: Wait) -> Mapping[str, Any]:
        if wait.kind != "job":
            return {} if wait.kind == "user" else wait.inputs
        operation = run.process.elements[wait.element_id].attributes.get("operation", "")
        return {**wait.inputs, **(self.sample(operation, wait.inputs) if self.sample is not None else {})}

    def call(self, run: Running, wait: Wait) -> bool:
        process = self.processes.get(wait.called_key or "")
        path = self.path_of(run, wait.element_id) + "/"
        if process is None or path.count("/") > MAX_DEPTH:
            return False
        placeholder = Running(process, run.execution, path, "")
        run.children[wait.task_id] = placeholder
        child = self.begin(process, wait.inputs, path, wait.business_key or run.business_key, run, wait.task_id)
        if not child.ended:
            run.children[wait.task_id] = child
        return True

    # -- the loop -------------------------------------------------------------------------------------------------

    def step(self) -> bool:
        """Answer whatever waits; else let the clock jump to the next timer; False: nothing more can happen."""
        for run in list(self.running):
            for wait in list(run.open.values()):
                if wait.task_id in run.open and not run.ended and self.respond(run, wait):
                    return True
        timers = [
            (wait.due_at, run, wait)
            for run in self.running
            for wait in run.open.values()
            if wait.kind == "timer" and wait.due_at is not None
        ]
        if not timers or self.failures:
            return False
        due, run, wait = min(timers, key=lambda item: item[0])
        self.now = max(self.now, due + timedelta(milliseconds=1))
        for other in self.running:
            other.execution.at(self.context())
        run.open.pop(wait.task_id, None)
        run.execution.fire_timer(wait.task_id)
        self.settle(run)
        return True
