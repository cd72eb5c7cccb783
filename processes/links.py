"""Linked calls: a call activity and the child instance that answers it.

A transaction may hold a parent and then lock its child, never the other way round: what a child has to tell
its parent is written as a job of the parent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from processes import by_people, incidents, projection
from processes.definitions import latest_process
from processes.errors import StaleTask, UnknownProcess
from processes.job_rows import jobs_to_begin, let_go, write_job
from processes.lifecycle import InstanceState, JobState, next_instance_state
from processes.parking import free_rows
from processes.running import Place, Running
from processes.spiff.bridge import Thrown, Wait
from processes.store.instances import ProcessInstance
from processes.store.jobs import Job
from processes.store.rows import new

MAX_DEPTH: Final = 20


@dataclass(frozen=True, kw_only=True)
class CallRequest:
    """What a call activity asks for. ``business_key`` none = that of the caller. ``renewal_id``: it asks anew."""

    task_id: str
    element_id: str
    called_key: str
    business_key: str | None
    inputs: Mapping[str, Any]
    loop_index: int | None
    renewal_id: str | None = None

    @classmethod
    def of(cls, wait: Wait) -> CallRequest:
        return cls(
            task_id=wait.task_id,
            element_id=wait.element_id,
            called_key=wait.called_key or "",
            business_key=wait.business_key,
            inputs=dict(wait.inputs),
            loop_index=wait.loop_index,
        )

    @classmethod
    def of_job(cls, job: Job) -> CallRequest:
        kept = job.payload
        return cls(
            task_id=job.task_id or "",
            element_id=job.element_id or "",
            called_key=kept["called_key"],
            business_key=kept["business_key"],
            inputs=kept["inputs"],
            loop_index=job.loop_index,
        )


def start_child(running: Running, request: CallRequest, *, child_id: str | None = None) -> None:
    """Write the child instance, version bound now, and let it take its first steps in this transaction.

    :param child_id: the id it gets, where somebody has to know it before.
    """
    parent = running.instance
    try:
        if parent.depth >= MAX_DEPTH:
            raise RecursionError(f"calls are nested more than {MAX_DEPTH} deep")
        definition = latest_process(running.session, request.called_key)
    except UnknownProcess as refusal:
        _refuse_call(running, request, refusal.code, str(refusal))
        return
    except RecursionError as refusal:
        _refuse_call(running, request, "call-depth", str(refusal))
        return
    child = new(
        ProcessInstance,
        id=child_id or running.parts.ids(),
        definition_id=definition.id,
        root_id=parent.root_id,
        parent_id=parent.id,
        parent_task_id=request.task_id,
        parent_element_id=request.element_id,
        parent_loop_index=request.loop_index,
        depth=parent.depth + 1,
        process_key=definition.key,
        business_key=request.business_key or parent.business_key,
        area=parent.area,
        inputs=dict(request.inputs),
        started_by=parent.started_by,
        renewal_id=request.renewal_id or parent.renewal_id,
    )
    begin_child(running, child, is_suspended=definition.suspended_at is not None)


def begin_child(running: Running, child: ProcessInstance, *, is_suspended: bool) -> None:
    """Write a child and let it take its first steps, unless it or what has asked for it stands still."""
    child.state, child.version, child.log_seq, child.started_at = InstanceState.RUNNING, 1, 0, running.now
    running.add(child)
    below = Running(running.parts, running.session, child, now=running.now, actor=running.actor, offer=running.offer)
    below.emit("instance_started", detail={"data": child.inputs})
    if running.is_suspended or is_suspended:
        child.suspended_at = running.now
        write_job(below, "start")
        return
    below.begin(child.inputs)
    projection.settle(below)


def call_again(running: Running, job: Job) -> None:
    """Start the child of a call after an incident."""
    if running.is_running:
        start_child(running, CallRequest.of_job(job))


def _refuse_call(running: Running, request: CallRequest, code: str, message: str) -> None:
    job = write_job(
        running,
        "call",
        place=Place(request.element_id, request.task_id, request.loop_index),
        payload={
            "called_key": request.called_key,
            "business_key": request.business_key,
            "inputs": dict(request.inputs),
        },
        may_go_on=False,
    )
    incidents.open_for_job(running, job, code, message)


def interrupt_children(running: Running, task_id: str) -> None:
    """End the running children that answer a call; used when the call is cancelled."""
    parent = running.instance
    rows = select(ProcessInstance.id).where(
        ProcessInstance.parent_id == parent.id,
        ProcessInstance.parent_task_id == task_id,
        ProcessInstance.state == InstanceState.RUNNING,
    )
    for child_id in running.session.scalars(rows.order_by(ProcessInstance.id)).all():
        child = Running.locked(running.parts, running.session, child_id, now=running.now, actor=running.actor)
        if child.is_running:
            freeze(child, whole_tree=parent.state == InstanceState.CANCELLING)


def freeze(running: Running, *, whole_tree: bool) -> None:
    """Stop an instance and everything below it where they stand.

    :param whole_tree: the tree is being cancelled, so the instance stays ``cancelling`` until all is undone.
    """
    instance = running.instance
    state = InstanceState.CANCELLING if whole_tree else InstanceState.CANCELLED
    if running.is_suspended:  # what cannot go on cannot be ended either
        instance.suspended_at = None
        free_rows(running.session, instance.id)
    instance.state = next_instance_state(instance.state, state)
    if instance.snapshot is not None:
        running.execution.cancel()
        projection.record_changes(running)
    else:
        let_go(jobs_to_begin(running), running.now)
    running.save()
    if not whole_tree:
        instance.ended_at = running.now
        running.emit("instance_cancelled", detail={"reason": "interrupted"})


def _call_place(child: ProcessInstance) -> Place:
    """Return the call activity of the parent that waits for this child."""
    return Place(child.parent_element_id, child.parent_task_id, child.parent_loop_index)


def report_end(running: Running, data: Mapping[str, Any], error: Thrown | None) -> None:
    """Tell the parent, by a job, that this child has ended."""
    instance = running.instance
    if instance.parent_id is None:
        return
    if by_people.is_undoing(instance):
        by_people.report_end(running, error)
    elif error is None:
        write_job(
            running,
            "resume_parent",
            instance_id=instance.parent_id,
            place=_call_place(instance),
            payload={"child_id": instance.id, "data": dict(data), "attended": instance.attended},
        )
    else:
        pass_error_up(running, error.code, error.message, origin_job=None)


def pass_error_up(running: Running, code: str, message: str, *, origin_job: Job | None) -> None:
    """Ask the parent whether it catches an error that nobody in this child does."""
    instance = running.instance
    write_job(
        running,
        "child_error",
        instance_id=instance.parent_id,
        place=_call_place(instance),
        payload={
            "code": code,
            "message": message,
            "child_id": instance.id,
            "attended": instance.attended,
            "origin_instance_id": instance.id,
            "origin_job_id": origin_job.id if origin_job else None,
        },
    )


def pass_escalation_up(running: Running, thrown: Thrown) -> None:
    """Hand an escalation that nobody in this child catches to the parent; at the root it fades away."""
    instance = running.instance
    if instance.parent_task_id is None:
        return
    write_job(
        running,
        "child_escalation",
        instance_id=instance.parent_id,
        place=_call_place(instance),
        payload={"code": thrown.code, "payload": dict(thrown.payload)},
    )


def resume(running: Running, job: Job) -> None:
    """A child has completed: its data is the result of the call. Nothing happens if the call has ended."""
    if running.is_running and job.task_id:
        try:
            running.execution.complete(job.task_id, job.payload["data"])
        except StaleTask:
            return
        projection.settle(running)


def receive_escalation(running: Running, job: Job) -> None:
    """A child escalated: boundary events of the call may catch it; else it goes further up."""
    if not running.is_running or not job.task_id:
        return
    try:
        caught = running.execution.throw_escalation(job.task_id, job.payload["code"], job.payload["payload"])
    except StaleTask:
        return
    if caught:
        projection.settle(running)
    elif running.instance.parent_task_id is not None:
        write_job(
            running,
            "child_escalation",
            instance_id=running.instance.parent_id,
            place=_call_place(running.instance),
            payload=job.payload,
        )


def receive_error(running: Running, job: Job) -> None:
    """An error comes up from a child: catch it here, pass it on, or have it opened as an incident below."""
    if not running.is_running or not job.task_id:
        return
    code, message = job.payload["code"], job.payload["message"]
    try:
        caught = running.execution.throw_error(job.task_id, code, message)
    except StaleTask:
        return
    if caught:
        projection.settle(running)
        return
    instance = running.instance
    if instance.parent_task_id is not None:
        write_job(
            running,
            "child_error",
            instance_id=instance.parent_id,
            place=_call_place(instance),
            payload={**job.payload, "child_id": instance.id},
        )
    else:
        write_job(running, "unhandled_error", instance_id=_mourner(running, job), payload=job.payload)


def _mourner(running: Running, job: Job) -> str:
    """Return the instance that gets the incident: where the job failed, or the caller of the child that ended."""
    origin_id: str = job.payload["origin_instance_id"]
    if job.payload["origin_job_id"] is not None:
        return origin_id
    parent_id = running.session.scalar(select(ProcessInstance.parent_id).where(ProcessInstance.id == origin_id))
    return parent_id or origin_id


def open_unhandled(running: Running, job: Job) -> None:
    """No ancestor catches the error: open the incident where it began."""
    if not running.is_running:
        return
    session, kept = running.session, job.payload
    if kept["origin_job_id"] is not None:
        origin = session.get_one(Job, kept["origin_job_id"], populate_existing=True)
        if origin.state == JobState.INCIDENT:
            incidents.open_for_job(running, origin, kept["code"], kept["message"])
        return
    child = session.get_one(ProcessInstance, kept["origin_instance_id"])
    request = CallRequest(
        task_id=child.parent_task_id or "",
        element_id=child.parent_element_id or "",
        called_key=child.process_key,
        business_key=child.business_key,
        inputs=child.inputs,
        loop_index=child.parent_loop_index,
    )
    _refuse_call(running, request, kept["code"], kept["message"])
