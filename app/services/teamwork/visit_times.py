"""When a visit is: as its plan has it, or as it was moved since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.teamwork.appointments import Slot
from app.persistence.teamwork.appointments import MovedVisit, newest_move
from app.persistence.teamwork.work_items import WorkItem

FROM: Final = "appointment_from"
TO: Final = "appointment_to"


def slot_of(data: Mapping[str, Any]) -> Slot | None:
    """The time in the words of a plan; none where they are no instants."""
    try:
        start, end = datetime.fromisoformat(str(data[FROM])), datetime.fromisoformat(str(data[TO]))
    except (KeyError, ValueError):
        return None
    return Slot(start, end) if start.tzinfo and end.tzinfo else None


def overlay(task: WorkItem, moved: MovedVisit) -> None:
    """Whoever goes there sees the new time."""
    start, end = moved.texts
    task.context = {**task.context, FROM: start, TO: end}


def as_moved(session: Session, order_id: str | None, item_id: str | None, inputs: dict[str, Any]) -> dict[str, Any]:
    """What a to-do is given, with the time its visit was moved to before the to-do was there."""
    if order_id is None or not inputs.get(FROM):
        return inputs
    moved = newest_move(session, order_id, item_id, str(inputs[FROM])[:40])
    if moved is None:
        return inputs
    start, end = moved.texts
    return {**inputs, FROM: start, TO: end}
