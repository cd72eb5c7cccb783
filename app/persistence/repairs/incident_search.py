"""Finding incidents: by state, by what they say, by where they are. Only in the caller's area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.persistence.filters import Columns, at_most, equals_any, matches_text
from app.persistence.scope import scoped
from processes.store.instances import Incident

COLUMNS: Final[Columns] = {
    "state": Incident.state,
    "code": Incident.code,
    "cause_key": Incident.cause_key,
    "operation": Incident.operation,
    "element_id": Incident.element_id,
    "instance_id": Incident.instance_id,
    "root_id": Incident.root_id,
}
#: So many are counted; of more it is only said that there are at least so many.
COUNTED_AT_MOST: Final = 10_000


def list_incidents(
    session: Session, actor: Actor, filters: Mapping[str, Any] | None = None, *, offset: int = 0, limit: int = 20
) -> tuple[Sequence[Incident], int]:
    """One page of incidents, oldest first, and how many there are (``COUNTED_AT_MOST`` at most).

    :param filters: names of ``COLUMNS`` with one value or several; ``q`` (a part of the message or the code). Filters
        that are None do not count.
    :raises ValueError: a filter that does not exist.
    """
    query = incidents_that(actor, filters or {})
    counted = query.with_only_columns(Incident.id).limit(at_most(COUNTED_AT_MOST)).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    rows = session.scalars(query.order_by(Incident.opened_at, Incident.id).offset(offset).limit(at_most(limit))).all()
    return rows, total


def incidents_that(actor: Actor, filters: Mapping[str, Any]) -> Select[Incident]:
    """The query for incidents in the actor's area that fit. :raises ValueError: a filter that does not exist."""
    query = scoped(select(Incident), Incident, actor)
    for name, value in filters.items():
        if value is not None:
            query = query.where(_condition(name, value))
    return query


def _condition(name: str, value: Any) -> ColumnElement[bool]:
    if name in COLUMNS:
        return equals_any(COLUMNS[name], value)
    if name == "q":
        return matches_text((Incident.code, Incident.message), str(value))
    raise ValueError(f"incidents are not filtered by {name}")
