"""An event begins an instance: of the version its start event belongs to, once for each event."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes import alone, incidents, starting
from processes.claims import LeaseOffer
from processes.definitions import Version
from processes.job_rows import write_job
from processes.lifecycle import InboxState
from processes.parts import EngineParts
from processes.running import Place
from processes.spiff.definition import ElementInfo
from processes.spiff.expressions import ExpressionError, evaluate
from processes.store.definitions import ProcessDefinition
from processes.store.jobs import InboxMessage
from processes.store.starts import StartSubscription

MAX_KEY_CHARS: Final = 255


def begin(
    parts: EngineParts,
    session: Session,
    message: InboxMessage,
    start: StartSubscription,
    *,
    now: datetime,
    offer: LeaseOffer | None,
    later: bool = False,
) -> bool:
    """Write the instance and take its first steps; the caller has locked the row of the message.

    Its start data is the payload, or, where the start event has outputs, what these make of it.

    :param later: a job is to take the first steps, because they failed before.
    :return: false = the business key cannot be computed; the message is put away and its note says why.
    """
    definition = parts.definitions.process(session, start.definition_id)
    element = definition.elements.get(start.element_id)
    try:
        business_key = _business_key(element, message)
    except ExpressionError as problem:
        message.state, message.handled_at = InboxState.IGNORED, now
        message.note = f"no instance of {start.process_key} was begun: {problem}"[:2000]
        return False
    payload, at = dict(message.payload), definition.spec.starting_at(start.element_id, start.name)
    instance_id = parts.ids()
    suspended_at = session.scalar(
        select(ProcessDefinition.suspended_at).where(ProcessDefinition.id == start.definition_id)
    )
    running = starting.write_instance(
        parts,
        session,
        Version(definition.id, definition.key, definition.version, suspended_at),
        instance_id=instance_id,
        business_key=business_key or f"{start.process_key}:{instance_id}",
        area=message.area or parts.home_area(session),
        data={} if element is not None and element.outputs else payload,
        now=now,
        actor=message.source,
        offer=offer,
    )
    message.instance_id, message.state, message.handled_at, message.note = instance_id, InboxState.DELIVERED, now, None
    message.lease_until = message.lease_owner = None
    parts.counters.add("messages")
    by_signal = message.kind == "begin"
    if alone.began_by(running, message, by_signal=by_signal) and not later:
        starting.begin_or_wait(running, at=at, payload=payload, key=message.key or "")
        return True
    kept = {"at": at, "payload": payload, "key": message.key or ""}
    job = write_job(running, "start", place=Place(start.element_id), payload=kept, may_go_on=False)
    if not later:
        incidents.open_for_job(running, job, alone.EVENTS_CODE, alone.path_reason(running))
    return True


def _business_key(element: ElementInfo | None, message: InboxMessage) -> str:
    """The key the start event asks for, else that of the message; empty if there is none."""
    text = element.attributes.get("businessKey") if element is not None else None
    if not text:
        return message.key or ""
    value = evaluate(text, {"result": message.payload})
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > MAX_KEY_CHARS:
        raise ExpressionError(f"businessKey {text}: a text of at most {MAX_KEY_CHARS} characters is needed")
    return str(value)
