"""Clock rows: how one is made, found, paused and counted again; the parts that the verbs of the clocks share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.domain.actors import ENGINE
from app.domain.ordering.order_lifecycle import FINAL, OrderState
from app.domain.promises.sla import Promise, promises, repair_promises
from app.domain.promises.sla_book import Level
from app.domain.promises.sla_clock import Pause, Running, ladder_of
from app.domain.words import Words
from app.persistence.areas import Area
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_versions import Rules, RulesByVersion
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.teamwork.tickets import TroubleTicket

RUNNING: Final = "running"
PAUSED: Final = "paused"
STOPPED: Final = "stopped"
BREACHED: Final = "breached"
COUNTING: Final = (RUNNING, BREACHED)
#: The clocks that count for somebody outside; those of steps are our own business.
OUTWARD: Final = ("promise", "regulator")
#: States of a stop: only the first counts.
IN_FORCE, ASKED, REFUSED, REVOKED = "in_force", "asked", "refused", "revoked"
#: In what explains a promise: something was measured for its item that may be owed for.
MEASURED: Final = "measured"
#: A plan is looked at for the first time when so much of the promise is used, or after ten minutes.
FIRST_LOOK_PERCENT: Final = 5
FIRST_LOOK: Final = timedelta(minutes=10)

Owner = ProductOrder | TroubleTicket


def rules_of(clock: SlaClock, known: RulesByVersion) -> Rules:
    """The rules a clock was started with."""
    return known.of(clock.sla_version, clock.calendar_version)


def ladder(clock: SlaClock, rules: Rules) -> tuple[Level, ...]:
    """The levels of a clock, lowest first."""
    return ladder_of(rules.book.ladders.get(clock.ladder, ()), early=clock.is_early)


def running_clock(clock: SlaClock, rules: Rules) -> Running:
    """The clock as the rules see it: ask it for percent, remaining time and due time."""
    return Running(
        started_at=clock.started_at,
        promised=timedelta(seconds=clock.promised_s),
        calendar=rules.calendars.calendar(clock.calendar, str(clock.explanation.get("area_path", ""))),
        pauses=tuple(
            Pause(from_at=spell.from_at, to_at=spell.to_at) for spell in clock.pauses if spell.state == IN_FORCE
        ),
    )


def new_clock(promise: Promise, rules: Rules, *, area: str, is_early: bool = False) -> SlaClock:
    """A clock that runs against a promise; the caller says whose it is."""
    clock = SlaClock(
        policy=promise.policy,
        kind=promise.kind,
        calendar=promise.calendar,
        ladder=promise.ladder,
        promised_s=ceil(promise.working.total_seconds()),
        started_at=promise.started_at,
        first_due_at=promise.due_at,
        due_at=promise.due_at,
        state=RUNNING,
        paused_s=0,
        last_level=0,
        explanation=promise.as_data(),
        sla_version=rules.sla_version,
        calendar_version=rules.calendar_version,
        is_early=is_early,
        area=area,
    )
    running = running_clock(clock, rules)
    first = next((level for level in ladder(clock, rules)), None)
    looks = [running.reaches(first.percent, promise.started_at)] if first else []
    if promise.kind == "promise":
        soon = running.reaches(FIRST_LOOK_PERCENT, promise.started_at)
        looks.append(min(soon, max(running.calendar.add(promise.started_at, FIRST_LOOK), promise.started_at)))
    clock.next_check_at = min(looks, default=None)
    return clock


def show_latest_promise(order: ProductOrder) -> None:
    given = [item.promised_at for item in order.items if item.promised_at is not None]
    if len(given) == len(order.items) and given:
        order.promised_at = max(given)
        order.expected_at = order.expected_at or order.promised_at


def clocks_of(session: Session, owner: Owner, item_id: str | None) -> list[SlaClock]:
    """The clocks of an order or ticket, or of one item, locked."""
    column = SlaClock.order_id if isinstance(owner, ProductOrder) else SlaClock.ticket_id
    query = select(SlaClock).where(column == owner.id).order_by(SlaClock.id).with_for_update(of=SlaClock)
    query = query.options(selectinload(SlaClock.pauses))
    if item_id is not None:
        query = query.where(SlaClock.item_id == item_id)
    return list(session.scalars(query))


def count_again(clock: SlaClock, owner: Owner | None, rules: Rules, now: datetime) -> None:
    """Say anew what follows from the stops of a clock: its due time, its state, when to look next.

    Levels it has not reached after all no longer hold; that is written down and told to nobody.
    """
    until = clock.stopped_at or now
    running = running_clock(clock, rules)
    clock.paused_s = int(running.paused(until).total_seconds())
    # Without a stop the due time is the one that was promised, to the minute and not to the second of working time.
    clock.due_at = running.due_at(until) if running.stood(until) else clock.first_due_at
    if clock.state != STOPPED:
        stands = any(spell.to_at is None and spell.state == IN_FORCE for spell in clock.pauses)
        clock.state = PAUSED if stands else BREACHED if now > clock.due_at else RUNNING
        open_until = [s.until_at for s in clock.pauses if s.to_at is None and s.state == IN_FORCE and s.until_at]
        clock.next_check_at = min(open_until, default=None) if stands else now
    percent = running.percent(until)
    for alert in clock.alerts:
        if alert.fallen_at is None and alert.cause == "time" and percent + 1e-6 < alert.percent:
            alert.fallen_at = now
            if owner is not None:
                words = Words(f"{alert.percent}% 告警已回落", f"the alarm at {alert.percent} % no longer holds")
                owner.record("clock", words, ENGINE, now, detail={"level": alert.level, "clock": clock.kind})


def promised_again(clock: SlaClock, rules: Rules) -> Promise:
    """What the policy of a clock promises by these rules to who was accepted when it started.

    :raises LookupError: the policy is not among them.
    """
    path = str(clock.explanation.get("area_path", ""))
    book, working = rules.book, rules.calendars
    if clock.ticket_id is not None:
        given = repair_promises(book, working, clock.policy, opened_at=clock.started_at, area_path=path)
    else:
        asked = clock.explanation.get("asked_for")
        given = promises(
            book,
            working,
            clock.policy,
            accepted_at=clock.started_at,
            area_path=path,
            asked_for=datetime.fromisoformat(asked) if asked else None,
        )
    return next(one for one in given if one.kind == clock.kind)


def promised_anew(clock: SlaClock, rules: Rules) -> None:
    """Promise again by other rules what the policy of a clock says; when it started stays.

    :raises LookupError: the policy is not among them.
    """
    promise = promised_again(clock, rules)
    clock.calendar, clock.ladder = promise.calendar, promise.ladder
    clock.promised_s = ceil(promise.working.total_seconds())
    clock.first_due_at = promise.due_at
    clock.explanation = {**clock.explanation, **promise.as_data()}
    clock.sla_version, clock.calendar_version = rules.sla_version, rules.calendar_version


def end_pause(
    clock: SlaClock, rules: Rules, owner: Owner | None, *, ends_at: datetime, now: datetime, who: str
) -> None:
    """The clock runs again from ``ends_at``."""
    for spell in clock.pauses:
        if spell.to_at is None and spell.state == IN_FORCE:
            spell.to_at, spell.ended_by = ends_at, who
    count_again(clock, owner, rules, now)


def carry_due(owner: Owner, clocks: Iterable[SlaClock]) -> None:
    """What is promised now, onto the items and the order."""
    if isinstance(owner, TroubleTicket):
        return
    due = {clock.item_id: clock.due_at for clock in clocks if clock.kind == "promise"}
    for item in owner.items:
        if item.id in due and OrderState(item.state) not in FINAL:
            item.promised_at = due[item.id]
    show_latest_promise(owner)


def path_of(session: Session, area: str) -> str:
    """The path of an area; empty where there is none."""
    return session.scalar(select(Area.path).where(Area.code == area)) or ""
