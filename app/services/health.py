"""What is configured, reachable, late or stuck: the facts behind `yizhan doctor`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import httpx
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.config import Settings
from app.deps import Deps
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.sla_clocks import SlaClock
from app.unit_of_work import read
from processes import lost_calls
from processes.lifecycle import IncidentState, JobState
from processes.queries import unmatched_news
from processes.store.instances import Incident
from processes.store.jobs import Job
from processes.workers import WorkerState, closed_gates, workers_by_state

Fact = dict[str, str]
TIMEOUT_S: Final = 3.0
#: Older SQLite versions have a rare corruption bug when two connections checkpoint at one moment.
SAFE_SQLITE: Final = (3, 51, 3)
LATE_AFTER: Final = timedelta(minutes=1)


def examine(settings: Settings, deps: Deps) -> list[Fact]:
    """Facts about every part; state is ``good``, ``note`` (worth knowing) or ``bad`` (somebody must act)."""
    return [*database_facts(deps), *redis_facts(settings), *neighbour_facts(settings)]


def database_facts(deps: Deps) -> Iterator[Fact]:
    """Reachable, at which migration, and what waits in it."""
    misfit = deps.watch.problem()
    if misfit is not None:
        yield fact("database", "bad", misfit.message_en)
        return
    if deps.watch.skew is not None:
        yield fact("clock", "bad" if deps.watch.is_askew else "good", str(deps.watch.skew))
    try:
        with read(deps.read_sessions) as session:
            head = session.scalar(text("SELECT version_num FROM alembic_version"))
            yield fact("database", "good", f"{deps.database.dialect.name}, migration {head}")
            yield from late_work(session, deps)
    except SQLAlchemyError as error:
        first_line = str(error).splitlines()[0]
        yield fact("database", "bad", f"{first_line}; is it running, and was `yizhan db upgrade` run?")
    if deps.settings.is_sqlite and sqlite3.sqlite_version_info < SAFE_SQLITE:
        known = f"SQLite {sqlite3.sqlite_version} is older than 3.51.3"
        yield fact("sqlite", "note", f"{known}: keep to one `yizhan up` per file (it opens no second writer)")


def late_work(session: Session, deps: Deps) -> Iterator[Fact]:
    """Workers, due jobs, incidents, open orders."""
    now = deps.clock(session)
    at_work = workers_by_state(session, now)
    alive, drained = at_work[WorkerState.RUNNING], at_work[WorkerState.DRAINING]
    words = f"{alive} alive" if alive else "none: nothing moves"
    if drained:
        words += f"; {drained} drained, `yizhan drain --end` lets them claim again"
    yield fact("workers", "bad" if not alive else "note" if drained else "good", words)
    for adapter, number in sorted(closed_gates(session, now).items()):
        yield fact(
            f"neighbour {adapter}", "bad", f"fails: {number} workers have stopped calling it and try now and then"
        )
    late = session.scalar(select(func.count()).where(Job.state == JobState.READY, Job.run_at < now - LATE_AFTER))
    yield fact("jobs", "bad" if late else "good", f"{late} due for more than a minute")
    stuck = session.scalar(select(func.count()).where(Incident.state == IncidentState.OPEN))
    yield fact("incidents", "note" if stuck else "good", f"{stuck} open")
    lost = lost_calls.listed(session)
    if lost:
        words = f"neighbours did {len(lost)} after the backup that we do not know of: `yizhan db lost`"
        yield fact("restore", "note", words)
    news = unmatched_news(session)
    yield fact("messages", "note" if news else "good", f"{len(news)} that nobody waits for")
    open_orders = session.scalar(
        select(func.count()).select_from(ProductOrder).where(ProductOrder.completed_at.is_(None))
    )
    breached = session.scalar(select(func.count()).where(SlaClock.state == "breached"))
    yield fact("orders", "note" if breached else "good", f"{open_orders} open, {breached} promises broken")


def redis_facts(settings: Settings) -> Iterator[Fact]:
    """Redis only rings the bell; without it everything goes on, up to a second later."""
    if not settings.redis_url:
        yield fact("redis", "note", "not configured: workers look for themselves every second")
        return
    client: Any = Redis.from_url(
        settings.redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 0)
    )
    try:
        client.ping()
        yield fact("redis", "good", "answers")
    except RedisError as error:
        yield fact("redis", "note", f"{type(error).__name__}: degraded, workers look for themselves every second")


def neighbour_facts(settings: Settings) -> Iterator[Fact]:
    """Whether anybody listens where the neighbours should be."""
    try:
        httpx.get(f"{settings.adapter_url}/healthz", timeout=TIMEOUT_S)
        yield fact("neighbours", "good", f"answer at {settings.adapter_url}")
    except httpx.TransportError as error:
        yield fact("neighbours", "bad", f"{type(error).__name__} at {settings.adapter_url}: orders wait")


def fact(part: str, state: str, words: str) -> Fact:
    """One fact."""
    return {"part": part, "state": state, "text": words}
