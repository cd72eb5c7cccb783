"""Timers that came due, each fired under the lock of its instance."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from processes import alone, incidents
from processes.claims import LeaseOffer
from processes.errors import StaleTask
from processes.faults import fault
from processes.job_rows import write_job
from processes.lifecycle import TriggerState
from processes.locking import lock_free_ones
from processes.parts import EngineParts
from processes.projection import settle
from processes.running import Place, Running
from processes.store.instances import Timer


def fire_timer(parts: EngineParts, session: Session, timer_id: str, *, offer: LeaseOffer) -> None:
    """Fire a timer that is due; one that was fired, cancelled or moved meanwhile is left alone."""
    running, timer = Running.locked_by(parts, session, Timer, timer_id, offer=offer)
    fire(running, timer)


def fire_timers(
    parts: EngineParts, session: Session, timer_ids: Sequence[str], *, offer: LeaseOffer
) -> tuple[list[str], list[str]]:
    """Fire many due timers in one transaction, one of each instance.

    Returns the ids of those that were passed over, because somebody else has their instance locked (so that no two
    batches wait for each other), and of those whose instance has just had another one.
    """
    free = lock_free_ones(session, Timer, timer_ids)
    for instance, timer, told in free.locked:
        fire(Running(parts, session, instance, now=parts.clock.told(*told), offer=offer), timer)
    looked_at = {timer.id for _, timer, _ in free.locked} | set(free.further)
    return [timer_id for timer_id in timer_ids if timer_id not in looked_at], free.further


def fire(running: Running, timer: Timer, *, by_job: bool = False) -> None:
    """Fire a timer under the lock of its instance, unless it is not due, not running (any more), or left to a job."""
    now, parts = running.now, running.parts
    if timer.state != TriggerState.WAITING or timer.due_at > now or (timer.job_id is not None and not by_job):
        return
    if running.is_running and not alone.after_timer(running, timer):
        _stop_circle(running, timer)
        return
    timer.ended_at, timer.lease_until = now, None
    timer.state = TriggerState.CANCELLED
    if running.is_running:
        try:
            running.execution.fire_timer(timer.task_id)
        except StaleTask:
            return
        timer.state = TriggerState.FIRED
        running.answered_task = timer.task_id
        parts.counters.add("timers_fired")
        settle(running)
    fault("timer.before_commit")


def _stop_circle(running: Running, timer: Timer) -> None:
    place = Place(timer.element_id, timer.task_id)
    job = write_job(running, "fire_timer", place=place, payload={"timer_id": timer.id}, may_go_on=False)
    timer.job_id = job.id
    incidents.open_for_job(running, job, alone.CODE, alone.reason(running.parts))
    running.save()
