"""What has to come of ninety days of orders, computed plainly: a table of open minutes, every clock at every tick.

It shares no code with the product. From the data of the product it reads calendars and the usual times of steps; what
is promised for which kind of order, the levels and what an overrun costs are written down here once more.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import yaml

from tests.persistence.ninety_days import BEGIN, Story

DATA = Path(__file__).resolve().parents[2] / "app" / "seed" / "data"
TICK_M = 10
DAY_M = 1440
HORIZON = 500
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: kind of order -> promise, limit of the regulator, calendar; "16" is the rule of 16 o'clock, "5d" working days
PROMISED = {
    ("ftth_broadband", "install", "standard", "urban"): ("16", "16d", "calendar_days"),
    ("ftth_broadband", "install", "standard", "rural"): ("72", "20d", "calendar_days"),
    ("home_bundle", "move", "gold", "rural"): ("16", "16d", "calendar_days"),
    ("iptv", "install", "platinum", "urban"): ("16", "16d", "calendar_days"),
    ("fixed_voice", "change", "standard", "urban"): ("24", "5d", "calendar_days"),
    ("ftth_broadband", "resume", "standard", "urban"): ("2", "48", "calendar_days"),
    ("mobile_line", "change", "standard", "urban"): ("1", "24", "calendar_days"),
    ("leased_line_local", "install", "standard", "urban"): ("5d", None, "office_5x8"),
    ("leased_line_local", "install", "platinum", "urban"): ("4d", None, "office_5x8"),
    ("leased_line_national", "move", "gold", "urban"): ("12d", None, "office_5x8"),
    ("sd_wan", "change", "standard", "urban"): ("2d", None, "office_5x8"),
}
LADDER = {0: 50, 1: 75, 2: 90, 3: 100, 4: 150}
STEP_LADDER = {0: 75, 1: 100}
QUIET_H = {0: 0, 1: 4, 2: 2, 3: 4, 4: 24}

Alarm = tuple[int, str, int, str, int, bool, int]  # order, clock, level, cause, nth, told, tick


@cache
def _load(name: str) -> Any:
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def open_minutes(code: str) -> list[int]:
    """How many minutes were open up to each minute from the beginning."""
    data = _load("calendars")
    rows = {row["code"]: row for row in data["calendars"]}
    off = {row["date"] for row in (*data["holidays_2026"], *data["provisional_holidays_2027"])}
    extra = {row["date"] for row in data["makeup_working_days_2026"]}
    found: list[int] = []
    for number in range(HORIZON):
        day = BEGIN.date() + timedelta(days=number)
        found += _day(rows[code], day, off, extra)
    return [0, *accumulate(found)]


def _day(row: dict[str, Any], day: date, off: set[str], extra: set[str]) -> list[int]:
    text, name = day.isoformat(), WEEK[day.weekday()]
    if row["counts_holidays"] and text in extra:
        name = row["makeup_days_as"]
    elif (row["counts_holidays"] and text in off) or text in row.get("closed_dates", ()):
        return [0] * DAY_M
    minutes = [0] * DAY_M
    for opens, closes in row["weekly"].get(name, ()):
        first, last = (int(part[:2]) * 60 + int(part[3:]) for part in (opens, closes))
        minutes[first:last] = [1] * (last - first)
    return minutes


def later(code: str | None, start: float, length: float) -> float:
    """The minute at which so many open minutes have passed."""
    if code is None or length == 0:
        return start + length
    table = open_minutes(code)
    wanted = worked(code, start) + length
    minute = bisect_left(table, wanted) - 1
    return max(minute + wanted - table[minute], start)


def worked(code: str, minute: float) -> float:
    """Open minutes up to an instant."""
    table, whole = open_minutes(code), int(minute)
    return table[whole] + (table[whole + 1] - table[whole]) * (minute - whole)


def nth_day(start: int, days: int) -> int:
    """18:00 of the n-th working day after the day of acceptance."""

    def works(day: int) -> bool:
        table = open_minutes("office_5x8")
        return table[(day + 1) * DAY_M] > table[day * DAY_M]

    day, minute = divmod(start, DAY_M)
    if minute >= 18 * 60 or not works(day):
        day = next(other for other in range(day + 1, HORIZON) if works(other))
    for _ in range(days):
        day = next(other for other in range(day + 1, HORIZON) if works(other))
    return day * DAY_M + 18 * 60


def due(rule: str, start: int) -> int:
    if rule.endswith("d"):
        return nth_day(start, int(rule[:-1]))
    if rule == "16" and start % DAY_M < 16 * 60:
        return start // DAY_M * DAY_M + 20 * 60
    return start + (24 if rule == "16" else int(rule)) * 60


@cache
def usual(kind: str) -> tuple[int, int, str | None] | None:
    """Median, p90 and calendar of a type of step."""
    for row in _load("work_order_types")["work_order_types"]:
        if row["code"] == kind:
            teams = {role["code"]: role["default_calendar"] for role in _load("teams")["team_roles"]}
            calendar = teams[row["team_role"]] if row["clock"] == "working" else None
            return row["median_min"], row["p90_min"], calendar
    return None


@dataclass
class Spell:
    """A stop as one clock knows it; ``state``: asked, in force, or without effect."""

    begins: int
    until: int
    state: str
    customers: bool = False
    ends: int | None = None


@dataclass
class Clock:
    name: str
    calendar: str
    start: int
    promised: float
    ladder: dict[int, int]
    spells: list[Spell] = field(default_factory=list)
    alarms: list[tuple[int, str, bool, int]] = field(default_factory=list)
    fallen: set[int] = field(default_factory=set)
    step: int | None = None
    first_look: float = 0

    def standing(self) -> bool:
        return any(spell.state == "in force" and spell.ends is None for spell in self.spells)

    def stood(self, now: int) -> float:
        counts = [spell for spell in self.spells if spell.state == "in force"]
        ends = [
            (max(spell.begins, self.start), min(now, spell.ends if spell.ends is not None else now)) for spell in counts
        ]
        return sum(worked(self.calendar, end) - worked(self.calendar, begin) for begin, end in ends if end > begin)

    def used(self, now: int) -> float:
        return worked(self.calendar, now) - worked(self.calendar, self.start) - self.stood(now)

    def due(self, now: int) -> float:
        return later(self.calendar, self.start, self.promised + self.stood(now))

    def holds(self, level: int) -> bool:
        return any(one[0] == level and number not in self.fallen for number, one in enumerate(self.alarms))

    def ring(self, level: int, cause: str, now: int) -> None:
        quiet = QUIET_H[level] * 60 if self.step is None or level else 0
        told = cause == "repeat" or not any(one[0] == level and one[2] and one[3] + quiet > now for one in self.alarms)
        self.alarms.append((level, cause, told, now))

    def recount(self, now: int) -> None:
        for number, (level, cause, _, _) in enumerate(self.alarms):
            if cause == "time" and self.used(now) * 100 + 1e-6 < self.promised * self.ladder[level]:
                self.fallen.add(number)


def _ladder(story: Story) -> dict[int, int]:
    return {**LADDER, 4: 100} if story.kind[2] == "platinum" else LADDER


class Case:
    """One order, tick by tick."""

    def __init__(self, story: Story) -> None:
        self.story = story
        start = story.accepted * TICK_M
        promise, regulator, calendar = PROMISED[story.kind[:4]]
        self.promise = self._clock("promise", calendar, start, due(promise, start))
        self.regulator = self._clock("regulator", calendar, start, due(regulator, start)) if regulator else None
        self.clocks = [clock for clock in (self.promise, self.regulator) if clock]
        self.begun: set[int] = set()
        self.done: set[int] = set()
        self.stops: dict[int, list[Spell]] = {}
        self.ended: int | None = None
        self.promise.first_look = later(calendar, start, min(self.promise.promised / 20, 10))

    def _clock(self, name: str, calendar: str, start: int, end: int) -> Clock:
        return Clock(name, calendar, start, worked(calendar, end) - worked(calendar, start), _ladder(self.story))

    def run(self) -> None:
        events = self.story.events()
        last = max(event[0] for event in events)
        for tick in range(self.story.accepted + 1, last + 1):
            if self.ended is None:
                self._look(tick * TICK_M)
            for _, _, what, number in (event for event in events if event[0] == tick):
                getattr(self, f"_{what}")(number, tick * TICK_M)

    def begin(self) -> None:
        for tick, _, what, number in self.story.events():
            if tick == self.story.accepted and what != "accept":
                getattr(self, f"_{what}")(number, tick * TICK_M)

    # what happens

    def _step_begins(self, number: int, now: int) -> None:
        self.begun.add(number)

    def _step_ends(self, number: int, now: int) -> None:
        self.done.add(number)

    def _stop(self, number: int, now: int) -> None:
        stop = self.story.stops[number]
        until, state = nth_day(now, stop.reason[3]), "in force" if stop.reason[2] is None else "asked"
        self.stops[number] = []
        for clock in self.clocks:
            if clock.name != "regulator" and self._runs(clock):
                spell = Spell(now, until, state, stop.reason[4])
                clock.spells.append(spell)
                self.stops[number].append(spell)

    def _resume(self, number: int, now: int) -> None:
        for spell in self.stops[number]:
            if spell.ends is None:
                spell.ends = now
        self._changed(now)

    def _decide(self, number: int, now: int) -> None:
        for spell in self.stops[number]:
            spell.state = "in force" if self.story.stops[number].agreed else "refused"
        self._changed(now)

    def _revoke(self, number: int, now: int) -> None:
        for spell in self.stops[number]:
            spell.state = "revoked"
        self._changed(now)

    def _changed(self, now: int) -> None:
        self.promise.first_look = min(self.promise.first_look, now)
        for clock in self.clocks:
            if clock.name != "regulator" and self.ended is None:
                clock.recount(now)

    def _end(self, number: int, now: int) -> None:
        self.ended = now
        for clock in self.clocks:
            for spell in clock.spells:
                spell.ends = now if spell.ends is None else spell.ends

    # what is to be seen

    def _runs(self, clock: Clock) -> bool:
        return clock.step is None or clock.step not in self.done

    def _look(self, now: int) -> None:
        for number in sorted(self.begun - self.done):
            if all(clock.step != number for clock in self.clocks):
                self.clocks.append(self._step_clock(number))
                self.promise.first_look = min(self.promise.first_look, now)  # a step takes time: what of the plan?
        for clock in self.clocks:
            if not self._runs(clock):
                continue
            for spell in clock.spells:
                if spell.ends is None and spell.state == "in force" and spell.until <= now:
                    spell.ends = spell.until
            if clock.standing():
                continue
            share = clock.used(now) * 100 + 1e-6
            for level, percent in clock.ladder.items():
                if share >= clock.promised * percent and not clock.holds(level):
                    clock.ring(level, "time", now)
            if clock is self.promise and clock.first_look <= now < clock.due(now):
                self._forecast(clock, now)
            if clock.step is None:
                self._repeat(clock, now)

    def _forecast(self, clock: Clock, now: int) -> None:
        for level, index in ((1, 0), (0, 1)):
            if not clock.holds(level) and self._finish(index, now) > clock.due(now) + 1e-6:
                clock.ring(level, "forecast", now)

    def _repeat(self, clock: Clock, now: int) -> None:
        of_level = [number for number, one in enumerate(clock.alarms) if one[0] == 4]
        if of_level and of_level[-1] not in clock.fallen and clock.alarms[of_level[-1]][3] + QUIET_H[4] * 60 <= now:
            clock.ring(4, "repeat", now)

    def _length(self, number: int, index: int) -> tuple[float, str | None]:
        step = self.story.steps[number]
        known = usual(step.type)
        return (known[index], known[2]) if known else (step.planned * TICK_M, None)

    def _finish(self, index: int, now: int) -> float:
        left = [number for number in range(len(self.story.steps)) if number not in self.done]
        end: float = now
        for number in left:
            if number in self.begun:
                length, calendar = self._length(number, index)
                end = max(end, later(calendar, self.story.steps[number].begins * TICK_M, length))
        for number in left:
            if number not in self.begun:
                length, calendar = self._length(number, index)
                end = later(calendar, end, length)
        return end if left else float("-inf")

    def _step_clock(self, number: int) -> Clock:
        length, calendar = self._length(number, 1)
        begins = self.story.steps[number].begins * TICK_M
        clock = Clock("internal", calendar or "noc_24x7", begins, max(length, 5), STEP_LADDER, step=number)
        for stop, spells in self.stops.items():
            for spell in [one for one in spells if one in self.promise.spells]:
                if spell.state in ("asked", "in force") and (spell.ends is None or spell.ends > begins):
                    copy = Spell(max(spell.begins, begins), spell.until, spell.state, spell.customers, spell.ends)
                    clock.spells.append(copy)
                    self.stops[stop].append(copy)
        return clock

    # what comes of it

    def all_alarms(self) -> list[Alarm]:
        found = []
        for clock in self.clocks:
            seen: dict[int, int] = {}
            for level, cause, told, now in clock.alarms:
                seen[level] = seen.get(level, 0) + 1
                found.append((self.story.number, clock.name, level, cause, seen[level], told, now // TICK_M))
        return found

    def owed(self) -> Decimal:
        """The highest of what is owed by the rules of the kind of order."""
        if self.story.cancelled or self.ended is None:
            return Decimal("0.00")
        product, order_type, _, _, monthly, install = self.story.kind
        end = self.ended
        late = end - self.promise.due(end)
        if order_type == "resume":
            return min(10 * Decimal(_days(late)), Decimal(50))
        if product.startswith("leased_line"):
            raw = Decimal(monthly) * 2 * self._working_days(self.promise.due(end), end) / 100
            return _cents(min(raw, Decimal(monthly) * 20 / 100))
        if order_type not in ("install", "move") or self.regulator is None:
            return Decimal("0.00")
        by_law = end - self.regulator.due(end)
        stood = sum(
            spell.ends - spell.begins
            for spell in self.promise.spells
            if spell.state == "in force" and spell.customers and spell.ends is not None
        )
        days = _days(by_law - stood) if by_law > 0 else 0
        fee = _cents(min(Decimal(install) * days / 100, Decimal(install)))
        return max(fee, Decimal("20.00") if late > 1e-6 else Decimal("0.00"))

    @staticmethod
    def _working_days(begin: float, end: float) -> int:
        table, days = open_minutes("office_5x8"), 0
        for day in range(int(begin) // DAY_M, int(end) // DAY_M + 1):
            first, last = max(begin, day * DAY_M), min(end, (day + 1) * DAY_M)
            days += last > first and table[int(last)] > table[int(first)]
        return days


def _days(minutes: float) -> int:
    return max(-int(-minutes // DAY_M), 0) if minutes > 1e-6 else 0


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def judged(story: Story) -> Case:
    """The order with everything that has to come of it."""
    case = Case(story)
    case.begin()
    case.run()
    return case
