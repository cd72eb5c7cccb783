"""Which subjects a bulk run takes: incidents, instances or work items of the caller's area that fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Select, String, cast, exists, func, literal, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN
from app.errors import InvalidInput
from app.persistence.filters import matches_text
from app.persistence.ordering.order_trees import roots_of
from app.persistence.scope import scoped
from app.persistence.teamwork.work_items import WorkItem
from app.services.repairs.instance_list import waits_at
from processes.bulk import Subject
from processes.bulk_acts import OF_INCIDENTS
from processes.lifecycle import IncidentState, InstanceState
from processes.store.definitions import ProcessDefinition
from processes.store.instances import Incident, ProcessInstance

#: So many subjects one run takes at most.
MOST: Final = 100_000
INSTANCE_FILTERS: Final = {"process_key", "version", "element_id", "cause_key", "order", "ids", "area"}
INCIDENT_FILTERS: Final = INSTANCE_FILTERS | {"code", "operation", "q"}
ITEM_FILTERS: Final = {"team", "login", "kind", "ids", "area"}


def count(session: Session, kind: str, wanted: Mapping[str, Any], actor: Actor) -> int:
    """How many subjects fit now."""
    return session.scalar(select(func.count()).select_from(_query(kind, wanted, actor).subquery())) or 0


def choose(session: Session, kind: str, wanted: Mapping[str, Any], actor: Actor) -> list[Subject]:
    """Those that fit now, oldest first. :raises InvalidInput: too many of them, or no filter at all."""
    rows = session.execute(_query(kind, wanted, actor).limit(MOST + 1)).all()
    if len(rows) > MOST:
        raise InvalidInput(f"more than {MOST} fit; narrow it down", f"符合条件的超过 {MOST} 个，请缩小范围")
    return [Subject(id=row.id, business_key=row.business_key) for row in rows]


def _query(kind: str, wanted: Mapping[str, Any], actor: Actor) -> Select[*tuple[Any, ...]]:
    given = {name: value for name, value in wanted.items() if value is not None}
    if not given:
        raise InvalidInput("say which: nothing is done to everything at once", "请至少指定一个筛选条件")
    if kind in OF_INCIDENTS:
        _only(given, INCIDENT_FILTERS)
        return _incidents(given, actor)
    if kind == "reassign":
        _only(given, ITEM_FILTERS)
        return _items(given, actor)
    _only(given, INSTANCE_FILTERS)
    return _instances(kind, given, actor)


def _only(given: Mapping[str, Any], known: set[str]) -> None:
    if strange := sorted(set(given) - known):
        raise InvalidInput(f"not a filter here: {', '.join(strange)}", f"不支持的筛选条件：{'、'.join(strange)}")


def _incidents(given: Mapping[str, Any], actor: Actor) -> Select[*tuple[Any, ...]]:
    query = select(cast(Incident.id, String).label("id"), ProcessInstance.business_key.label("business_key"))
    query = query.join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
    query = scoped(query, Incident, actor).where(Incident.state == IncidentState.OPEN)
    for name in ("cause_key", "code", "operation", "element_id", "area"):
        if name in given:
            query = query.where(getattr(Incident, name) == given[name])
    if "q" in given:
        query = query.where(matches_text((Incident.code, Incident.message), str(given["q"])))
    if "ids" in given:
        query = query.where(Incident.id.in_(given["ids"]))
    if "order" in given:
        query = query.where(Incident.root_id.in_(roots_of(given["order"], actor)))
    return _of_process(query, given).order_by(Incident.opened_at, Incident.id)


def _instances(kind: str, given: Mapping[str, Any], actor: Actor) -> Select[*tuple[Any, ...]]:
    me = ProcessInstance.id
    query = select(cast(me, String).label("id"), ProcessInstance.business_key.label("business_key"))
    query = scoped(query, ProcessInstance, actor).where(ProcessInstance.state == InstanceState.RUNNING)
    if kind == "cancel":
        query = query.where(ProcessInstance.parent_id.is_(None))
    if kind in ("suspend", "resume"):
        is_held = ProcessInstance.suspended_at.is_not(None)
        query = query.where(~is_held if kind == "suspend" else is_held)
    if "area" in given:
        query = query.where(ProcessInstance.area == given["area"])
    if "ids" in given:
        query = query.where(me.in_(given["ids"]))
    if "order" in given:
        query = query.where(ProcessInstance.root_id.in_(roots_of(given["order"], actor)))
    opened = Incident.state == IncidentState.OPEN
    if "cause_key" in given:
        same = Incident.cause_key == given["cause_key"]
        query = query.where(exists().where(Incident.instance_id == me, opened, same))
    if "element_id" in given:
        query = query.where(waits_at(given["element_id"]))
    return _of_process(query, given).order_by(ProcessInstance.started_at, me)


def _of_process(query: Select[*tuple[Any, ...]], given: Mapping[str, Any]) -> Select[*tuple[Any, ...]]:
    if "process_key" in given:
        query = query.where(ProcessInstance.process_key == given["process_key"])
    if "version" in given:
        of_version = select(ProcessDefinition.id).where(ProcessDefinition.version == given["version"])
        query = query.where(ProcessInstance.definition_id.in_(of_version))
    return query


def _items(given: Mapping[str, Any], actor: Actor) -> Select[*tuple[Any, ...]]:
    query = select(cast(WorkItem.id, String).label("id"), literal("").label("business_key"))
    query = scoped(query, WorkItem, actor).where(WorkItem.state.in_([state.value for state in WORK_ITEM_OPEN]))
    columns = {"team": WorkItem.team_code, "login": WorkItem.claimed_by, "kind": WorkItem.kind, "area": WorkItem.area}
    for name, column in columns.items():
        if name in given:
            query = query.where(column == given[name])
    if "ids" in given:
        query = query.where(WorkItem.id.in_(given["ids"]))
    return query.order_by(WorkItem.created_at, WorkItem.id)
