"""Starting SLA clocks: what is promised for the items of an order, or for the repair of a fault.

Everything here works in the transaction of the caller.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actors import ENGINE
from app.domain.ordering.order_lifecycle import OPEN
from app.domain.promises.sla import Case, Promise, conditions_of, promises, repair_promises
from app.domain.promises.sla_book import NoPolicy
from app.domain.promises.sla_clock import is_early
from app.domain.words import Words
from app.persistence.counter.customers import Address, Customer, InstalledProduct
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.promises.rule_versions import Rules, rules_at
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.promises.sla_choice import order_policy, repair_policy
from app.services.promises.sla_clock_rows import new_clock, path_of, show_latest_promise

AT_ONCE: Final = 50
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Known:
    """What the promises of an order depend on beside its items: read once for all of them. By code of address and
    by number of product: the class of the area, and what an installed product is like."""

    area_path: str
    tier: str | None
    area_classes: Mapping[str, str]
    present: Mapping[str, Mapping[str, Any]]
    segment: str | None = None


def known_of(session: Session, order: ProductOrder) -> Known:
    """Read customer, addresses and installed products of an order."""
    address_codes = {item.address_code for item in order.items if item.address_code is not None}
    product_ids = {item.product_id for item in order.items if item.product_id is not None}
    addresses = select(Address.code, Address.area_class).where(Address.code.in_(address_codes))
    installed = select(InstalledProduct.product_id, InstalledProduct.characteristics).where(
        InstalledProduct.product_id.in_(product_ids)
    )
    customer = session.execute(
        select(Customer.tier, Customer.segment).where(Customer.customer_no == order.customer_no)
    ).one_or_none()
    return Known(
        area_path=path_of(session, order.area),
        tier=customer.tier if customer else None,
        segment=customer.segment if customer else None,
        area_classes={row.code: row.area_class for row in session.execute(addresses)} if address_codes else {},
        present={row.product_id: row.characteristics for row in session.execute(installed)} if product_ids else {},
    )


def case_of(known: Known, item: ProductOrderItem, *, conditions: Iterable[str] = ()) -> Case:
    """What the promise for an item depends on.

    :param conditions: what else is known, such as ``build_needed`` from the feasibility check.
    """
    areas = {place["area"] for place in item.places if "area" in place}
    present = known.present.get(item.product_id or "")
    found = conditions_of(item.order_type, item.characteristics, present=present, areas=areas)
    return Case(
        product=item.product,
        order_type=item.order_type,
        tier=known.tier or "standard",
        area_class=known.area_classes.get(item.address_code or "") or "urban",
        grade=str(item.characteristics.get("service_grade", "normal")),
        conditions=found | frozenset(conditions),
    )


def start_due(session: Session, now: datetime, *, limit: int = AT_ONCE) -> int:
    """Start the clocks of open orders whose wanted date has come; returns how many orders got some.

    One for which there is no policy is left as it is, and said.
    """
    due = (
        select(ProductOrder)
        .where(
            ProductOrder.state.in_([state.value for state in OPEN]),
            ProductOrder.promised_at.is_(None),
            ProductOrder.requested_start_date <= now,
        )
        .order_by(ProductOrder.requested_start_date)
        .limit(limit)
        .with_for_update(skip_locked=True, of=ProductOrder)
    )
    started = 0
    for order in session.scalars(due).all():
        try:
            started += bool(start_clock(session, order, now))
        except LookupError as problem:
            log.warning("no clock for order %s: %s", order.number, problem)
    return started


def start_clock(
    session: Session,
    order: ProductOrder,
    now: datetime,
    *,
    conditions: Mapping[str, Iterable[str]] | None = None,
    known: Known | None = None,
) -> list[SlaClock]:
    """Start the promise clock, and the regulator's where there is one, of every item that has none yet.

    Sets ``promised_at`` of items and order; the order shows the latest. An order for a future date gets no promise
    until that date: call again when it has come.

    :param now: the second of acceptance, aware UTC.
    :param conditions: special conditions by item number, such as ``build_needed``.
    :param known: what the caller has read of it already.
    :raises NoPolicy: there is none for an item.
    """
    return start_clocks(session, [(order, known)], now, conditions=conditions)


def start_clocks(
    session: Session,
    orders: Sequence[tuple[ProductOrder, Known | None]],
    now: datetime,
    *,
    conditions: Mapping[str, Iterable[str]] | None = None,
) -> list[SlaClock]:
    """The same for several orders at once, each with what is known of it.

    :param conditions: special conditions by item number; of a single order.
    """
    due = [
        (order, known)
        for order, known in orders
        if not (order.requested_start_date is not None and order.requested_start_date > now)
        and any(item.promised_at is None for item in order.items)
    ]
    if not due:
        return []
    with session.no_autoflush:  # the clocks are written when their orders are
        rules = rules_at(session, now)
        started = {
            order: _clocks_of(session, order, known or known_of(session, order), rules, now, conditions or {})
            for order, known in due
        }
    if any(started.values()):
        session.flush()  # a clock points at its item, which may be new
    for order, clocks in started.items():
        if not clocks:
            continue
        session.add_all(clocks)
        order.record(
            "clock",
            Words("时限开始计时", "The clocks start"),
            ENGINE,
            now,
            detail={"due_at": order.promised_at.isoformat() if order.promised_at else None},
        )
    return [clock for clocks in started.values() for clock in clocks]


def _clocks_of(
    session: Session,
    order: ProductOrder,
    known: Known,
    rules: Rules,
    now: datetime,
    conditions: Mapping[str, Iterable[str]],
) -> list[SlaClock]:
    """The clocks of the items that have none yet; items and order are told what is promised."""
    waiting = [item for item in order.items if item.promised_at is None]
    policies = {}
    for item in waiting:
        case = case_of(known, item, conditions=conditions.get(item.item_no, ()))
        try:
            policy = rules.book.policy(order_policy(session, case, now)).code
        except NoPolicy as missing:
            raise NoPolicy(str(missing), item.position) from missing
        policies[item.item_no] = (policy, sorted(case.conditions))
    started: list[SlaClock] = []
    for item in waiting:
        policy, told = policies[item.item_no]
        asked = order.requested_completion_date
        given = promises(
            rules.book, rules.calendars, policy, accepted_at=now, area_path=known.area_path, asked_for=asked
        )
        for promise in given:
            early = is_early(rules.book.ladders.get(promise.ladder, ()), known.tier, known.segment)
            clock = new_clock(promise, rules, area=order.area, is_early=early)
            clock.explanation = {
                **clock.explanation,
                "conditions": told,
                "asked_for": asked.isoformat() if asked is not None else None,
            }
            clock.order_id, clock.item_id = order.id, item.id
            started.append(clock)
            if promise.kind == "promise":
                item.sla_policy, item.promised_at = promise.policy, promise.due_at
    show_latest_promise(order)
    return started


def start_ticket_clock(session: Session, ticket: TroubleTicket, now: datetime) -> list[SlaClock]:
    """Start the repair clocks of a trouble ticket; none when it has some.

    :raises LookupError: there is no repair policy.
    """
    if session.scalar(select(SlaClock.id).where(SlaClock.ticket_id == ticket.id).limit(1)) is not None:
        return []
    rules = rules_at(session, now)
    path = path_of(session, ticket.area)
    tier = session.scalar(select(Customer.tier).where(Customer.customer_no == ticket.customer_no))
    area_class = session.scalar(select(Address.area_class).where(Address.code == ticket.address_code))
    installed = session.execute(
        select(InstalledProduct.product, InstalledProduct.characteristics).where(
            InstalledProduct.product_id == ticket.product_id
        )
    ).one_or_none()
    case = Case(
        product=ticket.product or (installed.product if installed else "ftth_broadband"),
        order_type="repair",
        tier=tier or "standard",
        area_class=area_class or "urban",
        grade=str((installed.characteristics if installed else {}).get("service_grade", "normal")),
    )
    clocks = []
    policy = repair_policy(session, ticket.ticket_type, case, now)
    for promise in repair_promises(rules.book, rules.calendars, policy, opened_at=now, area_path=path):
        early = is_early(rules.book.ladders.get(promise.ladder, ()), tier, None)
        clock = new_clock(promise, rules, area=ticket.area, is_early=early)
        clock.ticket_id = ticket.id
        session.add(clock)
        clocks.append(clock)
    return clocks


def quote_promise(session: Session, case: Case, *, area: str, at: datetime) -> list[Promise]:
    """The promises an item would get if it were accepted at ``at``; nothing is stored.

    :raises LookupError: there is no policy for it.
    """
    rules, policy = rules_at(session, at), order_policy(session, case, at)
    return promises(rules.book, rules.calendars, policy, accepted_at=at, area_path=path_of(session, area))
