"""Where the instances of a migration stand: by element, as they are judged, before they move and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, case, func, select
from sqlalchemy.orm import Session

from processes.lifecycle import ENDED_INSTANCES
from processes.store.instances import ProcessInstance
from processes.store.migrations import Migration, MigrationItem
from processes.tallies import open_tasks


@dataclass(frozen=True, kw_only=True)
class Standing:
    """So many instances of one verdict stand at an element; ``moved``: of the version they have moved to."""

    element_id: str
    verdict: str
    moved: bool
    instances: int


def standing(session: Session, migration_id: str, *, areas: Select[Any] | None = None) -> list[Standing]:
    """Every element at which judged instances stand; one that waits at several is counted at each.

    :param areas: a query for the codes of the areas that count; all, if not given.
    """
    tasks = open_tasks(_judged(migration_id, areas))
    moved = case((MigrationItem.moved_at.is_not(None), 1), else_=0).label("moved")
    rows = (
        select(
            tasks.c.element_id, MigrationItem.verdict, moved, func.count(tasks.c.instance_id.distinct()).label("number")
        )
        .join(MigrationItem, MigrationItem.instance_id == tasks.c.instance_id)
        .where(MigrationItem.migration_id == migration_id)
        .group_by(tasks.c.element_id, MigrationItem.verdict, moved)
        .order_by(tasks.c.element_id, MigrationItem.verdict, moved)
    )
    return [
        Standing(element_id=row.element_id, verdict=row.verdict, moved=bool(row.moved), instances=row.number)
        for row in session.execute(rows)
    ]


def standing_at(migration_id: str, element_id: str) -> Select[Any]:
    """The ids of the judged instances that stand at an element."""
    tasks = open_tasks(_judged(migration_id, None))
    return select(tasks.c.instance_id).where(tasks.c.element_id == element_id)


def running_now(session: Session, migration: Migration, *, areas: Select[Any] | None = None) -> int:
    """How many instances a dry run would judge at this moment."""
    found = select(func.count()).where(
        ProcessInstance.definition_id == migration.from_id,
        ProcessInstance.ended_at.is_(None),
        ProcessInstance.state.not_in(ENDED_INSTANCES),
    )
    if areas is not None:
        found = found.where(ProcessInstance.area.in_(areas))
    if migration.back_of is not None:
        moved = select(MigrationItem.instance_id).where(
            MigrationItem.migration_id == migration.back_of, MigrationItem.moved_at.is_not(None)
        )
        found = found.where(ProcessInstance.id.in_(moved))
    return session.scalar(found) or 0


def _judged(migration_id: str, areas: Select[Any] | None) -> Subquery:
    live = (
        select(ProcessInstance.id, ProcessInstance.definition_id)
        .join(MigrationItem, MigrationItem.instance_id == ProcessInstance.id)
        .where(MigrationItem.migration_id == migration_id, ProcessInstance.ended_at.is_(None))
    )
    return (live if areas is None else live.where(ProcessInstance.area.in_(areas))).subquery()
