"""Timers and news that fail, or take their worker with them, get a job of their own.

A trigger is handled straight from its lease: that is cheap, and nearly always right. One whose lease came to nothing
is handed on to a job on the same element instead. Jobs count their attempts, come back apart from each other, and end
as an incident that says what is wrong; so nothing is tried for ever, and nothing harmless suffers with it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes import news, triggers
from processes.job_rows import JobKind, write_job
from processes.lifecycle import InboxState, TriggerState
from processes.parts import EngineParts
from processes.queries import called_as
from processes.running import Place, Running
from processes.store.instances import MessageSubscription, Timer
from processes.store.jobs import InboxMessage, Job
from processes.store.starts import SignalSubscription


def hand_on_timer(parts: EngineParts, session: Session, timer_id: str, *, now: datetime) -> None:
    """Let a job fire the timer. Nothing is loaded here that could fail again."""
    running, timer = Running.locked_by(parts, session, Timer, timer_id, now=now)
    if timer.state != TriggerState.WAITING or timer.job_id is not None:
        return
    place = Place(timer.element_id, timer.task_id)
    timer.job_id = _job(running, "fire_timer", place, timer_id=timer.id).id
    timer.lease_until, timer.lease_owner = None, None


def hand_on_news(parts: EngineParts, session: Session, message_id: str, *, now: datetime) -> None:
    """Let a job look at the news, on the instance it is for; news for nobody is looked at here."""
    message = session.get(InboxMessage, message_id)
    if message is None or message.state != InboxState.RECEIVED or message.job_id is not None:
        return
    if message.kind == "answer":
        asked = session.scalars(select(Job).where(called_as(message.operation_id))).one_or_none()
        if asked is not None:
            running = Running.locked(parts, session, asked.instance_id, now=now, actor=message.source)
            # With no task of its own: the answer counts even if nobody waits for it any more.
            place = Place(asked.element_id, None, asked.loop_index)
            _take_over(message, _job(running, "adopt_answer", place, message_id=message.id))
            return
    elif subscription := news.who_waits(session, message):
        running = Running.locked(parts, session, subscription.instance_id, now=now, actor=message.source)
        session.refresh(subscription)
        if subscription.state == TriggerState.WAITING and subscription.job_id is None:
            place = Place(subscription.element_id, subscription.task_id)
            named = {"message_id": message.id, "subscription_id": subscription.id}
            job = _job(running, "deliver_message", place, **named)
            subscription.job_id = job.id
            _take_over(message, job)
            return
    elif message.kind in ("message", "begin"):
        session.refresh(message, with_for_update=True)
        if message.state == InboxState.RECEIVED and message.job_id is None:
            news.begin_by(parts, session, message, now=now, later=True)
        return
    news.handle_news(parts, session, message_id, now=now, offer=None)


def _job(running: Running, kind: JobKind, place: Place, **payload: str) -> Job:
    return write_job(running, kind, place=place, payload=payload, may_go_on=False)


def _take_over(message: InboxMessage, job: Job) -> None:
    message.job_id, message.lease_until, message.lease_owner = job.id, None, None


def fire_timer(running: Running, job: Job) -> None:
    """Fire the timer a job was written for."""
    timer = running.session.get_one(Timer, job.payload["timer_id"], populate_existing=True)
    triggers.fire(running, timer, by_job=True)


def deliver_message(running: Running, job: Job) -> None:
    """Deliver the message a job was written for; if nobody waits for it any more it is news again."""
    session, kept = running.session, job.payload
    message = session.get_one(InboxMessage, kept["message_id"], populate_existing=True)
    subscription: MessageSubscription | SignalSubscription
    if message.kind == "catch":
        subscription = session.get_one(SignalSubscription, kept["subscription_id"], populate_existing=True)
    else:
        subscription = session.get_one(MessageSubscription, kept["subscription_id"], populate_existing=True)
    if message.state != InboxState.RECEIVED or message.job_id != job.id:
        return
    subscription.job_id = message.job_id = None
    if not news.deliver_to(running, subscription, message):
        message.attempts = 0


def adopt_answer(running: Running, job: Job) -> None:
    """Adopt the answer a job was written for."""
    message = running.session.get_one(InboxMessage, job.payload["message_id"], populate_existing=True)
    if message.state == InboxState.RECEIVED:
        news.adopt(running, message)
