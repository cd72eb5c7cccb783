"""User tasks: somebody begins one, and hands in its result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from processes import alone, by_people
from processes.errors import StaleTask
from processes.lifecycle import UserTaskState
from processes.parts import EngineParts
from processes.projection import append_log, settle
from processes.running import Place, Running
from processes.store.instances import UserTask


def begin(parts: EngineParts, session: Session, user_task_id: str, *, actor: str, now: datetime) -> UserTask:
    """Write that somebody has begun an open user task.

    :raises NotThere, StaleTask, InstanceNotRunning: see the engine.
    """
    running, task = open_task(parts, session, user_task_id, actor=actor, now=now)
    running.require_running()
    append_log(running, Place.of(task), "begun", {})
    by_people.begun(running, task)
    running.save()
    return task


def complete(
    parts: EngineParts,
    session: Session,
    user_task_id: str,
    result: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
) -> UserTask:
    """Complete an open user task and step on. :raises NotThere, StaleTask, InstanceNotRunning: see the engine."""
    running, task = open_task(parts, session, user_task_id, actor=actor, now=now)
    running.require_running()
    task.result = dict(result)
    running.answered_user_task = task
    alone.attended(running)
    by_people.done(running, task, result)
    running.execution.complete(task.task_id, result)
    settle(running)
    return task


def open_task(
    parts: EngineParts, session: Session, user_task_id: str, *, actor: str, now: datetime
) -> tuple[Running, UserTask]:
    """The user task under the lock of its instance. :raises NotThere: no such task. :raises StaleTask: it has ended."""
    running, task = Running.locked_by(parts, session, UserTask, user_task_id, now=now, actor=actor)
    if task.state != UserTaskState.OPEN:
        raise StaleTask(f"user task {user_task_id} is {task.state} since {task.ended_at}, by {task.ended_by}")
    return running, task
