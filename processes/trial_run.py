"""The inside of a trial: executions in memory, and what has been seen of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from processes.ids import CountingIds
from processes.spiff.bridge import Execution, LogEntry, StepContext, Thrown, Wait, load_spec
from processes.spiff.decisions import Decision
from processes.spiff.definition import CompiledProcess
from processes.trial_answers import News
from processes.trial_steps import Seen

MAX_DEPTH: Final = 20


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
    """All executions of one trial. ``path`` and ``incidents`` are rows of the result.

    ``messages`` and ``signals``: on their way to whoever waits for them. ``completed``: what was, since last asked.
    ``seen``: the steps with their data, and what they have done. ``pinned``: the versions of decisions that steps are
    pinned to, by key and number; None where nobody counts versions: then there is only that of the files.
    """

    processes: dict[str, CompiledProcess]
    decisions: dict[str, Decision]
    now: datetime
    ids: CountingIds = field(default_factory=CountingIds)
    running: list[Running] = field(default_factory=list)
    path: list[dict[str, Any]] = field(default_factory=list)
    incidents: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: list[News] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    pinned: Mapping[tuple[str, int], Decision] | None = None

    def context(self) -> StepContext:
        """What a stimulus brings along."""
        return StepContext(now=self.now, ids=self.ids, decide=self.decide)

    def decide(self, key: str, inputs: Mapping[str, Any], version: int | None = None) -> Any:
        """Take a decision of the files, or the version asked for. :raises LookupError: there is none."""
        decision = self.decisions.get(key)
        if version is not None and self.pinned is not None:
            decision = self.pinned.get((key, version))
            if decision is None:
                raise LookupError(f"there is no version {version} of decision {key!r}")
        if decision is None:
            raise LookupError(f"there is no decision {key!r} among the files")
        self.seen.decided.append((key, inputs))
        return decision.evaluate(inputs, now=lambda: self.now)

    def set_time(self, at: datetime) -> None:
        """Let the clock go forward to ``at``."""
        self.now = max(self.now, at)
        for run in self.running:
            run.execution.at(self.context())

    # -- executions -----------------------------------------------------------------------------------------------

    def begin(
        self, process: CompiledProcess, data: Mapping[str, Any], path: str, key: str, parent: Running | None, task: str
    ) -> Running:
        """Start a process and go on to its first waits."""
        execution = Execution.new(load_spec(process.spec_json), data, context=self.context())
        run = Running(process, execution, path, key, parent, task)
        self.running.append(run)
        if parent is not None:
            parent.children[task] = run
        execution.start()
        self.settle(run)
        return run

    def call(self, run: Running, wait: Wait) -> bool:
        """Start the process a call asks for; False: it is not among the files."""
        process = self.processes.get(wait.called_key or "")
        path = self.path_of(run, wait.element_id) + "/"
        if process is None or path.count("/") > MAX_DEPTH:
            return False
        self.begin(process, wait.inputs, path, wait.business_key or run.business_key, run, wait.task_id)
        return True

    def settle(self, run: Running) -> None:
        """Advance, note what happened, and tell the others."""
        run.execution.advance()
        changes = run.execution.changes
        stopped = {failure.task_id for failure in changes.failures}
        for entry in changes.log:
            if entry.event != "failed":
                self.note(run, entry.element_id, entry.event, entry.detail, entry.loop_index)
                self.look(run, entry)
            elif entry.task_id not in stopped:  # a BPMN error that somebody caught: the activity is over
                self.note(run, entry.element_id, "cancelled", entry.detail, entry.loop_index)
        for task_id, how in changes.closed:
            run.open.pop(task_id, None)
            if how == "cancelled":
                self.seen.over(task_id, "cancelled", self.now)
            self.incidents.pop(task_id, None)
            child = run.children.pop(task_id, None)
            if child is not None:
                self.drop(child)
        for failure in changes.failures:
            if changes.kinds.get(failure.task_id) != "failure":  # else it was taken away again
                self.stop_at(run, failure.task_id, failure.element_id, failure.code, failure.message)
        opened, thrown = list(changes.opened), list(changes.thrown)
        for rows in (changes.log, changes.failures, changes.closed, changes.opened, changes.thrown):
            rows.clear()
        changes.kinds.clear()
        if changes.compensated:
            self.seen.undone(changes.compensated)
            changes.compensated.clear()
        for wait in opened:
            self.seen.opened(run, wait, self.facts_of(run, wait.element_id), self.now)
        run.open |= {wait.task_id: wait for wait in opened}
        for element_id, index in dict.fromkeys((wait.element_id, wait.loop_index) for wait in opened):
            if self.type_of(run, element_id) == "intermediateCatchEvent":
                self.note(run, element_id, "entered", {}, index)
        self.pass_on(run, thrown)
        if run.execution.is_completed and not run.ended:
            self.finish(run, next((item for item in thrown if item.kind == "error"), None))

    def pass_on(self, run: Running, thrown: Sequence[Thrown]) -> None:
        """Bring escalations to the caller, messages on their way, signals to everybody else."""
        for item in thrown:
            above = run.parent
            if item.kind == "escalation" and above is not None and run.parent_task in above.open:
                above.execution.throw_escalation(run.parent_task, item.code, item.payload)
                self.settle(above)
            elif item.kind == "message":
                self.messages.append(News(item.code, item.key, item.payload))
            elif item.kind == "signal":
                self.signal(item.code, item.payload, but=run)

    def signal(self, name: str, payload: Mapping[str, Any], *, but: Running | None = None) -> None:
        """Let all executions hear a signal."""
        for run in list(self.running):
            if run is not but and not run.ended and run.execution.signal(name, payload):
                self.settle(run)

    def finish(self, run: Running, error: Thrown | None) -> None:
        """An execution has ended: tell its caller; an error nobody catches stops there."""
        run.ended = True
        run.open.clear()
        parent = run.parent
        if parent is None:
            if error is not None:
                self.stop_at(run, run.process.key, error.element_id, error.code, error.message)
            return
        if run.parent_task not in parent.open:
            return
        parent.children.pop(run.parent_task, None)
        if error is None:
            self.seen.answered(parent, parent.open.pop(run.parent_task), run.execution.data, self.now)
            parent.execution.complete(run.parent_task, run.execution.data)
            self.settle(parent)
        else:
            self.refuse(parent, parent.open.pop(run.parent_task), error.code, error.message)

    def refuse(self, run: Running, wait: Wait, code: str, message: str) -> None:
        """An activity fails with a BPMN error: whoever is nearest catches it, here or in a caller; else it stops."""
        self.seen.over(wait.task_id, "failed", self.now, ": ".join(part for part in (code, message) if part))
        where, task_id = run, wait.task_id
        while not where.execution.throw_error(task_id, code, message):
            if where.parent is None or where.parent_task not in where.parent.open:
                self.stop_at(run, wait.task_id, wait.element_id, code, message or "nobody catches this error")
                return
            where, task_id = where.parent, where.parent_task
        self.settle(where)

    def drop(self, run: Running) -> None:
        """An execution, and what it calls, is no longer wanted."""
        if not run.ended:
            run.ended = True
            for task_id in run.open:
                self.incidents.pop(task_id, None)
                self.seen.over(task_id, "cancelled", self.now)
            run.execution.cancel()
            for entry in run.execution.changes.log:
                self.note(run, entry.element_id, entry.event, entry.detail, entry.loop_index)
        run.open.clear()
        for child in run.children.values():
            self.drop(child)

    # -- what is seen ---------------------------------------------------------------------------------------------

    def path_of(self, run: Running, element_id: str) -> str:
        """The element by its way from the process tried: calls and sub-processes, then itself."""
        steps, element = [element_id], run.process.elements.get(element_id)
        while element is not None and element.parent:
            steps.append(element.parent)
            element = run.process.elements.get(element.parent)
        return run.path + "/".join(reversed(steps))

    def type_of(self, run: Running, element_id: str) -> str:
        """The BPMN local name of an element."""
        element = run.process.elements.get(element_id)
        return element.type if element else ""

    def facts_of(self, run: Running, element_id: str) -> dict[str, Any]:
        """What every row of the result says of its element."""
        element = run.process.elements.get(element_id)
        name, kind = (element.name, element.type) if element else ("", "")
        return {"element": self.path_of(run, element_id), "name": name, "type": kind}

    def note(self, run: Running, element_id: str, event: str, detail: Mapping[str, Any], index: int | None) -> None:
        """Add a row to the path."""
        row = {**self.facts_of(run, element_id), "event": event, "at": self.now.isoformat()}
        if index is not None:
            row["index"] = index
        if detail:
            row["detail"] = dict(detail)
        self.path.append(row)
        if event == "completed":
            self.completed += [element_id, row["element"]]

    def look(self, run: Running, entry: LogEntry) -> None:
        """Keep what a step has left in the data; a decision is nothing but that."""
        if entry.event == "completed" and self.type_of(run, entry.element_id) == "businessRuleTask":
            facts = self.facts_of(run, entry.element_id)
            self.seen.decision(run, entry.element_id, facts, dict(entry.detail), self.now)
        elif entry.event == "completed":
            self.seen.wrote(entry.task_id, entry.detail)

    def stop_at(self, run: Running, task_id: str, element_id: str, code: str, message: str) -> None:
        """Nothing goes on here before somebody mends it."""
        facts = self.facts_of(run, element_id)
        self.seen.failed(run, task_id, element_id, facts, f"{code}: {message}", self.now.isoformat())
        self.incidents[task_id] = {**facts, "code": code, "message": message, "at": self.now.isoformat()}
