"""From what an execution reports to rows: log, user tasks, jobs, timers, subscriptions, incidents, children."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, select, update

from adapters.operations import UnknownOperation
from processes import adopting, broadcast, compensating, incidents, links, renewing, strangers
from processes.events import EventKind
from processes.faults import fault
from processes.handlers import operation_of, policy_of, port_code
from processes.job_rows import let_go, open_jobs, write_job
from processes.lifecycle import (
    InboxState,
    InstanceState,
    TriggerState,
    UserTaskState,
    next_instance_state,
)
from processes.parking import free_rows, park_rows
from processes.running import Place, Running
from processes.spiff.bridge import LogEntry, Wait
from processes.spiff.definition import ElementInfo
from processes.spiff.waits import ClosedKind
from processes.store.instances import ActivityLog, MessageSubscription, Timer, UserTask
from processes.store.jobs import InboxMessage
from processes.store.rows import new, table_of
from processes.store.sentences import Sentence
from processes.store.starts import SignalSubscription

Trigger = Timer | MessageSubscription | SignalSubscription
TRIGGERS: Final[Mapping[str, type[Trigger]]] = {
    "timer": Timer,
    "message": MessageSubscription,
    "signal": SignalSubscription,
}
#: Steps done by people: they have begun when somebody says so.
PEOPLES_STEPS: Final = frozenset({"userTask", "manualTask"})
EVENT_OF: Final[Mapping[str, EventKind]] = {
    "entered": "element_entered",
    "completed": "element_completed",
    "cancelled": "element_cancelled",
}


def settle(running: Running) -> None:
    """Step until everything waits, write down what changed, save, and end the instance if it is through."""
    running.execution.advance(running.parts.step_budget)
    if running.instance.renewal_id is not None:
        adopting.take_over(running)
    record_changes(running)
    if not (running.execution.is_completed and running.is_running):
        running.save()
        return
    instance = running.instance
    instance.state = next_instance_state(instance.state, InstanceState.COMPLETED)
    instance.ended_at = running.now
    running.save()
    _complete_instance(running)


def record_changes(running: Running) -> None:
    """Write the rows of everything the execution reports since it was loaded."""
    if running.is_suspended:  # an answer has come all the same: it is taken up to the next waits, and they stand still
        free_rows(running.session, running.instance.id)
        _record(running)
        park_rows(running.session, running.instance.id)
    else:
        _record(running)


def _record(running: Running) -> None:
    changes = running.execution.changes
    if changes.compensated:
        compensating.made_good(running, changes.compensated)
    for entry in changes.log:
        write_log(running, entry)
    for task_id, how in changes.closed:
        if how == "cancelled" or task_id != running.answered_task:
            close_wait(running, task_id, changes.kinds[task_id], cancelled=how == "cancelled")
    for wait in changes.opened:
        open_wait(running, wait)
    for failure in changes.failures:
        incidents.open_for_step(running, failure)
    for thrown in changes.thrown:
        if thrown.kind == "escalation":
            links.pass_escalation_up(running, thrown)
        elif thrown.kind in ("signal", "message"):
            broadcast.send(running, thrown)


def write_log(running: Running, entry: LogEntry) -> None:
    """Append one row to the history and tell the listeners."""
    append_log(running, Place.of(entry), entry.event, entry.detail)
    entered = entry.event == "entered"
    key = "inputs" if entered else "outputs"
    detail = entry.detail if key in entry.detail else {key: dict(entry.detail)}
    if kind := EVENT_OF.get(entry.event):
        running.emit(kind, Place.of(entry), detail)


def append_log(running: Running, place: Place, event: str, detail: Mapping[str, Any]) -> None:
    """Append one row to the history of the instance, to be saved; the numbers of its rows have no gaps."""
    fault("audit.before_append")
    element_id = place.element_id or ""
    running.append_to_log(
        new(
            ActivityLog,
            at=running.now,
            task_id=place.task_id,
            element_id=element_id,
            event=event,
            loop_index=place.loop_index,
            actor=running.actor,
            point_of_no_return=point_reached(running.element(element_id), event),
            detail=dict(detail),
        )
    )


def point_reached(element: ElementInfo | None, event: str) -> str | None:
    """The point of no return an event of the history means.

    An automatic step reaches it when it is entered: its job is sent at once. A person's step reaches it when somebody
    begins (or, where nobody said so, when it is completed): it may lie in a queue for days.
    """
    if element is None:
        return None
    reaching = ("begun", "completed") if element.type in PEOPLES_STEPS else ("entered",)
    return element.attributes.get("pointOfNoReturn") if event in reaching else None


def close_wait(running: Running, task_id: str, kind: ClosedKind, *, cancelled: bool) -> None:
    """End the row that waits for a task; a cancelled call ends its child as well."""
    if kind == "user":
        close_user_tasks(running, task_id, cancelled=cancelled)
    elif entity := TRIGGERS.get(kind):
        ended = _cancel_trigger(entity).all(
            running.session, instance_id=running.instance.id, task_id=task_id, ended_at=running.now
        )
        for (job_id,) in ended:
            if job_id is not None:
                incidents.let_go_of_trigger(running, job_id)
    if cancelled and kind in ("job", "call", "failure"):
        incidents.close_for_task(running, task_id, "cancelled")
        let_go(open_jobs(running, task_id), running.now)
        if kind == "call":
            links.interrupt_children(running, task_id)


def close_user_tasks(running: Running, task_id: str, *, cancelled: bool) -> None:
    """End the user tasks of a task; the one that is being completed is in hand already."""
    in_hand = running.answered_user_task
    if in_hand is not None and in_hand.task_id == task_id:
        _close_user_task(running, in_hand, cancelled=cancelled)
        return
    mine = UserTask.instance_id == running.instance.id, UserTask.task_id == task_id
    for task in running.session.scalars(select(UserTask).where(*mine, UserTask.state == UserTaskState.OPEN)):
        _close_user_task(running, task, cancelled=cancelled)


def _close_user_task(running: Running, task: UserTask, *, cancelled: bool) -> None:
    task.state = UserTaskState.CANCELLED if cancelled else UserTaskState.COMPLETED
    task.ended_at, task.ended_by = running.now, running.actor
    detail = {"user_task_id": task.id, "state": task.state, "result": task.result, "actor": running.actor}
    running.emit("user_task_closed", Place.of(task), detail)


@cache
def _cancel_trigger(entity: type[Trigger]) -> Sentence:
    rows = table_of(entity)
    mine = (
        rows.c.instance_id == bindparam("instance_id", type_=rows.c.instance_id.type),
        rows.c.task_id == bindparam("task_id", type_=rows.c.task_id.type),
        rows.c.state == TriggerState.WAITING,
    )
    ended_at = bindparam("ended_at", type_=rows.c.ended_at.type)
    ending = update(rows).where(*mine).values(state=TriggerState.CANCELLED, ended_at=ended_at)
    return Sentence(lambda: ending.returning(rows.c.job_id))


def open_wait(running: Running, wait: Wait) -> None:
    """Write the row for what the execution now waits for."""
    if running.renewed and wait.task_id in running.renewed and adopting.open_instead(running, wait):
        return
    if wait.kind == "user":
        _open_user_task(running, wait)
    elif wait.kind == "job":
        open_operation(running, wait)
    elif wait.kind == "call":
        links.start_child(running, links.CallRequest.of(wait))
    elif wait.kind == "timer":
        open_timer(running, wait, due_at=wait.due_at or running.now)
    elif wait.kind == "undo":
        write_job(running, "continue_undo")
    elif wait.kind == "message":
        _open_subscription(running, wait)
    elif wait.kind == "signal":
        broadcast.wait_for_signal(running, wait)


def _open_user_task(running: Running, wait: Wait) -> None:
    task = new(
        UserTask,
        id=running.parts.ids(),
        instance_id=running.instance.id,
        root_id=running.instance.root_id,
        task_id=wait.task_id,
        element_id=wait.element_id,
        loop_index=wait.loop_index,
        state=UserTaskState.OPEN,
        inputs=dict(wait.inputs),
        area=running.instance.area,
        opened_at=running.now,
    )
    running.add(task)
    detail = {"user_task_id": task.id, "inputs": task.inputs}
    running.emit("user_task_opened", Place.of(wait), detail)


def open_operation(running: Running, wait: Wait, *, run_at: datetime | None = None) -> None:
    """Write the job of a service task; what cannot be sent at all is an incident at once.

    :param run_at: not before that.
    """
    parts, element = running.parts, running.element(wait.element_id)
    attributes = element.attributes if element else {}
    code = attributes.get("operation", "")
    place = Place.of(wait)
    payload: dict[str, Any] = {"inputs": dict(wait.inputs)}
    if wait.compensates:
        payload["compensates"] = list(wait.compensates)
    try:
        operation = operation_of(parts, code)
        policy = policy_of(parts, operation, attributes.get("retry"))
    except UnknownOperation:
        strangers.leave_operation(running.session, parts, code, running.now)
        job = write_job(running, "operation", place=place, operation=code, payload=payload, may_go_on=False)
        incidents.open_for_job(running, job, "unknown-operation", f"operation {code!r} is not registered")
        return
    problems = parts.registry.check_inputs(code, wait.inputs) if code in parts.registry else []
    job = write_job(
        running,
        "operation",
        place=place,
        operation=code,
        adapter=port_code(parts, operation),
        max_attempts=policy.attempts,
        payload=payload,
        may_go_on=not problems and run_at is None,
    )
    job.run_at = run_at or job.run_at
    if problems:
        incidents.open_for_job(running, job, "invalid-inputs", "; ".join(problems))


def open_timer(running: Running, wait: Wait, *, due_at: datetime) -> None:
    """Write the row of a timer that is due at that instant."""
    running.add(
        new(
            Timer,
            id=running.parts.ids(),
            instance_id=running.instance.id,
            task_id=wait.task_id,
            element_id=wait.element_id,
            due_at=due_at,
            armed_at=running.now,
            state=TriggerState.WAITING,
        )
    )


def _open_subscription(running: Running, wait: Wait) -> None:
    name, key = wait.message or "", wait.message_key or ""
    running.add(
        new(
            MessageSubscription,
            id=running.parts.ids(),
            instance_id=running.instance.id,
            task_id=wait.task_id,
            element_id=wait.element_id,
            name=name,
            key=key,
            state=TriggerState.WAITING,
            opened_at=running.now,
        )
    )
    # News that came before anybody waited for it is looked at again.
    early = (InboxMessage.name == name, InboxMessage.key == key, InboxMessage.state == InboxState.UNMATCHED)
    running.session.execute(
        update(InboxMessage)
        .where(*early, InboxMessage.expires_at > running.now)
        .values(state=InboxState.RECEIVED, lease_until=None, attempts=0)
    )


def _complete_instance(running: Running) -> None:
    execution = running.execution
    error = next((thrown for thrown in execution.changes.thrown if thrown.kind == "error"), None)
    if running.instance.renewal_id is not None:
        renewing.finish(running)
    data = dict(execution.data)
    detail = {"data": data} if error is None else {"data": data, "error": error.code}
    running.emit("instance_completed", detail=detail)
    links.report_end(running, data, error)
