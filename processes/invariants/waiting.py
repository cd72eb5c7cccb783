"""I1: everything that runs waits for something that is named: job, person, time, message, child or incident."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from processes.invariants.look import Look, Violation
from processes.lifecycle import ENDED_JOBS, OPEN_TRIGGERS, IncidentState, InstanceState, UserTaskState
from processes.store.instances import Incident, MessageSubscription, ProcessInstance, Timer, UserTask
from processes.store.jobs import Job
from processes.store.starts import SignalSubscription

RULE: Final = "I1"
LIVE: Final = (InstanceState.RUNNING, InstanceState.CANCELLING)


def waits_for_nothing(look: Look) -> Iterator[Violation]:
    """Every instance that has not ended waits for something."""
    look.counted(RULE, "live instances", ProcessInstance, ProcessInstance.state.in_(LIVE))
    child = aliased(ProcessInstance)
    me = ProcessInstance.id
    waits = or_(
        exists().where(Job.instance_id == me, Job.state.not_in(ENDED_JOBS)),
        exists().where(UserTask.instance_id == me, UserTask.state == UserTaskState.OPEN),
        exists().where(Timer.instance_id == me, Timer.state.in_(OPEN_TRIGGERS)),
        exists().where(MessageSubscription.instance_id == me, MessageSubscription.state.in_(OPEN_TRIGGERS)),
        exists().where(SignalSubscription.instance_id == me, SignalSubscription.state.in_(OPEN_TRIGGERS)),
        exists().where(Incident.instance_id == me, Incident.state == IncidentState.OPEN),
        exists().where(child.parent_id == me, child.state.in_(LIVE)),
        # frozen below a root that is still undoing
        and_(ProcessInstance.state == InstanceState.CANCELLING, ProcessInstance.parent_id.is_not(None)),
    )
    columns = (me, ProcessInstance.process_key, ProcessInstance.business_key, ProcessInstance.state)
    for row in look.stream(select(*columns).where(ProcessInstance.state.in_(LIVE), ~waits)):
        text = f"process {row.process_key} is {row.state} and waits for nothing and nobody"
        yield Violation(RULE, row.id, text, row.business_key)
