"""Which policy a promise is made by: two decision tables that a designer may change at any time."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.calendar import ZONE
from app.domain.sla_book import Case, NoPolicy
from processes.definitions import latest_decision
from processes.errors import UnknownDecision
from processes.spiff.decisions import Decision, load_decision
from processes.store.definitions import DecisionDefinition

ORDERS: Final = "sla_policy"
REPAIRS: Final = "repair_policy"


def order_policy(session: Session, case: Case, accepted_at: datetime) -> str:
    """The code of the policy for an item. :raises NoPolicy: no rule of the table fits, or there is no table."""
    inputs = {"order_type": case.order_type, "conditions": sorted(case.conditions)}
    return _chosen(session, ORDERS, case, accepted_at, inputs)


def repair_policy(session: Session, ticket_type: str, case: Case, opened_at: datetime) -> str:
    """The code of the policy for a repair. :raises NoPolicy: no rule of the table fits, or there is no table."""
    return _chosen(session, REPAIRS, case, opened_at, {"ticket_type": ticket_type})


def _chosen(session: Session, key: str, case: Case, at: datetime, inputs: dict[str, Any]) -> str:
    try:
        version = latest_decision(session, key)
    except UnknownDecision as unknown:
        raise NoPolicy(f"the decision {key} is not deployed") from unknown
    known = {
        "product": case.product,
        "tier": case.tier,
        "area_class": case.area_class,
        "grade": case.grade,
        # The day on the wall: a rule may hold from a date on.
        "accepted_on": at.astimezone(ZONE).date().isoformat(),
    }
    found = _decision(_Stored(version.id, session)).evaluate({**known, **inputs})
    if not found or not found.get("policy"):
        raise NoPolicy(f"the decision {key} has no rule for {case}")
    return str(found["policy"])


class _Stored:
    """A stored decision that equals itself by its id, so that it is read and compiled once per process."""

    def __init__(self, decision_id: str, session: Session) -> None:
        self.decision_id = decision_id
        self._session: Session | None = session

    def __hash__(self) -> int:
        return hash(self.decision_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Stored) and other.decision_id == self.decision_id

    def xml(self) -> bytes:
        """The file; the session is let go, so that remembering this keeps nothing else alive."""
        assert self._session is not None  # noqa: S101 - read once
        found = self._session.execute(
            select(DecisionDefinition.key, DecisionDefinition.xml).where(DecisionDefinition.id == self.decision_id)
        ).one()
        self._session = None
        return bytes(found.xml)


@lru_cache(maxsize=8)
def _decision(stored: _Stored) -> Decision:
    return load_decision(stored.xml())
