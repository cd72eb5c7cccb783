"""Process instances as rows of a list: which fit, where each stands, under the number people know it by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.deps import Deps
from app.domain.actors import Actor, may
from app.persistence.ordering.order_trees import in_tree_of
from app.persistence.scope import scoped
from app.services.ordering.subject_names import names_of
from app.services.studio.process_versions import shown_instance
from app.unit_of_work import read
from processes.lifecycle import ENDED_INSTANCES, ENDED_JOBS, OPEN_TRIGGERS, IncidentState, UserTaskState
from processes.store.definitions import ProcessDefinition
from processes.store.instances import Incident, MessageSubscription, ProcessInstance, Timer, UserTask
from processes.store.jobs import Job
from processes.store.starts import SignalSubscription

#: So many are counted; of more it is only said that there are at least so many.
COUNTED_AT_MOST: Final = 10_000
#: The tables that say where an instance waits, and which of their rows still count.
PLACES: Final[Sequence[tuple[type[Any], ColumnElement[bool]]]] = (
    (UserTask, UserTask.state == UserTaskState.OPEN),
    (Job, Job.state.not_in(ENDED_JOBS)),
    (Timer, Timer.state.in_(OPEN_TRIGGERS)),
    (MessageSubscription, MessageSubscription.state.in_(OPEN_TRIGGERS)),
    (SignalSubscription, SignalSubscription.state.in_(OPEN_TRIGGERS)),
    (Incident, Incident.state == IncidentState.OPEN),
)


def waits_at(element_id: str) -> ColumnElement[bool]:
    """True where anything is open at the element: a person, job, timer, message, signal, call or incident."""
    called = aliased(ProcessInstance)
    return or_(
        exists().where(
            called.parent_id == ProcessInstance.id, called.parent_element_id == element_id, called.ended_at.is_(None)
        ),
        *(
            exists().where(table.instance_id == ProcessInstance.id, table.element_id == element_id, is_open)
            for table, is_open in PLACES
        ),
    )


def instances(
    wanted: Mapping[str, Any], actor: Actor, deps: Deps, *, offset: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """One page of the instances that fit, and how many there are (``COUNTED_AT_MOST`` at most).

    :param wanted: ``order`` (number or id: parents first, whatever their state), ``process``, ``version``, ``state``
        (a state, or ``live``), ``element`` at which they wait, ``suspended``. What is None does not count.
    :raises NotFound: no such order in the caller's area.
    """
    may(actor, "ops.view")
    with read(deps.read_sessions) as session:
        query = _query(session, wanted, actor)
        counted = query.with_only_columns(ProcessInstance.id).limit(COUNTED_AT_MOST).subquery()
        total = session.scalar(select(func.count()).select_from(counted)) or 0
        # Ids grow with time, so the newest are read from the end of an index that is there anyway.
        in_order = (ProcessInstance.depth, ProcessInstance.id) if wanted.get("order") else (ProcessInstance.id.desc(),)
        rows = session.execute(query.order_by(*in_order).offset(offset).limit(limit)).all()
        places = _places(session, [row.id for row, _ in rows])
        names = names_of(session, {row.business_key for row, _ in rows})
        return [
            {
                **shown_instance(row, version),
                "about": names[row.business_key],
                "depth": row.depth,
                "parent_element_id": row.parent_element_id,
                "waits_at": places.get(row.id, []),
            }
            for row, version in rows
        ], total


def _query(session: Session, wanted: Mapping[str, Any], actor: Actor) -> Select[ProcessInstance, int]:
    query = select(ProcessInstance, ProcessDefinition.version)
    query = query.join(ProcessDefinition, ProcessDefinition.id == ProcessInstance.definition_id)
    query = scoped(query, ProcessInstance, actor)
    if wanted.get("order"):
        query = query.where(in_tree_of(session, wanted["order"], actor))
    if wanted.get("process"):
        query = query.where(ProcessInstance.process_key == wanted["process"])
    if wanted.get("version"):
        query = query.where(ProcessDefinition.version == wanted["version"])
    if wanted.get("element"):
        query = query.where(waits_at(wanted["element"]))
    if wanted.get("suspended"):
        query = query.where(ProcessInstance.suspended_at.is_not(None))
    state = wanted.get("state") or (None if wanted.get("order") else "live")
    if state == "live":
        return query.where(ProcessInstance.state.not_in(ENDED_INSTANCES), ProcessInstance.ended_at.is_(None))
    return query if state is None else query.where(ProcessInstance.state == state)


def _places(session: Session, ids: Sequence[str]) -> Mapping[str, list[str]]:
    """The elements at which each of these waits, by the alphabet."""
    found: dict[str, set[str]] = defaultdict(set)
    for table, is_open in PLACES:
        rows = select(table.instance_id, table.element_id).where(table.instance_id.in_(ids), is_open)
        for instance_id, element_id in session.execute(rows):
            found[instance_id].add(element_id or "")
    calls = select(ProcessInstance.parent_id, ProcessInstance.parent_element_id).where(
        ProcessInstance.parent_id.in_(ids), ProcessInstance.ended_at.is_(None)
    )
    for instance_id, element_id in session.execute(calls):
        found[instance_id or ""].add(element_id or "")
    return {instance_id: sorted(elements) for instance_id, elements in found.items()}
