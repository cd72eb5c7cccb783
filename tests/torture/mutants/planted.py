"""Mistakes that could be made in the product, each planted into a running process by replacing one function of it.

The product knows nothing of them; a test runs its program with and without, and its checker has to see the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import true

from app import unit_of_work
from app.domain import actors
from app.persistence import scope
from processes import answers, handlers
from processes.claims import Claim
from processes.handlers import call_out
from processes.ids import uuid7
from processes.job_runner import JobRunner
from processes.store import opening


def no_fence() -> None:
    """A late result is recorded, whoever holds the job by now."""
    answers.is_held = lambda _running, _job, _claim: True


def new_key_per_attempt() -> None:
    """Each attempt is a new operation to the far side."""
    right = handlers.call_of
    handlers.call_of = lambda parts, claim: replace(right(parts, claim), operation_id=uuid7())


def call_inside_the_transaction() -> None:
    """The far side is called while the rows of the instance are locked."""

    def run_outside(self: JobRunner, claim: Claim) -> list[Claim]:
        return self._record(claim, lambda running, job: answers.record(running, job, call_out(running.parts, claim)))

    JobRunner._run_outside = run_outside  # type: ignore[method-assign]


def bell_before_commit() -> None:
    """The workers are told of a row that nobody but its writer can see yet."""

    @contextmanager
    def transaction(sessions: Any) -> Iterator[unit_of_work.Tx]:
        with sessions() as session:
            tx = unit_of_work.Tx(session)
            with session.begin():
                yield tx
                session.flush()
                for ring in tx.after_commit:
                    ring()

    unit_of_work.transaction = transaction


def deferred_begin() -> None:
    """SQLite: the driver begins its transactions itself, before the first write; what was read before is old."""

    def prepare(queue: Any, connection: Any, entry: Any) -> None:
        entry.info[opening.QUEUE] = queue
        connection.isolation_level = "DEFERRED"
        for pragma in opening.SQLITE_PRAGMAS:
            connection.execute(pragma)

    opening._prepare_sqlite = prepare
    opening._begin_sqlite = lambda _queue, _connection: None


def no_area_filter() -> None:
    """Everybody sees everything, and no area is anybody's own."""
    scope.within = lambda _column, _actor: true()
    actors.contains = lambda _area_path, _other: True


MUTANTS: Final[Mapping[str, Callable[[], None]]] = {
    "no fence": no_fence,
    "new key per attempt": new_key_per_attempt,
    "call inside the transaction": call_inside_the_transaction,
    "bell before commit": bell_before_commit,
    "deferred BEGIN": deferred_begin,
    "no area filter": no_area_filter,
}
