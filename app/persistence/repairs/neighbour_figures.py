"""How calls to neighbours went lately: how long they took, and what the last ones that failed said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.store.jobs import Job, WorkerHeartbeat
from processes.workers import ALIVE_WITHIN, HERE

#: So many of the newest calls are looked at, whatever they were for: their ids grow with time.
LOOKED_AT: Final = 2000
ERRORS: Final = 10


@dataclass(frozen=True)
class Took:
    """How long the calls of one operation took, in seconds: half of them at most, nine of ten at most."""

    calls: int
    half_s: float
    most_s: float


@dataclass(frozen=True)
class Failed:
    """What a call that failed said. ``attempts``: how often it was tried by then."""

    operation: str
    code: str
    said: str
    attempts: int
    at: datetime


@dataclass(frozen=True)
class Recent:
    """What was seen of one neighbour among the newest calls."""

    took: Mapping[str, Took]
    failed: Sequence[Failed]


@dataclass(frozen=True)
class GateOf:
    """How the gate of one worker to a neighbour stands: breaker 0 closed, 1 half open, 2 open."""

    worker: str
    breaker: int
    opened: int
    retries_left: int
    draining: bool


def recent_calls(session: Session) -> Mapping[str, Recent]:
    """The newest calls by neighbour."""
    columns = (Job.adapter, Job.operation, Job.sent_at, Job.ended_at, Job.attempts, Job.last_error, Job.rejected_code)
    newest = select(*columns).where(Job.adapter.is_not(None)).order_by(Job.id.desc()).limit(LOOKED_AT)
    rows = session.execute(newest).all()
    took: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    failed: dict[str, list[Failed]] = defaultdict(list)
    for row in rows:
        adapter = str(row.adapter)
        if row.sent_at is not None and row.ended_at is not None and not row.last_error:
            took[adapter][row.operation].append((row.ended_at - row.sent_at).total_seconds())
        if row.last_error and row.sent_at is not None and len(failed[adapter]) < ERRORS:
            at = row.ended_at or row.sent_at
            failed[adapter].append(Failed(row.operation, row.rejected_code or "", row.last_error, row.attempts, at))
    return {
        adapter: Recent({name: _took(times) for name, times in sorted(took[adapter].items())}, tuple(failed[adapter]))
        for adapter in {*took, *failed}
    }


def gates(session: Session, now: datetime) -> Mapping[str, list[GateOf]]:
    """By neighbour, how the gates of the living workers stand."""
    alive = select(WorkerHeartbeat).where(
        WorkerHeartbeat.state.in_(HERE), WorkerHeartbeat.seen_at >= now - ALIVE_WITHIN
    )
    found: dict[str, list[GateOf]] = defaultdict(list)
    for row in session.scalars(alive.order_by(WorkerHeartbeat.name)):
        by_name: dict[str, dict[str, int]] = defaultdict(dict)
        for name, number in row.counters.items():
            if name.startswith("gate:"):
                _, adapter, figure = name.split(":", 2)
                by_name[adapter][figure] = number
        for adapter, one in by_name.items():
            if "breaker" in one:
                found[adapter].append(
                    GateOf(
                        row.name,
                        one["breaker"],
                        one.get("breaker_opened", 0),
                        one.get("retries_left", 0),
                        bool(one.get("draining")),
                    )
                )
    return found


def _took(times: list[float]) -> Took:
    ordered = sorted(times)
    last = len(ordered) - 1
    return Took(len(ordered), ordered[last // 2], ordered[round(last * 0.9)])
