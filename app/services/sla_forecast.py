"""What is left of the plan of an item, with the time such steps usually take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.forecast import Remaining
from app.domain.work_lifecycle import WORK_ORDER_OPEN
from app.persistence.people import TeamRole
from app.persistence.rule_books import work_order_types
from app.persistence.rule_versions import Rules
from app.persistence.work_orders import WorkOrder

MEDIAN: Final = "median"
P90: Final = "p90"
#: A step that nobody has laid out takes as long as this.
UNKNOWN: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Left:
    """The open steps of an item, and since when they are as they are."""

    steps: tuple[WorkOrder, ...]
    since: datetime | None


def left_of(session: Session, item_id: str) -> Left:
    """The steps of an item that are not done, in the order of the plan."""
    rows = session.execute(
        select(WorkOrder).where(WorkOrder.item_id == item_id).order_by(WorkOrder.sequence, WorkOrder.id)
    ).scalars()
    steps = list(rows)
    moments = [moment for row in steps for moment in (row.started_at, row.ended_at) if moment is not None]
    laid_out = [row.planned_from for row in steps if row.planned_from is not None]
    since = max([*moments, *([min(laid_out)] if laid_out else [])], default=None)
    return Left(tuple(row for row in steps if row.state in WORK_ORDER_OPEN), since)


class Usual:
    """How long steps usually take: what is written down of their type, else what the plan laid out for them."""

    def __init__(self, session: Session) -> None:
        self._types: Mapping[str, Mapping[str, Any]] = work_order_types(session)
        rows = session.execute(select(TeamRole.code, TeamRole.default_calendar))
        self._calendars = {row.code: row.default_calendar for row in rows}

    def remaining(self, steps: Sequence[WorkOrder], rules: Rules, area_path: str, durations: str) -> list[Remaining]:
        """The steps with their usual durations, ``median`` or ``p90``."""
        return [self.step(row, rules, area_path, durations) for row in steps]

    def step(self, row: WorkOrder, rules: Rules, area_path: str, durations: str) -> Remaining:
        """One step with its usual duration, by the working hours of its team where people do it."""
        known = self._types.get(row.type)
        if known is None:
            laid_out = row.planned_to - row.planned_from if row.planned_from and row.planned_to else UNKNOWN
            return Remaining(duration=laid_out, started_at=row.started_at)
        minutes = timedelta(minutes=known[f"{durations}_min"])
        code = (
            self._calendars.get(row.team_role or str(known.get("team_role"))) if known["clock"] == "working" else None
        )
        calendar = rules.calendars.calendar(code, area_path) if code else None
        return Remaining(duration=minutes, calendar=calendar, started_at=row.started_at)
