"""The statements that look for work and lease it. Values that change are parameters, so that each is compiled once."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.functions import FunctionElement

from processes.clock import TIME_COLUMNS
from processes.lifecycle import InboxState, JobState, TriggerState
from processes.store.base import UtcDateTime
from processes.store.bulk import HeldAdapter
from processes.store.instances import Timer
from processes.store.jobs import InboxMessage, Job
from processes.store.rows import table_of
from processes.store.sentences import Sentence
from processes.store.starts import StartSubscription

NOW: Final = bindparam("now", type_=UtcDateTime())
UNTIL: Final = bindparam("until", type_=UtcDateTime())
OWNER: Final = bindparam("owner", type_=String())
LIMIT: Final = bindparam("limit", type_=Integer())


class WithoutTheDisk(FunctionElement[str]):
    """Lets the transaction it is read in end without waiting for the disk; NULL where that cannot be had (SQLite).

    For leases on what is done in our own books: whoever looks sees them at once, and only if the database itself dies
    within the next moments it is as if they had never been given.
    """

    type = String()
    inherit_cache = True


@compiles(WithoutTheDisk)
def _do_not_wait(_element: WithoutTheDisk, _compiler: SQLCompiler, **_options: Any) -> str:
    return "set_config('synchronous_commit', 'off', true)"


@compiles(WithoutTheDisk, "sqlite")
def _wait(_element: WithoutTheDisk, _compiler: SQLCompiler, **_options: Any) -> str:
    return "NULL"


def said(state: StrEnum) -> ColumnElement[str]:
    """A state in the words of the statement: a parameter would hide an index over some of the rows from the planner."""
    return literal_column(f"'{state}'", String())


def _jobs_to_do() -> ColumnElement[bool]:
    return Job.state.in_([said(JobState.READY), said(JobState.WAITING_ANSWER)])


def _starts_to_come() -> tuple[ColumnElement[bool], ...]:
    return (
        StartSubscription.state == said(TriggerState.WAITING),
        StartSubscription.kind == literal_column("'timer'", String()),
    )


def due_starts() -> tuple[ColumnElement[bool], ...]:
    """What makes a timer start due, in the words of its index; it has no lease."""
    return *_starts_to_come(), StartSubscription.due_at <= NOW


def _timers_to_come() -> ColumnElement[bool]:
    return and_(Timer.state == said(TriggerState.WAITING), Timer.job_id.is_(None))


def _due_timers() -> ColumnElement[bool]:
    free = or_(Timer.lease_until.is_(None), Timer.lease_until < NOW)
    return and_(_timers_to_come(), Timer.due_at <= NOW, free)


def _fresh_news() -> ColumnElement[bool]:
    return and_(InboxMessage.state == InboxState.RECEIVED, InboxMessage.job_id.is_(None))


def _free_news() -> ColumnElement[bool]:
    return and_(_fresh_news(), or_(InboxMessage.lease_until.is_(None), InboxMessage.lease_until < NOW))


def _first(at: Any, *conditions: ColumnElement[bool]) -> Any:
    return select(func.min(at)).where(*conditions).scalar_subquery()


@cache
def claiming_jobs(blocked: int, first_only: int) -> Sentence:
    """The statement that claims jobs, with so many adapters left out, of so many others the repeats.

    Its last column says nothing: with a call to a neighbour among the jobs it waits for the disk, because "sent" has to
    be known after any crash.
    """

    def build() -> ReturningUpdate[Any]:
        others = [Job.adapter != bindparam(f"blocked_{place}", type_=String()) for place in range(blocked)]
        others += [
            or_(Job.adapter != bindparam(f"first_only_{place}", type_=String()), Job.attempts == 0)
            for place in range(first_only)
        ]
        due = and_(_jobs_to_do(), Job.run_at <= NOW)
        due = and_(due, or_(Job.adapter.is_(None), and_(*others))) if others else due
        # A common table expression with FOR UPDATE runs once; as a plain sub-select it might run once per row.
        chosen = (
            select(Job.id, Job.adapter)
            .where(due)
            .order_by(Job.run_at, Job.id)
            .limit(LIMIT)
            .with_for_update(skip_locked=True)
            .cte()
        )
        jobs = table_of(Job)
        calls_out = and_(jobs.c.adapter.is_not(None), jobs.c.phase == "perform")
        all_our_own = ~exists().where(chosen.c.adapter.is_not(None))
        return (
            update(jobs)
            .where(jobs.c.id.in_(select(chosen.c.id)))
            .values(
                state=case((jobs.c.adapter.is_(None), JobState.LEASED), else_=JobState.SENT),
                lease_until=UNTIL,
                lease_owner=OWNER,
                fence=jobs.c.fence + 1,
                attempts=jobs.c.attempts + 1,
                sent_at=case((calls_out, NOW), else_=jobs.c.sent_at),
            )
            .returning(*jobs.columns, case((all_our_own, WithoutTheDisk())))
        )

    return Sentence(build)


def _lease(entity: type[Timer | InboxMessage], free: ColumnElement[bool], *order: ColumnElement[Any]) -> Any:
    rows = table_of(entity)
    chosen = select(rows.c.id).where(free).order_by(*order).limit(LIMIT).with_for_update(skip_locked=True).cte()
    mine = update(rows).where(rows.c.id.in_(select(chosen.c.id)))
    leased = mine.values(lease_owner=OWNER, lease_until=UNTIL, attempts=rows.c.attempts + 1)
    return leased.returning(
        order[0], rows.c.id, rows.c.attempts, WithoutTheDisk()
    )  # in whatever order the database likes


DUE: Final = Sentence(
    lambda: select(
        *TIME_COLUMNS,
        exists().where(_fresh_news()),
        _first(Timer.due_at, _timers_to_come()),
        _first(Job.run_at, _jobs_to_do()),
        _first(StartSubscription.due_at, *_starts_to_come()),
        exists(select(table_of(HeldAdapter).c.adapter)),
    )
)
HELD: Final = Sentence(lambda: select(table_of(HeldAdapter).c.adapter))
CLAIM_TIMERS: Final = Sentence(lambda: _lease(Timer, _due_timers(), table_of(Timer).c.due_at))
CLAIM_INBOX: Final = Sentence(
    lambda: _lease(InboxMessage, _free_news(), table_of(InboxMessage).c.received_at, table_of(InboxMessage).c.id)
)
