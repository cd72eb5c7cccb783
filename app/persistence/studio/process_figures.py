"""Figures of the catalogue of processes: what runs on which version, and how much of it has failed. By area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.persistence.scope import scoped
from processes.store.definitions import ProcessDefinition
from processes.store.instances import Incident, ProcessInstance


def running_by_version(session: Session, actor: Actor) -> Mapping[str, Mapping[int, int]]:
    """How many instances have not ended, by key and version, in the actor's area."""
    rows = (
        select(ProcessDefinition.key, ProcessDefinition.version, func.count())
        .join(ProcessInstance, ProcessInstance.definition_id == ProcessDefinition.id)
        .where(ProcessInstance.ended_at.is_(None))
    )
    found: dict[str, dict[int, int]] = {}
    mine = scoped(rows, ProcessInstance, actor).group_by(ProcessDefinition.key, ProcessDefinition.version)
    for key, version, count in session.execute(mine):
        found.setdefault(key, {})[version] = count
    return found


def running_rows(
    session: Session, actor: Actor, key: str, version: int | None, *, offset: int, limit: int
) -> tuple[Sequence[tuple[ProcessInstance, int]], int]:
    """The rows behind a number of :func:`running_by_version`, the newest first, and how many there are."""
    rows: Select[ProcessInstance, int] = (
        select(ProcessInstance, ProcessDefinition.version)
        .join(ProcessDefinition, ProcessDefinition.id == ProcessInstance.definition_id)
        .where(ProcessInstance.ended_at.is_(None), ProcessDefinition.key == key)
    )
    if version is not None:
        rows = rows.where(ProcessDefinition.version == version)
    mine = scoped(rows, ProcessInstance, actor)
    total = session.scalar(mine.with_only_columns(func.count()).order_by(None)) or 0
    page = session.execute(mine.order_by(ProcessInstance.id.desc()).offset(offset).limit(limit)).all()
    return [(row, number) for row, number in page], total


def failures(session: Session, actor: Actor, *, since: datetime, first_id: str) -> Mapping[str, tuple[int, int]]:
    """By key: how many instances were begun since then (aware UTC), and how many of those had an incident.

    :param first_id: no instance begun since then has a smaller id; ids grow with time, so only the newest are read.
    """
    begun: tuple[ColumnElement[bool], ...] = (ProcessInstance.id >= first_id, ProcessInstance.started_at >= since)
    every = scoped(select(ProcessInstance.process_key, func.count()), ProcessInstance, actor).where(*begun)
    failed = (
        scoped(select(ProcessInstance.process_key, func.count(ProcessInstance.id.distinct())), ProcessInstance, actor)
        .join(Incident, Incident.instance_id == ProcessInstance.id)
        .where(*begun)
    )
    bad = dict(session.execute(failed.group_by(ProcessInstance.process_key)).all())
    rows = session.execute(every.group_by(ProcessInstance.process_key))
    return {key: (count, bad.get(key, 0)) for key, count in rows}
