"""Which policy a promise is made by: two decision tables that a designer may change at any time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE
from app.domain.promises.sla_book import Case, NoPolicy
from app.services.stored_decisions import taken
from processes.errors import UnknownDecision

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
    known = {
        "product": case.product,
        "tier": case.tier,
        "area_class": case.area_class,
        "grade": case.grade,
        # The day on the wall: a rule may hold from a date on.
        "accepted_on": at.astimezone(ZONE).date().isoformat(),
    }
    try:
        found = taken(session, key, {**known, **inputs})
    except UnknownDecision as unknown:
        raise NoPolicy(f"the decision {key} is not deployed") from unknown
    if not found or not found.get("policy"):
        raise NoPolicy(f"the decision {key} has no rule for {case}")
    return str(found["policy"])
