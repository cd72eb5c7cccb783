"""The rows of a suspended instance: out of the way of workers, and back again."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import and_, case, exists, update
from sqlalchemy.orm import Session

from processes.lifecycle import JobState, TriggerState
from processes.store.instances import MessageSubscription, ProcessInstance, Timer
from processes.store.jobs import Job
from processes.store.starts import SignalSubscription

TRIGGERS: Final[tuple[type[Any], ...]] = (Timer, MessageSubscription, SignalSubscription)


def park_rows(session: Session, instance_id: str) -> None:
    """Nobody takes the jobs, fires the timers or delivers to the subscriptions of an instance any more."""
    jobs = update(Job).where(Job.instance_id == instance_id, ~Job.detached)
    jobs = jobs.where(Job.state.in_((JobState.READY, JobState.WAITING_ANSWER)))
    session.execute(jobs.values(state=JobState.SUSPENDED).execution_options(synchronize_session=False))
    for table in TRIGGERS:
        mine = update(table).where(table.instance_id == instance_id, table.state == TriggerState.WAITING)
        session.execute(mine.values(state=TriggerState.SUSPENDED).execution_options(synchronize_session=False))


def free_rows(session: Session, instance_id: str) -> None:
    """Give back to workers what :func:`park_rows` took from them."""
    answer_is_out = Job.callback_deadline_at.is_not(None)
    jobs = update(Job).where(Job.instance_id == instance_id, Job.state == JobState.SUSPENDED)
    jobs = jobs.values(state=case((answer_is_out, JobState.WAITING_ANSWER), else_=JobState.READY))
    session.execute(jobs.execution_options(synchronize_session=False))
    for table in TRIGGERS:
        waits = update(table).where(table.instance_id == instance_id, table.state == TriggerState.SUSPENDED)
        session.execute(waits.values(state=TriggerState.WAITING).execution_options(synchronize_session=False))


def given_back(otherwise: Any = JobState.READY) -> Any:
    """The state of a job whose lease is over, said in a statement: nobody is to take that of a suspended instance."""
    held = and_(ProcessInstance.id == Job.instance_id, ProcessInstance.suspended_at.is_not(None))
    return case((exists().where(held), JobState.SUSPENDED), else_=otherwise)
