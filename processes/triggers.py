"""Timers that came due and news that arrived, each handled under the lock of its instance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from processes import alone, answers, incidents
from processes.claims import LeaseOffer
from processes.errors import StaleTask
from processes.faults import fault
from processes.handlers import Confirmed, Refused
from processes.job_rows import write_job
from processes.lifecycle import ENDED_JOBS, InboxState, InstanceState, TriggerState
from processes.locking import lock_free_ones
from processes.parts import EngineParts
from processes.projection import settle
from processes.running import Place, Running
from processes.store.instances import MessageSubscription, Timer
from processes.store.jobs import InboxMessage, Job


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


def fire(running: Running, timer: Timer) -> None:
    """Fire a timer under the lock of its instance, unless it is not due or not running (any more)."""
    now, parts = running.now, running.parts
    if timer.state != TriggerState.WAITING or timer.due_at > now:
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


def handle_news(
    parts: EngineParts, session: Session, message_id: str, *, now: datetime, offer: LeaseOffer | None = None
) -> None:
    """Look at one row of the inbox: adopt an answer, deliver a message, or say why not."""
    message = session.get(InboxMessage, message_id)
    if message is None or message.state != InboxState.RECEIVED or message.job_id is not None:
        return
    if message.kind == "answer":
        _adopt_answer(parts, session, message, now=now, offer=offer)
    else:
        _deliver(parts, session, message, now=now, offer=offer)
    message.lease_until, message.lease_owner = None, None
    session.flush()


def _adopt_answer(
    parts: EngineParts, session: Session, message: InboxMessage, *, now: datetime, offer: LeaseOffer | None
) -> None:
    instance_id = session.scalar(select(Job.instance_id).where(Job.operation_id == message.operation_id))
    if instance_id is None:
        _put_aside(message, now)
        return
    running = Running.locked(parts, session, instance_id, now=now, actor=message.source, offer=offer)
    if not _handled_elsewhere(session, message):
        adopt(running, message)


def adopt(running: Running, message: InboxMessage) -> None:
    """Record the answer under the lock of the instance that asked."""
    session, parts, now = running.session, running.parts, running.now
    job = session.scalars(
        select(Job).where(Job.operation_id == message.operation_id).execution_options(populate_existing=True)
    ).one_or_none()
    if job is None:  # its operation was renewed after a refusal
        _put_aside(message, now)
        return
    if job.state in ENDED_JOBS:
        _finish(message, InboxState.IGNORED, now, f"the operation is {job.state} already")
        return
    if job.adapter != message.source:
        _finish(message, InboxState.IGNORED, now, "the operation was sent to another system")
        return
    message.instance_id = running.instance.id
    _finish(message, InboxState.DELIVERED, now, None)
    parts.counters.add("answers")
    alone.attended(running)
    job.fence += 1  # a worker still waiting for the reply to its call finds the answer recorded
    job.outcome_unknown = False
    incidents.close_for_job(running, job, "answered")
    kept = message.payload
    if kept["status"] == "done":
        answers.record(running, job, Confirmed(dict(kept["outputs"])))
    else:
        answers.record(running, job, Refused(kept["code"], kept["message"]))


def _waiting_for(message: InboxMessage) -> Select[Any]:
    """Who waits for a message and has none in hand; who has waited longest comes first."""
    return (
        select(MessageSubscription)
        .where(
            MessageSubscription.name == message.name,
            MessageSubscription.key == message.key,
            MessageSubscription.state == TriggerState.WAITING,
            MessageSubscription.job_id.is_(None),
        )
        .order_by(MessageSubscription.opened_at, MessageSubscription.id)
    )


def who_waits(session: Session, message: InboxMessage) -> MessageSubscription | None:
    """Return the wait a message would go to; none: nobody waits for it."""
    found: MessageSubscription | None = session.scalars(_waiting_for(message).limit(1)).first()
    return found


def _deliver(
    parts: EngineParts, session: Session, message: InboxMessage, *, now: datetime, offer: LeaseOffer | None
) -> None:
    waiting = _waiting_for(message).with_only_columns(MessageSubscription.id, MessageSubscription.instance_id)
    for subscription_id, instance_id in session.execute(waiting).all():
        running = Running.locked(parts, session, instance_id, now=now, actor=message.source, offer=offer)
        if _handled_elsewhere(session, message):
            return
        subscription = session.get_one(MessageSubscription, subscription_id, populate_existing=True)
        if subscription.job_id is None and deliver_to(running, subscription, message):
            return
    _put_aside(message, now)


def deliver_to(running: Running, subscription: MessageSubscription, message: InboxMessage) -> bool:
    """Deliver a message to a wait under the lock of its instance. False: it is over, or has been."""
    if subscription.state != TriggerState.WAITING or running.instance.state != InstanceState.RUNNING:
        return False
    alone.attended(running)
    try:
        running.execution.deliver(subscription.task_id, message.payload)
    except StaleTask:
        return False
    subscription.state, subscription.ended_at = TriggerState.FIRED, running.now
    running.answered_task = subscription.task_id
    message.instance_id = running.instance.id
    _finish(message, InboxState.DELIVERED, running.now, None)
    running.parts.counters.add("messages")
    settle(running)
    return True


def _handled_elsewhere(session: Session, message: InboxMessage) -> bool:
    """Read the row again under the instance's lock: a lease that ran out may have let two workers in."""
    session.refresh(message, with_for_update=True)
    return message.state != InboxState.RECEIVED or message.job_id is not None


def _put_aside(message: InboxMessage, now: datetime) -> None:
    if message.expires_at <= now:
        _finish(message, InboxState.EXPIRED, now, "nobody waited for it in time")
    else:
        message.state, message.note, message.attempts = InboxState.UNMATCHED, "nobody waits for it yet", 0


def _finish(message: InboxMessage, state: InboxState, now: datetime, note: str | None) -> None:
    message.state, message.handled_at, message.note = state, now, note


def sweep_inbox(session: Session, *, now: datetime) -> int:
    """Let unmatched news whose time is up expire, and look again at what somebody waits for now.

    Returns how many rows are to be looked at again. This closes the gap between a message that found nobody and
    a subscription written in the same instant.
    """
    unmatched = InboxMessage.state == InboxState.UNMATCHED
    session.execute(
        update(InboxMessage)
        .where(unmatched, InboxMessage.expires_at <= now)
        .values(state=InboxState.EXPIRED, handled_at=now, note="nobody waited for it in time")
        .execution_options(synchronize_session=False)
    )
    wanted = (
        select(MessageSubscription.id)
        .where(
            MessageSubscription.name == InboxMessage.name,
            MessageSubscription.key == InboxMessage.key,
            MessageSubscription.state == TriggerState.WAITING,
            MessageSubscription.job_id.is_(None),
        )
        .exists()
    )
    again = (
        update(InboxMessage)
        .where(unmatched, InboxMessage.kind == "message", wanted)
        .values(state=InboxState.RECEIVED, job_id=None)
        .returning(InboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(again).all())
