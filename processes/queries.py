"""What pages and commands ask of the engine; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from processes.lifecycle import ENDED_JOBS, OPEN_TRIGGERS, InboxState, IncidentState, JobState, UserTaskState
from processes.store.definitions import ProcessDefinition
from processes.store.instances import (
    ActivityLog,
    Incident,
    MessageSubscription,
    ProcessInstance,
    Timer,
    UserTask,
)
from processes.store.jobs import Effect, InboxMessage, Job
from processes.store.starts import SignalSubscription


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One thing a tree of instances waits for.

    ``kind``: ``user`` (a person), ``answer`` (a callback), ``call`` (a call that is under way), ``job`` (work that
    is due at ``until``), ``timer``, ``message``, ``signal``, ``incident``. ``what``: operation, message name and key,
    signal, or incident code. ``row_id``: of the user task, job, timer, subscription or incident.
    """

    kind: str
    instance_id: str
    process_key: str
    element_id: str
    task_id: str | None
    what: str
    row_id: str
    since: datetime | None = None
    until: datetime | None = None


def tree(session: Session, root_instance_id: str) -> Sequence[ProcessInstance]:
    """Return the instances of a tree, parents first."""
    rows = select(ProcessInstance).where(ProcessInstance.root_id == root_instance_id)
    return session.scalars(rows.order_by(ProcessInstance.depth, ProcessInstance.id)).all()


def open_user_tasks(session: Session, root_instance_id: str) -> Sequence[UserTask]:
    """Return what people have to do for a tree, oldest first."""
    rows = select(UserTask).where(of_tree(UserTask, root_instance_id), UserTask.state == UserTaskState.OPEN)
    return session.scalars(rows.order_by(UserTask.opened_at, UserTask.id)).all()


def of_tree(entity: type[Job | UserTask], root_instance_id: str) -> ColumnElement[bool]:
    """What makes a row one of a tree; found by its instances, of which there are few."""
    mine = select(ProcessInstance.id).where(ProcessInstance.root_id == root_instance_id)
    return entity.instance_id.in_(mine)


def called_as(operation_id: str | None) -> ColumnElement[bool]:
    """What makes a job the call to others with this key; what is done in this house is never asked for by its key."""
    return and_(Job.operation_id == operation_id, Job.adapter.is_not(None))


def jobs_of_tree(session: Session, root_instance_id: str, *, open_only: bool = False) -> Sequence[Job]:
    """Return the jobs of a tree, oldest first."""
    rows = select(Job).where(of_tree(Job, root_instance_id))
    if open_only:
        rows = rows.where(Job.state.not_in(ENDED_JOBS))
    return session.scalars(rows.order_by(Job.created_at, Job.id)).all()


def effects_of_tree(session: Session, root_instance_id: str) -> Sequence[Effect]:
    """Return the ledger of a tree in order of confirmation."""
    rows = select(Effect).where(Effect.root_instance_id == root_instance_id)
    return session.scalars(rows.order_by(Effect.seq)).all()


def open_incidents(session: Session, root_instance_id: str | None = None) -> Sequence[Incident]:
    """Return the open incidents (of one tree, if given), oldest first."""
    rows = select(Incident).where(Incident.state == IncidentState.OPEN)
    if root_instance_id is not None:
        rows = rows.where(Incident.root_id == root_instance_id)
    return session.scalars(rows.order_by(Incident.opened_at, Incident.id)).all()


def history(session: Session, instance_id: str) -> Sequence[ActivityLog]:
    """Return what happened in one instance, in order."""
    rows = select(ActivityLog).where(ActivityLog.instance_id == instance_id)
    return session.scalars(rows.order_by(ActivityLog.seq)).all()


def unmatched_news(session: Session, *, limit: int = 100) -> Sequence[InboxMessage]:
    """Return news that nobody waits for, newest first."""
    rows = select(InboxMessage).where(InboxMessage.state == InboxState.UNMATCHED)
    return session.scalars(rows.order_by(InboxMessage.received_at.desc()).limit(limit)).all()


def definitions(session: Session) -> Sequence[ProcessDefinition]:
    """Return every version of every process, by key, newest version first."""
    rows = select(ProcessDefinition).order_by(ProcessDefinition.key, ProcessDefinition.version.desc())
    return session.scalars(rows).all()


def definition_version(session: Session, key: str, version: int) -> ProcessDefinition | None:
    """Return one version of a process, or none."""
    rows = select(ProcessDefinition).where(ProcessDefinition.key == key, ProcessDefinition.version == version)
    return session.scalars(rows).one_or_none()


