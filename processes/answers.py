"""Recording what became of an operation, under the lock of its instance and the fence of its lease."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from adapters.operations import Operation
from processes import corrections, effects, incidents, links, projection, undo
from processes.claims import Claim
from processes.errors import StaleTask
from processes.handlers import (
    Confirmed,
    Exhausted,
    NeverHeard,
    NoAnswer,
    Outcome,
    Parked,
    Pending,
    Refused,
    Unsettled,
    operation_of,
    policy_of,
)
from processes.job_rows import UNDOING, end_job, finish_job, note_try, ready_state
from processes.lifecycle import HELD_JOBS, JobState, next_job_state
from processes.running import Running
from processes.store.jobs import Job

DEFAULT_DEADLINE: Final = timedelta(minutes=30)
RETRY_AFTER_CAP_S: Final = 3600.0


def is_held(running: Running, job: Job, claim: Claim) -> bool:
    """Whether the lease on a claimed job is still ours; if not, the refused write is counted."""
    if job.fence == claim.fence and job.state in HELD_JOBS:
        return True
    running.parts.counters.add("fenced_writes")
    return False


def record(running: Running, job: Job, outcome: Outcome) -> None:
    """Write down an outcome and step on; ``job`` is held by the caller."""
    if corrections.is_pending(job) and corrections.settle(running, job, outcome):
        return
    match outcome:
        case Confirmed(outputs):
            accept(running, job, outputs)
        case Pending():
            _await_answer(running, job)
        case Refused(code, message):
            refuse(running, job, code, message)
        case Parked(message, wait_s):
            running.parts.counters.add("parked")
            job.attempts -= 1
            _put_back(running, job, message, wait_s)
        case NoAnswer():
            _no_answer(running, job, outcome)
        case NeverHeard():
            _never_heard(running, job)
        case Unsettled(message):
            give_up(running, job, "outcome-unknown", message)
        case Exhausted():
            give_up(running, job, "attempts-exhausted", job.last_error or "every attempt ended without a word")


def accept(running: Running, job: Job, outputs: dict[str, Any], *, effect_happened: bool = True) -> None:
    """The operation is in force: write its effect into the ledger, then complete the task that waits for it."""
    finish_job(running, job)
    if job.kind in UNDOING:
        undo.effect_undone(running, job)
        return
    if effect_happened:
        effects.confirm(running, job, outputs)
    if job.detached:
        undo.look_again(running)
        return
    if not running.is_running or job.task_id is None:
        return
    if "kept" in job.payload:  # a change in place: what it does not answer is as it was
        outputs = {**job.payload["kept"], **{name: value for name, value in outputs.items() if name != "previous"}}
    try:
        running.execution.complete(job.task_id, outputs)
    except StaleTask:
        return
    running.answered_task = job.task_id
    projection.settle(running)


def refuse(running: Running, job: Job, code: str, message: str) -> None:
    """The far side refused: follow a boundary event here or above, else open an incident."""
    job.rejected_code, job.last_error, job.outcome_unknown = code, message, False
    if job.kind in UNDOING:
        undo.effect_stuck(running, job, code, message)
        return
    if job.detached or not running.is_running or job.task_id is None:
        end_job(job, JobState.CANCELLED, running.now)
        undo.look_again(running)
        return
    try:
        caught = running.execution.throw_error(job.task_id, code, message)
    except StaleTask:
        end_job(job, JobState.CANCELLED, running.now)
        return
    if caught:
        end_job(job, JobState.DONE, running.now)
        projection.settle(running)
    elif running.instance.parent_task_id is not None:
        job.state = next_job_state(job.state, JobState.INCIDENT)
        job.lease_owner, job.lease_until = None, None
        links.pass_error_up(running, code, message, origin_job=job)
    else:
        incidents.open_for_job(running, job, code, message)


def give_up(running: Running, job: Job, code: str, message: str) -> None:
    """No more automatic attempts: a person has to look."""
    if job.kind in UNDOING:
        undo.effect_stuck(running, job, code, message)
    else:
        incidents.open_for_job(running, job, code, message)


def _await_answer(running: Running, job: Job) -> None:
    wait = _deadline(operation_of(running.parts, job.operation))
    job.state = next_job_state(job.state, JobState.WAITING_ANSWER)
    job.phase, job.attempts = "query", 0
    job.callback_deadline_at = job.run_at = running.now + wait
    job.lease_owner, job.lease_until = None, None


def _deadline(operation: Operation) -> timedelta:
    """How long an answer may be awaited."""
    minutes = operation.callback_deadline_min
    return timedelta(minutes=minutes) if minutes else DEFAULT_DEADLINE


def _no_answer(running: Running, job: Job, outcome: NoAnswer) -> None:
    operation, message = operation_of(running.parts, job.operation), outcome.message
    if outcome.maybe_done and job.phase == "perform" and job.adapter is not None:
        job.outcome_unknown = True
        if operation.idempotency == "neither":
            give_up(running, job, "outcome-unknown", message)
            return
    if job.detached and not job.outcome_unknown and job.phase == "perform":
        end_job(job, JobState.CANCELLED, running.now)  # it never went out and nobody wants it any more
        undo.look_again(running)
        return
    if job.detached:
        job.phase = "query"
    if outcome.still_working and running.now < job.created_at + _deadline(operation):
        job.attempts -= 1  # it came again while the far side was at it, which is no failure
    if job.attempts >= job.max_attempts:
        code = "callback-missing" if job.phase == "query" else "unreachable"
        give_up(running, job, code, message)
        return
    element = running.element(job.element_id)
    policy = policy_of(running.parts, operation, element.attributes.get("retry") if element else None)
    wait_s = running.parts.rng.uniform(0, policy.longest_wait_s(job.attempts))  # full jitter
    if outcome.retry_after_s is not None:
        wait_s = max(wait_s, min(outcome.retry_after_s, RETRY_AFTER_CAP_S))
    running.parts.counters.add("retries")
    note_try(job, message, running.now)
    _put_back(running, job, message, wait_s)


def _put_back(running: Running, job: Job, message: str | None, wait_s: float) -> None:
    job.state = next_job_state(job.state, ready_state(running))
    job.run_at = running.now + timedelta(seconds=wait_s)
    job.last_error = message
    job.lease_owner, job.lease_until = None, None


def _never_heard(running: Running, job: Job) -> None:
    if job.detached:
        end_job(job, JobState.CANCELLED, running.now)  # it had no effect, so there is nothing to undo
        undo.look_again(running)
    elif job.phase == "ask":
        job.phase, job.outcome_unknown, job.attempts = "perform", False, 0
        _put_back(running, job, job.last_error, 0)
    else:
        give_up(running, job, "callback-missing", "no answer by the deadline, and the far side knows nothing of it")
