"""How a renewed instance would go: run in memory with what was done before, nothing is called and nothing written.

Steps that were done with the same inputs stay; others are changed in place or done again, and what is done again is
taken to answer something else than before, so that whatever has used its answer is done again too. What is new gets a
made-up answer, so that what lies behind it is seen as well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy.orm import Session

from processes.definitions import LoadedDefinition, decision_taken, latest_process
from processes.errors import ProcessError
from processes.ids import CountingIds
from processes.parts import EngineParts
from processes.recorded import Record, path_at
from processes.renewal_rules import Shelf, judge
from processes.spiff.bridge import Execution, StepContext, Wait
from processes.spiff.definition import ElementInfo
from processes.spiff.renewing import answer

MOST_STIMULI: Final = 3000
#: A step nobody has done yet is taken to be done so often; a loop that waits for better answers would never end.
MOST_TIMES: Final = 2
IS_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d").match
IS_AMOUNT: Final = re.compile(r"-?\d+\.\d\d").fullmatch
LAST_DIGIT: Final = re.compile(r"\d(?=\D*$)")
ASKED: Final = re.compile(r"\bresult\.(\w+)")

Act = Literal["keep", "change", "redo", "drop", "new"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the forecast. ``record``: position among the records, none for a step that was not done before.

    ``calls``: the call activities around it, from the top, each with the element as drawn.
    """

    path: str
    element: ElementInfo
    act: Act
    record: int | None = None
    differs: tuple[str, ...] = ()
    calls: tuple[ElementInfo, ...] = ()


@dataclass
class _Run:
    execution: Execution
    definition: LoadedDefinition
    way: str
    calls: tuple[ElementInfo, ...] = ()
    parent: _Run | None = None
    parent_task: str = ""
    open: dict[str, Wait] = field(default_factory=dict)
    ended: bool = False


