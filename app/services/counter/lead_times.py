"""When the work on an order for a later day begins: early enough to be done by that day, nine times in ten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.domain.counter.intake_facts import NormalItem
from app.domain.ordering.orchestration import Step, ends_at
from app.services.ordering.orchestration import drawn_plan, in_order, time_of
from app.services.ordering.plans import plan_of
from app.services.ordering.step_times import Clockwork, StepTimes
from processes.engine import Engine

#: What is built before somebody uses it. Anything else takes something away or alters it, on the day and not before.
BUILT_BEFORE: Final = frozenset({"install", "move"})
#: So often the beginning is moved back over days on which nobody works.
TRIES: Final = 10


def work_begins(
    session: Session, engine: Engine, items: Sequence[NormalItem], area_path: str, *, wanted: datetime, now: datetime
) -> datetime:
    """The instant at which the work has to begin (aware UTC); the wanted day itself unless everything is built before.

    Counted by the working time of the teams and the learned or typical durations of the longest way through the plans.
    """
    if not all(item.order_type in BUILT_BEFORE for item in items):
        return wanted
    times, clockwork = StepTimes.of(session, now), Clockwork.of(session, now, area_path)
    networks = [_steps(session, engine, item, times, now) for item in items]

    def done_at(begin: datetime) -> datetime:
        ends = (ends_at(steps, origin=begin, now=begin, later=clockwork.later, p90=True) for steps in networks)
        return max(ends, default=begin)

    begin = wanted
    for _ in range(TRIES):
        late = done_at(begin) - wanted
        if late.total_seconds() <= 0:
            break
        begin -= late
    return begin


def _steps(session: Session, engine: Engine, item: NormalItem, times: StepTimes, now: datetime) -> list[Step]:
    plan = plan_of(session, engine, item.product, item.order_type, ordered_at=now)
    if plan is None:
        return []
    drawn = drawn_plan(session, engine, plan, None)
    return in_order([Step(id=one.element_id, after=one.after, time=time_of(drawn, one, times)) for one in drawn.steps])
