"""Callbacks that are promised: kept in the books, sent until somebody takes them."""

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.signing import signed_headers
from adapters.simulators.store import Database, Doc, Row, Store

FIRST_WAIT_S: Final = 0.2
LONGEST_WAIT_S: Final = 5.0
GIVE_UP_AFTER_S: Final = 600.0

# Sends one message (adapter, address, body, headers) and says whether it was taken.
Deliver = Callable[[str, str, bytes, Mapping[str, str]], bool]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a callback reports: ``outputs``, or a ``code`` and ``message`` of a refusal."""

    adapter: str
    operation_id: str
    outputs: Mapping[str, Any]
    code: str = ""
    message: str = ""


def promise(store: Store, result: Result, url: str, *, now: datetime, due_s: Sequence[float]) -> list[str]:
    """Write down a callback for those seconds (since 1970): copies with the same event id. Returns their keys."""
    event_id = uuid.uuid4().hex
    refused = {"code": result.code, "message": result.message}
    body = {
        "event_id": event_id,
        "operation_id": result.operation_id,
        "occurred_at": now.isoformat(),
        "status": "rejected" if result.code else "done",
        **(refused if result.code else {"outputs": result.outputs}),
    }
    doc: Doc = {
        "event_id": event_id,
        "adapter": result.adapter,
        "url": url,
        "body": json.dumps(body, ensure_ascii=False),
        "state": "waiting",
        "ref": result.operation_id,
        "attempts": 0,
    }
    keys = [event_id if copy == 0 else f"{event_id}-{copy}" for copy in range(len(due_s))]
    for key, due in zip(keys, due_s, strict=True):
        store.put("callbacks", key, {**doc, "first_due": due, "due": due})
    return keys


@dataclass(frozen=True, kw_only=True)
class Postman:
    """Sends what is due. ``secrets``: several make several signatures, for rotation.

    ``wall`` gives the seconds since 1970 that are signed: a receiver checks them with its own clock,
    so an offset of the far clock must not show in them.
    """

    database: Database
    secrets: Sequence[bytes]
    deliver: Deliver
    wall: Callable[[], float] = time.time

    def send_due(self, now: datetime, limit: int = 50) -> int:
        """Send what is due, and return how many were tried."""
        with self.database.transaction() as store:
            rows = store.due("callbacks", now.timestamp(), limit)
        for row in rows:
            self.send(row, now)
        return len(rows)

    def send_key(self, key: str, now: datetime) -> None:
        """Send one at once, due or not."""
        with self.database.transaction() as store:
            doc = store.get("callbacks", key)
        if doc is not None:
            self.send((key, doc), now)

    def send(self, row: Row, now: datetime) -> None:
        """Send one and write down how it went; not taken means later again."""
        key, doc = row
        body = doc["body"].encode()
        headers = signed_headers(self.secrets, doc["event_id"], int(self.wall()), body)
        headers["Content-Type"] = "application/json"
        is_taken = self.deliver(doc["adapter"], doc["url"], body, headers)
        attempts = int(doc["attempts"]) + 1
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts - 1, 10))
        is_hopeless = now.timestamp() + wait_s > float(doc["first_due"]) + GIVE_UP_AFTER_S
        state = "taken" if is_taken else "given_up" if is_hopeless else "waiting"
        due = now.timestamp() + wait_s if state == "waiting" else None
        with self.database.transaction() as store:
            if store.get("callbacks", key) is not None:
                store.put("callbacks", key, {**doc, "attempts": attempts, "state": state, "due": due})
