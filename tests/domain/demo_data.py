"""The data files, read once for the tests of rules."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.promises.calendar import Calendars
from app.domain.promises.sla_book import Case, SlaBook
from app.seed.files import read
from processes.spiff.decisions import Decision, load_decision

BPMN = Path(__file__).resolve().parents[2] / "bpmn"


@cache
def data(name: str) -> dict[str, Any]:
    return read(name)


@cache
def by_code(name: str, part: str) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in data(name)[part]}


@cache
def calendars() -> Calendars:
    return Calendars.from_data(data("calendars"))


@cache
def book() -> SlaBook:
    return SlaBook.from_data(data("sla"), data("stop_reasons"), data("calendars"))


@cache
def table(key: str) -> Decision:
    return load_decision((BPMN / f"{key}.dmn").read_bytes())


def chosen(case: Case, day: date, *, ticket_type: str | None = None) -> str:
    """The policy that the delivered table gives for a case."""
    inputs = {"product": case.product, "order_type": case.order_type, "tier": case.tier, "grade": case.grade}
    inputs |= {"area_class": case.area_class, "accepted_on": day.isoformat(), "conditions": sorted(case.conditions)}
    if ticket_type is not None:
        inputs["ticket_type"] = ticket_type
    return str(table("repair_policy" if ticket_type else "sla_policy").evaluate(inputs)["policy"])
