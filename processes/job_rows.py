"""Writing jobs, and letting go of those nobody waits for any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import select

from processes.claims import INTERNAL_ATTEMPTS, lease_at_once
from processes.lifecycle import ENDED_JOBS, JobState, next_job_state
from processes.running import NOWHERE, Place, Running
from processes.store.jobs import Job
from processes.store.rows import Rows, new

JobKind = Literal[
    "start",  # the first steps of an instance that begins suspended, or by an event whose handling failed before
    "operation",  # a service task
    "call",  # start a linked child again, after an incident
    "resume_parent",  # a linked child has ended
    "child_error",  # an error nobody in the child catches
    "child_escalation",  # the same for an escalation
    "unhandled_error",  # no ancestor catches it either
    "continue_cancel",  # look whether the next effect can be undone
    "continue_renewal",  # look whether an instance that is renewed can begin
    "continue_move",  # look whether a token that is moved can begin
    "continue_undo",  # take the next step of a compensation that asks the ledger
    "undo",  # one effect, reversed
    "undo_by_people",  # one effect that people brought about: the process that reverses it begins
    "undone_by_people",  # that process has ended
    "fire_timer",  # a timer whose firing failed before
    "deliver_message",  # the same for a message, with who waits for it
    "adopt_answer",  # the same for an answer
]
PERFORMING: tuple[JobKind, ...] = ("operation", "undo")
#: Jobs that reverse one effect.
UNDOING: tuple[JobKind, ...] = ("undo", "undo_by_people")
#: Jobs of an undo: nothing that ends takes them along.
STAYING: tuple[JobKind, ...] = (*UNDOING, "undone_by_people", "continue_cancel", "continue_undo", "continue_renewal")
#: Of how many tries a job remembers how they went, and how much of each.
TRIES_KEPT: Final = 10
TRY_CHARS: Final = 1000
STACK_CHARS: Final = 6000


def write_job(
    running: Running,
    kind: JobKind,
    *,
    instance_id: str | None = None,
    place: Place = NOWHERE,
    operation: str = "",
    adapter: str | None = None,
    max_attempts: int = INTERNAL_ATTEMPTS,
    payload: Mapping[str, Any] | None = None,
    business_key: str | None = None,
    area: str | None = None,
    may_go_on: bool = True,
) -> Job:
    """Write a job that is ready now; with an offer open, the worker that makes it keeps it.

    :param instance_id: whose job it is, if not of the running instance (its parent or root).
    :param may_go_on: false for a job that must wait for something else first.
    """
    job = new(
        Job,
        id=running.parts.ids(),
        instance_id=instance_id or running.instance.id,
        root_id=running.instance.root_id,
        task_id=place.task_id,
        element_id=place.element_id,
        loop_index=place.loop_index,
        kind=kind,
        operation=operation,
        operation_id=running.parts.ids(),
        adapter=adapter,
        payload=dict(payload or {}),
        state=ready_state(running) if instance_id is None else JobState.READY,
        phase="perform",
        run_at=running.now,
        fence=0,
        attempts=0,
        max_attempts=max_attempts,
        outcome_unknown=False,
        detached=False,
        area=area or running.instance.area,
        business_key=business_key or running.instance.business_key,
        created_at=running.now,
        deaths=0,
    )
    offer = running.offer
    if may_go_on and offer is not None and job.state == JobState.READY and offer.accepts(adapter):
        lease_at_once(job, offer, running.now)
    running.add(job)
    return job


def ready_state(running: Running) -> JobState:
    """The state of a job that can be taken now, or as soon as its instance goes on."""
    return JobState.SUSPENDED if running.is_suspended else JobState.READY


def park(job: Job) -> None:
    """Give back a job that was claimed before its instance was suspended; it costs no attempt."""
    job.state = next_job_state(job.state, JobState.SUSPENDED)
    job.attempts -= 1
    job.lease_owner, job.lease_until = None, None


def end_job(job: Job, state: JobState, now: datetime) -> None:
    """Finish a job; its lease is over."""
    job.state = next_job_state(job.state, state)
    job.lease_owner, job.lease_until, job.callback_deadline_at = None, None, None
    job.ended_at = now


def finish_job(running: Running, job: Job) -> None:
    """A job is done. One of our own that went well the first time leaves no row: the history tells all there is to it.

    So it costs a third of what writing "done" into it would, and a worker that still has it in mind finds it gone.
    """
    if job.adapter is None and job.fence == 1 and job.last_error is None and job.kind != "call":
        Rows.of(running.session).remove(job)
    else:
        end_job(job, JobState.DONE, running.now)


def note_try(job: Job, message: str, at: datetime, stack: str | None = None) -> None:
    """Keep how one more try of a job went, with the last ones before it.

    :param stack: where in our own code it failed, if it did.
    """
    if job.attempts == 0:
        return
    line = {"attempt": job.attempts, "at": at.isoformat(), "error": message[:TRY_CHARS]}
    if stack is not None:
        line["stack"] = stack[-STACK_CHARS:]
    tries = [kept for kept in job.payload.get("tries", ()) if kept["attempt"] != job.attempts]
    job.payload = {**job.payload, "tries": [*tries, line][-TRIES_KEPT:]}


def open_jobs(running: Running, task_id: str) -> list[Job]:
    """Return the jobs of a task that have not ended, read afresh."""
    mine = Job.instance_id == running.instance.id, Job.task_id == task_id
    rows = select(Job).where(*mine, Job.state.not_in(ENDED_JOBS))
    return list(running.session.scalars(rows.order_by(Job.id).execution_options(populate_existing=True)))


def jobs_to_begin(running: Running) -> list[Job]:
    """Return the jobs that would take the first steps of the instance, read afresh."""
    mine = Job.instance_id == running.instance.id, Job.kind == "start"
    rows = select(Job).where(*mine, Job.state.not_in(ENDED_JOBS))
    return list(running.session.scalars(rows.execution_options(populate_existing=True)))


def let_go(jobs: Iterable[Job], now: datetime) -> None:
    """Nobody waits for these any more: cancel what has not left the house, keep asking about what may have.

    A job whose call may have been carried out stays, detached: its effect has to be known to be undone.
    """
    for job in jobs:
        if job.detached or job.kind in STAYING:
            continue
        if job.state in (JobState.SENT, JobState.WAITING_ANSWER):
            job.detached = True
        elif job.outcome_unknown and job.adapter is not None:
            job.detached, job.phase, job.state, job.run_at = True, "query", JobState.READY, now
            job.attempts = 0
        else:
            job.fence += 1  # a worker that holds it finds its lease gone
            end_job(job, JobState.CANCELLED, now)
