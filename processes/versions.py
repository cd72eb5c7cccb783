"""The versions of a process side by side: which are in force, how many instances run on each, taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from processes.comparing import Difference, differences
from processes.definitions import deploy_lock
from processes.errors import NotThere, ProcessError
from processes.parts import EngineParts
from processes.store.definitions import ProcessDefinition
from processes.store.instances import ProcessInstance


class VersionInUse(ProcessError):
    """A version cannot be taken back: ``running`` instances stand on it, ``callers`` need it, or it is the one that
    ``pinned_by`` take (versions of processes: ``home_install v3``)."""

    code = "version-in-use"

    def __init__(
        self, key: str, version: int, *, running: int = 0, callers: Sequence[str] = (), pinned_by: Sequence[str] = ()
    ) -> None:
        self.running, self.callers, self.pinned_by = running, tuple(callers), tuple(pinned_by)
        why = f"it is needed by {', '.join(callers)}"
        if pinned_by:
            why = f"it is pinned by {', '.join(pinned_by)}"
        elif running:
            why = f"{running} instances run on it"
        super().__init__(f"version {version} of {key} cannot be taken back: {why}")


@dataclass(frozen=True)
class VersionReport:
    """What a deployment did to one process.

    ``what``: ``first``, ``new`` (a version beside others), ``same`` (it was in force already) or ``again`` (an earlier
    version is in force again). ``before``: the version in force until then. ``running``: instances by version, which
    finish on theirs.
    """

    key: str
    version: int
    what: str
    before: int | None
    differences: tuple[Difference, ...] = ()
    running: dict[int, int] = field(default_factory=dict)


def all_in_force(session: Session) -> dict[str, ProcessDefinition]:
    """By key, the version new instances start on."""
    kept = select(ProcessDefinition).where(ProcessDefinition.withdrawn_at.is_(None))
    rows = session.scalars(kept.order_by(ProcessDefinition.active_since, ProcessDefinition.version))
    return {row.key: row for row in rows}


def report(parts: EngineParts, session: Session, row: ProcessDefinition, before: int | None) -> VersionReport:
    """What it means that this version is in force now and ``before`` was until now."""
    running = running_by_version(session, row.key)
    if before is None:
        newest = row.version == 1
        return VersionReport(row.key, row.version, "first" if newest else "again", None, (), running)
    if before == row.version:
        return VersionReport(row.key, row.version, "same", before, (), running)
    changed = compare(parts, session, row.key, before, row.version)
    what = "new" if row.version > before else "again"
    return VersionReport(row.key, row.version, what, before, tuple(changed), running)


def compare(parts: EngineParts, session: Session, key: str, old: int, new: int) -> list[Difference]:
    """What differs between two versions. :raises NotThere: no such version."""
    was, now = (parts.definitions.process(session, version_of(session, key, number).id) for number in (old, new))
    return differences(was.spec, was.elements, now.spec, now.elements)


def running_by_version(session: Session, key: str, areas: Select[Any] | None = None) -> dict[int, int]:
    """How many instances of each version have not ended (in these areas); versions without one are left out."""
    rows = (
        select(ProcessDefinition.version, func.count())
        .join(ProcessInstance, ProcessInstance.definition_id == ProcessDefinition.id)
        .where(ProcessDefinition.key == key, ProcessInstance.ended_at.is_(None))
    )
    if areas is not None:
        rows = rows.where(ProcessInstance.area.in_(areas))
    found = session.execute(rows.group_by(ProcessDefinition.version))
    return {row[0]: row[1] for row in found}


def withdraw(session: Session, key: str, version: int, *, actor: str, now: datetime) -> ProcessDefinition:
    """Take a version back: nothing starts on it any more; the one in force before it is in force again.

    :raises NotThere: no such version, or it is taken back already.
    :raises VersionInUse: instances run on it, or it is the last one and other processes call it.
    """
    deploy_lock(session)
    row = version_of(session, key, version)
    # Whoever is just starting an instance holds the row through its foreign key: wait for him.
    session.execute(select(ProcessDefinition.id).where(ProcessDefinition.id == row.id).with_for_update())
    if row.withdrawn_at is not None:
        raise NotThere("process version", f"{key} {version}")
    running = running_by_version(session, key).get(version, 0)
    if running:
        raise VersionInUse(key, version, running=running)
    others = ProcessDefinition.key == key, ProcessDefinition.withdrawn_at.is_(None), ProcessDefinition.id != row.id
    if session.scalar(select(func.count()).select_from(ProcessDefinition).where(*others)) == 0:
        callers = callers_of(session, key)
        if callers:
            raise VersionInUse(key, version, callers=callers)
    row.withdrawn_at, row.withdrawn_by = now, actor
    session.flush()
    return row


def callers_of(session: Session, key: str) -> list[str]:
    """The processes whose version in force calls this one."""
    current = all_in_force(session)
    return sorted(other for other, row in current.items() if other != key and key in row.called_keys)


def version_of(session: Session, key: str, version: int) -> ProcessDefinition:
    """One version of a process. :raises NotThere: there is none."""
    rows = select(ProcessDefinition).where(ProcessDefinition.key == key, ProcessDefinition.version == version)
    found = session.scalars(rows).one_or_none()
    if found is None:
        raise NotThere("process version", f"{key} {version}")
    return found
