"""States of what is owed for a broken promise: one table of allowed moves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from app.domain.words import Words
from app.errors import IllegalTransition


class CompensationState(StrEnum):
    """From the proposal to the credit on the bill."""

    PROPOSED = "proposed"
    SECOND_WANTED = "secondWanted"
    APPROVED = "approved"
    POSTING = "posting"
    CREDITED = "credited"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


S = CompensationState

ALLOWED: Final[Mapping[S, frozenset[S]]] = {
    S.PROPOSED: frozenset({S.SECOND_WANTED, S.APPROVED, S.REFUSED, S.WITHDRAWN}),
    S.SECOND_WANTED: frozenset({S.APPROVED, S.REFUSED, S.WITHDRAWN}),
    S.APPROVED: frozenset({S.POSTING, S.WITHDRAWN}),
    S.POSTING: frozenset({S.CREDITED}),
    S.CREDITED: frozenset(),
    S.REFUSED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
#: What may still become another amount: nobody has been told of it outside.
UNDECIDED: Final = frozenset({S.PROPOSED, S.SECOND_WANTED})
#: What is neither paid nor settled otherwise; the payout deadline runs.
UNPAID: Final = frozenset({S.PROPOSED, S.SECOND_WANTED, S.APPROVED, S.POSTING})

NAMES: Final[Mapping[S, Words]] = {
    S.PROPOSED: Words("待审批", "Proposed"),
    S.SECOND_WANTED: Words("待复核", "Wants a second person"),
    S.APPROVED: Words("已批准", "Approved"),
    S.POSTING: Words("入帐中", "Being posted"),
    S.CREDITED: Words("已入帐", "Credited"),
    S.REFUSED: Words("已拒绝", "Refused"),
    S.WITHDRAWN: Words("已撤回", "Withdrawn"),
}


def next_state(current: CompensationState, wanted: CompensationState) -> CompensationState:
    """The wanted state. :raises IllegalTransition: the table has no such arrow."""
    if wanted not in ALLOWED[current]:
        raise IllegalTransition(current, wanted)
    return wanted
