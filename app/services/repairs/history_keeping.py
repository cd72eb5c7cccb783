"""The chores of history: adding up what happened at each element, removing what has been kept long enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.config import Settings
from app.config_checks import days_by_process
from app.deps import Deps
from processes.retention import Policy, Removed, announce, remove_batch, remove_news
from processes.store.units import run_unit
from processes.tallies import sum_up

HISTORY_LOCK: Final = 7_240_006  # PostgreSQL advisory lock: one process adds up at a time


def policy_of(settings: Settings) -> Policy:
    """How long history is kept by these settings."""
    by_process = days_by_process(settings.keep_history_days_of)
    return Policy(days=settings.keep_history_days or None, by_process=by_process)


def add_up(deps: Deps) -> bool:
    """Add the next stretch of history to the sums; returns whether more is due. Nothing if somebody else is at it."""

    def work(session: Session) -> bool:
        if session.get_bind().dialect.name == "postgresql":
            mine = session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": HISTORY_LOCK})
            if not mine:
                return False
        return sum_up(session, now=deps.clock(session))

    return run_unit(deps.sessions, work, rng=deps.engine.parts.rng)


def remove_old(
    deps: Deps,
    policy: Policy,
    *,
    batches: int | None = None,
    go_on: Callable[[], bool] = lambda: True,
    told: Callable[[Removed], None] = lambda _removed: None,
) -> Removed:
    """Remove what has outlived the policy, batch by batch, each in a transaction of its own; returns what went.

    :param batches: at most so many; without a number until nothing is left.
    :param go_on: asked before each batch.
    :param told: hears what has gone so far, after each batch.
    """
    sum_of = Removed()
    rng = deps.engine.parts.rng
    if policy.shortest is None:
        return sum_of
    run_unit(deps.sessions, lambda session: announce(session, policy, now=deps.clock(session)), rng=rng)
    while (batches is None or batches > 0) and go_on():
        batch = run_unit(deps.sessions, lambda session: remove_batch(session, policy, now=deps.clock(session)), rng=rng)
        news = run_unit(deps.sessions, lambda session: remove_news(session, policy, now=deps.clock(session)), rng=rng)
        if not batch.trees and not news:
            break
        sum_of = replace(sum_of, trees=sum_of.trees + batch.trees, rows=sum_of.rows + batch.rows + news)
        told(sum_of)
        batches = None if batches is None else batches - 1
    return sum_of
