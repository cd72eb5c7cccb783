"""Jeopardy: each level of a clock is raised once when it is reached, by time used or by forecast, and told to people.

Everything here works in the transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.domain.actors import ENGINE
from app.domain.promises.calendar import ZONE
from app.domain.promises.forecast import lost_from
from app.domain.promises.sla_book import Level
from app.domain.promises.sla_clock import Running
from app.domain.words import Words
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_versions import Rules
from app.persistence.promises.sla_clocks import JeopardyAlert, SlaClock
from app.services.promises import breaches
from app.services.promises.sla_clock_rows import BREACHED, OUTWARD, PAUSED, Owner, ladder, running_clock
from app.services.promises.sla_forecast import MEDIAN, Forecaster, Outlook
from app.services.promises.sla_tell import tell
from app.services.promises.supervision import supervise

#: A plan that has not been laid out yet is looked for again after this.
PLAN_AGAIN: Final = timedelta(minutes=30)
KIND_NAMES: Final = {
    "promise": Words("承诺", "promise"),
    "regulator": Words("监管", "regulator"),
    "internal": Words("工序", "step"),
}


@dataclass
class Look:
    """One look at one clock at ``now``; without a forecaster only the time that is used counts."""

    session: Session
    clock: SlaClock
    owner: Owner
    rules: Rules
    forecaster: Forecaster | None
    now: datetime

    def __post_init__(self) -> None:
        self.running: Running = running_clock(self.clock, self.rules)
        self.levels: Sequence[Level] = ladder(self.clock, self.rules)

    def raise_due(self) -> list[JeopardyAlert]:
        """Raise what has been reached and does not hold yet; say when to look again."""
        raised = []
        for level in self.levels:
            reached = None if self._holds(level.level) else self.running.passed_at(level.percent, self.now)
            if reached is not None:
                raised.append(self._raise(level, "time", reached))
        outlook = self._outlook()
        raised += self._by_forecast(outlook) if outlook else []
        raised += self._again()
        if self.clock.state != PAUSED and self.running.percent(self.now) >= 100:
            self.clock.state = BREACHED
        if self.clock.kind in OUTWARD and any(alert.cause == "time" and alert.percent >= 100 for alert in raised):
            breaches.settle(self.session, [self.clock], self.now)
        self.clock.next_check_at = self._next(outlook)
        return raised

    def raise_for_part(self, number: int | None, part: SlaClock) -> list[JeopardyAlert]:
        """Raise a level, unless it holds, because what is done elsewhere for this promise is in danger itself."""
        level = next((level for level in self.levels if level.level == number), None)
        if level is None or self._holds(level.level):
            return []
        return [self._raise(level, "suborder", self.now, part)]

    def _holds(self, level: int) -> bool:
        return any(alert.level == level and alert.fallen_at is None for alert in self.clock.alerts)

    def _outlook(self) -> Outlook | None:
        """The rest of the plan, where something is promised to a customer."""
        clock, order = self.clock, self.owner
        if self.forecaster is None or clock.kind != "promise" or clock.state == PAUSED:
            return None
        if clock.item_id is None or not isinstance(order, ProductOrder):
            return None
        outlook = self.forecaster.outlook(clock, order)
        if outlook is not None:
            # Carry the end of the plan as it stands onto the clock, and the latest of them onto the order.
            clock.forecast_at = outlook.by_durations[MEDIAN](self.now)
            ends = [other.forecast_at for other in order.clocks if other.kind == "promise" and other.forecast_at]
            order.expected_at = max([*ends, clock.forecast_at])
        return outlook

    def _by_forecast(self, outlook: Outlook) -> list[JeopardyAlert]:
        if self.now >= self.clock.due_at:
            return []  # no forecast any more: it is broken
        raised = []
        for durations, number in self.rules.book.forecast.items():
            level = next((level for level in self.levels if level.level == number), None)
            if level is None or self._holds(number):
                continue
            lost = lost_from(outlook.by_durations[durations], self.clock.due_at, min(outlook.since, self.now))
            if lost is not None and lost <= self.now:
                raised.append(self._raise(level, "forecast", lost))
        return raised

    def _again(self) -> list[JeopardyAlert]:
        """Levels that are told again and again until it ends."""
        found = []
        for level in self.levels:
            last = self._last(level.level)
            if level.repeats and last is not None and last.fallen_at is None and last.at + level.quiet <= self.now:
                found.append(self._raise(level, "repeat", last.at + level.quiet))
        return found

    def _last(self, level: int) -> JeopardyAlert | None:
        return max(
            (alert for alert in self.clock.alerts if alert.level == level), key=lambda one: one.nth, default=None
        )

    def _raise(self, level: Level, cause: str, reached_at: datetime, part: SlaClock | None = None) -> JeopardyAlert:
        clock, before = self.clock, [alert for alert in self.clock.alerts if alert.level == level.level]
        told_lately = cause != "repeat" and any(one.sent and one.at + level.quiet > self.now for one in before)
        words = self._words(level, cause, part)
        alert = JeopardyAlert(
            clock_id=clock.id,
            level=level.level,
            percent=level.percent,
            jeopardy_type=level.jeopardy_type,
            at=self.now,
            message_zh=words.zh,
            message_en=words.en,
            area=clock.area,
            nth=len(before) + 1,
            cause=cause,
            reached_at=reached_at,
            sent=not told_lately,
        )
        clock.alerts.append(alert)
        if cause == "time":
            clock.last_level = max(clock.last_level, level.percent)
        detail = {"level": level.level, "clock": clock.kind, "cause": cause, "sent": alert.sent}
        self.owner.record("jeopardy", words, ENGINE, self.now, detail=detail)
        if alert.sent:
            tell(self.session, alert, level, clock, self.owner, self.now)
            if level.supervise and cause != "repeat":
                supervise(self.session, clock, self.owner, self.now)
        return alert

    def _words(self, level: Level, cause: str, part: SlaClock | None) -> Words:
        due = _moment(self.clock.due_at)
        which = KIND_NAMES[self.clock.kind]
        if cause == "forecast":
            end = _moment(self.clock.forecast_at or self.now)
            return Words(
                f"{level.name.zh}：按现有进度预计 {end} 完成，晚于{which.zh}时限 {due}",
                f"{level.name.en}: as things stand the plan ends {end}, after the {which.en} time {due}",
            )
        if part is not None:
            wanted = _moment(part.due_at)
            return Words(
                f"{level.name.zh}：子订单须于 {wanted} 就绪，即将超时；{which.zh}时限 {due}",
                f"{level.name.en}: a sub-order is wanted by {wanted} and nearly late; {which.en} time {due}",
            )
        percent = self.running.percent(self.now)
        return Words(
            f"{level.name.zh}：{which.zh}时限已用 {percent:.0f}%，到期 {due}",
            f"{level.name.en}: {percent:.0f} % of the {which.en} time is used, due {due}",
        )

    def _next(self, outlook: Outlook | None) -> datetime | None:
        clock, now = self.clock, self.now
        looks: list[datetime | None] = []
        if clock.state == PAUSED:
            looks += [spell.until_at for spell in clock.pauses if spell.to_at is None and spell.until_at]
        else:
            to_come = [level for level in self.levels if not self._holds(level.level)]
            looks += [self.running.reaches(level.percent, now) for level in to_come[:1]]
        for level in self.levels:
            last = self._last(level.level)
            if level.repeats and last is not None and last.fallen_at is None:
                looks.append(last.at + level.quiet)
        if outlook is not None:
            for durations, number in self.rules.book.forecast.items():
                if not self._holds(number):
                    looks += [lost_from(outlook.by_durations[durations], clock.due_at, now)]
        elif clock.kind == "promise" and clock.item_id is not None and clock.forecast_at is None and now < clock.due_at:
            looks.append(now + PLAN_AGAIN)
        return min((look for look in looks if look is not None), default=None)


def _moment(instant: datetime) -> str:
    return instant.astimezone(ZONE).strftime("%m-%d %H:%M")