class Forecast:
    """One instance with what it calls, in memory. ``steps`` in the order in which they are reached."""

    def __init__(
        self, parts: EngineParts, session: Session, records: list[Record], *, now: datetime, area: str
    ) -> None:
        self.steps: list[Step] = []
        self.shelf = Shelf(records)
        self.is_whole = False
        self._parts, self._session, self._now, self._area = parts, session, now, area
        self._ids, self._runs, self._times = CountingIds(), list[_Run](), Counter[str]()

    def run(self, process_key: str, inputs: Mapping[str, Any]) -> None:
        """Go as far as can be seen."""
        first = self._begin(process_key, inputs, "", (), None, "")
        for _ in range(MOST_STIMULI):
            if first.ended or not self._one_more():
                break
        self.is_whole = first.ended

    def acts(self) -> dict[int, Act]:
        """What becomes of each record; what is not reached any more is dropped."""
        found: dict[int, Act] = dict.fromkeys(range(len(self.shelf.records)), "drop")
        return found | {step.record: step.act for step in self.steps if step.record is not None}

    # -- executions -----------------------------------------------------------------------------------------------

    def _begin(
        self,
        key: str,
        inputs: Mapping[str, Any],
        way: str,
        calls: tuple[ElementInfo, ...],
        parent: _Run | None,
        task: str,
    ) -> _Run:
        definition = self._parts.definitions.process(self._session, latest_process(self._session, key).id)
        execution = Execution.new(definition.spec, inputs, context=self._context())
        run = _Run(execution, definition, way, calls, parent, task)
        self._runs.append(run)
        execution.start()
        self._settle(run)
        return run

    def _context(self) -> StepContext:
        return StepContext(now=self._now, ids=self._ids, decide=self._decide, zone=self._zone)

    def _zone(self) -> Any:
        return self._parts.zone_of(self._session, self._area)

    def _decide(self, key: str, inputs: Mapping[str, Any], pinned: int | None) -> Any:
        version = decision_taken(self._session, key, pinned)
        table = self._parts.definitions.decision(self._session, version.id)
        return table.evaluate(inputs, now=lambda: self._now)

    def _settle(self, run: _Run) -> None:
        run.execution.advance(self._parts.step_budget)
        changes = run.execution.changes
        for task_id, _how in changes.closed:
            run.open.pop(task_id, None)
        run.open |= {wait.task_id: wait for wait in changes.opened}
        thrown = [item for item in changes.thrown if item.kind == "error"]
        run.execution.wake(self._context())
        if not run.execution.is_completed or run.ended:
            return
        run.ended = True
        above = run.parent
        if above is None or above.open.pop(run.parent_task, None) is None:
            return
        if thrown:
            above.execution.throw_error(run.parent_task, thrown[0].code, thrown[0].message)
        else:
            above.execution.complete(run.parent_task, run.execution.data)
        self._settle(above)

    def _one_more(self) -> bool:
        """Answer one wait, first of all one that was answered before; false: nothing more can be seen."""
        waits = [(run, wait) for run in self._runs if not run.ended for wait in run.open.values()]
        known = {record.path for place, record in enumerate(self.shelf.records) if place not in self.shelf.used}
        waits.sort(key=lambda pair: self._path(*pair) not in known)
        return any(self._answer(run, wait) for run, wait in waits)

    def _path(self, run: _Run, wait: Wait) -> str:
        repeated = wait.loop_index if wait.kind in ("user", "job", "call") else None
        return run.way + path_at(wait.element_id, repeated)

    # -- waits ----------------------------------------------------------------------------------------------------

    def _answer(self, run: _Run, wait: Wait) -> bool:
        path, element = self._path(run, wait), run.definition.elements.get(wait.element_id)
        if wait.kind == "call":
            if any(other.parent is run and other.parent_task == wait.task_id for other in self._runs):
                return False
            around = (*run.calls, element) if element else run.calls
            try:
                self._begin(wait.called_key or "", wait.inputs, f"{path}/", around, run, wait.task_id)
            except ProcessError:
                return False
            return True
        if wait.kind == "undo":
            return self._complete(run, wait, {})
        if wait.kind in ("job", "user") and element is not None:
            return self._do(run, wait, path, element)
        return self._hear(run, wait, path, element)

    def _do(self, run: _Run, wait: Wait, path: str, element: ElementInfo) -> bool:
        place = self.shelf.take(path, wait.kind, wait.inputs)
        if place is None:
            self._times[path] += 1
            if self._times[path] > MOST_TIMES:
                return False
            self._note(run, path, element, "new")
            return self._complete(run, wait, self._made_up(element))
        record = self.shelf.records[place]
        verdict = judge(record, element, wait.inputs)
        self._note(run, path, element, verdict.act, place, verdict.differs)
        if record.how == "open":
            return self._complete(run, wait, self._made_up(element))
        if record.how == "failed" and verdict.act == "keep":
            if not run.execution.throw_error(wait.task_id, record.code, record.message):
                return False
            run.open.pop(wait.task_id)
            self._settle(run)
            return True
        if verdict.act == "redo":
            return self._complete(run, wait, other(record.result), names=other(record.names))
        result = record.result
        if verdict.renews and result is not None:
            result = result | {name: other(result[name]) for name in verdict.renews if name in result}
        return self._complete(run, wait, result, names=record.names)

    def _note(
        self,
        run: _Run,
        path: str,
        element: ElementInfo,
        act: Act,
        place: int | None = None,
        differs: tuple[str, ...] = (),
    ) -> None:
        self.steps.append(
            Step(path=path, element=element, act=act, record=place, differs=differs, calls=run.calls),
        )

    def _hear(self, run: _Run, wait: Wait, path: str, element: ElementInfo | None) -> bool:
        """A timer, message or signal: it has come before, or would come if the flow stands still for it."""
        place = self.shelf.take(path, wait.kind, {})
        record = None if place is None else self.shelf.records[place]
        if record is not None and element is not None:
            self._note(run, path, element, "keep", place)
        is_beside = element is None or element.type == "boundaryEvent"
        self._times[path] += 1
        if (record is None or record.how == "open") and (is_beside or self._times[path] > MOST_TIMES):
            return False
        return self._complete(run, wait, None if record is None else record.result)

    def _complete(
        self, run: _Run, wait: Wait, result: Mapping[str, Any] | None, *, names: Mapping[str, Any] | None = None
    ) -> bool:
        run.open.pop(wait.task_id, None)
        answer(run.execution, wait, result, names or {})
        self._settle(run)
        return True

    def _made_up(self, element: ElementInfo) -> dict[str, Any]:
        """An answer for a step nobody has done yet."""
        asked = {name for _, text in element.outputs for name in ASKED.findall(text or "")}
        code = element.attributes.get("operation", "")
        registered = self._parts.registry.get(code).outputs if code in self._parts.registry else ()
        return {**dict.fromkeys(sorted(asked), False), **{name: f"new {name}" for name in registered}}


def other(value: Any) -> Any:
    """Something like a value, but not the same: every number in a name is another one; dates and amounts stay."""
    if isinstance(value, Mapping):
        return {name: other(one) for name, one in value.items()}
    if isinstance(value, list):
        return [other(one) for one in value]
    if not isinstance(value, str) or IS_DATE(value) or IS_AMOUNT(value):
        return value
    return LAST_DIGIT.sub(lambda found: str((int(found[0]) + 1) % 10), value)
