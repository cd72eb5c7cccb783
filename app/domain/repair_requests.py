"""Repairs that a second person has to agree to: which they are, and the states of the request."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from app.domain.words import Words
from app.errors import IllegalTransition


class RepairAct(StrEnum):
    """What is asked for."""

    SKIP = "skip"
    MOVE = "move"
    CANCEL = "cancel"


class RequestState(StrEnum):
    """``agreed``: a second person agreed, and it was carried out in the same moment."""

    WAITING = "waiting"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


S = RequestState
ALLOWED: Final[Mapping[S, frozenset[S]]] = {
    S.WAITING: frozenset({S.AGREED, S.REFUSED, S.WITHDRAWN}),
    S.AGREED: frozenset(),
    S.REFUSED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
ACT_NAMES: Final[Mapping[RepairAct, Words]] = {
    RepairAct.SKIP: Words("跳过", "skip"),
    RepairAct.MOVE: Words("调整到其他步骤", "go to another step"),
    RepairAct.CANCEL: Words("撤销并退回已做的", "cancel and undo"),
}
#: The right somebody needs who asks for it. Who agrees needs ``repair.agree``.
ASKED_WITH: Final[Mapping[RepairAct, str]] = {
    RepairAct.SKIP: "incident.skip",
    RepairAct.MOVE: "instance.repair",
    RepairAct.CANCEL: "instance.repair",
}
AGREE: Final = "repair.agree"


def next_state(current: S, wanted: S) -> S:
    """Return ``wanted`` if a request in ``current`` may go there.

    :raises IllegalTransition: the table has no such arrow.
    """
    if wanted not in ALLOWED[current]:
        raise IllegalTransition(current, wanted)
    return wanted


def why_not_skip(adapter: str, operation: str, *, is_write: bool) -> Words | None:
    """Why a step may not be skipped, or None. What is billed and what was measured has to be true."""
    if adapter == "billing" and is_write:
        return Words(
            "计费步骤不能跳过：帐要和装的一致。请修改数据后重试。",
            "a billing step cannot be skipped: the bill has to say what was built. Correct the data and try again.",
        )
    if operation.endswith("run_test"):
        return Words(
            "测试不能跳过：没有测过的不能交给客户。请重试。",
            "a test cannot be skipped: what was not tested is not handed over. Try again.",
        )
    return None


def needs_second_person(*, goes_back: bool, undoes: int) -> bool:
    """Whether a move wants a second person: one that leaves steps out, or undoes what was done at a neighbour."""
    return not goes_back or undoes > 0
