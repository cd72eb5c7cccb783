"""Beginning activities of ad-hoc sub-processes: by who has its work item, or by an operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.errors import Conflict
from app.persistence.teamwork.work_items import WorkItem
from app.services.refused import refusals
from app.services.repairs.repair_desk import found_instance
from app.services.teamwork.work_list import found_item, own_item
from app.unit_of_work import read, retried, transaction
from processes import ad_hoc
from processes.repairs import Why
from processes.spiff.definition import ElementInfo
from processes.spiff.loose import Loose
from processes.store.instances import ProcessInstance, UserTask


@dataclass(frozen=True, kw_only=True)
class OpenAdHoc:
    """An ad-hoc sub-process that runs. ``choices``: what can be begun in it; ``running``: the ids of what runs."""

    task_id: str
    element_id: str
    name: str
    name_en: str
    choices: Sequence[ElementInfo]
    running: Sequence[str]


def of_instance(instance_id: str, actor: Actor, deps: Deps) -> list[OpenAdHoc]:
    """What can be begun by hand in an instance. :raises NotFound: no such instance in the caller's area."""
    with read(deps.read_sessions) as session:
        instance = found_instance(session, instance_id, actor, "ops.view")
        return _open_ones(session, instance, deps)


def of_item(item_id: str, actor: Actor, deps: Deps) -> list[OpenAdHoc]:
    """What can be begun in the ad-hoc sub-process a work item is about; nothing if it is about something else.

    :raises NotFound: no such item in the caller's area.
    """
    with read(deps.read_sessions) as session:
        item, _ = found_item(session, item_id, actor, "item.view", deps)
        task = _task(session, item)
        if task is None:
            return []
        rows = _open_ones(session, session.get_one(ProcessInstance, task.instance_id), deps)
        return [row for row in rows if row.task_id == task.task_id]


@retried
def begin(
    instance_id: str, element_id: str, *, task_id: str | None, reason: str, actor: Actor, deps: Deps
) -> list[OpenAdHoc]:
    """Begin an activity as an operator; returns what can be begun then.

    :raises NotFound, Conflict: no such instance, or nothing of that id can be begun there.
    """
    with transaction(deps.sessions) as tx, refusals():
        found_instance(tx.session, instance_id, actor, "instance.repair")
        why, now = Why(actor=actor.login, reason=reason), deps.clock(tx.session)
        ad_hoc.begin(deps.engine.parts, tx.session, instance_id, element_id, task_id=task_id, why=why, now=now)
        tx.after_commit.append(deps.wake)
    return of_instance(instance_id, actor, deps)


@retried
def begin_from_item(item_id: str, element_id: str, actor: Actor, deps: Deps) -> list[OpenAdHoc]:
    """Begin an activity as the person who has the work item of the sub-process; returns what can be begun then.

    :raises NotFound: no such item in the caller's area.
    :raises Conflict: the caller does not have it, or nothing of that id can be begun there.
    """
    with transaction(deps.sessions) as tx, refusals():
        item, now = found_item(tx.session, item_id, actor, "item.complete", deps)
        own_item(item, actor)
        task, why, parts = _task(tx.session, item), Why(actor=actor.login), deps.engine.parts
        if task is None:
            raise Conflict("nothing can be begun from this work item", "该待办没有可以手工开始的活动")
        ad_hoc.begin(parts, tx.session, task.instance_id, element_id, task_id=task.task_id, why=why, now=now)
        tx.after_commit.append(deps.wake)
    return of_item(item_id, actor, deps)


def _task(session: Session, item: WorkItem) -> UserTask | None:
    return session.get(UserTask, item.user_task_id) if item.user_task_id else None


def _open_ones(session: Session, instance: ProcessInstance, deps: Deps) -> list[OpenAdHoc]:
    elements = deps.engine.parts.definitions.process(session, instance.definition_id).elements
    rows = ad_hoc.open_ones(deps.engine.parts, session, instance, now=deps.clock(session))
    return [_shown(row, elements[row.element_id], [elements[one] for one in row.choices]) for row in rows]


def _shown(row: Loose, element: ElementInfo, choices: Sequence[ElementInfo]) -> OpenAdHoc:
    return OpenAdHoc(
        task_id=row.task_id,
        element_id=row.element_id,
        name=element.name,
        name_en=element.name_en,
        choices=choices,
        running=row.running,
    )
