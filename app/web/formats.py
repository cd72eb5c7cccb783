"""How times, spans and money are written on the pages, in the two languages. Everything shown is local time."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

_WEEK_ZH: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_WEEK_EN: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH_EN: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Formats:
    """Writes values for one reader: ``language`` is ``zh`` or ``en``, ``zone`` the wall clock of the place."""

    def __init__(self, language: str, zone: tzinfo) -> None:
        self._english = language == "en"
        self._zone = zone

    def local(self, at: datetime) -> datetime:
        """The wall-clock time of an aware instant."""
        return at.astimezone(self._zone)

    def day(self, at: datetime) -> str:
        """``11-24`` or ``24 Nov``."""
        here = self.local(at)
        return f"{here.day} {_MONTH_EN[here.month - 1]}" if self._english else f"{here:%m-%d}"

    def weekday(self, at: datetime) -> str:
        """``周二`` or ``Tue``."""
        return (_WEEK_EN if self._english else _WEEK_ZH)[self.local(at).weekday()]

    def dated(self, at: datetime) -> str:
        """``11-24 周二`` or ``Tue 24 Nov``."""
        parts = (self.weekday(at), self.day(at)) if self._english else (self.day(at), self.weekday(at))
        return " ".join(parts)

    def clock(self, at: datetime) -> str:
        """``14:32``."""
        return f"{self.local(at):%H:%M}"

    def moment(self, at: datetime) -> str:
        """For tables and charts: ``11-24 14:32`` or ``24 Nov 14:32``."""
        return f"{self.day(at)} {self.clock(at)}"

    def full(self, at: datetime) -> str:
        """With the year: ``2026-11-24 14:32`` or ``24 Nov 2026, 14:32``."""
        here = self.local(at)
        if self._english:
            return f"{here.day} {_MONTH_EN[here.month - 1]} {here.year}, {here:%H:%M}"
        return f"{here:%Y-%m-%d %H:%M}"

    def seconds(self, at: datetime) -> str:
        """With seconds, for the age of data and for logs."""
        return f"{self.local(at):%Y-%m-%d %H:%M:%S}"

    def promise(self, at: datetime) -> str:
        """``11-25 周三 18:00`` or ``Wed 25 Nov, 18:00``."""
        return f"{self.dated(at)}, {self.clock(at)}" if self._english else f"{self.dated(at)} {self.clock(at)}"

    def span(self, length: timedelta) -> str:
        """How long, for tables: ``1:08``, ``1天3时``, ``1 d 3 h``; seconds only below one minute."""
        total = int(abs(length.total_seconds()))
        days, rest = divmod(total, 86_400)
        hours, minutes = rest // 3_600, rest % 3_600 // 60
        if days:
            return f"{days} d {hours} h" if self._english else f"{days}天{hours}时"
        if total < 1:
            return "under 1 s" if self._english else "不到 1 秒"
        if total < 60:
            return f"{total} s" if self._english else f"{total} 秒"
        return f"{hours}:{minutes:02d}"

    def working(self, length: timedelta) -> str:
        """Working time in hours, ``104:15``: a working day has no 24 of them, so days would mislead."""
        total = int(abs(length.total_seconds()))
        if total < 60:
            return self.span(length)
        return f"{total // 3_600}:{total % 3_600 // 60:02d}"

    def long_span(self, length: timedelta) -> str:
        """How long, in words: ``1天3小时28分`` or ``1 d 3 h 28 min``."""
        total = int(abs(length.total_seconds()))
        days, rest = divmod(total, 86_400)
        hours, minutes = rest // 3_600, rest % 3_600 // 60
        if total < 60:
            return self.span(length)
        units = ("d", "h", "min") if self._english else ("天", "小时", "分")
        # Days and hours say enough together; minutes matter only within two days.
        counted = list(zip((days, hours, minutes), units, strict=True))[: 2 if days > 1 else 3]
        glue = " " if self._english else ""
        return glue.join(f"{count}{glue}{unit}" for count, unit in counted if count)

    def money(self, amount: Decimal | str) -> str:
        """``¥1,280.00``; a minus stands before the sign."""
        value = Decimal(amount).quantize(Decimal("0.01"))
        return f"−¥{-value:,.2f}" if value < 0 else f"¥{value:,.2f}"
