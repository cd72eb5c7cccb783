"""News that arrived, each piece handled under the lock of the instance it is for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.orm import Session

from processes import alone, answers, broadcast, incidents
from processes.beginning import begin
from processes.claims import LeaseOffer
from processes.errors import StaleTask, UnknownHere
from processes.handlers import Confirmed, Refused
from processes.job_rows import write_job
from processes.lifecycle import ENDED_JOBS, InboxState, InstanceState, TriggerState
from processes.parts import EngineParts
from processes.projection import settle
from processes.queries import called_as
from processes.running import Place, Running
from processes.store.instances import MessageSubscription
from processes.store.jobs import InboxMessage, Job
from processes.store.starts import SignalSubscription, StartSubscription


def handle_news(
    parts: EngineParts, session: Session, message_id: str, *, now: datetime, offer: LeaseOffer | None = None
) -> None:
    """Look at one row of the inbox: adopt an answer, deliver a message, or say why not."""
    message = session.get(InboxMessage, message_id)
    if message is None or message.state != InboxState.RECEIVED or message.job_id is not None:
        return
    if message.kind == "answer":
        _adopt_answer(parts, session, message, now=now, offer=offer)
    elif message.kind == "message":
        _deliver(parts, session, message, now=now, offer=offer)
    elif message.kind == "catch":
        _catch(parts, session, message, now=now, offer=offer)
    elif not _handled_elsewhere(session, message):
        if message.kind == "begin":
            begin_by(parts, session, message, now=now, offer=offer)
        elif message.kind in ("signal", "facts"):
            broadcast.spread(parts, session, message, now=now)
        else:
            raise UnknownHere(f"nothing here does news of kind {message.kind!r}")
    message.lease_until, message.lease_owner = None, None
    session.flush()


def _adopt_answer(
    parts: EngineParts, session: Session, message: InboxMessage, *, now: datetime, offer: LeaseOffer | None
) -> None:
    instance_id = session.scalar(select(Job.instance_id).where(called_as(message.operation_id)))
    if instance_id is None:
        _put_aside(message, now)
        return
    running = Running.locked(parts, session, instance_id, now=now, actor=message.source, offer=offer)
    if not _handled_elsewhere(session, message):
        adopt(running, message)


def adopt(running: Running, message: InboxMessage) -> None:
    """Record the answer under the lock of the instance that asked."""
    session, parts, now = running.session, running.parts, running.now
    asked = select(Job).where(called_as(message.operation_id))
    job = session.scalars(asked.execution_options(populate_existing=True)).one_or_none()
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


def who_waits(session: Session, message: InboxMessage) -> MessageSubscription | SignalSubscription | None:
    """Return the wait a message, or a signal for one, would go to; none: nobody waits for it."""
    if message.kind == "catch":
        return session.get(SignalSubscription, message.target_id)
    found: MessageSubscription | None = session.scalars(_waiting_for(message).limit(1)).first()
    return found


def _deliver(
    parts: EngineParts, session: Session, message: InboxMessage, *, now: datetime, offer: LeaseOffer | None
) -> None:
    if _to_who_waits(parts, session, message, now=now, offer=offer) or _handled_elsewhere(session, message):
        return
    took_turns = broadcast.take_turns(parts, session, message)
    if not (took_turns and _to_who_waits(parts, session, message, now=now, offer=offer)):
        begin_by(parts, session, message, now=now, offer=offer)


def _to_who_waits(
    parts: EngineParts, session: Session, message: InboxMessage, *, now: datetime, offer: LeaseOffer | None
) -> bool:
    """Deliver a message to who has waited longest. False: nobody waits for it."""
    waiting = _waiting_for(message).with_only_columns(MessageSubscription.id, MessageSubscription.instance_id)
    for subscription_id, instance_id in session.execute(waiting).all():
        running = Running.locked(parts, session, instance_id, now=now, actor=message.source, offer=offer)
        if _handled_elsewhere(session, message):
            return True
        subscription = session.get_one(MessageSubscription, subscription_id, populate_existing=True)
        if subscription.job_id is None and deliver_to(running, subscription, message):
            return True
    return False


def begin_by(
    parts: EngineParts,
    session: Session,
    message: InboxMessage,
    *,
    now: datetime,
    offer: LeaseOffer | None = None,
    later: bool = False,
) -> None:
    """Begin an instance by news that nobody waits for, or put it aside; the caller has locked its row."""
    if message.kind == "begin":
        start = session.get(StartSubscription, message.target_id)
    else:
        start = broadcast.start_at(session, message.name)
    if start is None:
        _put_aside(message, now)
    else:
        begin(parts, session, message, start, now=now, offer=offer, later=later)


def _catch(
    parts: EngineParts, session: Session, message: InboxMessage, *, now: datetime, offer: LeaseOffer | None
) -> None:
    """Deliver a signal to one who waited for it when it was spread."""
    subscription = session.get(SignalSubscription, message.target_id)
    if subscription is not None:
        running = Running.locked(parts, session, subscription.instance_id, now=now, actor=message.source, offer=offer)
        if _handled_elsewhere(session, message):
            return
        session.refresh(subscription)
        if subscription.state == TriggerState.SUSPENDED:
            _put_aside(message, now)
            return
        if deliver_to(running, subscription, message):
            return
    _finish(message, InboxState.IGNORED, now, "nobody waits for the signal any more")


def deliver_to(running: Running, subscription: MessageSubscription | SignalSubscription, message: InboxMessage) -> bool:
    """Deliver a message or signal to a wait under the lock of its instance. False: the wait is over."""
    if subscription.state != TriggerState.WAITING or running.instance.state != InstanceState.RUNNING:
        return False
    if not alone.after_event(running, message):
        _stop_events(running, subscription, message)
        return True
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


def _stop_events(
    running: Running, subscription: MessageSubscription | SignalSubscription, message: InboxMessage
) -> None:
    named = {"message_id": message.id, "subscription_id": subscription.id}
    place = Place(subscription.element_id, subscription.task_id)
    job = write_job(running, "deliver_message", place=place, payload=named, may_go_on=False)
    subscription.job_id = message.job_id = job.id
    incidents.open_for_job(running, job, alone.EVENTS_CODE, alone.path_reason(running))
    running.instance.event_path = None
    message.event_path = {}  # who lets it go on lets it go round as often again
    running.save()


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
    begins = (
        select(StartSubscription.id)
        .where(
            StartSubscription.kind == "message",
            StartSubscription.name == InboxMessage.name,
            StartSubscription.state == TriggerState.WAITING,
        )
        .exists()
    )
    resumed = (
        select(SignalSubscription.id)
        .where(SignalSubscription.id == InboxMessage.target_id, SignalSubscription.state == TriggerState.WAITING)
        .exists()
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
        .where(
            unmatched,
            or_(
                and_(InboxMessage.kind == "message", or_(wanted, begins)),
                and_(InboxMessage.kind == "catch", resumed),
            ),
        )
        .values(state=InboxState.RECEIVED, job_id=None)
        .returning(InboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(again).all())
