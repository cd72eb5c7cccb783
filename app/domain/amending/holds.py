"""Orders that stand still: for the customer (``pending``, the promise clock stops) or for us (``held``, it runs on).

The reasons are data (rule book ``stop_reasons``): those of the customer under ``stop_reasons``, ours under
``never_stop``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from app.domain.words import Words
from app.errors import FieldProblem, InvalidInput

#: A reservation is prolonged when it would lapse within so long; by as much as it was made for, but at least a day.
KEEP_AHEAD: Final = timedelta(days=1)
LEAST: Final = timedelta(days=1)


class HoldKind(StrEnum):
    """Whose reason it is."""

    CUSTOMER = "customer"
    OURS = "ours"


def our_reasons(book: Mapping[str, Any]) -> dict[str, Words]:
    """Our own reasons to hold an order, by code."""
    rows = book.get("never_stop") or ()
    return {str(row["code"]): Words(row["name_zh"], row["name_en"]) for row in rows if "code" in row}


def stops_work(book: Mapping[str, Any], reason: str) -> bool:
    """Whether the work of the order stands still for this reason of the customer; else only the clock does."""
    return any(row["code"] == reason and row.get("stops_work") for row in book["stop_reasons"])


def our_reason(book: Mapping[str, Any], reason: str) -> Words:
    """The name of one of our reasons. :raises InvalidInput: it is not on the list."""
    known = our_reasons(book)
    if reason not in known:
        codes = ", ".join(sorted(known))
        zh, en = f"不是可用的挂起原因，可选：{codes}", f"is not a reason to hold an order; there are: {codes}"
        problem = FieldProblem(path="reason", code="not-a-hold-reason", zh=zh, en=en)
        raise InvalidInput(f"reason {en}", f"reason {zh}", details=[problem])
    return known[reason]


def checked_until(until: datetime | None, now: datetime) -> datetime | None:
    """Until when, an aware instant. :raises InvalidInput: it is over already."""
    if until is not None and until <= now:
        zh, en = "恢复时间必须晚于现在", "must be later than now"
        problem = FieldProblem(path="until", code="in-the-past", zh=zh, en=en)
        raise InvalidInput(f"until {en}", f"until {zh}", details=[problem])
    return until


def prolonged(span: timedelta, lapses_at: datetime, now: datetime) -> datetime | None:
    """Until when a reservation is to stand from now on; none while it does not lapse soon.

    :param span: for how long it was made.
    """
    return None if lapses_at - now > KEEP_AHEAD else now + max(span, LEAST + KEEP_AHEAD)
