"""What is left of the plan of an item, as its network stands: when it will end, by median or by p90 durations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.ordering.orchestration import ends_at
from app.domain.promises.forecast import Ends
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.promises.sla_clocks import SlaClock
from app.services.ordering.orchestration import network_of
from app.services.ordering.step_times import Clockwork, StepTimes
from processes.engine import Engine

MEDIAN: Final = "median"
P90: Final = "p90"


@dataclass(frozen=True)
class Outlook:
    """The end of a plan by durations, and since when the plan has been as it is."""

    by_durations: dict[str, Ends]
    since: datetime


class Forecaster:
    """Reads plans for the clocks of one pass; how long steps take and who works when is read once for all of them."""

    def __init__(self, session: Session, now: datetime, engine: Engine | None = None) -> None:
        """:param engine: it knows the drawings; without one every plan is a sequence."""
        self._session = session
        self._now = now
        self._engine = engine

    @cached_property
    def _clockwork(self) -> Clockwork:
        return Clockwork.of(self._session, self._now)

    @cached_property
    def _times(self) -> StepTimes:
        return StepTimes.of(self._session, self._now)

    def outlook(self, clock: SlaClock, order: ProductOrder) -> Outlook | None:
        """The plan of the item of a promise; None where it has none yet."""
        item = next((item for item in order.items if item.id == clock.item_id), None)
        rows = self._session.scalars(
            select(WorkOrder).where(WorkOrder.item_id == clock.item_id).order_by(WorkOrder.sequence, WorkOrder.id)
        ).all()
        planned = [row.planned_from for row in rows if row.planned_from is not None]
        moments = [moment for row in rows for moment in (row.started_at, row.ended_at) if moment is not None]
        if item is None or not (planned or moments):
            return None
        network = network_of(self._session, self._engine, item, rows, self._times)
        origin = min(planned, default=order.ordered_at)
        later = self._clockwork.within(str(clock.explanation.get("area_path", ""))).later

        def ends(at: datetime, *, p90: bool) -> datetime:
            return ends_at(network.steps, origin=origin, now=at, later=later, p90=p90)

        resumed = [spell.to_at for spell in clock.pauses if spell.to_at is not None]
        since = max([*moments, *resumed, clock.started_at, min(planned, default=clock.started_at)])
        return Outlook({MEDIAN: lambda at: ends(at, p90=False), P90: lambda at: ends(at, p90=True)}, since)
