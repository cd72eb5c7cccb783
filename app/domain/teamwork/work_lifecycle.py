"""States of work orders (steps of a plan), of work items (a person's to-do) and of cancel requests."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from app.domain.words import Words
from app.errors import IllegalTransition


class WorkOrderState(StrEnum):
    """A step of a plan, in the words of TMF622 and TMF697; a step that is planned is *acknowledged*."""

    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "inProgress"
    PENDING = "pending"
    HELD = "held"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class WorkItemState(StrEnum):
    """A to-do in the queue of a team."""

    OPEN = "open"
    CLAIMED = "claimed"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class CancelState(StrEnum):
    """TMF622 cancelProductOrder; ``done`` means answered, read the order to know what became of it."""

    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "inProgress"
    DONE = "done"
    TERMINATED_WITH_ERROR = "terminatedWithError"


W = WorkOrderState
I = WorkItemState  # noqa: E741 - the table below reads better with one letter
C = CancelState

WORK_ORDER_ALLOWED: Final[Mapping[W, frozenset[W]]] = {
    # A step that is skipped goes straight to its end.
    W.ACKNOWLEDGED: frozenset({W.IN_PROGRESS, W.PENDING, W.HELD, W.COMPLETED, W.CANCELLED}),
    W.IN_PROGRESS: frozenset({W.PENDING, W.HELD, W.COMPLETED, W.FAILED, W.CANCELLED}),
    W.PENDING: frozenset({W.IN_PROGRESS, W.HELD, W.COMPLETED, W.FAILED, W.CANCELLED}),
    W.HELD: frozenset({W.IN_PROGRESS, W.PENDING, W.COMPLETED, W.FAILED, W.CANCELLED}),
    # Repeated after a failed test, or undone by a cancel.
    W.COMPLETED: frozenset({W.IN_PROGRESS, W.CANCELLED}),
    W.FAILED: frozenset({W.IN_PROGRESS, W.CANCELLED}),
    W.CANCELLED: frozenset(),
}

WORK_ITEM_ALLOWED: Final[Mapping[I, frozenset[I]]] = {
    I.OPEN: frozenset({I.CLAIMED, I.PAUSED, I.COMPLETED, I.CANCELLED}),
    I.CLAIMED: frozenset({I.OPEN, I.PAUSED, I.COMPLETED, I.CANCELLED}),
    I.PAUSED: frozenset({I.OPEN, I.CLAIMED, I.CANCELLED}),
    I.COMPLETED: frozenset(),
    I.CANCELLED: frozenset(),
}

CANCEL_ALLOWED: Final[Mapping[C, frozenset[C]]] = {
    C.ACKNOWLEDGED: frozenset({C.IN_PROGRESS, C.DONE, C.TERMINATED_WITH_ERROR}),
    C.IN_PROGRESS: frozenset({C.DONE, C.TERMINATED_WITH_ERROR}),
    C.DONE: frozenset(),
    C.TERMINATED_WITH_ERROR: frozenset(),
}

WORK_ORDER_NAMES: Final[Mapping[W, Words]] = {
    W.ACKNOWLEDGED: Words("待开始", "Planned"),
    W.IN_PROGRESS: Words("进行中", "In progress"),
    W.PENDING: Words("待客户", "Waits for the customer"),
    W.HELD: Words("已挂起", "Held"),
    W.COMPLETED: Words("已完成", "Completed"),
    W.FAILED: Words("已失败", "Failed"),
    W.CANCELLED: Words("已取消", "Cancelled"),
}

WORK_ITEM_NAMES: Final[Mapping[I, Words]] = {
    I.OPEN: Words("待领取", "Open"),
    I.CLAIMED: Words("处理中", "Claimed"),
    I.PAUSED: Words("已暂停", "Paused"),
    I.COMPLETED: Words("已完成", "Completed"),
    I.CANCELLED: Words("已取消", "Cancelled"),
}

WORK_ORDER_OPEN: Final = frozenset({W.ACKNOWLEDGED, W.IN_PROGRESS, W.PENDING, W.HELD})
WORK_ITEM_OPEN: Final = frozenset({I.OPEN, I.CLAIMED, I.PAUSED})

State = TypeVar("State", W, I, C)


def _checked(table: Mapping[State, frozenset[State]], current: State, wanted: State) -> State:
    if wanted not in table[current]:
        raise IllegalTransition(current, wanted)
    return wanted


def next_work_order_state(current: W, wanted: W) -> W:
    """Return ``wanted`` if a work order in ``current`` may go there, else raise IllegalTransition."""
    return _checked(WORK_ORDER_ALLOWED, current, wanted)


def next_work_item_state(current: I, wanted: I) -> I:
    """Return ``wanted`` if a work item in ``current`` may go there, else raise IllegalTransition."""
    return _checked(WORK_ITEM_ALLOWED, current, wanted)


def next_cancel_state(current: C, wanted: C) -> C:
    """Return ``wanted`` if a cancel request in ``current`` may go there, else raise IllegalTransition."""
    return _checked(CANCEL_ALLOWED, current, wanted)
