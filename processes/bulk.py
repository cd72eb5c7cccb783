"""Bulk runs: one action over many subjects, as rows. Made, counted, paused, resumed, stopped, run again here.

The rows are the whole state: whoever runs them (:mod:`processes.bulk_runner`) may die at any moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from processes.errors import NotThere, ProcessError
from processes.lifecycle import BulkItemState, BulkState, next_bulk_state
from processes.store.bulk import BulkItem, BulkRun

#: The action was taken, and what comes of it is not known yet.
UNDER_WAY: Final = "under_way"
SUCCEEDED: Final = "succeeded"
FAILED_AGAIN: Final = "failed_again"
AT_ONCE: Final = 500


class NothingToDo(ProcessError):
    """No subject fits, or none has failed."""

    code = "nothing-to-do"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What one item of a run is about: the id of an incident, an instance or a work item."""

    id: str
    business_key: str = ""


@dataclass(frozen=True, kw_only=True)
class Applied:
    """The action was taken.

    ``outcome``: ``succeeded`` where that is known at once, ``under_way`` where something has to happen first; then
    ``follow`` says by what it is known (``job_id``, ``root_id`` or ``move_id``).
    """

    outcome: str = SUCCEEDED
    follow: Mapping[str, Any] = field(default_factory=dict)
    message: str | None = None


#: Does one item, inside the transaction that writes down its result. A :class:`ProcessError` (or any error with a
#: ``code``) is a refusal: everything is rolled back and the item is ``refused`` with code and text.
BulkAct = Callable[[Session, BulkRun, BulkItem, datetime], Applied]


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The action was not taken, and nothing was changed: the reason, as a code and in words."""

    code: str
    message: str


#: Does several items of a run, in their order and in one transaction, and says of each what came of it; None: not now,
#: it stays where it is. An error undoes all of them, and they are done again one by one.
BulkBatch = Callable[[Session, BulkRun, Sequence[BulkItem], datetime], Sequence[Applied | Refused | None]]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How far a run is: items by state (``waiting``, ``applied``, ``refused``), and applied ones by outcome."""

    states: Mapping[str, int]
    outcomes: Mapping[str, int]


def create(
    session: Session,
    *,
    kind: str,
    subjects: Iterable[Subject],
    params: Mapping[str, Any],
    reason: str,
    actor: str,
    area: str,
    ids: Callable[[], str],
    now: datetime,
    selection: Mapping[str, Any] | None = None,
    rate_per_s: float = 0.0,
    pause_after: int | None = None,
    paused: bool = False,
    most_refused: int | None = None,
    rerun_of: str | None = None,
) -> BulkRun:
    """Write a run and its items; a worker begins at once unless it is ``paused``.

    :param rate_per_s: at most so many subjects in a second; 0 = no limit.
    :param pause_after: pause by itself after so many: a pilot.
    :param most_refused: stop for good once so many were refused.
    :raises NothingToDo: there is no subject.
    """
    chosen = list(subjects)
    if not chosen:
        raise NothingToDo("no subject fits what was asked for")
    run = BulkRun(
        id=ids(),
        kind=kind,
        selection=dict(selection or {}),
        params=dict(params),
        reason=reason,
        actor=actor,
        area=area,
        state=BulkState.PAUSED if paused else BulkState.RUNNING,
        rate_per_s=rate_per_s,
        total=len(chosen),
        pause_after=pause_after,
        most_refused=most_refused,
        rerun_of=rerun_of,
        created_at=now,
        next_at=now,
    )
    session.add(run)
    session.flush()
    for start in range(0, len(chosen), AT_ONCE):
        rows = [
            {
                "run_id": run.id,
                "seq": start + place,
                "subject_id": subject.id,
                "business_key": subject.business_key,
                "state": BulkItemState.WAITING,
                "follow": {},
            }
            for place, subject in enumerate(chosen[start : start + AT_ONCE], 1)
        ]
        session.execute(insert(BulkItem), rows)
    return run


