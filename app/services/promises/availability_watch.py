"""How much of last month a product worked: counted once, and paid for where it is less than agreed.

Everything here works in the transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from app.domain.actors import ENGINE
from app.domain.promises.calendar import ZONE
from app.domain.promises.compensation import CompensationRule, Due, Overrun, amount_due
from app.domain.promises.compensation_lifecycle import CompensationState
from app.domain.promises.measurements import Kind, Span, availability
from app.domain.promises.ticket_lifecycle import TicketState
from app.persistence.counter.customers import InstalledProduct
from app.persistence.products.catalogue import Price, RuleBook
from app.persistence.promises.compensations import Compensation
from app.persistence.promises.rule_versions import Rules, rules_at
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.promises.sla_measurements import SlaMeasurement
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.promises.sla_clock_rows import IN_FORCE

#: The rule book that says which month was counted last.
BOOK: Final = "measured_month"
BY_STEP: Final = "percent_of_month_by_step"


def measure_last_month(session: Session, now: datetime) -> list[SlaMeasurement]:
    """Count the month that is over, once: every product with a fault in it for which availability is agreed."""
    month = last_month(now)
    name = month[0].astimezone(ZONE).strftime("%Y-%m")
    book = session.get(RuleBook, BOOK)
    if book is not None and book.body["month"] >= name:
        return []
    if book is None:
        session.add(RuleBook(code=BOOK, body={"month": name}))
    else:
        book.body = {"month": name}
    rules = rules_at(session, now)
    by_product = {
        product: rule for rule in rules.book.compensation.values() if rule.kind == BY_STEP for product in rule.products
    }
    faults: dict[str, list[TroubleTicket]] = {}
    for ticket in _faults(session, month):
        faults.setdefault(str(ticket.product_id), []).append(ticket)
    return [
        _measured(session, product, faults[product.product_id], month, by_product[product.product], rules, now)
        for product in _products(session, faults, by_product)
    ]


def last_month(now: datetime) -> Span:
    """The month before that of ``now``, by the calendar of China."""
    ends = datetime.combine(now.astimezone(ZONE).date().replace(day=1), time(), ZONE)
    return (ends - timedelta(days=1)).replace(day=1), ends


def _faults(session: Session, month: Span) -> Iterable[TroubleTicket]:
    return session.scalars(
        select(TroubleTicket)
        .where(
            TroubleTicket.ticket_type == "fault",
            TroubleTicket.product_id.is_not(None),
            TroubleTicket.state != TicketState.REJECTED,
            TroubleTicket.opened_at < month[1],
            or_(TroubleTicket.resolved_at.is_(None), TroubleTicket.resolved_at > month[0]),
        )
        .options(selectinload(TroubleTicket.clocks).selectinload(SlaClock.pauses))
        .order_by(TroubleTicket.opened_at)
    )


def _products(session: Session, faults: Iterable[str], agreed: Iterable[str]) -> Iterable[InstalledProduct]:
    query = select(InstalledProduct).where(InstalledProduct.product_id.in_(list(faults)))
    query = query.where(InstalledProduct.product.in_(list(agreed)))
    return session.scalars(query.order_by(InstalledProduct.product_id)).all()


def _measured(
    session: Session,
    product: InstalledProduct,
    tickets: list[TroubleTicket],
    month: Span,
    rule: CompensationRule,
    rules: Rules,
    now: datetime,
) -> SlaMeasurement:
    outages = [(ticket.opened_at, ticket.resolved_at or month[1]) for ticket in tickets]
    clocks = [clock for ticket in tickets for clock in ticket.clocks if clock.kind == "promise"]
    stops = [
        (spell.from_at, spell.to_at or month[1])
        for clock in clocks
        for spell in clock.pauses
        if spell.state == IN_FORCE
    ]
    worked, agreed = availability(month, outages, stops), max(at_least for at_least, _ in rule.steps)
    row = SlaMeasurement(
        kind=Kind.AVAILABILITY,
        product_id=product.product_id,
        agreed=f"{agreed}",
        measured=f"{worked}",
        broken=worked < agreed,
        from_at=month[0],
        to_at=month[1],
        evidence=", ".join(ticket.number for ticket in tickets)[:500],
        exclusion="",
        who=ENGINE,
        at=now,
        area=product.area,
    )
    session.add(row)
    session.flush()
    overrun = Overrun(clock="measured", availability=worked, monthly_cny=_rent(session, product))
    due = amount_due(rule, overrun) if row.counts else None
    if due is not None:
        session.add(_proposed(row, due, product, rules, now))
    return row


def _rent(session: Session, product: InstalledProduct) -> Decimal:
    query = select(Price.amount_cny).where(Price.offering == product.offering, Price.kind == "recurring")
    return sum((Decimal(amount) for amount in session.scalars(query)), Decimal("0.00"))


def _proposed(row: SlaMeasurement, due: Due, product: InstalledProduct, rules: Rules, now: datetime) -> Compensation:
    proposed = Compensation(
        owner_id=row.id,
        group_code=due.rule.group,
        nth=1,
        rule=due.rule.code,
        amount_cny=f"{due.amount:.2f}",
        account_no=product.account_no,
        basis=[
            {
                "rule": due.rule.code,
                "name_zh": due.rule.name.zh,
                "name_en": due.rule.name.en,
                "clock": due.rule.clock,
                "product_id": product.product_id,
                "amount_cny": f"{due.amount:.2f}",
                "why_zh": due.why.zh,
                "why_en": due.why.en,
            }
        ],
        sla_version=rules.sla_version,
        proposed_at=now,
        payout_due_at=now + due.rule.payout,
        charged_area=product.area,
        area=product.area,
        state=CompensationState.PROPOSED,
    )
    if due.amount <= rules.book.automatic_up_to:
        proposed.move_to(CompensationState.APPROVED, now)
        proposed.decided_by, proposed.decided_at = ENGINE, now
    return proposed
