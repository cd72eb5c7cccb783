"""States of what is owed for a broken promise: one table of allowed moves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from app.domain.words import Words
from app.errors import IllegalTransition


class CompensationState(StrEnum):
    """From the proposal to the credit on the bill, and off it again where it turns out to have been too high."""

    PROPOSED = "proposed"
    SECOND_WANTED = "secondWanted"
    APPROVED = "approved"
    POSTING = "posting"
    CREDITED = "credited"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    TAKE_BACK = "takeBack"
    TO_REVERSE = "toReverse"
    REVERSING = "reversing"
    REVERSED = "reversed"


S = CompensationState

ALLOWED: Final[Mapping[S, frozenset[S]]] = {
    S.PROPOSED: frozenset({S.SECOND_WANTED, S.APPROVED, S.REFUSED, S.WITHDRAWN}),
    S.SECOND_WANTED: frozenset({S.APPROVED, S.REFUSED, S.WITHDRAWN}),
    S.APPROVED: frozenset({S.POSTING, S.WITHDRAWN}),
    S.POSTING: frozenset({S.CREDITED}),
    S.CREDITED: frozenset({S.TAKE_BACK}),
    S.REFUSED: frozenset(),
    S.WITHDRAWN: frozenset(),
    # Somebody has to agree before anything is taken from a customer; what he refuses, or no longer holds, stays.
    S.TAKE_BACK: frozenset({S.TO_REVERSE, S.CREDITED}),
    S.TO_REVERSE: frozenset({S.REVERSING, S.CREDITED}),
    S.REVERSING: frozenset({S.REVERSED}),
    S.REVERSED: frozenset(),
}
#: What may still become another amount: nobody has been told of it outside.
UNDECIDED: Final = frozenset({S.PROPOSED, S.SECOND_WANTED})
#: What is on the bill and is to come off it, as long as that can be stopped.
TO_COME_OFF: Final = frozenset({S.TAKE_BACK, S.TO_REVERSE})
#: What counts for nothing: it never was paid, or is no longer.
VOID: Final = frozenset({S.REFUSED, S.WITHDRAWN, S.REVERSED})
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
    S.TAKE_BACK: Words("待同意冲正", "Too high, to be taken back"),
    S.TO_REVERSE: Words("已同意冲正", "Agreed to be taken back"),
    S.REVERSING: Words("冲正中", "Being taken back"),
    S.REVERSED: Words("已冲正", "Taken back"),
}


def next_state(current: CompensationState, wanted: CompensationState) -> CompensationState:
    """The wanted state. :raises IllegalTransition: the table has no such arrow."""
    if wanted not in ALLOWED[current]:
        raise IllegalTransition(current, wanted)
    return wanted
