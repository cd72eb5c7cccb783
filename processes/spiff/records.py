"""What has been completed and could be compensated: a list in each scope, oldest first.

Only definitions that throw compensation somewhere keep such a list, and only of activities that have a handler, may
have effects at far sides, or contain such activities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from processes.spiff.library import Task
from processes.spiff.tokens import stamps
from processes.spiff.waits import LogEntry

if TYPE_CHECKING:
    from processes.spiff.workflow import Scope

Pool = dict[int, list[Any]]
Values = Mapping[int, tuple[str, Any]]


@dataclass
class Record:
    """One completed activation.

    ``number`` gives the order of completion. ``handler`` names the scope to run; without one the ledger's own undo is
    all there is. ``own``: the handler is an event sub-process of the activity, and what it throws means ``inner``, the
    records of the scope that has ended. ``data`` is what the handler starts with. ``by``: the token undoing it.
    """

    task_id: str
    element: str
    number: int
    handler: str | None = None
    own: bool = False
    data: dict[str, Any] = field(default_factory=dict)
    stamps: dict[str, int] = field(default_factory=dict)
    local: tuple[str, ...] = ()
    index: int | None = None
    inner: list[Record] | None = None
    by: str | None = None

    def activations(self) -> list[str]:
        """The activations whose effects this is about, newest first."""
        found = [task_id for record in reversed(self.inner or ()) for task_id in record.activations()]
        return [self.task_id, *found]

    def unfold(self, by: str) -> Iterator[Record]:
        """What ``by`` has to undo for it: itself, or (a sub-process without a handler) all in it."""
        if self.inner is None or self.handler is not None:
            yield replace(self, by=by)
            return
        for record in self.inner:
            yield from record.unfold(by)

    def entry(self) -> LogEntry:
        """What the log says when it has been undone."""
        return LogEntry(self.task_id, self.element, "compensated", {}, self.index)

    def as_facts(self, pool: Pool) -> list[Any]:
        """The record as JSON; its values go into the pool of the snapshot."""
        for name, stamp in self.stamps.items():
            pool.setdefault(stamp, [name, self.data[name]])
        inner = None if self.inner is None else [record.as_facts(pool) for record in self.inner]
        facts = [self.task_id, self.element, self.number, self.handler, int(self.own), self.index, self.by]
        return [*facts, list(self.stamps.values()), list(self.local), inner]

    @classmethod
    def of_facts(cls, facts: list[Any], values: Values) -> Record:
        """The other way round."""
        task_id, element, number, handler, own, index, by, written, local, inner = facts
        return cls(
            task_id,
            element,
            number,
            handler,
            bool(own),
            {values[stamp][0]: values[stamp][1] for stamp in written},
            {values[stamp][0]: stamp for stamp in written},
            tuple(local),
            index,
            None if inner is None else [cls.of_facts(row, values) for row in inner],
            by,
        )


def home(scope: Scope) -> Scope:
    """The scope that remembers: an event sub-process belongs to the scope it handles events for."""
    while scope.parent_task is not None and scope.parent_task.task_spec.extensions.get("by_event"):
        scope = scope.parent_task.workflow
    return scope


def remember(task: Task, index: int | None) -> None:
    """An activity has completed; what its handler will need is kept."""
    keep = task.task_spec.extensions.get("keep")
    if keep is None:
        return
    records, task_id = home(task.workflow).records, task.id
    if "scope" in task.task_spec.extensions:  # written when its scope ended
        record = next((record for record in records if record.task_id == task_id), None)
        if record is None:
            return
    else:
        record = Record(task_id, task.task_spec.extensions["el"], task.workflow.top_workflow.next_number(), index=index)
        records.append(record)
    record.handler = keep["handler"]
    if record.handler is not None and not record.own:
        record.data, record.stamps = dict(task.data), dict(stamps(task))
        record.local = tuple(task.internal_data.get("local", ()))


def remember_scope(task: Task, scope: Scope, index: int | None) -> None:
    """A sub-process has come to its end: what was completed in it is remembered by the scope around it."""
    keep = task.task_spec.extensions.get("keep")
    if keep is None or not (scope.records or keep["handler"]):
        return
    number = task.workflow.top_workflow.next_number()
    record = Record(task.id, task.task_spec.extensions["el"], number, keep["handler"], keep["own"], index=index)
    record.inner = scope.records
    if record.own:
        record.data, record.stamps = dict(scope.latest), dict(scope.stamps)
        record.local = tuple(sorted(scope.local_names))
    home(task.workflow).records.append(record)


def forget(task: Task) -> None:
    """A sub-process was taken away after all."""
    around = home(task.workflow)
    around.records = [record for record in around.records if record.task_id != task.id]


def claim(scope: Scope, by: str, activity: str | None) -> None:
    """Put aside for ``by`` what is to be undone: all of the scope, or one activity as often as it completed."""
    found: list[Record] = []
    for record in scope.records:
        wanted = record.by is None and activity in (None, record.element)
        found += record.unfold(by) if wanted else [record]
    scope.records = found


def release(scope: Scope, by: str) -> None:
    """What was put aside and not undone can be undone by somebody else."""
    scope.records = [replace(record, by=None) if record.by == by else record for record in scope.records]


def claimed(scope: Scope, by: str) -> list[Record]:
    """What ``by`` still has to undo, oldest first."""
    return [record for record in scope.records if record.by == by]


def compensating(task: Task) -> tuple[str, ...]:
    """The activations a token inside a compensation handler makes good for; nothing outside of one."""
    holder = task.workflow.parent_task
    while holder is not None:
        if "undoing" in holder.internal_data:
            return tuple(holder.internal_data["undoing"])
        holder = holder.workflow.parent_task
    return ()


def gather(scope: Scope, tokens: Iterable[Task]) -> tuple[list[Record], list[str]]:
    """From activities about to be taken away: what was completed inside them, and what is on its way outside.

    Returns the records and the activations of jobs and calls that have begun.
    """
    records: list[Record] = []
    begun: list[str] = []
    for token in tokens:
        if token.task_spec.extensions.get("wait") in ("job", "call") and "wait" in token.internal_data:
            begun.append(token.id)
        inner = scope.top_workflow.subprocesses.get(token.id)
        if inner is not None:
            deeper, more = gather(inner, inner.tokens())
            records += [*inner.records, *deeper]
            begun += more
    return sorted(records, key=lambda record: record.number), begun