def locked(session: Session, run_id: str) -> BulkRun:
    """The run, locked until the end of the transaction. :raises NotThere: no such run."""
    rows = select(BulkRun).where(BulkRun.id == run_id).with_for_update()
    run = session.scalars(rows.execution_options(populate_existing=True)).one_or_none()
    if run is None:
        raise NotThere("bulk run", run_id)
    return run


def pause(session: Session, run_id: str) -> BulkRun:
    """Touch no further subject; the one in hand is finished first. :raises IllegalMove: it does not run."""
    run = locked(session, run_id)
    run.state = next_bulk_state(run.state, BulkState.PAUSED)
    return run


def resume(session: Session, run_id: str, *, now: datetime, rate_per_s: float | None = None) -> BulkRun:
    """Go on with the next subject, at another rate if one is given. :raises IllegalMove: it is not paused."""
    run = locked(session, run_id)
    run.state = next_bulk_state(run.state, BulkState.RUNNING)
    run.next_at = now  # the time it stood still is not made up for
    if rate_per_s is not None:
        run.rate_per_s = rate_per_s
    return run


def stop(session: Session, run_id: str, *, now: datetime) -> BulkRun:
    """End it for good; what was not touched stays so. :raises IllegalMove: it has ended."""
    run = locked(session, run_id)
    run.state, run.ended_at = next_bulk_state(run.state, BulkState.STOPPED), now
    return run


def rerun(
    session: Session,
    run_id: str,
    *,
    actor: str,
    reason: str,
    ids: Callable[[], str],
    now: datetime,
    rate_per_s: float | None = None,
    subjects_of: Callable[[Sequence[BulkItem]], Iterable[Subject]] | None = None,
) -> BulkRun:
    """A new run over those that were refused or have failed again.

    :param subjects_of: what to take now for items that failed: a retried incident that failed again is another
        incident by now.
    :raises NothingToDo: nothing of it has failed.
    """
    run = locked(session, run_id)
    failed = or_(BulkItem.state == BulkItemState.REFUSED, BulkItem.outcome == FAILED_AGAIN)
    rows = session.scalars(select(BulkItem).where(BulkItem.run_id == run.id, failed).order_by(BulkItem.seq)).all()
    same = (Subject(id=row.subject_id, business_key=row.business_key) for row in rows)
    return create(
        session,
        kind=run.kind,
        subjects=same if subjects_of is None else subjects_of(rows),
        params=run.params,
        selection={"failed_of": run.id},
        reason=reason,
        actor=actor,
        area=run.area,
        ids=ids,
        now=now,
        rate_per_s=run.rate_per_s if rate_per_s is None else rate_per_s,
        rerun_of=run.id,
    )


def counts(session: Session, run_ids: Sequence[str]) -> dict[str, Counts]:
    """How far each of the runs is."""
    found = {run_id: (Counter[str](), Counter[str]()) for run_id in run_ids}
    rows = select(BulkItem.run_id, BulkItem.state, BulkItem.outcome, func.count()).where(BulkItem.run_id.in_(run_ids))
    for run_id, state, outcome, number in session.execute(
        rows.group_by(BulkItem.run_id, BulkItem.state, BulkItem.outcome)
    ):
        states, outcomes = found[run_id]
        states[state] += number
        if outcome is not None:
            outcomes[outcome] += number
    return {run_id: Counts(states=dict(of_all), outcomes=dict(touched)) for run_id, (of_all, touched) in found.items()}


def items(
    session: Session, run_id: str, *, state: str | None = None, outcome: str | None = None, offset: int, limit: int
) -> Sequence[BulkItem]:
    """Some items of a run, in the order in which they are touched."""
    rows = select(BulkItem).where(BulkItem.run_id == run_id)
    if state is not None:
        rows = rows.where(BulkItem.state == state)
    if outcome is not None:
        rows = rows.where(BulkItem.outcome == outcome)
    return session.scalars(rows.order_by(BulkItem.seq).offset(offset).limit(limit)).all()
