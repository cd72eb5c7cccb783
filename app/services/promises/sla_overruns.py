"""By how much the promises of an order or ticket were broken, as the clocks say, in the terms of the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.promises.calendar import BUSINESS_CALENDAR, ZONE
from app.domain.promises.compensation import CompensationRule, Due, Overrun, amount_due
from app.domain.promises.measurements import Kind, spells_of_30_days
from app.persistence.counter.customers import InstalledProduct
from app.persistence.ordering.orders import ProductOrder
from app.persistence.products.catalogue import Price
from app.persistence.promises.rule_versions import Rules, RulesByVersion
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.promises.sla_measurements import SlaMeasurement
from app.services.promises.sla_clock_rows import IN_FORCE, MEASURED, OUTWARD, Owner, rules_of


@dataclass(frozen=True)
class Counted:
    """What one rule says about one clock."""

    due: Due
    clock: SlaClock
    late: timedelta


@dataclass(frozen=True)
class Money:
    """What the customer pays for an item: per month, and once for the installation."""

    monthly: Decimal
    install: Decimal


def counted(session: Session, owner: Owner, clocks: Sequence[SlaClock], now: datetime) -> list[Counted]:
    """Every amount that some rule finds for the clocks of an owner that have stopped: they were late, or what was
    measured is not what was agreed."""
    known = RulesByVersion(session, now)
    found = []
    for clock in clocks:
        if clock.kind not in OUTWARD or clock.stopped_at is None:
            continue
        late, rules = max(clock.stopped_at - clock.due_at, timedelta()), rules_of(clock, known)
        overruns: list[Overrun] = []
        if late or clock.explanation.get(MEASURED):
            money = money_of(session, owner, clock)
            overruns += measured_overruns(session, clock, money)
            overruns += [overrun_of(clock, clocks, money, rules, late)] if late else []
        for rule in rules_for(clock, rules) if overruns else ():
            dues = [due for overrun in overruns if (due := amount_due(rule, overrun)) is not None]
            found += [Counted(due, clock, late) for due in dues]
    return found


def rules_for(clock: SlaClock, rules: Rules) -> list[CompensationRule]:
    """The rules of the policy of a clock."""
    book = rules.book
    policy = book.policies.get(clock.policy) or book.ticket_policies.get(clock.policy)
    return [book.compensation[code] for code in policy.compensation] if policy else []


def overrun_of(clock: SlaClock, clocks: Iterable[SlaClock], money: Money, rules: Rules, late: timedelta) -> Overrun:
    """What happened, in the terms of the rules."""
    stopped = clock.stopped_at or clock.due_at
    path = str(clock.explanation.get("area_path", ""))
    told = clock.explanation.get("conditions", ())
    return Overrun(
        clock=clock.kind,
        late=late,
        customer_stops=customer_stops(clock, clocks, rules) if clock.kind == "regulator" else timedelta(),
        working_days_late=working_days(clock.due_at, stopped, rules, path),
        fault=stopped - clock.started_at if clock.ticket_id else timedelta(),
        monthly_cny=money.monthly,
        install_cny=money.install,
        build_told="build_needed" in told,
    )


def customer_stops(clock: SlaClock, clocks: Iterable[SlaClock], rules: Rules) -> timedelta:
    """How long the customer stood in the way: the stops of the promise of the same item for reasons of his."""
    total = timedelta()
    for other in clocks:
        if other.kind == "promise" and other.item_id == clock.item_id:
            for spell in other.pauses:
                listed = rules.book.stop_reasons.get(spell.reason)
                if spell.state == IN_FORCE and spell.to_at and listed is not None and listed.is_customers:
                    total += spell.to_at - spell.from_at
    return total


def working_days(due_at: datetime, ended_at: datetime, rules: Rules, area_path: str) -> int:
    """Working days of which some working time lies between the two instants."""
    calendar = rules.calendars.calendar(BUSINESS_CALENDAR, area_path)
    day, last, days = due_at.astimezone(ZONE).date(), ended_at.astimezone(ZONE).date(), 0
    while day <= last:
        opens = max(datetime.combine(day, time(), ZONE), due_at)
        closes = min(datetime.combine(day + timedelta(days=1), time(), ZONE), ended_at)
        days += closes > opens and calendar.between(opens, closes) > timedelta()
        day += timedelta(days=1)
    return days


def money_of(session: Session, owner: Owner, clock: SlaClock) -> Money:
    """What the customer pays for what the clock is about."""
    if isinstance(owner, ProductOrder):
        item = next((item for item in owner.items if item.id == clock.item_id), None)
        rows: list[Any] = list(item.prices) if item else []
    else:
        query = (
            select(Price.kind, Price.amount_cny)
            .join(InstalledProduct, InstalledProduct.offering == Price.offering)
            .where(InstalledProduct.product_id == owner.product_id)
        )
        rows = [{"kind": row.kind, "amount_cny": row.amount_cny} for row in session.execute(query)]
    return Money(monthly=_sum(rows, "recurring"), install=_sum(rows, "one_off"))


def _sum(rows: Iterable[Any], kind: str) -> Decimal:
    return sum((Decimal(row["amount_cny"]) for row in rows if row["kind"] == kind), Decimal("0.00"))


def measured_overruns(session: Session, clock: SlaClock, money: Money) -> Iterable[Overrun]:
    """What the measurements of the item of a promise say, in the terms of the rules."""
    if clock.kind != "promise" or not clock.explanation.get(MEASURED):
        return
    rows = session.scalars(select(SlaMeasurement).where(SlaMeasurement.item_id == clock.item_id)).all()
    visits = [row for row in rows if row.counts and row.kind == Kind.VISIT]
    slow = [row for row in rows if row.counts and row.kind == Kind.SPEED]
    if visits:
        yield Overrun(clock="appointment", visits_missed=len(visits))
    if slow:
        spells = spells_of_30_days([row.from_at for row in slow])
        yield Overrun(
            clock="measured", speed_mbps=int(max(row.agreed_number for row in slow)), spells_of_30_days=spells
        )