def point_of_no_return(session: Session, root_instance_id: str) -> str | None:
    """Return the furthest point of no return a tree has passed: ``hard``, ``soft`` or none.

    A point is passed when the step that carries it starts; a person's step when somebody begins it.
    """
    rows = (
        select(ActivityLog.point_of_no_return)
        .join(ProcessInstance, ProcessInstance.id == ActivityLog.instance_id)
        .where(ProcessInstance.root_id == root_instance_id, ActivityLog.point_of_no_return.is_not(None))
        .distinct()
    )
    passed = set(session.scalars(rows))
    return next((point for point in ("hard", "soft") if point in passed), None)


def points_by_business_key(session: Session, root_instance_id: str) -> dict[str, str]:
    """The furthest point of no return passed in a tree, for each business key of its instances that has passed one."""
    rows = (
        select(ProcessInstance.business_key, ActivityLog.point_of_no_return)
        .join(ProcessInstance, ProcessInstance.id == ActivityLog.instance_id)
        .where(ProcessInstance.root_id == root_instance_id, ActivityLog.point_of_no_return.is_not(None))
        .distinct()
    )
    found: dict[str, str] = {}
    for key, point in session.execute(rows):
        if found.get(key) != "hard":
            found[key] = str(point)
    return found


def waiting_summary(session: Session, root_instance_id: str) -> list[Waiting]:
    """Return everything a tree waits for; empty = it has ended, or a worker is about to move it."""
    instances = {instance.id: instance for instance in tree(session, root_instance_id)}
    found = [
        *_waiting_people(session, root_instance_id),
        *_waiting_jobs(session, root_instance_id),
        *_waiting_triggers(session, list(instances)),
        *_waiting_incidents(session, root_instance_id),
    ]
    return [_placed(item, instances[item.instance_id].process_key) for item in found]


def _placed(item: Waiting, process_key: str) -> Waiting:
    return Waiting(**{**vars(item), "process_key": process_key})


def _waiting(
    kind: str,
    row: UserTask | Job | Timer | MessageSubscription | SignalSubscription | Incident,
    what: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Waiting:
    return Waiting(
        kind=kind,
        instance_id=row.instance_id,
        process_key="",
        element_id=row.element_id or "",
        task_id=row.task_id,
        what=what,
        row_id=row.id,
        since=since,
        until=until,
    )


def _waiting_people(session: Session, root_id: str) -> list[Waiting]:
    tasks = open_user_tasks(session, root_id)
    return [_waiting("user", task, task.element_id, since=task.opened_at) for task in tasks]


def _waiting_jobs(session: Session, root_id: str) -> list[Waiting]:
    kinds = {JobState.WAITING_ANSWER: "answer", JobState.SENT: "call"}
    return [
        _waiting(
            kinds.get(JobState(job.state), "job"),
            job,
            job.operation or job.kind,
            since=job.sent_at or job.created_at,
            until=job.callback_deadline_at or job.run_at,
        )
        for job in jobs_of_tree(session, root_id, open_only=True)
        if job.state != JobState.INCIDENT
    ]


def _waiting_triggers(session: Session, instance_ids: list[str]) -> list[Waiting]:
    timers = select(Timer).where(Timer.instance_id.in_(instance_ids), Timer.state.in_(OPEN_TRIGGERS))
    messages = select(MessageSubscription).where(
        MessageSubscription.instance_id.in_(instance_ids), MessageSubscription.state.in_(OPEN_TRIGGERS)
    )
    signals = select(SignalSubscription).where(
        SignalSubscription.instance_id.in_(instance_ids), SignalSubscription.state.in_(OPEN_TRIGGERS)
    )
    return [
        *(
            _waiting("timer", timer, timer.element_id, until=timer.due_at)
            for timer in session.scalars(timers.order_by(Timer.due_at))
        ),
        *(
            _waiting("message", wait, f"{wait.name} {wait.key}".strip(), since=wait.opened_at)
            for wait in session.scalars(messages.order_by(MessageSubscription.id))
        ),
        *(
            _waiting("signal", wait, wait.name, since=wait.opened_at)
            for wait in session.scalars(signals.order_by(SignalSubscription.id))
        ),
    ]


def _waiting_incidents(session: Session, root_id: str) -> list[Waiting]:
    found = open_incidents(session, root_id)
    return [_waiting("incident", incident, incident.code, since=incident.opened_at) for incident in found]
