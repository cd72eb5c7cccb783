"""What an instance and all it has called have done so far, step by step: what a fresh one may take over.

A step is known by its path, ``resource_assignment/reserve``: the calls on the way, then the element; of a repeated one
with its place, ``check[2]``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes import queries
from processes.lifecycle import EffectState, InboxState, TriggerState, UserTaskState
from processes.parts import EngineParts
from processes.spiff.definition import ElementInfo
from processes.store.instances import MessageSubscription, ProcessInstance, Timer, UserTask
from processes.store.jobs import Effect, InboxMessage
from processes.store.renewals import Renewal

Kind = Literal["job", "user", "timer", "message"]
How = Literal["completed", "failed", "open"]
#: Effects that are there, whether or not they can be taken back.
IN_FORCE: Final = (EffectState.CONFIRMED, EffectState.IRREVERSIBLE)
SERVICES: Final = frozenset({"serviceTask", "sendTask"})
ENDS: Final = frozenset({"completed", "failed", "cancelled"})


@dataclass(kw_only=True)
class Record:
    """One step as it was done.

    ``result``: the whole answer, where it is known; else ``names``, what the step has written. ``effects``: numbers of
    what is in force of it, oldest first; ``lost``: something of it is not in force any more. ``row_id``: of the user
    task. ``due_at``: ISO instant of a timer that was running. ``point``: that somebody had begun it.
    """

    path: str
    element_id: str
    kind: Kind
    how: How
    inputs: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    names: dict[str, Any] = field(default_factory=dict)
    operation: str = ""
    effects: list[int] = field(default_factory=list)
    lost: bool = False
    row_id: str = ""
    due_at: str = ""
    code: str = ""
    message: str = ""
    begun: bool = False

    def as_data(self) -> dict[str, Any]:
        """All of it, to be kept."""
        return asdict(self)


def path_at(element_id: str, loop_index: int | None) -> str:
    """One step of a path."""
    return element_id if loop_index is None else f"{element_id}[{loop_index}]"


def bare(path: str) -> str:
    """A path without the places of repeated elements."""
    return "/".join(part.partition("[")[0] for part in path.split("/"))


def way_from(session: Session, instance: ProcessInstance, top_id: str) -> str:
    """The calls on the way from the instance ``top_id`` down to this one, each with a slash behind it."""
    parts: list[str] = []
    own_id, parent_id = instance.id, instance.parent_id
    element_id, index = instance.parent_element_id, instance.parent_loop_index
    while own_id != top_id and parent_id is not None:
        parts.append(path_at(element_id or "", index))
        row = ProcessInstance
        found = session.execute(
            select(row.id, row.parent_id, row.parent_element_id, row.parent_loop_index).where(row.id == parent_id)
        ).one()
        own_id, parent_id, element_id, index = found
    return "".join(f"{part}/" for part in reversed(parts))


def records_of(parts: EngineParts, session: Session, top_id: str, *, frozen_at: datetime | None = None) -> list[Record]:
    """Everything that was done by an instance and below it, in the order in which each instance did it.

    :param frozen_at: when it was stopped: what was waited for until then counts as open.
    """
    session.flush()
    instances = _subtree(session, top_id)
    ids = [instance.id for instance in instances]
    effects: dict[tuple[str, str | None], list[Effect]] = defaultdict(list)
    for effect in session.scalars(select(Effect).where(Effect.instance_id.in_(ids)).order_by(Effect.seq)):
        effects[effect.instance_id, effect.task_id].append(effect)
    tasks = {(row.instance_id, row.task_id): row for row in _of(session, UserTask, ids)}
    found: list[Record] = []
    for instance in instances:
        way = way_from(session, instance, top_id)
        elements = parts.definitions.process(session, instance.definition_id).elements
        found += _steps(session, instance.id, way, elements, effects, tasks)
        found += _triggers(session, instance.id, way, frozen_at)
    return [*found, *_left_over(session, instances[0])]


def _left_over(session: Session, top: ProcessInstance) -> list[Record]:
    """What an instance that was begun anew itself has not come to yet of what was done before it, as it is now."""
    row = session.get(Renewal, top.renewal_id, populate_existing=True) if top.renewal_id else None
    if row is None or row.child_id != top.id:
        return []
    return [_now(session, Record(**one)) for place, one in enumerate(row.records or ()) if place not in row.used]


def _now(session: Session, record: Record) -> Record:
    """A record from the shelf, with what has become of its effects and of its user task."""
    standing = select(Effect.seq).where(Effect.seq.in_(record.effects), Effect.state.in_(IN_FORCE)).order_by(Effect.seq)
    effects = list(session.scalars(standing))
    lost = record.lost or effects != record.effects
    task = session.get(UserTask, record.row_id) if record.row_id else None
    gone = record.how == "open" and task is not None and task.state != UserTaskState.KEPT
    return replace(record, effects=effects, lost=lost, row_id="" if gone else record.row_id)


def _subtree(session: Session, top_id: str) -> list[ProcessInstance]:
    level = [session.get_one(ProcessInstance, top_id, populate_existing=True)]
    found = list(level)
    while level:
        called = ProcessInstance.parent_task_id.is_not(None)  # what undoes something is no part of the work
        below = select(ProcessInstance).where(ProcessInstance.parent_id.in_([one.id for one in level]), called)
        level = list(session.scalars(below.order_by(ProcessInstance.id)))
        found += level
    return found


def _of(session: Session, table: type[UserTask], ids: Sequence[str]) -> Iterable[UserTask]:
    return session.scalars(select(table).where(table.instance_id.in_(ids)).execution_options(populate_existing=True))


def _steps(
    session: Session,
    instance_id: str,
    way: str,
    elements: Mapping[str, ElementInfo],
    effects: Mapping[tuple[str, str | None], Sequence[Effect]],
    tasks: Mapping[tuple[str, str], UserTask],
) -> list[Record]:
    begun: dict[str, Record] = {}
    for line in queries.history(session, instance_id):
        element = elements.get(line.element_id)
        if line.task_id is None or element is None or (line.event != "entered" and line.task_id not in begun):
            continue
        task, is_service = tasks.get((instance_id, line.task_id)), element.type in SERVICES
        if line.event == "entered" and (is_service or task is not None):
            begun[line.task_id] = Record(
                path=way + path_at(element.id, line.loop_index),
                element_id=element.id,
                kind="job" if is_service else "user",
                how="open",
                inputs=dict(line.detail),
                operation=element.attributes.get("operation", ""),
            )
        elif line.event == "begun":
            begun[line.task_id].begun = True
        elif line.event in ENDS:
            _end(begun[line.task_id], line.event, line.detail)
    for task_id, record in begun.items():
        _add_effects(record, effects.get((instance_id, task_id), ()))
        if (row := tasks.get((instance_id, task_id))) is not None:
            _add_task(record, row)
    repeated = {bare(record.path) for record in begun.values() if record.path != bare(record.path)}
    return [record for record in begun.values() if _counts(record) and record.path not in repeated]


def _end(record: Record, event: str, detail: Mapping[str, Any]) -> None:
    if event == "completed":
        record.how, record.names = "completed", dict(detail)
    elif event == "failed":
        record.how = "failed"
        record.code, record.message = str(detail.get("code", "")), str(detail.get("message", ""))


def _add_effects(record: Record, effects: Sequence[Effect]) -> None:
    """What a step has brought about; a call whose answer came after the step was stopped counts as done."""
    record.lost = any(effect.state not in IN_FORCE for effect in effects)
    standing = [effect for effect in effects if effect.state in IN_FORCE]
    record.effects = [effect.seq for effect in standing]
    for effect in standing:
        if record.result is None:
            record.result = dict(effect.outputs)
        else:  # a change in place: what it does not answer is as it was
            record.result |= {name: value for name, value in effect.outputs.items() if name != "previous"}
    if standing:
        record.how = "completed"


def _add_task(record: Record, row: UserTask) -> None:
    record.row_id = row.id
    if row.state == UserTaskState.COMPLETED:
        record.how, record.result = "completed", dict(row.result or {})
    elif row.state in (UserTaskState.OPEN, UserTaskState.KEPT):
        record.how, record.result = "open", None
    else:
        record.row_id = ""


def _counts(record: Record) -> bool:
    """What has come to nothing and waits for nobody leaves nothing to take over."""
    return record.how != "open" or bool(record.row_id) or record.lost


def _triggers(session: Session, instance_id: str, way: str, frozen_at: datetime | None) -> list[Record]:
    found = []
    timers = select(Timer).where(Timer.instance_id == instance_id).order_by(Timer.id)
    for timer in session.scalars(timers.execution_options(populate_existing=True)):
        stopped = timer.state == TriggerState.CANCELLED and timer.ended_at is not None and timer.ended_at == frozen_at
        how: How = "completed" if timer.state == TriggerState.FIRED else "open"
        if how == "completed" or stopped or timer.state == TriggerState.WAITING:
            due_at = timer.due_at.isoformat()
            path = way + timer.element_id
            found.append(Record(path=path, element_id=timer.element_id, kind="timer", how=how, due_at=due_at))
    return [*found, *_messages(session, instance_id, way)]


def _messages(session: Session, instance_id: str, way: str) -> list[Record]:
    """The messages that came, with what was in them."""
    mine = InboxMessage.instance_id == instance_id, InboxMessage.state == InboxState.DELIVERED
    news = list(session.scalars(select(InboxMessage).where(*mine).order_by(InboxMessage.received_at, InboxMessage.id)))
    waits = select(MessageSubscription).where(
        MessageSubscription.instance_id == instance_id, MessageSubscription.state == TriggerState.FIRED
    )
    found = []
    for wait in session.scalars(waits.order_by(MessageSubscription.id)):
        came = next((one for one in news if (one.name, one.key) == (wait.name, wait.key)), None)
        if came is not None:
            news.remove(came)
        payload = {} if came is None else dict(came.payload)
        path = way + wait.element_id
        found.append(
            Record(path=path, element_id=wait.element_id, kind="message", how="completed", result=payload),
        )
    return found
