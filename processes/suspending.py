"""Suspending instances: nothing new begins until somebody lets them go on.

Jobs that are due, timers and subscriptions take the state ``suspended`` and so leave the indexes by which workers find
work: suspending costs nobody anything who is not suspended. What is under way is finished: an answer that comes is
written down with the steps that follow from it, up to the next wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes import projection
from processes.errors import InstanceNotRunning, NotThere
from processes.lifecycle import InstanceState
from processes.move_plans import subtree
from processes.parking import free_rows, park_rows
from processes.parts import EngineParts
from processes.repairs import Why, note
from processes.running import NOWHERE, Running
from processes.store.definitions import ProcessDefinition
from processes.store.instances import ProcessInstance


def suspend(parts: EngineParts, session: Session, instance_id: str, *, why: Why, now: datetime) -> int:
    """Suspend an instance and all it has called; returns how many that were. Again: nothing changes.

    :raises NotThere: no such instance.
    :raises InstanceNotRunning: it has ended or is being cancelled.
    """
    return _each(parts, session, instance_id, why=why, now=now, suspended=True)


def resume(parts: EngineParts, session: Session, instance_id: str, *, why: Why, now: datetime) -> int:
    """Let an instance and all it has called go on; timers that came due meanwhile fire once, now.

    :raises NotThere: no such instance.
    :raises InstanceNotRunning: it has ended or is being cancelled.
    """
    return _each(parts, session, instance_id, why=why, now=now, suspended=False)


def _each(parts: EngineParts, session: Session, instance_id: str, *, why: Why, now: datetime, suspended: bool) -> int:
    first = session.get(ProcessInstance, instance_id, populate_existing=True)
    if first is None:
        raise NotThere("process instance", instance_id)
    if first.state != InstanceState.RUNNING:
        raise InstanceNotRunning(first.id, first.state)
    changed = 0
    for one in subtree(session, [instance_id]):  # parents before children
        running = Running.locked(parts, session, one, now=now, actor=why.actor)
        if running.is_running and running.is_suspended is not suspended:
            _change(running, why, suspended=suspended)
            changed += 1
    return changed


def _change(running: Running, why: Why, *, suspended: bool) -> None:
    running.instance.suspended_at = running.now if suspended else None
    if suspended:
        park_rows(running.session, running.instance.id)
    else:
        free_rows(running.session, running.instance.id)
    event, action = ("suspended", "suspend") if suspended else ("resumed", "resume")
    projection.append_log(running, NOWHERE, event, {"reason": why.reason})
    running.save()
    note(running, why, action, subject=running.instance.id)


def hold_definition(
    session: Session, key: str, version: int | None, *, now: datetime, suspended: bool
) -> Sequence[ProcessDefinition]:
    """Let new instances of a process (of one version, if given) begin suspended, or at once again.

    Those that run are suspended one by one: by a bulk run over :func:`running_of`.

    :raises NotThere: no such process or version.
    """
    rows = select(ProcessDefinition).where(ProcessDefinition.key == key)
    if version is not None:
        rows = rows.where(ProcessDefinition.version == version)
    found = session.scalars(rows.order_by(ProcessDefinition.version).with_for_update()).all()
    if not found:
        raise NotThere("process", key if version is None else f"{key} version {version}")
    for row in found:
        if (row.suspended_at is not None) is not suspended:
            row.suspended_at = now if suspended else None
    session.flush()
    return found
