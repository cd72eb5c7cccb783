"""The versions of a decision side by side, and taking one back."""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from datetime import datetime

from sqlalchemy import Exists, Text, exists, or_, select, type_coerce
from sqlalchemy.orm import Session

from processes.definitions import deploy_lock
from processes.errors import NotThere
from processes.spiff.pins import pins_in
from processes.store.definitions import DecisionDefinition, ProcessDefinition
from processes.store.instances import ProcessInstance
from processes.versions import VersionInUse, all_in_force


def all_versions(session: Session, key: str | None = None) -> Sequence[DecisionDefinition]:
    """Every version of every decision, or of one: by key, the one in force first, the others newest first.

    The drawings are not read.
    """
    rows = select(DecisionDefinition)
    if key is not None:
        rows = rows.where(DecisionDefinition.key == key)
    found = session.scalars(rows).all()
    return sorted(found, key=lambda row: (row.key, row.withdrawn_at is not None, -row.active_since.timestamp()))


def in_force(session: Session) -> dict[str, int]:
    """By key, the version with which decisions are taken."""
    kept = select(DecisionDefinition.key, DecisionDefinition.version).where(DecisionDefinition.withdrawn_at.is_(None))
    ordered = kept.order_by(DecisionDefinition.active_since, DecisionDefinition.version)
    return {row.key: row.version for row in session.execute(ordered)}


def version_of(session: Session, key: str, version: int) -> DecisionDefinition:
    """One version of a decision. :raises NotThere: there is none."""
    rows = select(DecisionDefinition).where(DecisionDefinition.key == key, DecisionDefinition.version == version)
    found = session.scalars(rows).one_or_none()
    if found is None:
        raise NotThere("decision version", f"{key} {version}")
    return found


def withdraw(
    session: Session, key: str, version: int, *, actor: str, now: datetime, needed: Container[str] = ()
) -> DecisionDefinition:
    """Take a version back: decisions are taken with the one in force before it, from the next step on.

    :param needed: keys of decisions that the program itself asks for.
    :raises NotThere: no such version, or it is taken back already.
    :raises VersionInUse: it is the last one, and processes or the program need it, or steps are pinned to it.
    """
    deploy_lock(session)
    row = version_of(session, key, version)
    if row.withdrawn_at is not None:
        raise NotThere("decision version", f"{key} {version}")
    if pinned := pinned_to(session, key).get(version):
        raise VersionInUse(key, version, pinned_by=[f"{name} v{number}" for name, number in pinned])
    if not any(other.withdrawn_at is None for other in all_versions(session, key) if other.id != row.id):
        users = users_of(session, key)
        if users or key in needed:
            raise VersionInUse(key, version, callers=users or ["yizhan"])
    row.withdrawn_at, row.withdrawn_by = now, actor
    session.flush()
    return row


def pinned_to(session: Session, key: str) -> dict[int, list[tuple[str, int]]]:
    """By version of a decision: the versions of processes with a step that is pinned to it.

    Those that can still run: any that was not taken back may come into force again, or take over what runs on another.
    """
    rows = select(ProcessDefinition.key, ProcessDefinition.version, ProcessDefinition.elements)
    can_run = or_(ProcessDefinition.withdrawn_at.is_(None), _runs())
    named = type_coerce(ProcessDefinition.decision_keys, Text).contains(
        json.dumps(key, ensure_ascii=False), autoescape=True
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for name, number, elements in session.execute(rows.where(can_run, named)):
        pins = set(pins_in(element.get("attributes") or {} for element in elements))
        for decision, version in pins:
            if decision == key:
                found.setdefault(version, []).append((name, number))
    return {version: sorted(users) for version, users in found.items()}


def _runs() -> Exists:
    return exists().where(ProcessInstance.definition_id == ProcessDefinition.id, ProcessInstance.ended_at.is_(None))


def users_of(session: Session, key: str) -> list[str]:
    """The processes that ask for a decision: their version in force does, or one on which an instance still runs."""
    rows = session.execute(select(ProcessDefinition.key, ProcessDefinition.decision_keys).where(_runs())).all()
    asked = [*rows, *((row.key, row.decision_keys) for row in all_in_force(session).values())]
    return sorted({name for name, decisions in asked if key in decisions})
