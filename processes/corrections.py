"""Other inputs for a call whose outcome is not known.

The far side knows a call by its operation id, and answers a repeat with what it did the first time. So other inputs
need an id of their own; but before a call goes out under it, the earlier one must be known to have had no effect: else
there would be two, and the ledger would know of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.operations import UnknownOperation
from processes import incidents
from processes.errors import OutcomeOpen, WrongInputs
from processes.handlers import Confirmed, NeverHeard, Outcome, Refused, operation_of
from processes.job_rows import ready_state
from processes.lifecycle import next_job_state
from processes.parts import EngineParts
from processes.running import Running
from processes.store.jobs import Job

#: Where a job keeps the inputs that wait for the outcome of the earlier call.
KEY: Final = "corrected"


def is_pending(job: Job) -> bool:
    """Whether the far side is first asked what became of the earlier call."""
    return KEY in job.payload


def forget(job: Job) -> None:
    """The corrected inputs are not needed any more."""
    if KEY in job.payload:
        job.payload = {name: value for name, value in job.payload.items() if name != KEY}


def require_fitting(parts: EngineParts, job: Job, inputs: Mapping[str, Any]) -> None:
    """:raises WrongInputs: the operation does not take these inputs."""
    problems = parts.registry.check_inputs(job.operation, inputs) if job.operation in parts.registry else []
    if problems:
        raise WrongInputs("; ".join(problems))


def prepare(parts: EngineParts, job: Job, inputs: Mapping[str, Any], *, is_other: bool, nothing_happened: bool) -> None:
    """Give a job its inputs for the next try, under a new operation id where that is needed and safe.

    :raises OutcomeOpen: the earlier call may have had an effect, and the far side cannot be asked.
    """
    refused = job.rejected_code is not None
    if not (is_other or refused or nothing_happened):
        return
    is_open = job.outcome_unknown and not refused and not nothing_happened and _writes(parts, job)
    if not is_open:
        # A refusal left no effect, and the far side keeps it under the old id: this is a new call.
        _renew(parts, job, inputs)
        return
    if operation_of(parts, job.operation).idempotency == "neither":
        raise OutcomeOpen(
            "an earlier call may have had its effect and the far side cannot be asked: say that nothing has happened, "
            "or skip the step with its result"
        )
    job.payload, job.phase = {**job.payload, KEY: dict(inputs)}, "query"


def settle(running: Running, job: Job, outcome: Outcome) -> bool:
    """What became of the earlier call of a job with corrected inputs; false: that is still not known."""
    match outcome:
        case NeverHeard() | Refused():
            inputs = job.payload[KEY]
            forget(job)
            _renew(running.parts, job, inputs)
            job.state = next_job_state(job.state, ready_state(running))
            job.attempts, job.phase, job.run_at = 0, "perform", running.now
            job.lease_owner, job.lease_until, job.callback_deadline_at = None, None, None
            return True
        case Confirmed() if not job.detached:
            forget(job)
            job.outcome_unknown = True  # as long as nobody has taken the answer over
            message = (
                "the earlier call did take effect, with the inputs it had; a retry takes its answer over, and then one "
                "can go back to this step to do it with others"
            )
            incidents.open_for_job(running, job, "took-effect", message)
            return True
        case _:
            return False


def _renew(parts: EngineParts, job: Job, inputs: Mapping[str, Any]) -> None:
    forget(job)
    job.payload = {**job.payload, "inputs": dict(inputs)}
    job.operation_id, job.rejected_code, job.outcome_unknown = parts.ids(), None, False


def _writes(parts: EngineParts, job: Job) -> bool:
    if job.adapter is None:
        return False
    try:
        return operation_of(parts, job.operation).is_write
    except UnknownOperation:
        return True
