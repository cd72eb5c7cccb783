"""Plays a scene in memory: without saving, or saved and loaded again at every wait, or after every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

from processes.errors import StaleTask
from processes.ids import CountingIds
from processes.spiff import loose
from processes.spiff.bridge import LoadedSpec, Wait, load_spec
from processes.spiff.compile import compile_files
from processes.spiff.decisions import Decision, load_decision
from tests.processes.driving import Drive
from tests.semantics.scene import Scene, Seen, path_of, play


@lru_cache(maxsize=512)
def compiled(files: tuple[bytes, ...]) -> tuple[dict[str, LoadedSpec], dict[str, Decision]]:
    """The processes and decisions of a scene, by key."""
    named = {f"{number}.bpmn": body for number, body in enumerate(files)}
    processes, decisions, findings = compile_files(named)
    errors = [finding for finding in findings if finding.severity == "error"]
    assert not errors, errors
    return (
        {item.key: load_spec(item.spec_json) for item in processes},
        {item.key: load_decision(item.xml) for item in decisions},
    )


@dataclass
class Part:
    """One instance: the one started, or one that is called."""

    drive: Drive
    parent: Part | None = None
    task_id: str = ""
    told: bool = False
    heard: int = 0
    children: dict[str, Part] = field(default_factory=dict)


class MemoryPlayer:
    """All instances of one scene, each moved by a :class:`Drive`."""

    def __init__(self, scene: Scene, mode: str) -> None:
        self.specs, self.decisions = compiled(scene.files)
        self.mode = mode
        self.ids = CountingIds()
        self.parts: list[Part] = []
        self.early: list[tuple[str, str, Mapping[str, Any]]] = []
        self.refused = ""
        self.effects: dict[str, str] = {}
        self.undone: list[str] = []
        self.begin(scene.key, scene.data, None, "")

    def begin(self, key: str, data: Mapping[str, Any], parent: Part | None, task_id: str) -> Part:
        drive = Drive.begin(self.mode, self.specs[key], data, start=False, ids=self.ids, decide=self.decide)
        part = Part(drive, parent, task_id)
        self.parts.append(part)
        if parent is not None:
            drive.now = parent.drive.now
            parent.children[task_id] = part
        drive.execution.at(drive.context())
        drive.execution.start()
        self.settle(part)
        return part

    def decide(self, key: str, inputs: Mapping[str, Any], _pinned: int | None) -> Any:
        return self.decisions[key].evaluate(inputs)

    def settle(self, part: Part) -> None:
        """Let a part go on, and with it those it calls and the one that called it."""
        part.drive.settle()
        self.follow(part)

    def follow(self, part: Part) -> None:
        drive = part.drive
        open_calls = {wait.task_id: wait for wait in drive.waiting() if wait.kind == "call"}
        for task_id in [task_id for task_id in part.children if task_id not in open_calls]:
            self.drop(part.children.pop(task_id))
        new = [wait for wait in drive.opened if wait.task_id in open_calls and wait.task_id not in part.children]
        for wait in new:
            if wait.task_id not in part.children:
                self.begin(wait.called_key or "", wait.inputs, part, wait.task_id)
        self.tell(part)
        self.undo_effects(part)
        self.deliver_early()

    def undo_effects(self, part: Part) -> None:
        """The ledger undoes the effects of the activations asked for, at once."""
        for wait in [wait for wait in part.drive.waiting() if wait.kind == "undo"]:
            asked = next(opened for opened in part.drive.opened if opened.task_id == wait.task_id)
            self.undone += [self.effects.pop(task_id) for task_id in asked.inputs["tasks"] if task_id in self.effects]
            part.drive.execution.complete(wait.task_id, {})
            self.settle(part)

    def tell(self, part: Part) -> None:
        """What the parent has to hear: escalations, and the end."""
        above, thrown = part.parent, part.drive.thrown[part.heard :]
        part.heard = len(part.drive.thrown)
        self.early += [(item.name, item.key, item.payload) for item in thrown if item.kind == "message"]
        if above is None or part.told:
            return
        for item in thrown:
            if item.kind == "escalation" and self.still_waits(above, part.task_id):
                above.drive.execution.throw_escalation(part.task_id, item.code, item.payload)
                self.settle(above)
        if part.drive.done and self.still_waits(above, part.task_id):
            part.told = True
            above.children.pop(part.task_id, None)
            error = next((item for item in part.drive.thrown if item.kind == "error"), None)
            if error is None:
                above.drive.execution.complete(part.task_id, part.drive.data)
            else:
                self.refuse_task(above, part.task_id, error.code, error.message, "")
                return
            self.settle(above)

    def drop(self, part: Part) -> None:
        part.told = True
        part.drive.execution.cancel()
        part.drive.gather()
        for child in part.children.values():
            self.drop(child)

    def still_waits(self, part: Part, task_id: str) -> bool:
        return any(wait.task_id == task_id for wait in part.drive.waiting())

    def element_of(self, part: Part, task_id: str) -> str:
        return next(wait.element_id for wait in part.drive.waiting() if wait.task_id == task_id)

    # -- what happens --

    def find(self, element_id: str, place: int | None) -> tuple[Part, Wait]:
        found = [(part, wait) for part in self.parts for wait in in_order(part) if wait.element_id == element_id]
        if place is not None:
            found = [row for row in found if row[1].loop_index == place] or found[place : place + 1]
        assert found, f"{element_id} is not waited for; {self.waiting()} is"
        return found[0]

    def hand_in(self, element_id: str, place: int | None, result: Mapping[str, Any]) -> None:
        part, wait = self.find(element_id, place)
        if wait.kind == "job":
            inputs = next(opened.inputs for opened in part.drive.opened if opened.task_id == wait.task_id)
            self.effects[wait.task_id] = str(inputs.get("what", "?"))
        part.drive.execution.complete(wait.task_id, result)
        self.settle(part)

    def refuse(self, element_id: str, place: int | None, code: str) -> None:
        part, wait = self.find(element_id, place)
        self.refuse_task(part, wait.task_id, code, f"{code} happened", element_id)

    def refuse_task(self, part: Part, task_id: str, code: str, message: str, origin: str) -> None:
        """A BPMN error at a task, handed outwards until somebody catches it; else it stays where it began."""
        origin = origin or self.element_of(part, task_id)
        while not part.drive.execution.throw_error(task_id, code, message):
            if part.parent is None:
                self.refused = origin
                return
            part, task_id = part.parent, part.task_id
        self.settle(part)

    def message(self, name: str, key: str, payload: Mapping[str, Any]) -> None:
        self.early.append((name, key, payload))
        self.deliver_early()

    def deliver_early(self) -> None:
        for row in list(self.early):
            for part in self.parts:
                for wait in in_order(part):
                    if row in self.early and (wait.message, wait.message_key) == row[:2]:
                        self.early.remove(row)
                        part.drive.execution.deliver(wait.task_id, row[2])
                        self.settle(part)

    def signal(self, name: str, payload: Mapping[str, Any]) -> None:
        # One after the other, as each has a row of its own; who begins to wait meanwhile does not hear it.
        heard = [(part, wait) for part in self.parts for wait in in_order(part) if wait.kind == "signal"]
        for part, wait in heard:
            if wait.message == name and self.still_waits(part, wait.task_id):
                part.drive.execution.deliver(wait.task_id, payload)
                self.settle(part)

    def begin_by_hand(self, element_id: str) -> None:
        loose.begin(self.parts[0].drive.execution, element_id)
        self.settle(self.parts[0])

    def pass_time(self, span: timedelta) -> None:
        until = self.parts[0].drive.now + span
        while True:
            due = [
                (wait.due_at, number, part, wait.task_id)
                for part in self.parts
                for number, wait in enumerate(in_order(part))  # of those due at one instant the one set first
                if wait.kind == "timer" and wait.due_at is not None and wait.due_at <= until
            ]
            if not due:
                break
            at, _, part, task_id = min(due, key=lambda row: row[:2])
            self.set_time(at)
            try:
                part.drive.execution.fire_timer(task_id)
            except StaleTask:
                continue
            self.settle(part)
        self.set_time(until)

    def set_time(self, at: Any) -> None:
        for part in self.parts:
            part.drive.now = max(part.drive.now, at)
            part.drive.execution.at(part.drive.context())

    # -- what is --

    def waiting(self) -> list[str]:
        return sorted(wait.element_id for part in self.parts for wait in part.drive.waiting() if wait.kind != "call")

    def seen(self) -> Seen:
        first = self.parts[0].drive
        paths = tuple(path_of(part.drive.log) for part in self.parts)
        return Seen(paths, self.outcome(), first.data, " ".join(self.undone))

    def outcome(self) -> str:
        first = self.parts[0].drive
        failed = [row.element_id for part in self.parts for row in part.drive.execution.failed_tasks]
        if failed or self.refused:
            return f"failed:{(failed or [self.refused])[0]}"
        if not first.done:
            return "waiting"
        error = next((item for item in first.thrown if item.kind == "error"), None)
        return f"error:{error.code}" if error is not None else str(first.execution.outcome)


def in_order(part: Part) -> list[Wait]:
    """What a part waits for, the oldest first."""
    order = {wait.task_id: number for number, wait in enumerate(part.drive.opened)}
    return sorted(part.drive.waiting(), key=lambda wait: order[wait.task_id])


def play_in_memory(scene: Scene, mode: str) -> Seen:
    """Play the scene; ``mode`` as in :mod:`tests.processes.driving`."""
    player = MemoryPlayer(scene, mode)
    play(scene.script, player)
    return player.seen()
