"""Beginning activities of ad-hoc sub-processes by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from processes import alone
from processes.looking import copy_of
from processes.parts import EngineParts
from processes.projection import settle
from processes.repairs import Why, note
from processes.running import Place, Running
from processes.spiff import loose
from processes.spiff.loose import Loose
from processes.store.instances import ProcessInstance


def open_ones(parts: EngineParts, session: Session, instance: ProcessInstance, *, now: datetime) -> Sequence[Loose]:
    """The ad-hoc sub-processes of an instance in which something can be begun; nothing is changed."""
    if instance.snapshot is None:
        return []
    return loose.open_ones(copy_of(parts, session, instance, now=now))


def begin(
    parts: EngineParts,
    session: Session,
    instance_id: str,
    element_id: str,
    *,
    task_id: str | None,
    why: Why,
    now: datetime,
) -> Loose:
    """Begin an activity of an ad-hoc sub-process and step on; in a row it may have to wait for its turn.

    :param task_id: the sub-process, needed where several that run have such an activity.
    :raises NotThere: no such instance.
    :raises InstanceNotRunning: it has ended, is being cancelled or is suspended.
    :raises CannotBegin: nothing of that id can be begun, or in several.
    """
    running = Running.locked(parts, session, instance_id, now=now, actor=why.actor)
    running.require_running()
    where = loose.begin(running.execution, element_id, task_id)
    alone.attended(running)
    place = Place(element_id)
    note(running, why, "begin", subject=instance_id, place=place, after={"in": where.element_id})
    settle(running)
    return where
