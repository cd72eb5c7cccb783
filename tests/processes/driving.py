"""Drives a process in tests, in three ways that must not differ.

``plain`` keeps the execution in memory, ``stimulus`` saves and loads it after every stimulus,
``step`` after every step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from processes.findings import Finding
from processes.ids import CountingIds
from processes.spiff import steps
from processes.spiff.bridge import Execution, LoadedSpec, StepContext, Wait, load_spec
from processes.spiff.compile import compile_files
from processes.spiff.registry import dump_loaded

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MODES = ("plain", "stimulus", "step")
every_way = pytest.mark.parametrize("mode", MODES)


class Anything:
    """Contains whatever is asked for."""

    def __contains__(self, item: object) -> bool:
        return True


def findings(data: bytes | Mapping[str, bytes], **known: Any) -> list[Finding]:
    files = {"test.bpmn": data} if isinstance(data, bytes) else data
    return compile_files(files, **known)[2]


def loaded(data: bytes) -> LoadedSpec:
    compiled, _, found = compile_files({"test.bpmn": data}, known_processes=Anything(), known_decisions=Anything())
    errors = [row for row in found if row.severity == "error"]
    assert not errors, errors
    return load_spec(compiled[0].spec_json)


def no_decision(key: str, inputs: Mapping[str, Any], _pinned: int | None) -> Any:
    raise LookupError(key)


@dataclass
class Drive:
    """One instance under test."""

    mode: str
    spec: LoadedSpec
    execution: Execution
    now: datetime = NOW
    ids: CountingIds = field(default_factory=CountingIds)
    decide: Callable[[str, Mapping[str, Any], int | None], Any] = no_decision
    budget: int = 500
    log: list[tuple[str, str]] = field(default_factory=list)
    entries: list[Any] = field(default_factory=list)
    opened: list[Wait] = field(default_factory=list)
    closed: list[tuple[str, str]] = field(default_factory=list)
    failures: list[Any] = field(default_factory=list)
    thrown: list[Any] = field(default_factory=list)
    most_tokens: int = 0
    before: bytes = b""
    outcome_seen: str | None = None

    @classmethod
    def begin(cls, mode: str, data: bytes | LoadedSpec, values: Mapping[str, Any] | None = None, **more: Any) -> Drive:
        spec = loaded(data) if isinstance(data, bytes) else data
        at, start = more.pop("at", None), more.pop("start", True)
        context = StepContext(now=NOW, ids=CountingIds(), decide=no_decision)
        drive = cls(mode, spec, Execution.new(spec, values or {}, context=context), **more)
        drive.before = dump_loaded(spec)
        drive.execution.at(drive.context())
        if start:
            drive.execution.start(at)
            drive.settle()
        return drive

    def context(self) -> StepContext:
        return StepContext(now=self.now, ids=self.ids, decide=self.decide)

    def reload(self) -> None:
        self.gather()
        saved = self.execution.dump()
        self.execution = Execution.load(self.spec, saved, context=self.context())
        assert self.execution.dump() == saved

    def gather(self) -> None:
        changes = self.execution.changes
        self.log += [(entry.element_id, entry.event) for entry in changes.log]
        self.entries += changes.log
        self.opened += changes.opened
        self.closed += changes.closed
        self.failures += changes.failures
        self.thrown += changes.thrown
        for rows in (changes.log, changes.opened, changes.closed, changes.failures, changes.thrown):
            rows.clear()
        self.most_tokens = max(self.most_tokens, self.execution.size)

    def settle(self) -> Drive:
        if self.mode == "step":
            taken = 0
            while (task := steps.next_ready(self.execution._top)) is not None and taken < self.budget:
                steps.run(task)
                taken += 1
                self.reload()
            if task is not None:
                self.execution._top.queue.appendleft(task)
        self.execution.advance(self.budget if self.mode != "step" else 0)
        self.gather()
        if self.mode != "plain":
            self.reload()
        assert dump_loaded(self.spec) == self.before, "running has changed the shared specification"
        return self

    # -- what waits --

    def waiting(self, element_id: str | None = None) -> list[Wait]:
        return [wait for wait in self.execution.waits if element_id in (None, wait.element_id)]

    @property
    def at(self) -> list[str]:
        return sorted(wait.element_id for wait in self.execution.waits)

    def task(self, element_id: str, index: int | None = None) -> str:
        found = [wait for wait in self.waiting(element_id) if index is None or wait.loop_index == index]
        assert found, f"{element_id} is not waited for; {self.at} is"
        return found[0].task_id

    def inputs(self, element_id: str) -> dict[str, Any]:
        return next(wait.inputs for wait in reversed(self.opened) if wait.element_id == element_id)

    # -- stimuli --

    def complete(self, element_id: str, result: Mapping[str, Any] | None = None, index: int | None = None) -> Drive:
        self.execution.complete(self.task(element_id, index), result or {})
        return self.settle()

    def deliver(self, element_id: str, payload: Mapping[str, Any] | None = None) -> Drive:
        self.execution.deliver(self.task(element_id), payload or {})
        return self.settle()

    def fire(self, element_id: str) -> Drive:
        wait = self.waiting(element_id)[0]
        assert wait.due_at is not None
        self.now = max(self.now, wait.due_at)
        self.execution.at(self.context())
        self.execution.fire_timer(wait.task_id)
        return self.settle()

    def later(self, **span: float) -> Drive:
        self.now += timedelta(**span)
        self.execution.at(self.context())
        return self

    def error(self, element_id: str, code: str, index: int | None = None) -> bool:
        caught = self.execution.throw_error(self.task(element_id, index), code, f"{code} happened")
        self.settle()
        return caught

    # -- what is --

    @property
    def data(self) -> dict[str, Any]:
        return self.execution.data

    @property
    def done(self) -> bool:
        return self.execution.is_completed

    def events(self, element_id: str) -> list[str]:
        return [event for found, event in self.log if found == element_id]
