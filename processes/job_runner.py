"""Doing a claimed job: call out with no transaction open, then record and step on in one."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from adapters.errors import Rejected, Unreachable
from processes import (
    alone,
    answers,
    compensating,
    handing_on,
    incidents,
    links,
    lost_calls,
    moving,
    renewing,
    starting,
    strangers,
    undo,
)
from processes.claims import Claim, LeaseOffer, claim_of
from processes.errors import NotThere, UnknownHere
from processes.faults import fault
from processes.going_on import FollowerFailed, go_on, may_go_on
from processes.guard import Guard
from processes.handlers import Confirmed, Exhausted, NoAnswer, Outcome, Refused, call_of, call_out
from processes.job_rows import PERFORMING, UNDOING, end_job, finish_job, note_try, park, ready_state
from processes.lifecycle import JobState, next_job_state
from processes.parts import EngineParts
from processes.running import Running
from processes.store.jobs import Job
from processes.store.sessions import Sessions
from processes.store.units import PATIENCE_S, lacks_means, run_unit, worth_retrying

log = logging.getLogger(__name__)
CRASH_WAIT_CAP_S: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class JobRunner:
    """Runs claimed jobs in the name of one worker.

    ``offer``: what it would go on with at once.
    ``away``: entered while a call is out, so that others can work meanwhile.
    """

    parts: EngineParts
    sessions: Sessions
    offer: Callable[[], LeaseOffer]
    away: Callable[[], AbstractContextManager[None]]

    def run(self, claim: Claim) -> list[Claim]:
        """Do one job; returns the next automatic jobs of the instance that this worker got in the same commit."""
        with Guard() as guard:
            if claim.kind in PERFORMING and claim.adapter is not None:
                return self._run_outside(claim)
            return self._run_inside(claim)
        if not isinstance(guard.error, strangers.FOREIGN):
            known = (claim.id, claim.kind, claim.instance_id)
            log.error("job %s (%s of instance %s) failed", *known, exc_info=guard.error)
        if guard.error is None or worth_retrying(guard.error) or lacks_means(guard.error):
            pass  # the lease runs out, and somebody takes it up again
        elif not self._left_to_others(claim, guard.error):
            self._record_crash(claim, guard)
        return []

    def _run_inside(self, claim: Claim) -> list[Claim]:
        try:
            return self._record_inside(claim)
        except Rejected as refusal:
            outcome: Outcome = Refused(refusal.code, refusal.message)
        except Unreachable as failure:
            outcome = NoAnswer(failure.message, maybe_done=False, retry_after_s=failure.retry_after_s)
        # Nothing of the handler's half-done work is left; its word is recorded by itself.

        def write(running: Running, job: Job) -> None:
            if not self._stopped_in_a_circle(running, job):
                answers.record(running, job, outcome)

        return self._record(claim, write)

    def _record_inside(self, claim: Claim) -> list[Claim]:
        """Do a job of our own and, if all goes well, those of our own that follow, in one transaction."""
        if may_go_on(claim):
            try:
                return self._record(claim, self._work_and_go_on)
            except FollowerFailed as failure:
                log.info("job %s is done without what follows it: %s", claim.id, failure.__cause__)
        return self._record(claim, self._work_inside)

    def _work_and_go_on(self, running: Running, job: Job) -> None:
        with running.saved_once():
            self._work_inside(running, job)
            if running.offer is not None:
                go_on(running, running.offer, self._work_inside)

    def _run_outside(self, claim: Claim) -> list[Claim]:
        lost = self.parts.lost()
        if lost and claim.phase == "perform" and (claim.operation, claim.business_key) in lost:
            return self._record(claim, lost_calls.meet)
        fault("op.after_sent_commit")
        with self.away():
            outcome = call_out(self.parts, claim)

        def write(running: Running, job: Job) -> None:
            if isinstance(outcome, Confirmed | Refused):
                alone.answered(running)
            answers.record(running, job, outcome)

        return self._record(claim, write)

    def _record(self, claim: Claim, write: Callable[[Running, Job], None]) -> list[Claim]:
        def work(session: Session) -> list[Claim]:
            offer = self.offer()
            try:
                running, job = Running.locked_by(self.parts, session, Job, claim.id, offer=offer)
            except NotThere:  # somebody else has done it, or this is the second try of a commit that went through
                self.parts.counters.add("fenced_writes")
                return []
            if not answers.is_held(running, job, claim):
                return []
            if running.is_suspended and running.is_running and claim.adapter is None:
                park(job)
                return []
            write(running, job)
            return offer.taken

        taken = run_unit(
            self.sessions,
            work,
            rng=self.parts.rng,
            on_retry=lambda: self.parts.counters.add("units_retried"),
            patience_s=PATIENCE_S,
        )
        fault("advance.after_commit")
        return taken

    def _work_inside(self, running: Running, job: Job) -> None:
        """Do a job that needs nobody outside, in the transaction that records it."""
        if job.attempts > job.max_attempts:
            answers.record(running, job, Exhausted())
        elif self._stopped_in_a_circle(running, job):
            pass
        elif job.kind in PERFORMING:
            if job.kind == "operation" and not running.is_running:
                end_job(job, JobState.CANCELLED, running.now)
            else:
                answers.record(running, job, self._in_process(running, job))
        else:
            finish_job(running, job)
            _internal(job.kind)(running, job)

    def _stopped_in_a_circle(self, running: Running, job: Job) -> bool:
        """Count a job done in this house; one that is too many becomes an incident instead of being done."""
        if not running.is_running or alone.after_job(running, job):
            return False
        incidents.open_for_job(running, job, alone.CODE, alone.reason(self.parts))
        return True

    def _in_process(self, running: Running, job: Job) -> Outcome:
        handler = self.parts.in_process.get(job.operation or "")
        if handler is None:
            raise UnknownHere(f"nothing in this process does {job.operation!r}")
        return Confirmed(dict(handler(running.session, call_of(self.parts, claim_of(job)), running.now)))

    def _left_to_others(self, claim: Claim, error: Exception) -> bool:
        if not isinstance(error, strangers.FOREIGN):
            return False
        with Guard() as guard:
            return run_unit(
                self.sessions,
                lambda session: strangers.leave(session, self.parts, claim, error, now=self.parts.clock.now(session)),
                rng=self.parts.rng,
            )
        log.error("job %s cannot be left to others", claim.id, exc_info=guard.error)
        return False

    def _record_crash(self, claim: Claim, failed: Guard) -> None:
        """Our own code failed and everything was rolled back: wait and try again, or open an incident."""
        message, stack = failed.message, "".join(traceback.format_exception(failed.error))

        def write(running: Running, job: Job) -> None:
            if job.attempts >= job.max_attempts:
                if job.kind in UNDOING:
                    undo.effect_stuck(running, job, "internal-error", message)
                else:
                    incidents.open_for_job(running, job, "internal-error", message, stack)
                return
            note_try(job, message, running.now, stack)
            wait_s = self.parts.rng.uniform(0, min(CRASH_WAIT_CAP_S, 2.0**job.attempts))
            job.state = next_job_state(job.state, ready_state(running))
            job.outcome_unknown = job.outcome_unknown or claim.adapter is not None
            job.last_error, job.run_at = message, running.now + timedelta(seconds=wait_s)
            job.lease_owner, job.lease_until = None, None

        with Guard() as guard:
            self._record(claim, write)
        if guard.error is not None:
            # The incident's listeners fail as well. The lease runs out and the job is tried again.
            log.error("job %s cannot even be put back", claim.id, exc_info=guard.error)


def _internal(kind: str) -> Callable[[Running, Job], None]:
    """What a job of that kind does. :raises UnknownHere: nobody here knows the kind."""
    try:
        return INTERNAL[kind]
    except KeyError:
        raise UnknownHere(f"nothing here does jobs of kind {kind!r}") from None


INTERNAL: Final[Mapping[str, Callable[[Running, Job], None]]] = {
    "start": starting.first_steps_by_job,
    "call": links.call_again,
    "resume_parent": links.resume,
    "child_error": links.receive_error,
    "child_escalation": links.receive_escalation,
    "unhandled_error": links.open_unhandled,
    "continue_cancel": lambda running, _job: undo.go_on(running),
    "continue_undo": compensating.go_on,
    "continue_move": moving.continue_move,
    "continue_renewal": renewing.continue_renewal,
    "undo_by_people": undo.begin_by_people,
    "undone_by_people": undo.ended_by_people,
    "fire_timer": handing_on.fire_timer,
    "deliver_message": handing_on.deliver_message,
    "adopt_answer": handing_on.adopt_answer,
}
