"""Which steps of which processes call which operation, by the versions that matter: those in force or still running."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.definitions import elements_of
from processes.store.definitions import ProcessDefinition
from processes.store.instances import ProcessInstance
from processes.versions import all_in_force


@dataclass(frozen=True, kw_only=True)
class Use:
    """One step that calls an operation. ``in_force``: new orders take this version."""

    definition: ProcessDefinition
    element_id: str
    in_force: bool


def uses(session: Session) -> Mapping[str, Sequence[Use]]:
    """Every use by the code of the operation, processes by key, the newest version first."""
    live = {row.id for row in all_in_force(session).values()}
    running = set(
        session.scalars(select(ProcessInstance.definition_id).where(ProcessInstance.ended_at.is_(None)).distinct())
    )
    rows = session.scalars(
        select(ProcessDefinition)
        .where(ProcessDefinition.id.in_(live | running))
        .order_by(ProcessDefinition.key, ProcessDefinition.version.desc())
    )
    found: dict[str, list[Use]] = defaultdict(list)
    for row in rows:
        for element in elements_of(row).values():
            code = element.attributes.get("operation")
            if code:
                found[code].append(Use(definition=row, element_id=element.id, in_force=row.id in live))
    return found
