"""States of a product order and of its items: TMF622 v4, plus the arrows that practice needs.

One table says every allowed move. ``pending`` waits for somebody's input (the promise clock may stop);
``held`` is our own shortfall (the clock runs on).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from app.domain.words import Words
from app.errors import IllegalTransition


class OrderState(StrEnum):
    """Values are the TMF622 wire words."""

    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    PENDING = "pending"
    HELD = "held"
    IN_PROGRESS = "inProgress"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    FAILED = "failed"
    PARTIAL = "partial"
    ASSESSING_CANCELLATION = "assessingCancellation"
    PENDING_CANCELLATION = "pendingCancellation"


S = OrderState

#: Where a refused cancel goes back to: the state it came from.
CANCEL_STARTS_FROM: Final = frozenset({S.ACKNOWLEDGED, S.IN_PROGRESS, S.PENDING, S.HELD})

ALLOWED: Final[Mapping[S, frozenset[S]]] = {
    S.ACKNOWLEDGED: frozenset({S.IN_PROGRESS, S.PENDING, S.REJECTED, S.ASSESSING_CANCELLATION}),
    S.PENDING: frozenset({S.IN_PROGRESS, S.ASSESSING_CANCELLATION, S.CANCELLED}),
    S.IN_PROGRESS: frozenset({S.PENDING, S.HELD, S.ASSESSING_CANCELLATION, S.COMPLETED, S.FAILED, S.PARTIAL}),
    S.HELD: frozenset({S.IN_PROGRESS, S.ASSESSING_CANCELLATION, S.CANCELLED}),
    S.ASSESSING_CANCELLATION: frozenset({S.PENDING_CANCELLATION}) | CANCEL_STARTS_FROM,
    S.PENDING_CANCELLATION: frozenset({S.CANCELLED}),
    S.REJECTED: frozenset(),
    S.COMPLETED: frozenset(),
    S.FAILED: frozenset(),
    S.PARTIAL: frozenset(),
    S.CANCELLED: frozenset(),
}

#: An item is never partial: it is delivered or it is not.
ITEM_ALLOWED: Final[Mapping[S, frozenset[S]]] = {
    state: moves - {S.PARTIAL} for state, moves in ALLOWED.items() if state is not S.PARTIAL
}

FINAL: Final = frozenset(state for state, moves in ALLOWED.items() if not moves)
OPEN: Final = frozenset(ALLOWED) - FINAL

NAMES: Final[Mapping[S, Words]] = {
    S.ACKNOWLEDGED: Words("已受理", "Acknowledged"),
    S.REJECTED: Words("已拒绝", "Rejected"),
    S.PENDING: Words("待补充", "Pending"),
    S.HELD: Words("已挂起", "Held"),
    S.IN_PROGRESS: Words("处理中", "In progress"),
    S.CANCELLED: Words("已撤销", "Cancelled"),
    S.COMPLETED: Words("已完成", "Completed"),
    S.FAILED: Words("已失败", "Failed"),
    S.PARTIAL: Words("部分完成", "Partial"),
    S.ASSESSING_CANCELLATION: Words("撤单评估中", "Assessing cancellation"),
    S.PENDING_CANCELLATION: Words("撤单处理中", "Pending cancellation"),
}


def next_state(current: S, wanted: S, *, came_from: S | None = None) -> S:
    """Return ``wanted`` if an order in ``current`` may go there.

    :param came_from: the state before a cancel was asked for. An order whose cancel is denied goes back to
        exactly that state, so the move out of ``assessingCancellation`` is checked against it when it is known.
    :raises IllegalTransition: the table has no such arrow.
    """
    return _checked(ALLOWED, current, wanted, came_from)


def next_item_state(current: S, wanted: S, *, came_from: S | None = None) -> S:
    """Like :func:`next_state`, for an order item."""
    return _checked(ITEM_ALLOWED, current, wanted, came_from)


def _checked(table: Mapping[S, frozenset[S]], current: S, wanted: S, came_from: S | None) -> S:
    if wanted not in table.get(current, frozenset()):
        raise IllegalTransition(current, wanted)
    denied = current is S.ASSESSING_CANCELLATION and wanted in CANCEL_STARTS_FROM
    if denied and came_from is not None and wanted is not came_from:
        raise IllegalTransition(current, wanted)
    return wanted


def route(current: S, wanted: S, *, table: Mapping[S, frozenset[S]] = ALLOWED) -> tuple[S, ...]:
    """The moves that lead from ``current`` to ``wanted``, shortest first; empty when it is there already.

    A roll-up may say *completed* of an order that is *held*: it then passes through *inProgress*. Cancelling is a
    decision of its own and is never passed through.

    :raises IllegalTransition: no way leads there.
    """
    waiting: deque[tuple[S, ...]] = deque([(current,)])
    seen = {current}
    while waiting:
        way = waiting.popleft()
        if way[-1] is wanted:
            return way[1:]
        for step in sorted(table.get(way[-1], frozenset())):
            through_cancel = way[-1] in (S.ASSESSING_CANCELLATION, S.PENDING_CANCELLATION) and len(way) > 1
            if step not in seen and not through_cancel:
                seen.add(step)
                waiting.append((*way, step))
    raise IllegalTransition(current, wanted)


def roll_up(items: Iterable[S]) -> S:
    """The state of an order, from the states of its items.

    While something is open the most troubled open item speaks for the order. At the end: all alike says it as it
    is; something delivered and something not is *partial*; nothing delivered, for different reasons, is *failed*.

    :raises ValueError: an order has at least one item.
    """
    states = list(items)
    if not states:
        raise ValueError("an order has at least one item")
    still_open = [state for state in states if state in OPEN]
    if not still_open:
        if len(set(states)) == 1:
            return states[0]
        return S.PARTIAL if S.COMPLETED in states or S.PARTIAL in states else S.FAILED
    if len(set(states)) == 1:
        return states[0]
    for loud in (S.HELD, S.PENDING):
        if loud in still_open:
            return loud
    # Cancelling concerns the whole order only when every open item is being cancelled.
    for cancelling in (S.ASSESSING_CANCELLATION, S.PENDING_CANCELLATION):
        if set(still_open) == {cancelling}:
            return cancelling
    return S.IN_PROGRESS
