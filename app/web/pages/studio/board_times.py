"""What the drawing board says of time: levels and calendars of the promises, and what is usual for work orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.promises.calendar import Calendars, WorkingCalendar
from app.domain.promises.step_target import step_level
from app.domain.words import Words
from app.persistence.promises.rule_books import current_book

DAYS_ZH: Final = "一二三四五六日"
DAYS_EN: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNITS: Final = {
    "hour": ("小时", "h"),
    "working_hour": ("个工作小时", "working hours"),
    "working_day": ("个工作日", "working days"),
}
WITHOUT_BREAKS: Final = Words("不分昼夜", "round the clock")


def calendar_rows(calendars: Calendars) -> list[dict[str, Any]]:
    """The calendars a time may be counted by. ``about``: their hours; ``never_closes``: their days have no end."""
    found = []
    for code, one in calendars.by_code.items():
        about = hours_of(one)
        found.append(
            {
                "code": code,
                "name_zh": one.name.zh,
                "name_en": one.name.en,
                "about_zh": about.zh,
                "about_en": about.en,
                "never_closes": one.never_closes,
            }
        )
    return found


def level_rows(session: Session, calendars: Calendars) -> list[dict[str, Any]]:
    """The levels of the promises. ``about``: how long, by which calendar."""
    found = []
    for row in current_book(session, "sla").get("step_levels", ()):
        level = step_level(row)
        zh, en = UNITS[level.unit]
        by = Words("班组的日历", "calendar of the team")
        if level.calendar in calendars.by_code:
            known = calendars.by_code[level.calendar]
            by = WITHOUT_BREAKS if known.never_closes else known.name
        found.append(
            {
                "code": level.code,
                "name_zh": level.name.zh,
                "name_en": level.name.en,
                "about_zh": f"{level.value} {zh} · {by.zh}",
                "about_en": f"{level.value} {en} · {by.en}",
            }
        )
    return found


def usual_of(kind: Mapping[str, Any]) -> dict[str, Any]:
    """The usual time of a kind of work order: minutes, whether of working time, and whose."""
    if not kind.get("p90_min"):
        return {}
    return {"usual_min": kind["p90_min"], "is_working": kind.get("clock") == "working", "team": kind.get("team_role")}


def hours_of(calendar: WorkingCalendar) -> Words:
    """``周一至周五 08:30–12:00、13:30–18:00``."""
    if calendar.never_closes:
        return WITHOUT_BREAKS
    zh, en, first = [], [], 0
    for day in range(1, 8):
        if day < 7 and calendar.weekly[day] == calendar.weekly[first]:
            continue
        if calendar.weekly[first]:
            spans = [f"{_clock(opens)}–{_clock(closes)}" for opens, closes in calendar.weekly[first]]
            last = day - 1
            until = (f"至周{DAYS_ZH[last]}", f"–{DAYS_EN[last]}") if last > first else ("", "")
            zh.append(f"周{DAYS_ZH[first]}{until[0]} {'、'.join(spans)}")
            en.append(f"{DAYS_EN[first]}{until[1]} {', '.join(spans)}")
        first = day
    return Words("；".join(zh), "; ".join(en))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
