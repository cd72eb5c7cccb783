"""Years whose holidays nobody has loaded, and promises that are questioned years later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE
from app.domain.teamwork.work_lifecycle import WorkOrderState
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.promises.rule_versions import RulesByVersion, RuleVersion, digest_of, newest, rules_at, text_of
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.teamwork.work_items import WorkItem
from app.services.promises import promise_view, sla_start, sla_steps, sla_watch
from app.services.promises.calendar_watch import raise_missing_year
from tests.persistence.orders import make_order

LINE = {"product": "leased_line_local", "offering": "ll-local-100m"}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def calendars(session: Session) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(text_of(session, "calendars", newest(session, "calendars")))
    return found


def bring_in(session: Session, body: dict[str, Any], since: datetime) -> None:
    version = newest(session, "calendars") + 1
    row = RuleVersion(
        code="calendars", version=version, effective_from=since, body=body, digest=digest_of(body), made_by="ops2",
        made_at=since,
    )  # fmt: skip
    session.add(row)
    session.flush()


def official(session: Session, year: int) -> dict[str, Any]:
    body = calendars(session)
    years = [row for row in body["official_years"] if row["year"] != year]
    return {**body, "official_years": [*years, {"year": year, "status": "official"}]}


def test_the_headquarters_hear_once_that_the_holidays_of_next_year_are_missing(session: Session) -> None:
    assert raise_missing_year(session, local("2026-11-30T23:59")) is None
    item = raise_missing_year(session, local("2026-12-01T00:01"))
    assert item is not None and "2027" in item.title_en and "2027" in item.title_zh
    assert (item.team_role, item.context) == ("hq_dispatch", {"about": "holidays", "year": 2027})
    session.flush()
    assert raise_missing_year(session, local("2026-12-02T00:01")) is None
    assert len(session.scalars(select(WorkItem).where(WorkItem.team_role == "hq_dispatch")).all()) == 1


def test_nobody_hears_of_a_year_that_is_loaded_in_time(session: Session) -> None:
    bring_in(session, official(session, 2027), local("2026-11-20T00:00"))
    assert raise_missing_year(session, local("2026-12-20T00:00")) is None


@pytest.mark.parametrize("year", [2027, 2031, 2050])
def test_a_year_that_nobody_has_loaded_is_counted_in_plain_weeks_and_said_so(session: Session, year: int) -> None:
    now = local(f"{year}-12-30T10:05")
    order = make_order(session, now, items=[LINE])
    (clock,) = sla_start.start_clock(session, order, now)
    assert now + timedelta(days=6) < clock.due_at < now + timedelta(days=12)
    assert clock.explanation["provisional"] is True
    told = promise_view.explained(clock, RulesByVersion(session, now), now).sentence
    assert "尚未公布" in told.zh and "not published" in told.en
    sla_watch.pause(session, order, "customer-defer", "call 9", "front", now)
    sla_watch.resume(session, order, "front", now + timedelta(days=400))  # another year that nobody knows
    assert clock.due_at > now + timedelta(days=400)
    missing = raise_missing_year(session, now)
    assert missing is not None and str(year) in missing.title_en


def test_a_due_time_is_counted_again_years_later_by_the_calendar_of_its_day(session: Session, now: datetime) -> None:
    order = make_order(session, now, items=[LINE])
    (clock,) = sla_start.start_clock(session, order, now)
    sla_watch.pause(session, order, "customer-defer", "call 9", "front", local("2026-11-25T09:00"))
    sla_watch.resume(session, order, "front", local("2026-11-26T09:00"))
    step = WorkOrder(
        order_id=order.id, item_id=order.items[0].id, element_id="design", type="design_circuit", kind="human",
        name_zh="设计", name_en="Design", area="SH-SH",
    )  # fmt: skip
    session.add(step)
    step.moved_to(WorkOrderState.IN_PROGRESS, local("2026-11-27T15:00"))
    session.flush()
    sla_steps.start_steps(session, local("2026-11-27T15:05"))
    clocks = session.scalars(select(SlaClock).where(SlaClock.order_id == order.id)).all()
    assert {one.kind for one in clocks} == {"promise", "internal"}
    due = {one.id: one.due_at for one in clocks}
    assert due[clock.id] == local("2026-12-01T18:00")

    # Later the same days are said to be free, and the week is another one.
    body = calendars(session)
    free = [{"date": f"2026-11-{day}", "name_zh": "补登", "name_en": "Entered later"} for day in (27, 28, 30)]
    changed = [
        {**row, "weekly": {"mon": [["10:00", "12:00"]]}} if row["counts_holidays"] else row for row in body["calendars"]
    ]
    later = local("2029-03-01T00:00")
    bring_in(session, {**body, "holidays_2026": [*body["holidays_2026"], *free], "calendars": changed}, later)
    asked = local("2033-05-05T12:00")
    known = RulesByVersion(session, asked)
    assert known.now().calendar_version == 2 and rules_at(session, now).calendar_version == 1
    for one in clocks:
        one.stopped_at = local("2026-12-01T09:00")
        assert promise_view.explained(one, known, asked).recounted == due[one.id]
        one.calendar_version = 2
        assert promise_view.explained(one, known, asked).recounted != due[one.id]  # it does depend on the calendar
