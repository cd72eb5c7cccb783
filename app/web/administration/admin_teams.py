"""Teams, who works in them and who is not there; and the tree of areas."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import AppError, Conflict, FieldProblem, InvalidInput
from app.services.administration import team_staff
from app.services.teamwork import absences
from app.unit_of_work import read
from app.web.block_forms import whole_number
from app.web.frame import render
from app.web.pages.administration.admin_areas import areas_page
from app.web.pages.administration.admin_team import new_team_page, team_page
from app.web.pages.administration.admin_teams import TeamFilter, team_href, teams_page
from app.web.pages.administration.admin_user import Entered
from app.web.reader import current_reader
from app.web.site import bp, inside, offset_of_request, see


@bp.get("/admin/teams")
@requires("admin.view")
def admin_teams() -> Response:
    """The teams."""
    asked = request.args
    wanted = TeamFilter(
        text=asked.get("q", "").strip()[:64], role=asked.get("role", "")[:40], area=asked.get("area", "")[:16]
    )
    with read(current_deps().read_sessions) as session:
        page = teams_page(session, current_reader(), wanted, offset_of_request())
    return render("blocks/page.html", page)


@bp.get("/admin/teams/new")
@requires("admin.users")
def admin_new_team() -> Response:
    """The form for a new team."""
    with read(current_deps().read_sessions) as session:
        page = new_team_page(session, current_reader())
    return render("blocks/page.html", page)


@bp.post("/admin/teams")
@requires("admin.users")
def admin_make_team() -> Response:
    """Make a team."""
    code, form = request.form.get("code", "").strip()[:64], request.form
    fields = {**_fields(), "role": form.get("role", ""), "area": form.get("area", "")}
    try:
        team_staff.change_team(code, fields, current_actor(), current_deps(), note=form.get("note", "")[:300], new=True)
    except InvalidInput as error:
        with read(current_deps().read_sessions) as session:
            page = new_team_page(session, current_reader(), entered=_entered(error))
        return render("blocks/page.html", page, status=422)
    return see(team_href(code), "saved")


@bp.get("/admin/teams/<code>")
@requires("admin.view")
def admin_team(code: str) -> Response:
    """One team."""
    return _team(code)


@bp.post("/admin/teams/<code>")
@requires("admin.users")
def admin_change_team(code: str) -> Response:
    """Change what is said of a team."""
    note = request.form.get("note", "").strip()[:300]
    try:
        if not note:
            zh, en = "请写明原因", "say why"
            raise InvalidInput(en, zh, details=[FieldProblem(path="note", code="required", zh=zh, en=en)])
        team_staff.change_team(code, _fields(), current_actor(), current_deps(), note=note, new=False)
    except InvalidInput as error:
        return _team(code, entered=_entered(error))
    return see(team_href(code), "saved")


@bp.post("/admin/teams/<code>/members")
@requires("admin.users")
def admin_set_members(code: str) -> Response:
    """Let exactly the chosen people work in a team."""
    logins, reason = set(request.form.getlist("members")), request.form.get("reason", "")
    team_staff.set_members(code, logins, current_actor(), current_deps(), reason=reason)
    return see(team_href(code), "saved")


@bp.post("/admin/teams/<code>/absences")
@requires("admin.users")
def admin_note_absence(code: str) -> Response:
    """Note that somebody is not there."""
    form = request.form
    try:
        absences.note_absence(
            form.get("login", "")[:64],
            _day("from_day"),
            _day("until_day"),
            form.get("kind", ""),
            current_actor(),
            current_deps(),
            note=form.get("note", ""),
        )
    except (InvalidInput, Conflict) as error:
        return _team(code, entered=_entered(error), which="absence")
    return see(team_href(code), "saved")


@bp.post("/admin/absences/<absence>/end")
@requires("admin.users")
def admin_end_absence(absence: str) -> Response:
    """Take an absence back."""
    absences.end_absence(absence, current_actor(), current_deps())
    return see(inside(request.form.get("back", "")) or "/admin/teams", "saved")


@bp.get("/admin/areas")
@requires("admin.view")
def admin_areas() -> Response:
    """The tree of areas."""
    with read(current_deps().read_sessions) as session:
        page = areas_page(session, current_reader())
    return render("blocks/page.html", page)


def _team(code: str, *, entered: Entered | None = None, which: str = "team") -> Response:
    reader = current_reader()
    with read(current_deps().read_sessions) as session:
        team = team_staff.found_team(session, code, reader.actor)
        page = team_page(session, reader, team, entered=entered, which=which)
    return render("blocks/page.html", page, status=entered.error.http_status if entered else 200)


def _fields() -> dict[str, Any]:
    form = request.form
    return {
        "name_zh": form.get("name_zh", "").strip(),
        "name_en": form.get("name_en", "").strip(),
        "calendar": form.get("calendar", ""),
        "capacity_per_day": whole_number(form.get("capacity_per_day", ""), 0),
        "districts": form.get("districts", ""),
        "tiers": form.getlist("tiers"),
        "skills": form.getlist("skills"),
    }


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError as error:
        zh, en = "请填写日期", "a date is wanted"
        raise InvalidInput(en, zh, details=[FieldProblem(path=name, code="date", zh=zh, en=en)]) from error


def _entered(error: AppError) -> Entered:
    """What was refused; a problem of the book of teams is one of the field that its path ends with."""
    for_fields = [
        FieldProblem(path=one.path.rsplit(".", 1)[-1], code=one.code, zh=one.zh, en=one.en) for one in error.details
    ]
    error.details = tuple(for_fields)
    return Entered(form=request.form.to_dict(flat=False), error=error)
