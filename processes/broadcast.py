"""Signals, facts and thrown messages: from one instance, or from outside, to all the others.

What an instance throws is written as news in the commit of the throw, so it is neither lost nor sent for nothing. A
signal becomes news for each one that waits for it at that moment and for each start event of its name; each of these is
delivered under the lock of its own instance, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from processes import alone, inbox
from processes.lifecycle import OPEN_TRIGGERS, InboxState, InstanceState, TriggerState
from processes.parts import EngineParts
from processes.running import Running
from processes.spiff.bridge import Thrown, Wait
from processes.spiff.expressions import ExpressionError, evaluate
from processes.store.instances import ProcessInstance
from processes.store.jobs import InboxMessage
from processes.store.rows import new
from processes.store.starts import SignalSubscription, StartSubscription

AT_ONCE: Final = 500
TOGETHER_LOCK: Final = 7_240_007  # PostgreSQL advisory locks: messages of one key that begin a process together
Target = tuple[str, str]  # catch or begin, and the subscription


def send(running: Running, thrown: Thrown) -> None:
    """Write what an instance has thrown; signals for itself have been caught inside already."""
    parts, now = running.parts, running.now
    running.add(
        new(
            InboxMessage,
            id=parts.ids(),
            source=source_of(running.instance.id),
            event_id=parts.ids(),
            kind=thrown.kind,
            name=thrown.name,
            key=thrown.key,
            payload=dict(thrown.payload),
            state=InboxState.RECEIVED,
            area=running.instance.area,
            event_path=alone.path_of(running),
            received_at=now,
            expires_at=now + parts.message_ttl,
        )
    )


def wait_for_signal(running: Running, wait: Wait) -> None:
    """Write down that an element waits for a signal, so that those of other instances find it."""
    running.add(
        new(
            SignalSubscription,
            id=running.parts.ids(),
            instance_id=running.instance.id,
            task_id=wait.task_id,
            element_id=wait.element_id,
            name=wait.message or "",
            state=TriggerState.WAITING,
            opened_at=running.now,
        )
    )


def source_of(instance_id: str) -> str:
    """What news name as their source when an instance threw them."""
    return f"instance:{instance_id}"


def spread(parts: EngineParts, session: Session, message: InboxMessage, *, now: datetime) -> None:
    """Make of a signal, or of facts, news for each one it concerns; the caller has locked its row."""
    targets = list(_of_signal(session, message) if message.kind == "signal" else _of_facts(session, message))
    for first in range(0, len(targets), AT_ONCE):
        inbox.keep_all(parts, session, message, targets[first : first + AT_ONCE], now=now)
    parts.counters.add("messages")
    message.state, message.handled_at = InboxState.DELIVERED, now
    message.note = f"reached {len(targets)}"


def _of_signal(session: Session, message: InboxMessage) -> Iterator[Target]:
    waiting = (
        select(SignalSubscription.id, SignalSubscription.instance_id)
        .join(ProcessInstance, ProcessInstance.id == SignalSubscription.instance_id)
        .where(
            SignalSubscription.name == message.name,
            SignalSubscription.state.in_(OPEN_TRIGGERS),
            ProcessInstance.state == InstanceState.RUNNING,
        )
        .order_by(SignalSubscription.id)
    )
    for subscription_id, instance_id in session.execute(waiting):
        if message.source != source_of(instance_id):
            yield "catch", subscription_id
    for start in _starts(session, "signal", message.name):
        yield "begin", start.id


def _of_facts(session: Session, message: InboxMessage) -> Iterator[Target]:
    for start in _starts(session, "conditional"):
        try:
            holds = evaluate(start.value, message.payload)
        except ExpressionError:  # the facts say nothing of what it asks for
            continue
        if holds is True:
            yield "begin", start.id


def _starts(session: Session, kind: str, name: str | None = None) -> list[StartSubscription]:
    rows = select(StartSubscription).where(
        StartSubscription.kind == kind, StartSubscription.state == TriggerState.WAITING
    )
    if name is not None:
        rows = rows.where(StartSubscription.name == name)
    return list(session.scalars(rows.order_by(StartSubscription.id)))


def start_at(session: Session, message_name: str | None) -> StartSubscription | None:
    """Return the start event a message of that name begins an instance with, if there is one."""
    return next(iter(_starts(session, "message", message_name or "")), None)


def take_turns(parts: EngineParts, session: Session, message: InboxMessage) -> bool:
    """Of messages that begin a process together, let those of one key be looked at one after the other.

    Else two of them, looked at in the same instant, would begin an instance each. False: this is no such message.
    """
    start = start_at(session, message.name)
    if start is None or not parts.definitions.process(session, start.definition_id).spec.gathers:
        return False
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time
        wanted = f"{start.process_key} {message.key}"
        session.execute(
            text("SELECT pg_advisory_xact_lock(:key, hashtext(:wanted))"), {"key": TOGETHER_LOCK, "wanted": wanted}
        )
    return True
