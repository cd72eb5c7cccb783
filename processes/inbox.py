"""News from outside is written down first, whatever it is about; a worker looks at it after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from processes.faults import fault
from processes.lifecycle import InboxState
from processes.parts import EngineParts
from processes.store.jobs import InboxMessage


def receive_message(
    parts: EngineParts,
    session: Session,
    *,
    source: str,
    event_id: str,
    name: str,
    key: str,
    payload: Mapping[str, Any],
    now: datetime,
    ttl: timedelta | None,
    area: str | None = None,
) -> InboxMessage:
    """Keep a message; the same (source, event id) again returns the row written first.

    :param area: of the instance it may begin.
    """
    values = {"kind": "message", "name": name, "key": key, "payload": dict(payload), "area": area}
    return _keep(parts, session, source, event_id, values, now, ttl or parts.message_ttl)


def receive_broadcast(
    parts: EngineParts,
    session: Session,
    kind: Literal["signal", "facts"],
    *,
    source: str,
    event_id: str,
    name: str,
    payload: Mapping[str, Any],
    now: datetime,
    area: str | None = None,
) -> InboxMessage:
    """Keep a signal or facts from outside; the same (source, event id) again returns the row written first."""
    values = {"kind": kind, "name": name, "key": "", "payload": dict(payload), "area": area}
    return _keep(parts, session, source, event_id, values, now, parts.message_ttl)


def keep_for(
    parts: EngineParts,
    session: Session,
    kind: Literal["catch", "begin"],
    target_id: str,
    *,
    source: str,
    event_id: str,
    now: datetime,
) -> InboxMessage:
    """Keep news for one subscription; the same (source, event id) again returns the row written first."""
    values: dict[str, Any] = {"kind": kind, "name": "", "key": "", "payload": {}, "target_id": target_id}
    return _keep(parts, session, source, event_id, values, now, parts.message_ttl)


def keep_all(
    parts: EngineParts, session: Session, cause: InboxMessage, targets: Sequence[tuple[str, str]], *, now: datetime
) -> None:
    """Keep what a signal or facts mean for each of these (``catch`` or ``begin``, subscription), once each."""
    rows = [
        {
            "id": parts.ids(),
            "source": "signal",
            "event_id": f"{cause.id}/{target_id}",
            "kind": kind,
            "name": cause.name,
            "key": cause.key,
            "payload": cause.payload,
            "target_id": target_id,
            "area": cause.area,
            "event_path": cause.event_path,
            "state": InboxState.RECEIVED,
            "received_at": now,
            "expires_at": now + parts.message_ttl,
        }
        for kind, target_id in targets
    ]
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    session.execute(insert(InboxMessage).on_conflict_do_nothing(index_elements=["source", "event_id"]), rows)


def receive_answer(
    parts: EngineParts,
    session: Session,
    *,
    adapter: str,
    event_id: str,
    operation_id: str,
    status: str,
    outputs: Mapping[str, Any],
    code: str | None,
    message: str | None,
    now: datetime,
) -> InboxMessage:
    """Keep the answer to an operation; the same (adapter, event id) again returns the row written first.

    :raises ValueError: ``status`` is neither ``done`` nor ``rejected``, or a rejection has no code.
    """
    if status not in ("done", "rejected") or (status == "rejected" and not code):
        raise ValueError(f"an answer is done, or rejected with a code, not {status!r}")
    payload = {"status": status, "outputs": dict(outputs), "code": code, "message": message or ""}
    values = {"kind": "answer", "operation_id": operation_id, "payload": payload}
    return _keep(parts, session, adapter, event_id, values, now, parts.message_ttl)


def _keep(
    parts: EngineParts,
    session: Session,
    source: str,
    event_id: str,
    values: Mapping[str, Any],
    now: datetime,
    ttl: timedelta,
) -> InboxMessage:
    fault("inbox.before_insert")
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    session.execute(
        insert(InboxMessage)
        .values(
            id=parts.ids(),
            source=source,
            event_id=event_id,
            state=InboxState.RECEIVED,
            received_at=now,
            expires_at=now + ttl,
            **values,
        )
        .on_conflict_do_nothing(index_elements=["source", "event_id"])
    )
    row = session.scalars(
        select(InboxMessage).where(InboxMessage.source == source, InboxMessage.event_id == event_id)
    ).one()
    fault("inbox.after_insert")
    return row
