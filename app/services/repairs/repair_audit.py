"""The audit of repairs: who did what to which instance, incident, work item or neighbour, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.persistence.ordering.order_trees import in_tree_of
from app.persistence.scope import scoped
from app.services.ordering.subject_names import names_of
from processes.store.bulk import Repair
from processes.store.instances import ProcessInstance

COLUMNS: Final = {
    "actor": Repair.actor,
    "action": Repair.action,
    "subject": Repair.subject,
    "business_key": Repair.business_key,
    "run_id": Repair.run_id,
}
SHOWN: Final = (
    *("at", "actor", "action", "reason", "subject", "instance_id", "element_id", "business_key", "area"),
    *("before", "after", "run_id"),
)


def repairs(
    session: Session, actor: Actor, wanted: Mapping[str, Any], *, offset: int, limit: int
) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Lines of the actor's area, newest first, and how many there are. ``instance``: of that tree or instance.

    Each says what it is ``about`` by the number people know. :raises NotFound: no such ``order`` in the area.
    """
    query = scoped(select(Repair), Repair, actor)
    for name, value in wanted.items():
        if value is None:
            continue
        if name == "order":
            trees = select(ProcessInstance.id).where(in_tree_of(session, str(value), actor))
            query = query.where(or_(Repair.instance_id.in_(trees), Repair.root_id.in_(trees)))
        elif name == "instance":
            query = query.where(or_(Repair.instance_id == value, Repair.root_id == value))
        else:
            query = query.where(COLUMNS[name] == value)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(query.order_by(Repair.at.desc(), Repair.id.desc()).offset(offset).limit(limit)).all()
    names = names_of(session, {row.business_key for row in rows})
    return [{**{name: getattr(row, name) for name in SHOWN}, "about": names[row.business_key]} for row in rows], total
