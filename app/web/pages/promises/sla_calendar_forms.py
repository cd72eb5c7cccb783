"""What can be done with calendars: load the holidays of a year, keep an exception of an area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.promises.calendar import Calendars
from app.domain.promises.holiday_lines import as_lines
from app.persistence.areas import Area
from app.web.reader import Reader
from app.web.views.blocks import Field, Form
from app.web.views.parts import Choice

CALENDARS: Final = "/sla/calendars"
YEARS: Final = range(2020, 2100)


def calendar_forms(
    session: Session, reader: Reader, body: Mapping[str, Any], book: Calendars, year: int
) -> dict[str, Form]:
    """What is offered beside a calendar; ``body``: the calendars as they are kept, ``year``: the one that is shown."""
    wanted = next((each for each in range(year, year + 3) if each not in book.holidays.official_years), year + 1)
    return {"holidays": _holidays_form(reader, body, wanted), "day": _day_form(session, reader)}


def _holidays_form(reader: Reader, body: Mapping[str, Any], year: int) -> Form:
    t = reader.t
    known = body.get(f"holidays_{year}") or body.get(f"provisional_holidays_{year}") or ()
    extra = body.get(f"makeup_working_days_{year}") or ()
    form = t("A day or a span on each line, then its names: 2027-02-05..2027-02-11 in Chinese / in English")
    return Form(
        id="holidays",
        action=f"{CALENDARS}/holidays",
        submit=t("Look at what would change"),
        icon="eye",
        fold=t("Load the official holidays of a year"),
        note=t("From the notice of the State Council. Nothing is kept before you have seen it."),
        fields=(
            Field(
                name="year",
                label=t("Year"),
                kind="number",
                value=str(year),
                least=YEARS.start,
                most=YEARS.stop - 1,
                required=True,
                width=3,
            ),
            Field(name="source", label=t("Where it is published"), width=8, longest=200, required=True),
            Field(
                name="off",
                label=t("Days off"),
                kind="area",
                value=as_lines(known),
                rows=8,
                width=6,
                longest=6000,
                required=True,
                hint=form,
            ),
            Field(
                name="make_up",
                label=t("Days that are worked instead"),
                kind="area",
                value=as_lines(extra),
                rows=8,
                width=6,
                longest=6000,
            ),
        ),
    )


def _day_form(session: Session, reader: Reader) -> Form:
    t = reader.t
    places = session.scalars(select(Area).order_by(Area.path))
    return Form(
        id="day",
        action=f"{CALENDARS}/days",
        submit=t("Keep the exception"),
        fold=t("An exception for one day of an area"),
        fields=(
            Field(
                name="area",
                label=t("Area"),
                kind="select",
                width=4,
                choices=tuple(Choice(row.code, "　" * row.path.count("/") + reader.said(row)) for row in places),
            ),
            Field(name="date", label=t("Day"), kind="date", required=True, width=4),
            Field(
                name="working",
                label=t("That day"),
                kind="select",
                width=4,
                choices=(Choice("no", t("is off")), Choice("yes", t("is worked"))),
            ),
            Field(name="name_zh", label=t("Name in Chinese"), required=True, longest=100),
            Field(name="name_en", label=t("Name in English"), required=True, longest=100),
            Field(name="note", label=t("Reason"), required=True, width=12, longest=300),
        ),
    )


def calendar_search(session: Session, reader: Reader, book: Calendars, code: str, area: str, year: int) -> Form:
    t = reader.t
    places = session.scalars(select(Area).order_by(Area.path))
    around = range(year - 1, year + 3)
    return Form(
        action=CALENDARS,
        submit=t("Show"),
        method="get",
        fields=(
            Field(
                name="calendar",
                label=t("Calendar"),
                kind="select",
                value=code,
                choices=tuple(Choice(name, reader.words(each.name)) for name, each in book.by_code.items()),
            ),
            Field(
                name="area",
                label=t("Area"),
                kind="select",
                value=area,
                choices=tuple(Choice(row.code, "　" * row.path.count("/") + reader.said(row)) for row in places),
            ),
            Field(
                name="year",
                label=t("Year"),
                kind="select",
                value=str(year),
                choices=tuple(Choice(str(each), str(each)) for each in around),
            ),
        ),
    )
