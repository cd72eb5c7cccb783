"""Start events of the versions in force: written when a version comes into force, cancelled by the next.

A timer start is fired by whoever finds it due: under the lock of its row, in one short transaction, it becomes news
that begins an instance, and is set to its next time. So each firing begins one instance, however many workers look.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes import inbox
from processes.claim_statements import due_starts
from processes.definitions import latest_process
from processes.errors import DefinitionRefused, ProcessError, UnknownProcess
from processes.findings import Finding
from processes.lifecycle import TriggerState
from processes.parts import EngineParts
from processes.spiff.expressions import ExpressionError, evaluate
from processes.spiff.timers import Armed, TimerError, TimerKind, arm, is_literal, rearm
from processes.store.definitions import ProcessDefinition
from processes.store.starts import StartSubscription

AT_ONCE: Final = 16
TIMER_KINDS: Final[dict[str, TimerKind]] = {"duration": "duration", "date": "date", "cycle": "cycle"}


def renew(parts: EngineParts, session: Session, definitions: Sequence[ProcessDefinition], *, now: datetime) -> None:
    """Let the start events of these versions begin instances from now on, and those of other versions no more.

    A version that was in force already keeps its timers as they are.

    :raises DefinitionRefused: another process begins at a message of that name, or a timer cannot be set.
    """
    new = [row for row in definitions if cancel(session, row.key, now=now, but=row.id)]
    for definition in new:
        for start in definition.starts:
            _refuse_twin(session, definition, start)
            session.add(_subscription(parts, session, definition, start, now))
        session.flush()


def cancel(session: Session, process_key: str, *, now: datetime, but: str = "") -> bool:
    """Let nothing begin instances of a process any more. False: what does belongs to the version ``but``."""
    rows = select(StartSubscription).where(
        StartSubscription.process_key == process_key, StartSubscription.state == TriggerState.WAITING
    )
    waiting = session.scalars(rows).all()
    if waiting and all(row.definition_id == but for row in waiting):
        return False
    for row in waiting:
        row.state, row.ended_at = TriggerState.CANCELLED, now
    session.flush()
    return True


def refresh(parts: EngineParts, session: Session, process_key: str, *, now: datetime) -> None:
    """Another version is in force than before, or none: let its start events begin instances, and no others."""
    try:
        version = latest_process(session, process_key)
    except UnknownProcess:
        cancel(session, process_key, now=now)
        return
    renew(parts, session, [session.get_one(ProcessDefinition, version.id)], now=now)


def fire_due(parts: EngineParts, session: Session, *, now: datetime) -> int:
    """Turn the timer starts that are due into news; returns how many. Firings that were missed are left out."""
    rows = (
        select(StartSubscription)
        .where(*due_starts())
        .order_by(StartSubscription.due_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = session.scalars(rows, {"now": now}).all()
    for row in found:
        at = row.due_at or now
        event_id = f"{row.id}/{at:%Y%m%dT%H%M%S%f}"
        inbox.keep_for(parts, session, "begin", row.id, source="timer", event_id=event_id, now=now)
        zone = partial(parts.zone_of, session, parts.home_area(session))
        following = rearm(Armed(at, row.left, row.every), now=now, scale=parts.wait_scale, zone=zone)
        if following is None:
            row.state, row.ended_at = TriggerState.FIRED, now
        else:
            row.due_at, row.left = following.due_at, following.left
    session.flush()
    return len(found)


def _subscription(
    parts: EngineParts, session: Session, definition: ProcessDefinition, start: dict[str, Any], now: datetime
) -> StartSubscription:
    row = StartSubscription(
        id=parts.ids(),
        definition_id=definition.id,
        process_key=definition.key,
        element_id=start["element_id"],
        kind=start["kind"],
        name=start["name"],
        value=start["value"],
        state=TriggerState.WAITING,
        opened_at=now,
        left=1,
        every="",
    )
    if start["kind"] == "timer":
        try:
            armed = _armed(parts, session, start, now)
        except (TimerError, ExpressionError) as problem:
            raise _refused(
                definition, start, "timer", f"定时器不对：{problem}", f"the timer is wrong: {problem}"
            ) from None
        if armed is None:  # its time has passed: it is not for this version any more
            row.state, row.ended_at = TriggerState.FIRED, now
        else:
            row.due_at, row.left, row.every = armed.due_at, armed.left, armed.every
    return row


def _armed(parts: EngineParts, session: Session, start: dict[str, Any], now: datetime) -> Armed | None:
    kind, text = TIMER_KINDS[start["timer"]], start["value"]
    if not is_literal(text):
        text = evaluate(text, {"now": now.isoformat()})
        if not isinstance(text, str):
            raise TimerError(f"{start['value']}: a duration or a date as text is needed, not {text!r}")
    zone = partial(parts.zone_of, session, parts.home_area(session))
    armed = arm(kind, text, now=now, scale=parts.wait_scale, zone=zone)
    if armed.due_at > now or kind == "duration":
        return armed
    return rearm(armed, now=now, scale=parts.wait_scale, zone=zone) if kind == "cycle" else None


def _refuse_twin(session: Session, definition: ProcessDefinition, start: dict[str, Any]) -> None:
    """One message begins one instance, so two processes cannot begin at the same one."""
    if start["kind"] != "message":
        return
    twin = session.scalar(
        select(StartSubscription.process_key).where(
            StartSubscription.kind == "message",
            StartSubscription.name == start["name"],
            StartSubscription.state == TriggerState.WAITING,
        )
    )
    if twin is not None:
        zh = f"流程 {twin} 也由消息 {start['name']} 启动：一条消息只能启动一个流程"
        en = f"process {twin} begins at the message {start['name']} as well: one message begins one process"
        raise _refused(definition, start, "message-start-taken", zh, en)


def _refused(definition: ProcessDefinition, start: dict[str, Any], rule: str, zh: str, en: str) -> ProcessError:
    element = next((row for row in definition.elements if row["id"] == start["element_id"]), {})
    found = Finding(
        rule=rule,
        severity="error",
        file=definition.key,
        element_id=start["element_id"],
        element_name=str(element.get("name", "")),
        message_zh=zh,
        message_en=en,
    )
    return DefinitionRefused([found])
