"""I8: of every promise each level that was reached is alarmed exactly once, and none before its time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Text, func, select, type_coerce
from sqlalchemy.orm import selectinload

from app.domain.ordering.order_lifecycle import OPEN
from app.domain.promises.sla_book import Level
from app.persistence.audit import OrderEvent
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.promises.rule_versions import RulesByVersion
from app.persistence.promises.sla_clocks import JeopardyAlert, SlaClock
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.promises.sla_clock_rows import COUNTING, STOPPED, ladder, rules_of, running_clock
from processes.invariants import Look, Violation
from processes.invariants.look import TOLERANCE, batches

RULE: Final = "I8"
AT_ONCE: Final = 200
#: Working time is counted in whole seconds.
ROUNDING: Final = 0.01


def alarms(look: Look) -> Iterator[Violation]:
    """Every clock with its alarms: each level reached has one, none came too early, none after the clock stopped."""
    if look.session.scalar(select(SlaClock.id).limit(1)) is None:
        return
    rules = RulesByVersion(look.session, look.now)
    ids = (row.id for row in look.stream(select(SlaClock.id)))
    for piece in batches(ids, AT_ONCE):
        with_all = select(SlaClock).options(selectinload(SlaClock.pauses), selectinload(SlaClock.alerts))
        clocks = look.session.scalars(with_all.where(SlaClock.id.in_(piece))).all()
        names = _names(look, clocks)
        look.saw(RULE, "clocks", len(clocks))
        for clock in clocks:
            look.saw(RULE, "alarms", len(clock.alerts))
            for text in _wrong(clock, rules, look.now):
                yield Violation(RULE, names[clock.id], f"{clock.kind} clock {clock.policy}: {text}")
        yield from _said_otherwise(look, clocks, names)
        look.session.expunge_all()


def _names(look: Look, clocks: Sequence[SlaClock]) -> Mapping[str, str]:
    orders = select(ProductOrder.id, ProductOrder.number).where(ProductOrder.id.in_([one.order_id for one in clocks]))
    tickets = select(TroubleTicket.id, TroubleTicket.number).where(
        TroubleTicket.id.in_([one.ticket_id for one in clocks])
    )
    found = {row.id: row.number for query in (orders, tickets) for row in look.session.execute(query)}
    return {one.id: found.get(one.order_id or one.ticket_id, one.id) for one in clocks}


def _wrong(clock: SlaClock, known: RulesByVersion, now: datetime) -> Iterator[str]:
    rules = rules_of(clock, known)
    if clock.ladder not in rules.book.ladders:
        yield f"there is no ladder {clock.ladder}"
        return
    levels, running = ladder(clock, rules), running_clock(clock, rules)
    holding = [alert for alert in clock.alerts if alert.fallen_at is None]
    for alert in clock.alerts:
        if alert.at > now:
            yield f"level {alert.level} is alarmed at {alert.at:%F %T}, which is to come"
        elif clock.stopped_at is not None and alert.at > clock.stopped_at + TOLERANCE:
            yield f"level {alert.level} was alarmed after the clock had stopped"
    for alert in holding:
        if alert.cause == "time" and running.percent(alert.at) + ROUNDING < alert.percent:
            yield f"level {alert.level} was alarmed at {alert.percent} %, with {running.percent(alert.at):.1f} % used"
    for number, times in Counter(alert.level for alert in holding if alert.cause != "repeat").items():
        if times > 1:
            yield f"level {number} was alarmed {times} times"
    raised = {alert.level for alert in holding}
    until = (clock.stopped_at or now) - TOLERANCE
    due = _due(clock, levels, raised, until)
    passed = [level for level in levels if running.passed_at(level.percent, until)] if due else []
    for level in due:
        if level in passed:
            yield f"level {level.level} was reached before {until:%F %T} and nobody was alarmed"
    if clock.state in COUNTING and clock.next_check_at is None and len(raised) < len(levels):
        yield f"it is {clock.state}, has levels to come, and nobody will look at it again"


def _due(clock: SlaClock, ladder: Sequence[Level], raised: set[int], until: datetime) -> list[Level]:
    """The levels without alarm that can have been reached: working time never runs faster than the clock."""
    elapsed = (until - clock.started_at).total_seconds()
    return [
        level for level in ladder if level.level not in raised and elapsed >= clock.promised_s * level.percent / 100
    ]


def _said_otherwise(look: Look, clocks: Sequence[SlaClock], names: Mapping[str, str]) -> Iterator[Violation]:
    """The history tells of as many alarms as there are."""
    for column, attribute in ((OrderEvent.order_id, "order_id"), (OrderEvent.ticket_id, "ticket_id")):
        owners = {getattr(clock, attribute) for clock in clocks} - {None}
        told: dict[tuple[Any, str, int], int] = defaultdict(int)
        lines = select(column, type_coerce(OrderEvent.detail, Text)).where(
            column.in_(owners), OrderEvent.kind == "jeopardy"
        )
        for owner, detail in look.session.execute(lines):
            facts = orjson.loads(detail)
            told[owner, facts.get("clock"), facts.get("level")] += 1
        of_owner = getattr(SlaClock, attribute)
        rung = (
            select(of_owner, SlaClock.kind, JeopardyAlert.level, func.count())
            .join(JeopardyAlert, JeopardyAlert.clock_id == SlaClock.id)
            .where(of_owner.in_(owners))
            .group_by(of_owner, SlaClock.kind, JeopardyAlert.level)
        )
        counted = {(owner, kind, level): times for owner, kind, level, times in look.session.execute(rung)}
        shown = {getattr(clock, attribute): names[clock.id] for clock in clocks}
        for key in {**counted, **told}:
            if counted.get(key, 0) != told.get(key, 0):
                text = f"level {key[2]} of its {key[1]} clock: {counted.get(key, 0)} alarms, {told.get(key, 0)} lines"
                yield Violation(RULE, shown[key[0]], text)


def promises_nobody_counts(look: Look) -> Iterator[Violation]:
    """An open order whose date has come has a promise clock for every item."""
    clocks = select(SlaClock.id).where(SlaClock.item_id == ProductOrderItem.id, SlaClock.kind == "promise")
    rows = (
        select(ProductOrder.number, ProductOrderItem.item_no)
        .join(ProductOrderItem, ProductOrderItem.order_id == ProductOrder.id)
        .where(ProductOrder.state.in_([state.value for state in OPEN]), ~clocks.exists())
        .where(func.coalesce(ProductOrder.requested_start_date, ProductOrder.ordered_at) < look.now - TOLERANCE)
    )
    for row in look.stream(rows):
        yield Violation(RULE, row.number, f"no clock counts the time promised for item {row.item_no}")


def clocks_left_running(look: Look) -> Iterator[Violation]:
    """A clock stops with its order: its alarms would ring for nobody."""
    rows = (
        select(ProductOrder.number, ProductOrder.state, SlaClock.kind)
        .join(SlaClock, SlaClock.order_id == ProductOrder.id)
        .where(ProductOrder.state.not_in([state.value for state in OPEN]), SlaClock.state != STOPPED)
        .where(ProductOrder.completed_at < look.now - TOLERANCE, SlaClock.next_check_at < look.now - TOLERANCE)
    )
    for row in look.stream(rows):
        yield Violation(RULE, row.number, f"the order is {row.state}, but its {row.kind} clock was never stopped")
