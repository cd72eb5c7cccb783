"""The times that drawings give to their steps, by the rules that hold: read once for all steps of a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.promises.calendar import AREA_DEFAULT, ROUND_THE_CLOCK, WorkingCalendar
from app.domain.promises.step_target import StepTarget, target_of, usual_target
from app.persistence.people import team_calendars
from app.persistence.promises.rule_books import work_order_types
from app.persistence.promises.rule_versions import Rules, rules_at
from processes.store.definitions import ProcessDefinition
from processes.store.instances import ProcessInstance

#: What a drawing says of the time of a step.
WRITTEN: Final = frozenset({"sla", "duration", "calendar"})
#: What decides about it: a kind of work order has a usual time.
SAID: Final = WRITTEN | {"workOrder"}


class StepTargets:
    """Until when steps have to be done. The books are only read where a step names a time."""

    def __init__(self, session: Session, now: datetime) -> None:
        """:param now: whose rules hold, aware UTC."""
        self._session = session
        self._now = now

    @cached_property
    def rules(self) -> Rules:
        """The rules that hold."""
        return rules_at(self._session, self._now)

    @cached_property
    def team_calendars(self) -> Mapping[str, str]:
        """By team role, the calendar it works by."""
        return team_calendars(self._session)

    def target(self, said: Mapping[str, str]) -> StepTarget | None:
        """The time a step is given by what its drawing says; None where that is nothing."""
        return target_of(said, self.rules.book.step_levels if "sla" in said else {})

    def calendar(self, code: str, area_path: str = "") -> WorkingCalendar:
        """A calendar as it is in an area; days without end where there is none of that code any more."""
        calendars = self.rules.calendars
        known = code in calendars.by_code or code == AREA_DEFAULT
        return calendars.calendar(code if known else ROUND_THE_CLOCK, area_path)

    def calendar_of(self, target: StepTarget, team: str | None, area_path: str = "") -> WorkingCalendar:
        """By which calendar a time is counted: its own, that of the team, or without breaks where no team does it."""
        return self.calendar(target.calendar or self.team_calendars.get(team or "", ROUND_THE_CLOCK), area_path)

    def due_at(
        self, said: Mapping[str, str], team: str | None, start: datetime, *, area_path: str = ""
    ) -> datetime | None:
        """Until when a step has to be done that begins then (aware): as its drawing says, else as is usual for its kind
        of work order. None where it is of none and is given no time."""
        target, kind = self.target(said), self._kinds.get(said["workOrder"]) if said.get("workOrder") else None
        if target is None and kind is not None:
            target, team = usual_target(kind), team or str(kind.get("team_role") or "")
        return target.due(self.calendar_of(target, team, area_path), start) if target is not None else None

    @cached_property
    def _kinds(self) -> Mapping[str, Mapping[str, Any]]:
        return work_order_types(self._session)


def said_of_elements(
    session: Session, places: Iterable[tuple[str | None, str]]
) -> dict[tuple[str | None, str], Mapping[str, str]]:
    """What drawings say of the time of elements, by instance and element; nothing of those that name none."""
    wanted = set(places)
    runs = select(ProcessInstance.id, ProcessInstance.definition_id).where(
        ProcessInstance.id.in_({instance for instance, _ in wanted if instance})
    )
    of_instance = {row.id: row.definition_id for row in session.execute(runs)}
    drawings = select(ProcessDefinition.id, ProcessDefinition.elements).where(
        ProcessDefinition.id.in_(set(of_instance.values()))
    )
    said = {
        (row.id, element["id"]): element["attributes"]
        for row in session.execute(drawings)
        for element in row.elements
        if not WRITTEN.isdisjoint(element["attributes"])
    }
    found = {place: said.get((of_instance.get(place[0] or "", ""), place[1])) for place in wanted}
    return {place: attributes for place, attributes in found.items() if attributes is not None}
