"""What a trial keeps beside its path: each step with what went in and came out, and the ledger of what it has done.

The ledger is that of :mod:`processes.effects`: what is written at a far side, or done by people where the drawing names
a process that undoes it. Everything carries ``tick``, the number of things that had happened by then, so that the
undo plan of any moment can be read from one finished trial.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from adapters.operations import OperationRegistry
from processes.spiff.bridge import Wait
from processes.spiff.pins import pin_of

if TYPE_CHECKING:
    from processes.trial_run import Running

#: ``yizhan:`` attributes a row of a step repeats.
SAID = ("operation", "form", "team", "sla", "duration", "calendar", "decision", "pointOfNoReturn", "workOrder")
PEOPLE = "people"
#: The kind of a step that came to nothing before anybody was asked.
BY_TYPE = {
    "userTask": "user",
    "serviceTask": "job",
    "sendTask": "job",
    "callActivity": "call",
    "businessRuleTask": "decision",
    "receiveTask": "message",
}


@dataclass
class Seen:
    """Rows for people: ``steps`` in the order in which they began, ``effects`` in that of their confirmation,
    ``points`` of no return as they were passed."""

    registry: OperationRegistry | None = None
    tick: int = 0
    steps: list[dict[str, Any]] = field(default_factory=list)
    effects: list[dict[str, Any]] = field(default_factory=list)
    points: list[dict[str, Any]] = field(default_factory=list)
    by_task: dict[str, dict[str, Any]] = field(default_factory=dict)
    decided: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def opened(self, run: Running, wait: Wait, facts: Mapping[str, Any], now: datetime) -> None:
        """Something is waited for."""
        element = run.process.elements.get(wait.element_id)
        attributes = element.attributes if element else {}
        self.tick += 1
        row: dict[str, Any] = {
            **facts,
            "number": len(self.steps) + 1,
            "kind": wait.kind,
            "process": run.process.key,
            "id": wait.element_id,
            "name_en": element.name_en if element else "",
            "state": "waiting",
            "from": now.isoformat(),
            "tick": self.tick,
            "inputs": dict(wait.inputs),
            "tries": [],
            **{name: attributes[name] for name in SAID if attributes.get(name)},
        }
        if wait.loop_index is not None:
            row["index"] = wait.loop_index
        for name, value in (("message", wait.message), ("key", wait.message_key), ("calls", wait.called_key)):
            if value is not None:
                row[name] = value
        if wait.due_at is not None:
            row["due"] = wait.due_at.isoformat()
        self.steps.append(row)
        self.by_task[wait.task_id] = row
        self.passed(row, attributes.get("pointOfNoReturn", ""), now)

    def passed(self, row: Mapping[str, Any], point: str, now: datetime) -> None:
        """A point of no return, if there is one."""
        if point:
            facts = {name: row[name] for name in ("element", "id", "name", "name_en", "process")}
            self.points.append({**facts, "level": point, "at": now.isoformat(), "tick": self.tick})

    def decision(self, run: Running, element_id: str, facts: Mapping[str, Any], wrote: Any, now: datetime) -> None:
        """A decision was taken: nobody waits for one, so its step begins and ends at once."""
        element = run.process.elements.get(element_id)
        key = element.attributes.get("decision", "") if element else ""
        inputs = next((given for name, given in self.decided if name == key), {})
        self.decided = [row for row in self.decided if row[0] != key]
        self.tick += 1
        row = {
            **facts,
            "number": len(self.steps) + 1,
            "kind": "decision",
            "process": run.process.key,
            "id": element_id,
            "name_en": element.name_en if element else "",
            "state": "done",
            "from": now.isoformat(),
            "to": now.isoformat(),
            "tick": self.tick,
            "ended": self.tick,
            "inputs": dict(inputs),
            "wrote": wrote,
            "tries": [],
            "decision": key,
        }
        if element and (version := pin_of(element.attributes)) is not None:
            row["version"] = version
        self.steps.append(row)

    def tried(self, task_id: str, message: str, now: datetime) -> None:
        """An attempt came to nothing."""
        if row := self.by_task.get(task_id):
            row["tries"].append({"at": now.isoformat(), "message": message})

    def answered(self, run: Running, wait: Wait, result: Mapping[str, Any], now: datetime) -> None:
        """A far system or a person has answered; if that did something, it is in the ledger from now on."""
        row = self.by_task.get(wait.task_id)
        if row is None:
            return
        self.tick += 1
        row |= {"state": "done", "to": now.isoformat(), "ended": self.tick, "result": dict(result)}
        element = run.process.elements.get(wait.element_id)
        attributes = element.attributes if element else {}
        if wait.kind == "user" and attributes.get("undoneBy"):
            self._enter(run, wait, row, attributes["undoneBy"], PEOPLE, {**wait.inputs, **result})
        elif wait.kind == "job":
            self._operation(run, wait, row, attributes, result)

    def _operation(
        self, run: Running, wait: Wait, row: Mapping[str, Any], attributes: Mapping[str, str], result: Mapping[str, Any]
    ) -> None:
        code, registry = attributes.get("operation", ""), self.registry
        if registry is None or code not in registry or not registry.get(code).is_write:
            return
        operation = registry.get(code)
        if wait.compensates and self._made_good(wait.compensates, only_newest=True):
            return
        undo = None if wait.compensates else attributes.get("undo") or operation.undo
        missing, inputs = "", {}
        if undo and undo != operation.undo:
            known = {**wait.inputs, **result}
            names = known
            if undo in registry:
                far = registry.get(undo)
                names = dict.fromkeys((*far.inputs, *far.optional_inputs))
                missing = ", ".join(name for name in far.inputs if name not in known)
            inputs = {name: known[name] for name in names if name in known}
        elif undo:
            try:
                inputs = registry.undo_inputs(operation, wait.inputs, result)
            except LookupError as problem:
                missing = str(problem.args[0] if problem.args else problem)
        final = None if operation.irreversible else undo
        self._enter(run, wait, row, final, operation.adapter, inputs, missing=missing)

    def _enter(
        self,
        run: Running,
        wait: Wait,
        row: Mapping[str, Any],
        undo: str | None,
        by: str,
        inputs: Mapping[str, Any],
        *,
        missing: str = "",
    ) -> None:
        tasks, inner = [wait.task_id], run
        while inner.parent is not None:
            tasks.append(inner.parent_task)
            inner = inner.parent
        facts = {name: row[name] for name in ("element", "id", "name", "name_en", "process", "number")}
        self.effects.append(
            {**facts, "does": row.get("operation") or row.get("form") or row["id"], "by": by, "undo": undo}
            | {"inputs": dict(inputs), "missing": missing, "tick": self.tick, "undone": None, "tasks": tasks}
        )

    def _made_good(self, tasks: Iterable[str], *, only_newest: bool = False) -> bool:
        mine = set(tasks)
        found = [row for row in self.effects if row["undone"] is None and mine & set(row["tasks"])]
        for row in found[-1:] if only_newest else found:
            row["undone"] = self.tick
        return bool(found)

    def undone(self, tasks: Iterable[str]) -> None:
        """The ledger was asked to undo what these activations did."""
        self.tick += 1
        self._made_good(tasks)

    def over(self, task_id: str, how: str, now: datetime, message: str = "") -> None:
        """A step has ended otherwise: ``cancelled``, or ``failed`` for now."""
        row = self.by_task.get(task_id)
        if row is not None and row["state"] in ("waiting", "failed"):
            self.tick += 1
            row |= {"state": how, "to": now.isoformat(), "ended": self.tick}
            if message:
                row["message"] = message

    def failed(self, run: Running, task_id: str, element_id: str, facts: Mapping[str, Any], text: str, at: str) -> None:
        """The engine could not go on at an element; one that nobody waits for yet is a step all the same."""
        if task_id in self.by_task:
            self.over(task_id, "failed", datetime.fromisoformat(at), text)
            return
        element = run.process.elements.get(element_id)
        self.tick += 1
        row = {
            **facts,
            "number": len(self.steps) + 1,
            "kind": BY_TYPE.get(element.type if element else "", "other"),
            "process": run.process.key,
            "id": element_id,
            "name_en": element.name_en if element else "",
            "state": "failed",
            "message": text,
            "from": at,
            "to": at,
            "tick": self.tick,
            "ended": self.tick,
            "inputs": {},
            "tries": [],
        }
        self.steps.append(row)
        self.by_task[task_id] = row

    def wrote(self, task_id: str, names: Mapping[str, Any]) -> None:
        """What a step left in the data."""
        if row := self.by_task.get(task_id):
            row["wrote"] = dict(names)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """All of it, for the result."""
        effects = [{name: value for name, value in row.items() if name != "tasks"} for row in self.effects]
        return {"steps": self.steps, "effects": effects, "points": self.points}


def undo_plan(result: Mapping[str, Any], tick: int | None = None) -> dict[str, list[Mapping[str, Any]]]:
    """What a cancel at that moment of a finished trial would do; ``tick`` none: at its end.

    ``undo``: newest first, the order in which effects are reversed. ``stays``: what is in force and cannot be taken
    back. ``points``: the points of no return that had been passed. ``out``: calls without an answer, waited for first.
    """
    at = tick if tick is not None else 1 << 62
    standing = [row for row in result["effects"] if row["tick"] <= at and (row["undone"] is None or row["undone"] > at)]
    out = [
        row
        for row in result["steps"]
        if row["kind"] == "job" and row["tick"] <= at and row.get("ended", at + 1) > at and row["state"] != "failed"
    ]
    return {
        "undo": [row for row in reversed(standing) if row["undo"]],
        "stays": [row for row in reversed(standing) if not row["undo"]],
        "points": [row for row in result["points"] if row["tick"] <= at],
        "out": out,
    }
