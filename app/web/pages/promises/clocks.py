"""Promises as cells and panels. Lists say time on the wall; only the panel of one order says working time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE, Calendars, WorkingCalendar
from app.domain.promises.sla import Running, SlaBook
from app.persistence.promises.rule_versions import RulesByVersion
from app.persistence.promises.sla_clocks import SlaClock
from app.services.promises.sla_clock_rows import IN_FORCE, ladder, rules_of, running_clock
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.time_scale import Spell
from app.web.views.order_page import SlaPanel
from app.web.views.parts import Pair, SlaCell, Tag

CELL_PX: Final = 72
PANEL_PX: Final = 334
RISK_PERCENT: Final = 75
#: The calendar whose days have no breaks.
ROUND_THE_CLOCK: Final = "calendar_days"


def deciding_clock(clocks: Sequence[SlaClock]) -> SlaClock | None:
    """The promise clock that ends last: it is the promise of the whole order."""
    promised = [clock for clock in clocks if clock.kind == "promise"]
    return max(promised, key=lambda clock: (clock.due_at, clock.id), default=None)


def is_paused(clocks: Sequence[SlaClock]) -> bool:
    """Whether a promise clock stands still now."""
    return any(clock.kind == "promise" and clock.state == "paused" for clock in clocks)


def paused_for(clocks: Sequence[SlaClock], now: datetime) -> timedelta:
    """How long the deciding clock has stood still, on the wall."""
    clock = deciding_clock(clocks)
    if clock is None:
        return timedelta()
    stood = [spell for spell in clock.pauses if spell.state == IN_FORCE]
    return sum(((spell.to_at or now) - spell.from_at for spell in stood), timedelta())


def sla_cell(
    clocks: Sequence[SlaClock],
    reader: Reader,
    *,
    promised_at: datetime | None,
    ended_at: datetime | None = None,
    is_final: bool = False,
    is_cancelled: bool = False,
) -> SlaCell:
    """Time left of a promise, or how it ended."""
    t, f = reader.t, reader.f
    if is_cancelled:
        return SlaCell("–", "held")
    if promised_at is None:
        return SlaCell(t("no promise") if not is_final else "–", "held")
    title = t("promised for {time}", time=f.full(promised_at))
    if is_final:
        if ended_at is None or ended_at <= promised_at:
            return SlaCell(t("kept"), "", "done", title=title)
        return SlaCell(t("broken by {span}", span=f.span(ended_at - promised_at)), "late", "alert", CELL_PX, title)
    clock = deciding_clock(clocks)
    started = clock.started_at if clock else reader.now
    if is_paused(clocks):
        span = f.span(paused_for(clocks, reader.now))
        return SlaCell(t("held {span}", span=span), "held", "pause", _used_px(started, promised_at, reader.now), title)
    left = promised_at - reader.now
    if left < timedelta():
        return SlaCell(t.about("sla", "{span} late", span=f.span(left)), "late", "alert", CELL_PX, title)
    used = _used_px(started, promised_at, reader.now)
    at_risk = used * 100 >= RISK_PERCENT * CELL_PX or (clock is not None and clock.last_level >= RISK_PERCENT)
    words = t("{span} left", span=f.span(left))
    return SlaCell(words, "risk" if at_risk else "", "clock" if at_risk else "", used, title)


def due_cell(due_at: datetime | None, since: datetime, reader: Reader, *, is_paused: bool = False) -> SlaCell:
    """Time left of a single step; steps without a due time show a dash."""
    if due_at is None:
        return SlaCell("–", "held")
    t, f = reader.t, reader.f
    left = due_at - reader.now
    if is_paused:
        return SlaCell(t("held {span}", span=f.span(reader.now - since)), "held", "pause")
    if left < timedelta():
        return SlaCell(t.about("sla", "{span} late", span=f.span(left)), "late", "alert", CELL_PX, f.full(due_at))
    used = _used_px(since, due_at, reader.now)
    at_risk = used * 100 >= RISK_PERCENT * CELL_PX
    tone, icon = ("risk", "clock") if at_risk else ("", "")
    return SlaCell(t("{span} left", span=f.span(left)), tone, icon, used, f.full(due_at))


def _used_px(start: datetime, end: datetime, now: datetime) -> int:
    if end <= start:
        return CELL_PX
    return round(CELL_PX * min(max((now - start) / (end - start), 0.0), 1.0))


def working_spells(
    clock: SlaClock | None, calendars: Calendars, path: str, start: datetime, end: datetime
) -> list[Spell]:
    """The working time between two instants, spells that touch joined; empty when nobody said which calendar."""
    if clock is None:
        return []
    calendar = calendars.calendar(clock.calendar, path)
    found: list[Spell] = []
    for opens, closes in _daily(calendar, start, end):
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], closes)
        else:
            found.append((opens, closes))
    return found


def _daily(calendar: WorkingCalendar, start: datetime, end: datetime) -> list[Spell]:
    from_day = start.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    days = (end.astimezone(ZONE) - from_day).days + 1
    spells = []
    for number in range(days):
        midnight = from_day + timedelta(days=number)
        spells += [
            (midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes))
            for opens, closes in calendar.hours(midnight.date())
        ]
    return spells


class Clockwork:
    """The SLA rules of one page: the running clock of an order and the panel that explains it."""

    def __init__(self, session: Session, reader: Reader, names: Names) -> None:
        self._session = session
        self._reader = reader
        self._names = names
        self._rules = RulesByVersion(session, reader.now)
        today = self._rules.now()
        self.calendars: Calendars = today.calendars
        self.book: SlaBook = today.book

    def running(self, clock: SlaClock) -> Running:
        """The clock as the rules it was started with see it."""
        return running_clock(clock, rules_of(clock, self._rules))

    def panel(self, clock: SlaClock, *, is_cancelled: bool = False) -> SlaPanel:
        """How the promise came about, how much of it is used, and what stopped the clock."""
        reader, t, f = self._reader, self._reader.t, self._reader.f
        running = self.running(clock)
        until = clock.stopped_at or reader.now
        used, whole = running.used(until), running.promised
        levels = ladder(clock, rules_of(clock, self._rules))
        marks = [level.percent for level in levels if level.percent < 100]
        share = min(used / whole, 1.0) if whole else 1.0
        return SlaPanel(
            state=Tag(reader.t("no longer counts"), "slash") if is_cancelled else self._state(clock, running, until),
            summary=t(
                "{used} of {whole} used, alerts at {marks} %",
                used=f.working(used),
                whole=f.working(whole),
                marks=", ".join(str(mark) for mark in marks),
            ),
            used_px=round(PANEL_PX * share, 1),
            used_label=t("used {span}", span=f.working(used)),
            marks=tuple((round(PANEL_PX * mark / 100, 1), f"{mark}%") for mark in marks if mark > 50),
            rows=tuple(self._rows(clock, running, until)),
        )

    def _state(self, clock: SlaClock, running: Running, until: datetime) -> Tag:
        t = self._reader.t
        if clock.state == "paused":
            return Tag(t("Paused"), "pause", "")
        percent = running.percent(until)
        if percent > 100:
            return Tag(t("Late"), "alert", "bad")
        if percent >= RISK_PERCENT and clock.state != "stopped":
            return Tag(t("At risk"), "clock", "warn")
        return Tag(t("On time"), "done", "ok")

    def _rows(self, clock: SlaClock, running: Running, until: datetime) -> list[Pair]:
        t, f = self._reader.t, self._reader.f
        calendar = self.calendars.by_code[clock.calendar]
        rows = [Pair(t("Start"), f.moment(clock.started_at))]
        for reason in clock.explanation.get("reasons", ()):
            rows.append(Pair(t("Rule"), str(reason.get("en" if self._reader.language == "en" else "zh", ""))))
        rows.append(Pair(t("Calendar"), self._reader.words(calendar.name)))
        for spell in (spell for spell in clock.pauses if spell.state == IN_FORCE):
            end = f.clock(spell.to_at) if spell.to_at else t("till now")
            who = self._names.person(spell.who)
            listed = self.book.stop_reasons.get(spell.reason)
            why = self._reader.words(listed.name) if listed else spell.reason
            rows.append(Pair(t("Paused"), f"{f.moment(spell.from_at)}–{end} · {why} · {who}"))
        rows.append(Pair(t("Promise"), self._promise(clock)))
        if clock.state != "stopped":
            left = running.remaining(until)
            words = f.working(left) if left >= timedelta() else t.about("sla", "{span} late", span=f.working(left))
            # A calendar without breaks has no other time than working time.
            never_rests = clock.calendar == ROUND_THE_CLOCK
            rows.append(Pair(t("Left"), words if never_rests else t("working time {span}", span=words)))
        return rows

    def _promise(self, clock: SlaClock) -> str:
        f = self._reader.f
        if not clock.paused_s:
            return f.promise(clock.due_at)
        return self._reader.t(
            "first {first}, plus {paused} paused = {due}",
            first=f.moment(clock.first_due_at),
            paused=f.working(timedelta(seconds=clock.paused_s)),
            due=f.moment(clock.due_at),
        )
