"""Compensation: what was completed in a scope is made good again, one after the other, the newest first.

An activity with a handler has its handler run, with the data it completed with. One without has its effects undone by
the ledger, which the caller does and tells us of. Both wait for the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from processes.spiff.library import Task
from processes.spiff.records import Record, claim, claimed, gather, home, release
from processes.spiff.router import throw
from processes.spiff.specs.node import Node
from processes.spiff.tokens import merge
from processes.spiff.waits import Wait
from processes.spiff.workflow import Scope, loop_index


class Undo(Node):
    """A compensation thrown; the token goes on when all is undone. ``extensions["event"]["ref"]``: one activity."""

    def perform(self, task: Task) -> bool | None:
        """Put aside what is to be undone and begin."""
        if "claimed" not in task.internal_data:
            task.internal_data["claimed"] = True
            claim(home(task.workflow), task.id, self.extensions["event"].get("ref"))
        return True if self.step(task) else None

    def step(self, task: Task) -> bool:
        """Begin to undo the newest; True: nothing is left."""
        mine = claimed(home(task.workflow), task.id)
        begun = task.internal_data.pop("begun", None)
        if begun:
            self.ask_ledger(task, begun)
        elif not mine:
            return True
        elif mine[-1].handler is not None:
            self.run_handler(task, mine[-1])
        else:
            plain = takewhile(lambda record: record.handler is None, reversed(mine))
            self.ask_ledger(task, [task_id for record in plain for task_id in record.activations()])
        return False

    def ask_ledger(self, task: Task, activations: list[str]) -> None:
        """Have the caller undo the effects of these activations, the newest first."""
        task.internal_data["undoing"] = activations
        element_id = self.extensions.get("el") or self.extensions["near"]
        inputs = {"tasks": activations}
        wait = Wait(task.id, element_id, "undo", inputs, loop_index=loop_index(task))
        task.workflow.top_workflow.open(task, wait)

    def run_handler(self, task: Task, record: Record) -> None:
        """Open the handler's scope below this token."""
        top = task.workflow.top_workflow
        task.internal_data |= {"undoing": record.activations(), "since": top.next_number()}
        if record.index is not None:
            task.internal_data["idx"] = record.index
        scope = top.create_subprocess(task, record.handler)
        scope.local_names = frozenset(record.local)
        if record.own:
            scope.records = list(record.inner or ())
        scope.begin(scope.spec.start.extensions["first"], record.data, record.stamps)

    def scope_done(self, task: Task, scope: Scope) -> None:
        """The handler has ended: what it has written, and nothing older, is known from now on."""
        top, since = task.workflow.top_workflow, task.internal_data.pop("since")
        top.subprocesses.pop(task.id, None)
        written = {name: stamp for name, stamp in scope.stamps.items() if stamp > since}
        merge(task, scope.latest, written, leave_out=scope.local_names)
        top.changes.compensated.extend(task.internal_data["undoing"])
        self.next(task)

    def finish(self, task: Task, result: Any, also: Mapping[str, Any] | None = None) -> None:
        """The ledger has undone what it was asked for."""
        task.workflow.top_workflow.close(task, "completed")
        self.next(task)

    def next(self, task: Task) -> None:
        """Cross out what has been undone and go on with what was completed before it."""
        scope, top = home(task.workflow), task.workflow.top_workflow
        undone = set(task.internal_data.pop("undoing"))
        task.internal_data.pop("idx", None)
        over = [record for record in claimed(scope, task.id) if record.task_id in undone]
        scope.records = [record for record in scope.records if record.task_id not in undone]
        top.changes.log.extend(record.entry() for record in reversed(over))
        if self.step(task):
            self.over(task)

    def over(self, task: Task) -> None:
        """All is undone."""
        task.complete()

    def dropped(self, task: Task) -> None:
        """Taken away half-way: what was not undone can still be."""
        release(home(task.workflow), task.id)


class CancelEnd(Undo):
    """The cancel end of a transaction: stop everything in it, undo what was completed, leave by the cancel event."""

    def perform(self, task: Task) -> bool | None:
        """What is on its way outside when the others are stopped has to be undone too, as soon as it is known."""
        scope, top = task.workflow, task.workflow.top_workflow
        if "claimed" not in task.internal_data:
            others = [other for other in scope.tokens() if other is not task]
            records, begun = gather(scope, others)
            for other in others:
                top.cancel(other)
            scope.records = sorted([*scope.records, *records], key=lambda record: record.number)
            if begun:
                task.internal_data["begun"] = begun
        if super().perform(task):
            self.over(task)
        return None

    def over(self, task: Task) -> None:
        """Leave by the cancel event at the edge of the transaction."""
        throw(task.workflow.top_workflow, "cancel", "", scope=task.workflow, source=task)
