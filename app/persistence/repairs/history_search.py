"""Reading what happened in processes: lines, and sums per element. Only in the caller's area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.errors import NotFound
from app.persistence.areas import Area
from app.persistence.filters import Columns, equals_any, is_id
from app.persistence.ordering.orders import ProductOrder
from app.persistence.scope import scoped, within
from processes.store.definitions import ProcessDefinition
from processes.store.instances import ActivityLog, ProcessInstance
from processes.tallies import Tally, tallies

COLUMNS: Final[Columns] = {
    "element": ActivityLog.element_id,
    "event": ActivityLog.event,
    "by": ActivityLog.actor,
    "process": ProcessInstance.process_key,
}
#: So many lines are counted; of more it is only said that there are at least so many.
COUNTED_AT_MOST: Final = 100_000


def list_lines(
    session: Session,
    actor: Actor,
    *,
    order: str | None = None,
    instance: str | None = None,
    filters: Mapping[str, Any] | None = None,
    offset: int = 0,
    limit: int = 20,
) -> tuple[Sequence[Row[*tuple[Any, ...]]], int]:
    """One page of lines in the order in which they happened, and how many there are.

    Each row has ``ActivityLog`` (the line), and of its instance ``process_key``, ``definition_id``, ``version``,
    ``depth`` and ``business_key``.

    :param order: id or number: every process of that order.
    :param instance: id of one instance; only its own lines.
    :param filters: names of ``COLUMNS`` with one value or several. Filters that are None do not count.
    :raises NotFound: no such order or instance in the actor's area.
    :raises ValueError: a filter that does not exist.
    """
    query = (
        select(
            ActivityLog,
            ProcessInstance.process_key,
            ProcessInstance.definition_id,
            ProcessDefinition.version,
            ProcessInstance.depth,
            ProcessInstance.business_key,
        )
        .join(ProcessInstance, ProcessInstance.id == ActivityLog.instance_id)
        .join(ProcessDefinition, ProcessDefinition.id == ProcessInstance.definition_id)
        .where(_whose(session, actor, order, instance))
    )
    for name, value in (filters or {}).items():
        if value is not None:
            query = query.where(_condition(name, value))
    counted = query.with_only_columns(ActivityLog.seq).limit(COUNTED_AT_MOST).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    in_time = (ActivityLog.seq,) if instance else (ActivityLog.at, ActivityLog.instance_id, ActivityLog.seq)
    return session.execute(query.order_by(*in_time).offset(offset).limit(limit)).all(), total


def counts(
    session: Session, actor: Actor, key: str, version: int | None = None
) -> list[tuple[ProcessDefinition, int, list[Tally]]]:
    """Per version of a process, newest first: how many of its instances live, and the sums of its elements.

    :raises NotFound: there is no such process, or version of it.
    """
    versions = select(ProcessDefinition).where(ProcessDefinition.key == key)
    if version is not None:
        versions = versions.where(ProcessDefinition.version == version)
    found = session.scalars(versions.order_by(ProcessDefinition.version.desc())).all()
    if not found:
        raise NotFound(f"there is no process {key}", f"没有流程 {key}")
    ids = [row.id for row in found]
    live: dict[str, int] = {
        row.definition_id: row.number
        for row in session.execute(
            scoped(select(ProcessInstance.definition_id, func.count().label("number")), ProcessInstance, actor)
            .where(ProcessInstance.definition_id.in_(ids), ProcessInstance.ended_at.is_(None))
            .group_by(ProcessInstance.definition_id)
        )
    }
    by_version: dict[str, list[Tally]] = {one: [] for one in ids}
    for tally in tallies(session, ids, areas=_areas(actor)):
        by_version[tally.definition_id].append(tally)
    return [(row, live.get(row.id, 0), by_version[row.id]) for row in found]


def _areas(actor: Actor) -> Select[str]:
    return select(Area.code).where(within(Area.code, actor))


def _whose(session: Session, actor: Actor, order: str | None, instance: str | None) -> ColumnElement[bool]:
    mine = scoped(select(ProcessInstance.id), ProcessInstance, actor)
    if instance is not None:
        if session.scalar(mine.where(ProcessInstance.id == instance)) is None:
            raise NotFound(f"there is no process instance {instance}", f"没有流程实例 {instance}")
        return ActivityLog.instance_id == instance
    if order is None:
        raise ValueError("say which order or which instance")
    column = ProductOrder.id if is_id(order) else ProductOrder.number
    found = session.execute(
        scoped(select(ProductOrder.id, ProductOrder.process_instance_id), ProductOrder, actor).where(column == order)
    ).one_or_none()
    if found is None:
        raise NotFound(f"there is no order {order}", f"没有订单 {order}")
    key = f"order:{found.id}"
    tops = or_(ProcessInstance.root_id == found.process_instance_id, ProcessInstance.business_key == key)
    return ActivityLog.instance_id.in_(mine.where(tops))


def _condition(name: str, value: Any) -> ColumnElement[bool]:
    if name in COLUMNS:
        return equals_any(COLUMNS[name], value)
    raise ValueError(f"history is not filtered by {name}")
