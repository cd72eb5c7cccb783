"""The audit of repairs: who did what to which instance, incident, work item or neighbour, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.persistence.scope import scoped
from processes.store.bulk import Repair

COLUMNS: Final = {
    "actor": Repair.actor,
    "action": Repair.action,
    "subject": Repair.subject,
    "business_key": Repair.business_key,
    "run_id": Repair.run_id,
}


def repairs(
    session: Session, actor: Actor, wanted: Mapping[str, Any], *, offset: int, limit: int
) -> tuple[Sequence[Repair], int]:
    """Lines of the actor's area, newest first, and how many there are. ``instance``: of that tree or instance."""
    query = scoped(select(Repair), Repair, actor)
    for name, value in wanted.items():
        if value is None:
            continue
        if name == "instance":
            query = query.where(or_(Repair.instance_id == value, Repair.root_id == value))
        else:
            query = query.where(COLUMNS[name] == value)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(query.order_by(Repair.at.desc(), Repair.id.desc()).offset(offset).limit(limit)).all()
    return rows, total
