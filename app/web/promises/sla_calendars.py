"""Working calendars: looked at as a year; holidays loaded after they were seen; exceptions of areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.domain.promises.calendar import BUSINESS_CALENDAR, ZONE
from app.domain.words import Words
from app.errors import FieldProblem, InvalidInput
from app.services.promises import rule_desk
from app.unit_of_work import read
from app.web.block_forms import whole_number
from app.web.frame import render
from app.web.pages.promises.sla_calendar import Refused, calendar_page
from app.web.pages.promises.sla_calendar_forms import CALENDARS, YEARS
from app.web.reader import current_reader
from app.web.site import bp, see


@bp.get("/sla/calendars")
@requires("rules.view")
def sla_calendars() -> Response:
    """One calendar in one year."""
    return _page(None)


@bp.post("/sla/calendars/holidays")
@requires("calendar.edit")
def sla_load_holidays() -> Response:
    """Show what the holidays of a year would change, or load them."""
    form, reader = request.form, current_reader()
    given = form.to_dict(flat=False)
    keep = given.pop("do", [""])[0] == "keep"
    year = whole_number(form.get("year", ""), 0)
    try:
        if year not in YEARS:
            zh, en = "请填写年份", "which year?"
            raise InvalidInput(en, zh, details=[FieldProblem(path="year", code="range", zh=zh, en=en)])
        loaded = rule_desk.load_holidays(
            year,
            form.get("off", "")[:6000],
            form.get("make_up", "")[:6000],
            form.get("source", ""),
            current_actor(),
            current_deps(),
            only_check=not keep,
        )
    except InvalidInput as error:
        return _page(Refused(which="holidays", form=given, error=error))
    if keep:
        return see(f"{CALENDARS}?year={year}", "saved")
    preview = [(day.isoformat(), reader.words(name), works) for day, name, works in loaded.changed]
    return _page(Refused(which="holidays", form=given, preview=preview), year=year)


@bp.post("/sla/calendars/days")
@requires("calendar.edit")
def sla_override_day() -> Response:
    """Keep an exception for one day of an area."""
    form = request.form
    given = form.to_dict(flat=False)
    try:
        day = _day(given)
        rule_desk.override_day(
            form.get("area", "")[:16],
            day,
            current_actor(),
            current_deps(),
            working=form.get("working") == "yes",
            name=Words(form.get("name_zh", "").strip()[:100], form.get("name_en", "").strip()[:100]),
            note=form.get("note", "").strip()[:300],
        )
    except InvalidInput as error:
        return _page(Refused(which="day", form=given, error=error))
    return see(f"{CALENDARS}?area={form.get('area', '')}&year={day.year}", "saved")


def _day(given: Mapping[str, Sequence[str]]) -> date:
    problems = [
        FieldProblem(path=name, code="required", zh="须填写", en="wanted")
        for name in ("name_zh", "name_en", "note")
        if not "".join(given.get(name, ())).strip()
    ]
    try:
        day = date.fromisoformat("".join(given.get("date", ())))
    except ValueError:
        day = date.min
        problems.append(FieldProblem(path="date", code="date", zh="请填写日期", en="a date is wanted"))
    if problems:
        raise InvalidInput(problems[0].en, problems[0].zh, details=problems)
    return day


def _page(refused: Refused | None, *, year: int | None = None) -> Response:
    reader = current_reader()
    this_year = reader.now.astimezone(ZONE).year
    wanted = year or whole_number(request.args.get("year", ""), this_year)
    with read(current_deps().read_sessions) as session:
        page = calendar_page(
            session,
            reader,
            code=request.args.get("calendar", BUSINESS_CALENDAR)[:64],
            area=request.args.get("area", reader.actor.area)[:16],
            year=wanted if wanted in YEARS else this_year,
            refused=refused,
        )
    return render("blocks/page.html", page, status=422 if refused and refused.error else 200)
