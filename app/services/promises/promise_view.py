"""Why is it due then: every start, stop, calendar day and rule of a promise, counted anew, and as a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.promises.calendar import ZONE, WorkingCalendar
from app.domain.words import Words
from app.errors import NotFound
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_versions import RulesByVersion
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.scope import scoped
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.promises.sla_clock_rows import IN_FORCE, promised_again, rules_of, running_clock
from app.unit_of_work import read

MOST_DAYS: Final = 400
STATES: Final = {
    "asked": Words("待同意，尚未计入", "waits to be agreed to, does not count yet"),
    "refused": Words("未获同意，不计入", "was refused, does not count"),
    "revoked": Words("已撤销，不计入", "was taken back, does not count"),
}


@dataclass(frozen=True)
class Day:
    """One calendar day between start and due time, with the working time that counted."""

    day: date
    spans: tuple[tuple[str, str], ...]
    worked: timedelta
    note: Words


@dataclass(frozen=True)
class Why:
    """One promise explained. ``recounted`` is the due time counted anew by the rules and calendars of its day."""

    clock: SlaClock
    rules: tuple[Words, ...]
    days: tuple[Day, ...]
    recounted: datetime
    calendar: Words
    sentence: Words


def promises_of(id_or_number: str, actor: Actor, deps: Deps) -> list[Why]:
    """The promises of an order or ticket, explained. :raises NotFound: none of that name in the actor's area."""
    may(actor, "order.view")
    with read(deps.read_sessions) as session:
        owner = _owner_id(session, id_or_number, actor)
        clocks = session.scalars(
            select(SlaClock)
            .where((SlaClock.order_id == owner) | (SlaClock.ticket_id == owner))
            .options(selectinload(SlaClock.pauses), selectinload(SlaClock.alerts))
            .order_by(SlaClock.kind.desc(), SlaClock.id)
        ).all()
        known = RulesByVersion(session, deps.clock(session))
        return [explained(clock, known, deps.clock(session)) for clock in clocks]


def explained(clock: SlaClock, known: RulesByVersion, now: datetime) -> Why:
    """One clock explained."""
    rules = rules_of(clock, known)
    running = running_clock(clock, rules)
    until = clock.stopped_at or now
    # What was promised is worked out again from the policy; stops then move it by the working time they took.
    internal = clock.kind == "internal"
    again = (
        running.calendar.add(clock.started_at, running.promised) if internal else promised_again(clock, rules).due_at
    )
    recounted = running.due_at(until) if running.stood(until) else again
    said = tuple(Words(row["zh"], row["en"]) for row in clock.explanation.get("reasons", ()))
    days = tuple(days_between(running.calendar, clock.started_at, recounted))
    stops = [_stop_words(clock, number, known) for number in range(len(clock.pauses))]
    return Why(
        clock=clock,
        rules=said,
        days=days,
        recounted=recounted,
        calendar=running.calendar.name,
        sentence=_sentence(clock, said, running.calendar, days, stops, recounted),
    )


def days_between(calendar: WorkingCalendar, start: datetime, end: datetime) -> list[Day]:
    """Every calendar day from start to end, with the working time that counts on it."""
    found: list[Day] = []
    day, last = start.astimezone(ZONE).date(), end.astimezone(ZONE).date()
    while day <= last and len(found) < MOST_DAYS:
        opens = max(datetime.combine(day, time(), ZONE), start)
        closes = min(datetime.combine(day + timedelta(days=1), time(), ZONE), end)
        spans = tuple((_clock(first), _clock(past)) for first, past in calendar.hours(day))
        worked = calendar.between(opens, closes) if closes > opens else timedelta()
        found.append(Day(day, spans, worked, note_of(calendar, day)))
        day += timedelta(days=1)
    return found


def note_of(calendar: WorkingCalendar, day: date) -> Words:
    """What is special about a day: a holiday, a day worked instead, an exception of an area; else empty."""
    if day in calendar.overrides:
        works = calendar.overrides[day]
        return Words("本地调整上班", "local: a working day") if works else Words("本地调整休息", "local: a day off")
    if calendar.counts_holidays and day in calendar.holidays.make_up:
        return calendar.holidays.make_up[day]
    if calendar.counts_holidays and day in calendar.holidays.off:
        return calendar.holidays.off[day]
    return Words("", "")


def _stop_words(clock: SlaClock, number: int, known: RulesByVersion) -> Words:
    spell = clock.pauses[number]
    listed = known.now().book.stop_reasons.get(spell.reason)
    name = listed.name if listed else Words(spell.reason, spell.reason)
    begins = _moment(spell.from_at)
    ends = _moment(spell.to_at) if spell.to_at else None
    state = STATES.get(spell.state, Words("", ""))
    zh = f"{begins} 至 {ends or '现在'} 因“{name.zh}”停表{'（' + state.zh + '）' if state.zh else ''}"
    en = f"stopped from {begins} to {ends or 'now'}: {name.en}{' (' + state.en + ')' if state.en else ''}"
    return Words(zh, en)


def _sentence(
    clock: SlaClock,
    said: tuple[Words, ...],
    calendar: WorkingCalendar,
    days: tuple[Day, ...],
    stops: list[Words],
    recounted: datetime,
) -> Words:
    off = [day for day in days if not day.spans and day.note.zh]
    extra = [day for day in days if day.spans and day.note.zh]
    stood = timedelta(seconds=clock.paused_s)
    zh = [f"{_moment(clock.started_at)} 开始计时", *(one.zh for one in said), f"日历：{calendar.name.zh}"]
    en = [f"It began {_moment(clock.started_at)}", *(one.en for one in said), f"calendar: {calendar.name.en}"]
    if off:
        zh.append("其间放假：" + "、".join(f"{day.day:%m-%d} {day.note.zh}" for day in off))
        en.append("days off: " + ", ".join(f"{day.day:%m-%d} {day.note.en}" for day in off))
    if extra:
        zh.append("调休上班：" + "、".join(f"{day.day:%m-%d}" for day in extra))
        en.append("worked instead: " + ", ".join(f"{day.day:%m-%d}" for day in extra))
    zh += [stop.zh for stop in stops]
    en += [stop.en for stop in stops]
    if any(spell.state == IN_FORCE for spell in clock.pauses):
        zh.append(f"停表共计工作时间 {stood}")
        en.append(f"working time it stood still in all: {stood}")
    zh.append(f"因此到期 {_moment(recounted)}")
    en.append(f"so it is due {_moment(recounted)}")
    return Words("；".join(zh) + "。", "; ".join(en) + ".")


def _owner_id(session: Session, id_or_number: str, actor: Actor) -> str:
    for entity in (ProductOrder, TroubleTicket):
        query = scoped(select(entity.id), entity, actor)
        found = session.scalar(query.where((entity.id == id_or_number) | (entity.number == id_or_number)))
        if found is not None:
            return str(found)
    raise NotFound()


def _moment(instant: datetime) -> str:
    return instant.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
