"""A bulk action of several subjects at once that leaves a row of each subject it has touched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from processes.bulk import Applied, Refused
from processes.ids import uuid7
from processes.store.bulk import BulkItem, BulkRun, Repair

KIND: Final = "touch"
REFUSED: Final = ("not-this-one", "it is bad")


def touch(session: Session, run: BulkRun, items: Sequence[BulkItem], now: datetime) -> list[Applied | Refused | None]:
    """Touch them; ``bad...`` is refused, ``breaks`` is a bug, of those called ``twin`` one can be done at a time."""
    results: list[Applied | Refused | None] = []
    twins = 0
    for item in items:
        twins += item.subject_id == "twin"
        if item.subject_id.startswith("bad"):
            results.append(Refused(code=REFUSED[0], message=REFUSED[1]))
            continue
        if item.subject_id == "twin" and twins > 1:
            results.append(None)
            continue
        session.add(
            Repair(
                id=uuid7(), at=now, actor=run.actor, action=KIND, reason=run.reason, subject=item.subject_id,
                business_key="", area=run.area, run_id=run.id,
            )
        )  # fmt: skip
        session.flush()
        if item.subject_id == "breaks":
            raise ZeroDivisionError("a bug")
        results.append(Applied())
    return results
