"""A working calendar as a year: days off and make-up days, exceptions of areas, and the years that are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.promises.calendar import ZONE, Calendars, WorkingCalendar
from app.errors import AppError, NotFound
from app.persistence.areas import Area
from app.persistence.promises.rule_books import current_book
from app.persistence.promises.rule_versions import RuleVersion
from app.web.block_forms import faults_of, filled, with_errors
from app.web.pages.names import Names
from app.web.pages.promises.sla_calendar_forms import CALENDARS, calendar_forms, calendar_search
from app.web.pages.promises.sla_policies import sla_tabs
from app.web.pages.promises.sla_year import special_days, working_days, year_of
from app.web.reader import Reader
from app.web.views.blocks import Block, BlockPage, Cell, Column, Form, Grid, PageLink
from app.web.views.parts import Pair


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A form that was refused, or the holidays of a year that are to be looked at before they are kept."""

    which: str
    form: Mapping[str, Sequence[str]]
    error: AppError | None = None
    preview: Sequence[tuple[str, str, bool]] = ()


def calendar_page(
    session: Session, reader: Reader, *, code: str, area: str, year: int, refused: Refused | None = None
) -> BlockPage:
    """One calendar in one year, as it is in an area. :raises NotFound: there is no such calendar."""
    t = reader.t
    body = current_book(session, "calendars")
    book = Calendars.from_data(body)
    place = session.scalar(select(Area).where(Area.code == area))
    if code not in book.by_code or place is None:
        raise NotFound
    one = book.calendar(code, place.path)
    today = reader.now.astimezone(ZONE).date()
    missing = book.unpublished(today)
    forms = calendar_forms(session, reader, body, book, year) if reader.may("calendar.edit") else {}
    if refused is not None and refused.which in forms:
        forms[refused.which] = with_errors(filled(forms[refused.which], refused.form), refused.error, reader)
    said = ""
    if missing is not None:
        said = t(
            "The official holidays of {year} are not loaded: promises into that year are provisional.", year=missing
        )
    return BlockPage(
        title=t("Calendars"),
        about=f"{reader.words(one.name)} {year}",
        tabs=sla_tabs(reader, "calendars"),
        tabs_label=t("Promises"),
        said=said,
        said_tone="warn" if said else "",
        faults=faults_of(refused.error, forms[refused.which], reader) if refused and refused.error else (),
        links=(PageLink(t("Calendars as a file"), "/api/v1/rules/calendars/export", "dl", download=True),),
        search=calendar_search(session, reader, book, code, area, year),
        facts=(
            Pair(t("Hours of a week"), _hours(one, reader)),
            Pair(t("Holidays"), t("are days off") if one.counts_holidays else t("do not count")),
            Pair(
                t("Year"),
                t("official") if year in book.holidays.official_years else t("provisional, not published yet"),
            ),
        ),
        blocks=(
            *_previewed(reader, refused, forms),
            Block(
                id="year",
                title=t("{year}: {n} working days", year=year, n=working_days(one, year)),
                note=t("H is a holiday, W a day that is worked instead, A an exception of the area."),
                insert="sla/_year.html",
                data=year_of(one, year, reader, today),
            ),
            special_days(one, year, reader),
            _exceptions(body, reader, session, forms.get("day")),
            *(
                (Block(id="load", title=t("Holidays of a year"), forms=(forms["holidays"],)),)
                if "holidays" in forms
                else ()
            ),
            _versions(session, reader),
        ),
    )


def _previewed(reader: Reader, refused: Refused | None, forms: Mapping[str, Form]) -> tuple[Block, ...]:
    """What loading the holidays would change, with the button that does it."""
    if refused is None or refused.error is not None or refused.which != "holidays":
        return ()
    t = reader.t
    hidden = tuple((name, values[0]) for name, values in refused.form.items() if name != "csrf_token" and values)
    confirm = Form(
        id="confirm",
        action=f"{CALENDARS}/holidays",
        submit=t("Load these holidays"),
        tone="primary",
        icon="done",
        hidden=(*hidden, ("do", "keep")),
    )
    rows = tuple(
        (Cell(day), Cell(name), Cell(t("is worked") if works else t("is off"))) for day, name, works in refused.preview
    )
    return (
        Block(
            id="preview",
            title=t("What would change: {n} days", n=len(rows)),
            note=t("Orders accepted from now on are promised by it; promises that are given stay."),
            grid=Grid(
                caption=t("What would change"),
                icon="cal",
                columns=(Column(t("Day")), Column(t("Name")), Column(t("That day"))),
                rows=rows,
                empty=t("Nothing would change."),
            ),
            forms=(confirm,) if rows else (),
        ),
    )


def _exceptions(body: Mapping[str, Any], reader: Reader, session: Session, form: Form | None) -> Block:
    t, names = reader.t, Names(session, reader)
    rows = [row for row in body.get("area_overrides", ()) if row.get("enabled", True)]
    return Block(
        id="exceptions",
        title=t("Exceptions of areas"),
        note=t("They win over every calendar."),
        grid=Grid(
            caption=t("Exceptions of areas"),
            icon="map",
            columns=(Column(t("Day")), Column(t("Area")), Column(t("Name")), Column(t("That day"))),
            rows=tuple(
                (
                    Cell(row["date"]),
                    Cell(names.area(row["area"])),
                    Cell(reader.said_in(row)),
                    Cell(t("is worked") if row["working"] else t("is off")),
                )
                for row in sorted(rows, key=lambda row: row["date"], reverse=True)
            ),
            empty=t("No area has an exception."),
        ),
        forms=(form,) if form else (),
    )


def _versions(session: Session, reader: Reader) -> Block:
    t, names = reader.t, Names(session, reader)
    rows = session.scalars(
        select(RuleVersion).where(RuleVersion.code == "calendars").order_by(RuleVersion.version.desc()).limit(20)
    ).all()
    names.know_people(row.made_by for row in rows)
    return Block(
        id="versions",
        title=t("Versions of the calendars"),
        grid=Grid(
            caption=t("Versions of the calendars"),
            columns=(Column(t("Version")), Column(t("Holds from")), Column(t("Who")), Column(t("Reason"))),
            rows=tuple(
                (
                    Cell(str(row.version)),
                    Cell(t("from the beginning") if row.version == 1 else reader.f.full(row.effective_from)),
                    Cell(names.person(row.made_by)),
                    Cell(t("Came with the product") if row.made_by == "system" else row.note, wrap=True),
                )
                for row in rows
            ),
        ),
    )


def _hours(one: WorkingCalendar, reader: Reader) -> str:
    minutes = sum(end - start for spans in one.weekly for start, end in spans)
    return reader.t("{n} hours", n=f"{minutes / 60:g}")
