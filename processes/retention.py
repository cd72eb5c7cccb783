"""Removing what ended long ago: whole trees of instances with all their rows, a few at a time.

Each batch is a transaction of its own that locks only trees which have ended, and passes over those somebody else has
locked: nobody who works waits for it. What is kept: definitions, the sums per element, and every row of the
application; these point at instances without a foreign key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, or_, select
from sqlalchemy.orm import Session, aliased

from processes.lifecycle import ENDED_JOBS, EffectState, InboxState, IncidentState
from processes.store.bulk import Move
from processes.store.history import HistoryMark
from processes.store.instances import (
    ActivityLog,
    Incident,
    MessageSubscription,
    ProcessInstance,
    Timer,
    UserTask,
)
from processes.store.jobs import Effect, InboxMessage, Job, OutboxEvent
from processes.store.renewals import Renewal
from processes.store.starts import SignalSubscription
from processes.tallies import COUNTED

REMOVED: Final = "removed"
TREES_AT_ONCE: Final = 20
NEWS_AT_ONCE: Final = 500
#: Effects somebody still has to do something about.
UNSETTLED_EFFECTS: Final = (EffectState.UNDOING, EffectState.UNDO_FAILED)
#: Rows of one instance, by their column of its id; instances themselves come last.
ROWS_OF_INSTANCES: Final[tuple[tuple[type[Any], str], ...]] = (
    (ActivityLog, "instance_id"),
    (UserTask, "instance_id"),
    (Timer, "instance_id"),
    (MessageSubscription, "instance_id"),
    (SignalSubscription, "instance_id"),
    (Incident, "root_id"),
    (Job, "instance_id"),
    (Effect, "root_instance_id"),
    (Move, "instance_id"),
    (Renewal, "instance_id"),
)


@dataclass(frozen=True)
class Policy:
    """How many days the history of a tree is kept after it has ended; None or nothing said = for ever.

    :param by_process: days by the key of the process at the top of the tree, before the general rule.
    """

    days: int | None = None
    by_process: Mapping[str, int] = field(default_factory=dict)

    @property
    def shortest(self) -> int | None:
        """The fewest days of all rules; None where everything is kept."""
        given = [*self.by_process.values(), *(() if self.days is None else (self.days,))]
        return min(given, default=None)


@dataclass(frozen=True)
class Removed:
    """What one batch has removed: trees, and rows of every kind together."""

    trees: int = 0
    rows: int = 0


def remove_batch(session: Session, policy: Policy, *, now: datetime, limit: int = TREES_AT_ONCE) -> Removed:
    """Remove the next trees that have outlived the policy; nothing removed = none is left, or others have them."""
    roots = _outlived(session, policy, now, limit)
    if not roots:
        return Removed()
    instances = session.scalars(
        select(ProcessInstance.id)
        .where(ProcessInstance.root_id.in_([root_id for root_id, _ in roots]))
        .order_by(ProcessInstance.depth.desc(), ProcessInstance.id)
    ).all()
    root_ids = [root_id for root_id, _ in roots]
    rows = 0
    for table, column in ROWS_OF_INSTANCES:
        ids = instances if column == "instance_id" else root_ids
        rows += _delete(session, delete(table).where(getattr(table, column).in_(ids)))
    # Children first: each row points at its parent.
    depths = session.scalars(
        select(ProcessInstance.depth).where(ProcessInstance.root_id.in_(root_ids)).distinct()
    ).all()
    for depth in sorted(depths, reverse=True):
        mine = (ProcessInstance.root_id.in_(root_ids), ProcessInstance.depth == depth)
        rows += _delete(session, delete(ProcessInstance).where(*mine))
    _note(session, max(ended_at for _, ended_at in roots))
    return Removed(len(roots), rows)


def announce(session: Session, policy: Policy, *, now: datetime) -> None:
    """Note up to when trees may be gone; to be committed before the batches, which then do not meet at one row."""
    if policy.shortest is not None:
        _note(session, now - timedelta(days=policy.shortest))


def remove_news(session: Session, policy: Policy, *, now: datetime, limit: int = NEWS_AT_ONCE) -> int:
    """Remove news from outside that is done with and news for others that was delivered; returns how many rows."""
    if policy.days is None:
        return 0
    before = now - timedelta(days=policy.days)
    done = InboxMessage.state.in_((InboxState.DELIVERED, InboxState.IGNORED, InboxState.EXPIRED))
    found = 0
    for table, old in (
        (InboxMessage, and_(done, InboxMessage.received_at < before)),
        (OutboxEvent, and_(OutboxEvent.delivered_at.is_not(None), OutboxEvent.delivered_at < before)),
    ):
        some = select(table.id).where(old).limit(limit)
        found += _delete(session, delete(table).where(table.id.in_(some.scalar_subquery())))
    return found


def removed_before(session: Session) -> datetime | None:
    """The latest end of a tree that was removed; None if none ever was."""
    mark = session.get(HistoryMark, REMOVED)
    return None if mark is None else mark.at


def _outlived(session: Session, policy: Policy, now: datetime, limit: int) -> list[tuple[str, datetime]]:
    if policy.shortest is None:
        return []
    top = ProcessInstance
    old = [top.ended_at < now - timedelta(days=policy.shortest)]
    counted = session.get(HistoryMark, COUNTED)
    if counted is None:
        return []  # nothing is in the sums yet, and what is removed cannot be added later
    old.append(top.ended_at <= counted.at)
    query = (
        select(top.id, top.ended_at)
        .where(top.parent_id.is_(None), top.ended_at.is_not(None), *old, _rule(policy, now), *_at_rest())
        .order_by(top.ended_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=top)
    )
    return [(row.id, row.ended_at) for row in session.execute(query)]


def _rule(policy: Policy, now: datetime) -> ColumnElement[bool]:
    top = ProcessInstance
    rules = [
        and_(top.process_key == key, top.ended_at < now - timedelta(days=days))
        for key, days in sorted(policy.by_process.items())
    ]
    if policy.days is not None:
        others = top.process_key.not_in(sorted(policy.by_process))
        rules.append(and_(others, top.ended_at < now - timedelta(days=policy.days)))
    return or_(*rules)


def _at_rest() -> list[ColumnElement[bool]]:
    """Nothing below a root runs, is asked for or has to be settled by somebody."""
    top, below, member = ProcessInstance, aliased(ProcessInstance), aliased(ProcessInstance)
    return [
        ~exists().where(below.root_id == top.id, below.ended_at.is_(None)),
        ~exists().where(Job.instance_id == member.id, member.root_id == top.id, Job.state.not_in(ENDED_JOBS)),
        ~exists().where(Incident.root_id == top.id, Incident.state == IncidentState.OPEN),
        ~exists().where(Effect.root_instance_id == top.id, Effect.state.in_(UNSETTLED_EFFECTS)),
    ]


def _delete(session: Session, statement: Any) -> int:
    done = session.execute(statement.execution_options(synchronize_session=False))
    return int(done.rowcount) if isinstance(done, CursorResult) else 0


def _note(session: Session, at: datetime) -> None:
    mark = session.get(HistoryMark, REMOVED)
    if mark is None:
        session.add(HistoryMark(name=REMOVED, at=at))
    elif mark.at < at:
        mark.at = at
    session.flush()
