"""States of a trouble ticket (TMF621 v4): one table of allowed moves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from app.domain.words import Words
from app.errors import IllegalTransition


class TicketState(StrEnum):
    """Values are the TMF621 wire words."""

    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    PENDING = "pending"
    HELD = "held"
    IN_PROGRESS = "inProgress"
    CANCELLED = "cancelled"
    RESOLVED = "resolved"
    CLOSED = "closed"


S = TicketState

ALLOWED: Final[Mapping[S, frozenset[S]]] = {
    S.ACKNOWLEDGED: frozenset({S.IN_PROGRESS, S.CANCELLED, S.REJECTED}),
    S.IN_PROGRESS: frozenset({S.PENDING, S.HELD, S.RESOLVED, S.CANCELLED}),
    S.PENDING: frozenset({S.IN_PROGRESS, S.CANCELLED}),
    S.HELD: frozenset({S.IN_PROGRESS}),
    # The customer accepts, or says that it still does not work.
    S.RESOLVED: frozenset({S.CLOSED, S.IN_PROGRESS}),
    S.REJECTED: frozenset(),
    S.CANCELLED: frozenset(),
    S.CLOSED: frozenset(),
}

FINAL: Final = frozenset(state for state, moves in ALLOWED.items() if not moves)
OPEN: Final = frozenset(ALLOWED) - FINAL

NAMES: Final[Mapping[S, Words]] = {
    S.ACKNOWLEDGED: Words("已受理", "Acknowledged"),
    S.REJECTED: Words("已拒绝", "Rejected"),
    S.PENDING: Words("待客户", "Pending"),
    S.HELD: Words("已挂起", "Held"),
    S.IN_PROGRESS: Words("处理中", "In progress"),
    S.CANCELLED: Words("已撤销", "Cancelled"),
    S.RESOLVED: Words("已修复", "Resolved"),
    S.CLOSED: Words("已关闭", "Closed"),
}


def next_state(current: S, wanted: S) -> S:
    """Return ``wanted`` if a ticket in ``current`` may go there.

    :raises IllegalTransition: the table has no such arrow.
    """
    if wanted not in ALLOWED[current]:
        raise IllegalTransition(current, wanted)
    return wanted
