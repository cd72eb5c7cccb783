"""The time a step is given, in words: how long, by which calendar."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.domain.durations import parse_duration, parse_span
from app.domain.promises.calendar import Calendars
from app.persistence.promises.rule_books import current_book
from app.web.pages.promises.rule_words import target_said
from app.web.reader import Reader


class StepTimeWords:
    """Says levels, calendars and written times as the books of today call them."""

    def __init__(self, session: Session, reader: Reader) -> None:
        self._reader = reader
        self._levels = {row["code"]: row for row in current_book(session, "sla").get("step_levels", ())}
        self._calendars = Calendars.from_data(current_book(session, "calendars")).by_code

    def level(self, code: str) -> str:
        """A level with how long it is; its code where there is none."""
        row = self._levels.get(code)
        if row is None:
            return code
        return self._reader.t(
            "{name} ({span})", name=self._reader.said_in(row), span=target_said(row["target"], self._reader)
        )

    def calendar(self, code: str) -> str:
        """What a calendar is called; its code where there is none."""
        known = self._calendars.get(code)
        return self._reader.words(known.name) if known is not None else code

    def own(self, written: str, calendar: str) -> str:
        """A written time; working days and hours, unless its calendar never closes."""
        t, known = self._reader.t, self._calendars.get(calendar)
        try:
            days, rest = parse_span(written)
        except ValueError:
            return written
        if known is not None and known.never_closes:
            return self._reader.f.long_span(parse_duration(written))
        minutes = int(rest.total_seconds() // 60)
        hours, rest_min = divmod(minutes, 60)
        said = [t("{n} working days", n=days)] if days else []
        if minutes:
            said.append(t("{n} working minutes", n=minutes) if rest_min else t("{n} working hours", n=hours))
        return " + ".join(said) or written
