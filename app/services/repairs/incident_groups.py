"""Open incidents by cause: five hundred of one kind are one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.persistence.filters import matches_text
from app.persistence.ordering.order_trees import roots_of
from app.persistence.promises.rule_books import failures
from app.persistence.scope import scoped
from processes.lifecycle import IncidentState
from processes.store.definitions import ProcessDefinition
from processes.store.instances import Incident, ProcessInstance

MOST: Final = 200
#: What a group may be narrowed down by; the keys of bulk runs over incidents that make sense here.
COLUMNS: Final = {
    "cause_key": Incident.cause_key,
    "code": Incident.code,
    "operation": Incident.operation,
    "element_id": Incident.element_id,
    "area": Incident.area,
}


@dataclass(frozen=True, kw_only=True)
class Group:
    """One cause. ``cause`` is the message without what differs; ``elements`` and ``processes`` where it happens.

    ``known``: what the list of failures says of the code; see :func:`meaning`.
    """

    cause_key: str
    code: str
    operation: str
    cause: str
    count: int
    orders: int
    processes: Sequence[str]
    elements: Sequence[str]
    oldest_at: datetime
    newest_at: datetime
    known: Mapping[str, str]


def meaning(session: Session, code: str) -> Mapping[str, str]:
    """Names of a failure, the kind of team that owns it, and what it should do first; empty texts if nobody knows."""
    known = failures(session).get(code, {})
    names = ("name_zh", "name_en", "owner_role", "first_action", "first_action_zh")
    return {name: str(known.get(name) or "") for name in names}


def groups(session: Session, actor: Actor, wanted: Mapping[str, Any] | None = None) -> list[Group]:
    """The open incidents of the actor's area by cause, the largest group first."""
    conditions = [Incident.state == IncidentState.OPEN]
    for name, value in (wanted or {}).items():
        if value is None:
            continue
        if name in COLUMNS:
            conditions.append(COLUMNS[name] == value)
        elif name == "q":
            conditions.append(matches_text((Incident.code, Incident.message), str(value)))
        elif name == "ids":
            conditions.append(Incident.id.in_(value))
        elif name == "process_key":
            conditions.append(ProcessInstance.process_key == value)
        elif name == "version":
            of_version = select(ProcessDefinition.id).where(ProcessDefinition.version == value)
            conditions.append(ProcessInstance.definition_id.in_(of_version))
        elif name == "order":
            conditions.append(Incident.root_id.in_(roots_of(str(value), actor)))
    of_cause = (Incident.cause_key, Incident.code, Incident.operation, Incident.cause)
    figures = (
        func.count().label("number"),
        func.count(func.distinct(Incident.root_id)).label("orders"),
        func.min(Incident.opened_at).label("oldest_at"),
        func.max(Incident.opened_at).label("newest_at"),
    )
    rows = select(*of_cause, *figures).join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
    rows = scoped(rows, Incident, actor).where(*conditions).group_by(*of_cause)
    found = session.execute(rows.order_by(func.count().desc(), Incident.cause_key).limit(MOST)).all()
    places = _places(session, actor, conditions, [row.cause_key for row in found])
    return [
        Group(
            cause_key=row.cause_key,
            code=row.code,
            operation=row.operation,
            cause=row.cause,
            count=row.number,
            orders=row.orders,
            processes=sorted({key for key, _ in places.get(row.cause_key, ())}),
            elements=sorted({element for _, element in places.get(row.cause_key, ())}),
            oldest_at=row.oldest_at,
            newest_at=row.newest_at,
            known=meaning(session, row.code),
        )
        for row in found
    ]


def _places(
    session: Session, actor: Actor, conditions: Sequence[Any], keys: Sequence[str]
) -> Mapping[str, set[tuple[str, str]]]:
    rows = select(Incident.cause_key, ProcessInstance.process_key, Incident.element_id)
    rows = rows.join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
    rows = scoped(rows, Incident, actor).where(*conditions, Incident.cause_key.in_(keys)).distinct()
    found: dict[str, set[tuple[str, str]]] = {}
    for cause_key, process_key, element_id in session.execute(rows):
        found.setdefault(cause_key, set()).add((process_key, element_id))
    return found
