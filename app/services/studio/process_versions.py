"""The versions of a process side by side: what runs on each, what differs between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from app.deps import Deps
from app.domain.actors import Actor, may
from app.persistence.scope import scoped
from app.unit_of_work import read
from processes import versions
from processes.comparing import Difference
from processes.lifecycle import ENDED_INSTANCES
from processes.store.definitions import ProcessDefinition
from processes.store.instances import ProcessInstance

STATES: Final = ("running", "cancelling", "completed", "cancelled", "live")


@dataclass(frozen=True)
class Beside:
    """The versions of every process: which is in force, and how many instances have not ended, by key and version."""

    in_force: Mapping[str, int]
    running: Mapping[tuple[str, int], int]


def side_by_side(actor: Actor, deps: Deps, key: str | None = None) -> Beside:
    """What runs on which version (of one process, if given), in the caller's areas."""
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        current = {row.key: row.version for row in versions.all_in_force(session).values()}
        rows = (
            select(ProcessDefinition.key, ProcessDefinition.version, func.count())
            .join(ProcessInstance, ProcessInstance.definition_id == ProcessDefinition.id)
            .where(ProcessInstance.ended_at.is_(None))
        )
        if key is not None:
            rows = rows.where(ProcessDefinition.key == key)
        mine = scoped(rows, ProcessInstance, actor).group_by(ProcessDefinition.key, ProcessDefinition.version)
        running = {(name, version): number for name, version, number in session.execute(mine)}
    return Beside(current, running)


def compare(key: str, old: int, new: int, actor: Actor, deps: Deps) -> list[Difference]:
    """What differs between two versions, element by element.

    :raises NotThere: no such version.
    """
    may(actor, "process.view")
    with read(deps.read_sessions) as session:
        return versions.compare(deps.engine.parts, session, key, old, new)


def instances(
    key: str, actor: Actor, deps: Deps, *, version: int | None, state: str, offset: int, limit: int
) -> tuple[Sequence[Mapping[str, Any]], int]:
    """The instances of a process with their versions, newest first, and how many fit.

    :param state: one of :data:`STATES`; ``live`` = has not ended.
    """
    may(actor, "ops.view")
    rows = scoped(
        select(ProcessInstance, ProcessDefinition.version).join(
            ProcessDefinition, ProcessDefinition.id == ProcessInstance.definition_id
        ),
        ProcessInstance,
        actor,
    ).where(ProcessInstance.process_key == key)
    if version is not None:
        rows = rows.where(ProcessDefinition.version == version)
    fits = ProcessInstance.state.not_in(ENDED_INSTANCES) if state == "live" else ProcessInstance.state == state
    rows = rows.where(fits)
    with read(deps.read_sessions) as session:
        total = session.scalar(select(func.count()).select_from(rows.subquery())) or 0
        page = rows.order_by(ProcessInstance.started_at.desc(), ProcessInstance.id).offset(offset).limit(limit)
        return [shown_instance(row, number) for row, number in session.execute(page)], total


def shown_instance(row: ProcessInstance, version: int) -> dict[str, Any]:
    """What a list says of an instance."""
    names = ("id", "root_id", "process_key", "business_key", "area", "state", "started_at", "ended_at", "suspended_at")
    return {"version": version, **{name: getattr(row, name) for name in names}}
