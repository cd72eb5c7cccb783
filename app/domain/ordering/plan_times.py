"""The plan of an item as it stands: laid out once when the order is split, moved along by every step that begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

Span = tuple[datetime, datetime]


class Step(Protocol):
    """A step of a plan; the times are aware UTC, those of the plan as they were laid out."""

    @property
    def id(self) -> str: ...
    @property
    def item_id(self) -> str | None: ...
    @property
    def sequence(self) -> int: ...
    @property
    def planned_from(self) -> datetime | None: ...
    @property
    def planned_to(self) -> datetime | None: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...


AnyStep = TypeVar("AnyStep", bound=Step)


def moved_plan(steps: Sequence[AnyStep]) -> dict[str, Span]:
    """When each step is planned, by its id: one that began earlier or later than planned, and the steps of its item
    that had not begun by then, move by the difference. Steps without a plan are left out."""
    spans = {step.id: (step.planned_from, step.planned_to) for step in steps if step.planned_from and step.planned_to}
    by_item: dict[str | None, list[AnyStep]] = {}
    for step in steps:
        if step.id in spans:
            by_item.setdefault(step.item_id, []).append(step)
    for of_item in by_item.values():
        _move_along(of_item, spans)
    return spans


def _move_along(steps: Sequence[AnyStep], spans: dict[str, Span]) -> None:
    begun = [(step.started_at, step.sequence, step) for step in steps if step.started_at is not None]
    for began, sequence, step in sorted(begun, key=lambda start: start[:2]):
        by = began - spans[step.id][0]
        for other in steps:
            if other is step or (other.sequence > sequence and _is_to_come(other, began)):
                spans[other.id] = (spans[other.id][0] + by, spans[other.id][1] + by)


def _is_to_come(step: Step, at: datetime) -> bool:
    """Whether a step after the one that begins was still to come then."""
    return (step.started_at is None or step.started_at >= at) and (step.ended_at is None or step.ended_at > at)
