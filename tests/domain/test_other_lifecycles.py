"""Every pair of states of tickets, work orders, work items and cancel requests."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from app.domain.promises import ticket_lifecycle as tickets
from app.domain.teamwork import work_lifecycle as work
from app.errors import IllegalTransition

TICKET = """
acknowledged: inProgress cancelled rejected
inProgress: pending held resolved cancelled
pending: inProgress cancelled
held: inProgress
resolved: closed inProgress
"""
WORK_ORDER = """
acknowledged: inProgress pending held completed cancelled
inProgress: pending held completed failed cancelled
pending: inProgress held completed failed cancelled
held: inProgress pending completed failed cancelled
completed: inProgress cancelled
failed: inProgress cancelled
"""
WORK_ITEM = """
open: claimed paused completed cancelled
claimed: open paused completed cancelled
paused: open claimed cancelled
"""
CANCEL = """
acknowledged: inProgress done terminatedWithError
inProgress: done terminatedWithError
"""
MACHINES: list[tuple[type[StrEnum], Callable[[Any, Any], Any], str]] = [
    (tickets.TicketState, tickets.next_state, TICKET),
    (work.WorkOrderState, work.next_work_order_state, WORK_ORDER),
    (work.WorkItemState, work.next_work_item_state, WORK_ITEM),
    (work.CancelState, work.next_cancel_state, CANCEL),
]


def arrows(text: str) -> set[tuple[str, str]]:
    lines = (line.split(":") for line in text.strip().splitlines())
    return {(start, end) for start, ends in lines for end in ends.split()}


@pytest.mark.parametrize(("states", "next_state", "text"), MACHINES, ids=lambda value: getattr(value, "__name__", ""))
def test_states_move_only_along_the_arrows(
    states: type[StrEnum], next_state: Callable[[Any, Any], Any], text: str
) -> None:
    allowed = arrows(text)
    for current, wanted in product(states, states):
        if (current.value, wanted.value) in allowed:
            assert next_state(current, wanted) is wanted
        else:
            with pytest.raises(IllegalTransition):
                next_state(current, wanted)


def test_every_state_has_a_name_in_both_languages() -> None:
    for names, states in (
        (tickets.NAMES, tickets.TicketState),
        (work.WORK_ORDER_NAMES, work.WorkOrderState),
        (work.WORK_ITEM_NAMES, work.WorkItemState),
    ):
        assert set(names) == set(states)
        assert all(words.zh and words.en for words in names.values())
