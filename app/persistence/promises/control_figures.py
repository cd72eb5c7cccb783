"""Figures of the control room: promises of a day, steps of people, neighbours, teams. Only in the caller's area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.persistence.filters import in_words
from app.persistence.ordering.orders import ProductOrder
from app.persistence.scope import scoped
from app.persistence.teamwork.work_items import WorkItem
from processes.lifecycle import JobState
from processes.store.bulk import HeldAdapter
from processes.store.jobs import Job

MOST_DUE: Final = 20_000
MOST_DONE: Final = 3_000


@dataclass(frozen=True)
class DoneItem:
    """A to-do that people have finished: when it came, was taken, and was done (aware UTC)."""

    title_zh: str
    title_en: str
    created_at: datetime
    claimed_at: datetime
    completed_at: datetime


@dataclass(frozen=True)
class TeamFigures:
    """What one team has open now."""

    team: str
    free: int
    claimed: int
    late: int

    @property
    def total(self) -> int:
        """Everything that is open."""
        return self.free + self.claimed


@dataclass(frozen=True)
class NeighbourFigures:
    """Jobs for one neighbour: how many are under way, and how many of these have failed and will be tried again."""

    adapter: str
    under_way: int
    again: int
    held: bool


def due_between(
    session: Session, actor: Actor, start: datetime, end: datetime
) -> Sequence[tuple[datetime, datetime | None]]:
    """When every order promised for that time was promised, and when it was over (None: not yet); at most 20,000."""
    query = scoped(select(ProductOrder.promised_at, ProductOrder.completed_at), ProductOrder, actor)
    promised = (ProductOrder.promised_at >= start, ProductOrder.promised_at < end)
    rows = session.execute(query.where(*promised).order_by(ProductOrder.promised_at).limit(MOST_DUE))
    return [(promised_at, completed_at) for promised_at, completed_at in rows if promised_at is not None]


def kept_since(session: Session, actor: Actor, since: datetime) -> tuple[int, int]:
    """Of the orders completed since then that had a promise: how many were in time, and how many there were."""
    in_time = case((ProductOrder.completed_at <= ProductOrder.promised_at, 1), else_=0)
    query = scoped(select(func.coalesce(func.sum(in_time), 0), func.count()), ProductOrder, actor).where(
        ProductOrder.completed_at >= since, ProductOrder.state == "completed", ProductOrder.promised_at.is_not(None)
    )
    kept, total = session.execute(query).one()
    return int(kept), int(total)


def done_items(session: Session, actor: Actor, since: datetime) -> list[DoneItem]:
    """What people have finished since then, the latest first, at most 3,000."""
    columns = (
        WorkItem.title_zh,
        WorkItem.title_en,
        WorkItem.created_at,
        WorkItem.claimed_at,
        WorkItem.completed_at,
    )
    query = scoped(select(*columns), WorkItem, actor).where(
        WorkItem.completed_at >= since,
        WorkItem.claimed_at.is_not(None),
        in_words(WorkItem.state, [WorkItemState.COMPLETED]),
        WorkItem.kind == "task",
    )
    rows = session.execute(query.order_by(WorkItem.completed_at.desc()).limit(MOST_DONE))
    return [
        DoneItem(zh, en, created_at, claimed_at, completed_at)
        for zh, en, created_at, claimed_at, completed_at in rows
        if claimed_at is not None and completed_at is not None
    ]


def open_by_title(session: Session, actor: Actor) -> dict[str, int]:
    """How many to-dos of each (Chinese) title are open."""
    query = scoped(select(WorkItem.title_zh, func.count()), WorkItem, actor)
    rows = session.execute(query.where(in_words(WorkItem.state, WORK_ITEM_OPEN)).group_by(WorkItem.title_zh))
    return {str(title): int(count) for title, count in rows}


def open_by_team(session: Session, actor: Actor, now: datetime) -> list[TeamFigures]:
    """What each team has open, the most loaded first."""
    free = func.sum(case((WorkItem.state == WorkItemState.OPEN, 1), else_=0))
    late = func.sum(case((WorkItem.due_at < now, 1), else_=0))
    query = scoped(select(WorkItem.team_code, func.count(), free, late), WorkItem, actor)
    rows = session.execute(
        query.where(in_words(WorkItem.state, WORK_ITEM_OPEN), WorkItem.team_code.is_not(None))
        .group_by(WorkItem.team_code)
        .order_by(func.count().desc(), WorkItem.team_code)
    )
    return [TeamFigures(team, int(waiting), total - int(waiting), int(behind)) for team, total, waiting, behind in rows]


def neighbours(session: Session) -> list[NeighbourFigures]:
    """Every neighbour that has a job under way, or is held."""
    failed = func.sum(case((Job.last_error.is_not(None), 1), else_=0))
    query = select(Job.adapter, func.count(), failed).where(
        in_words(Job.state, [JobState.READY, JobState.WAITING_ANSWER]), Job.adapter.is_not(None)
    )
    found = {
        adapter: (under_way, int(again)) for adapter, under_way, again in session.execute(query.group_by(Job.adapter))
    }
    held = set(session.scalars(select(HeldAdapter.adapter)))
    return [NeighbourFigures(name, *found.get(name, (0, 0)), held=name in held) for name in sorted({*found, *held})]
