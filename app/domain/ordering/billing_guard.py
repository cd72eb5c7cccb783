"""Whether billing may have services stopped: nobody is cut off automatically who must not be, or who has just paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.domain.words import Words

PROTECTED: Final = "protected"
UNTOUCHABLE_GRADE: Final = "AAA"
TICKET_AGE: Final = timedelta(hours=24)
SUSPENDED_FOR: Final = timedelta(days=60)
NOTICES: Final = 2


@dataclass(frozen=True, kw_only=True)
class Debt:
    """What is known of an account and of what it pays for. Instants are aware UTC.

    ``notices``: how many notices billing has sent. ``suspended_since``: of every product, None for one in service.
    """

    tags: frozenset[str] = frozenset()
    grades: frozenset[str] = frozenset()
    complaint: str | None = None
    oldest_ticket: tuple[str, datetime] | None = None
    paid_at: datetime | None = None
    notices: int = 0
    suspended_since: Sequence[datetime | None] = ()


@dataclass(frozen=True)
class Objection:
    """Why an instruction is not carried out."""

    code: str
    words: Words


def objection(kind: str, debt: Debt, *, asked_at: datetime, now: datetime) -> Objection | None:
    """The first reason against a stop (``suspend``) or a termination (``disconnect``); None when it may be done."""
    if PROTECTED in debt.tags:
        return Objection(
            "protected-customer", Words("受保护客户，不得自动停机", "a protected customer is never cut off")
        )
    if UNTOUCHABLE_GRADE in debt.grades:
        return Objection("grade-aaa", Words("AAA 级业务，不得自动停机", "services of grade AAA are never cut off"))
    if debt.paid_at is not None and debt.paid_at >= asked_at:
        return Objection("paid-since", Words("指令发出后已缴费", "it has been paid since"))
    if debt.complaint is not None:
        return Objection(
            "complaint-open",
            Words(f"有未结投诉 {debt.complaint}", f"complaint {debt.complaint} is open"),
        )
    if debt.oldest_ticket is not None and now - debt.oldest_ticket[1] > TICKET_AGE:
        number = debt.oldest_ticket[0]
        return Objection(
            "ticket-open",
            Words(f"故障单 {number} 超过 24 小时未结", f"ticket {number} has been open for more than 24 h"),
        )
    return _against_termination(debt, now) if kind == "disconnect" else None


def _against_termination(debt: Debt, now: datetime) -> Objection | None:
    long_ago = now - SUSPENDED_FOR
    if any(since is None or since > long_ago for since in debt.suspended_since):
        days = SUSPENDED_FOR.days
        return Objection(
            "not-suspended-long-enough",
            Words(f"停机未满 {days} 天，不得拆机", f"not suspended for {days} days yet"),
        )
    if debt.notices < NOTICES:
        return Objection(
            "notices-missing",
            Words(f"催告不足 {NOTICES} 次，不得拆机", f"fewer than {NOTICES} notices are on record"),
        )
    return None
