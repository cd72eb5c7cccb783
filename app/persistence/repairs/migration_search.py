"""Reading what a dry run has found, only in the caller's areas: reasons with their numbers, and instances."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Text, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.persistence.ordering.orders import ProductOrder
from app.persistence.scope import scoped
from processes.migration_places import standing_at
from processes.store.bulk import BulkItem
from processes.store.migrations import Migration, MigrationItem


@dataclass(frozen=True)
class Reason:
    """Why an instance cannot move: what can be said (``code``), of which element, and what else belongs to it."""

    code: str
    element_id: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which instances: by verdict (``safe``, ``needs_mapping``, ``blocked``), or ``moved`` or ``refused``; with a
    reason of this code at this element; standing at an element; of the order with this number."""

    show: str = ""
    code: str = ""
    element_id: str = ""
    at: str = ""
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One instance and what became of it when it was its turn: ``result`` is None before that."""

    item: MigrationItem
    result: BulkItem | None


def reasons(session: Session, actor: Actor, migration_id: str) -> Counter[Reason]:
    """Every reason with the number of instances that have it."""
    found: Counter[Reason] = Counter()
    mine = _mine(actor, migration_id).with_only_columns(MigrationItem.reasons).where(MigrationItem.verdict != "safe")
    for (rows,) in session.execute(mine.execution_options(yield_per=500)):
        found.update({Reason(str(row["code"]), str(row["element_id"]), str(row["detail"])) for row in rows})
    return found


def instances(
    session: Session, actor: Actor, migration: Migration, asked: Asked, *, offset: int, limit: int
) -> tuple[Sequence[Found], int]:
    """Some of the instances that fit, the oldest first, and how many fit."""
    query = _fitting(session, actor, migration, asked)
    total = session.scalar(query.with_only_columns(func.count())) or 0
    rows = session.scalars(query.order_by(MigrationItem.instance_id).offset(offset).limit(limit)).all()
    touched = select(BulkItem).where(
        BulkItem.run_id == migration.run_id, BulkItem.subject_id.in_([row.instance_id for row in rows])
    )
    results = {result.subject_id: result for result in session.scalars(touched)} if migration.run_id else {}
    return [Found(item=row, result=results.get(row.instance_id)) for row in rows], total


def movable(session: Session, actor: Actor, migration: Migration, ids: Collection[str]) -> Sequence[MigrationItem]:
    """Those of these instances that are safe to move and have not moved, the oldest first."""
    mine = _mine(actor, migration.id).where(
        MigrationItem.instance_id.in_(ids), MigrationItem.verdict == "safe", MigrationItem.moved_at.is_(None)
    )
    return session.scalars(mine.order_by(MigrationItem.instance_id)).all() if ids else ()


def refused(session: Session, actor: Actor, migration: Migration) -> int:
    """How many were refused when it was their turn."""
    query = _fitting(session, actor, migration, Asked(show="refused"))
    return session.scalar(query.with_only_columns(func.count())) or 0


def _mine(actor: Actor, migration_id: str) -> Select[MigrationItem]:
    return scoped(select(MigrationItem), MigrationItem, actor).where(MigrationItem.migration_id == migration_id)


def _fitting(session: Session, actor: Actor, migration: Migration, asked: Asked) -> Select[MigrationItem]:
    query = _mine(actor, migration.id)
    if asked.show == "moved":
        query = query.where(MigrationItem.moved_at.is_not(None))
    elif asked.show == "refused":
        of_run = BulkItem.run_id == migration.run_id, BulkItem.state == "refused"
        query = query.where(MigrationItem.instance_id.in_(select(BulkItem.subject_id).where(*of_run)))
    elif asked.show:
        query = query.where(MigrationItem.verdict == asked.show)
    if asked.at:
        query = query.where(MigrationItem.instance_id.in_(standing_at(migration.id, asked.at)))
    if asked.number:
        query = query.where(_of_order(session, actor, asked.number))
    if asked.code:
        query = query.where(_reason_like(asked))
    return query


def _of_order(session: Session, actor: Actor, number: str) -> ColumnElement[bool]:
    """The order itself, its lines, and what either has called."""
    wanted = scoped(select(ProductOrder.id), ProductOrder, actor).where(ProductOrder.number == number)
    key = f"order:{session.scalar(wanted) or '-'}"
    lines = MigrationItem.business_key.startswith(f"{key}/", autoescape=True)
    return or_(MigrationItem.business_key == key, lines)


def _reason_like(asked: Asked) -> ColumnElement[bool]:
    """Reasons are kept as text in the order of :func:`processes.migration_words.said`: code and element come first."""
    begins = json.dumps({"code": asked.code, "element_id": asked.element_id}, ensure_ascii=False, separators=(",", ":"))
    return type_coerce(MigrationItem.reasons, Text).contains(f"{begins[:-1]},", autoescape=True)
