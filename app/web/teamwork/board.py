"""The board of a team: who has what, moving it, balancing it, and who is not there."""

from __future__ import annotations

from datetime import date

from flask import request, url_for
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import AppError, Conflict, InvalidInput, NotFound
from app.persistence.teamwork.board import led_by, team_led_by
from app.services.teamwork import absences
from app.services.teamwork.team_board import Wish, move_each, plan_for
from app.services.teamwork.work_bulk import Outcome
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.teamwork.board import BY_PERSON, balance_page, board_href, board_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see


@bp.get("/board")
@requires("item.assign")
def board() -> Response:
    """The board of the first team the reader leads."""
    with read(current_deps().read_sessions) as session:
        teams = led_by(session, current_actor())
    if not teams:
        raise NotFound("you lead no team", "您没有可查看的班组")
    wanted = request.args.get("team", "")
    code = wanted if wanted in {team.code for team in teams} else teams[0].code
    return see(url_for("web.team_board", team=code))


@bp.get("/board/<team>")
@requires("item.assign")
def team_board(team: str) -> Response:
    """The board of one team."""
    return _board(team)


@bp.post("/board/<team>/move")
@requires("item.assign")
def move_cards(team: str) -> Response:
    """Move what is chosen to a person, to the whole team, or to another team."""
    form = request.form
    kind, _, to = form.get("to", "").partition(":")
    if kind not in ("person", "team", "pool") or (kind != "pool" and not to):
        return _board(team, problem=InvalidInput("Say to whom.", "请选择移给谁。"))
    wishes = [
        Wish(
            number=number,
            to=to if kind == "person" else "",
            team=to if kind == "team" else "",
            version=_whole(form.get(f"version-{number}", "")),
        )
        for number in dict.fromkeys(form.getlist("number"))
    ]
    return _moved(team, wishes, form.get("reason", ""))


@bp.get("/board/<team>/balance")
@requires("item.assign")
def balance(team: str) -> Response:
    """What would balance the team. Nothing is moved yet."""
    reader, deps = current_reader(), current_deps()
    plan, items, members = plan_for(team, reader.actor, deps, reader.now)
    with read(deps.read_sessions) as session:
        page = balance_page(session, reader, plan, items, members, team)
    return render("board/balance.html", page)


@bp.post("/board/<team>/balance")
@requires("item.assign")
def apply_balance(team: str) -> Response:
    """Move what was chosen of the plan, each only if it is still as it was seen."""
    wishes = []
    for chosen in dict.fromkeys(request.form.getlist("move")):
        number, _, rest = chosen.partition("|")
        version, _, login = rest.partition("|")
        wishes.append(Wish(number=number, to=login, version=_whole(version)))
    reader = current_reader()
    return _moved(team, wishes, reader.t("balanced on the board"))


@bp.post("/board/<team>/absences")
@requires("item.assign")
def note_team_absence(team: str) -> Response:
    """Note that somebody of the team is not there."""
    form, actor, deps = request.form, current_actor(), current_deps()
    with read(deps.read_sessions) as session:
        team_led_by(session, actor, team)
    days = [_day(form.get(name, "")) for name in ("from", "until")]
    if days[0] is None or days[1] is None:
        return _board(team, problem=InvalidInput("Say from which day to which.", "请填写起止日期。"))
    try:
        absences.note_absence(form.get("login", ""), days[0], days[1], form.get("kind", ""), actor, deps)
    except (InvalidInput, Conflict) as error:
        return _board(team, problem=error)
    return see(board_href(team), "absence-noted")


@bp.post("/board/<team>/absences/<absence_id>/end")
@requires("item.assign")
def end_team_absence(team: str, absence_id: str) -> Response:
    """Somebody is there again."""
    absences.end_absence(absence_id, current_actor(), current_deps())
    return see(board_href(team), "absence-ended")


def _moved(team: str, wishes: list[Wish], reason: str) -> Response:
    try:
        outcomes = move_each(wishes, reason, current_actor(), current_deps())
    except InvalidInput as error:
        return _board(team, problem=error)
    if all(one.why_not is None for one in outcomes):
        return see(board_href(team, view=request.args.get("view", ""), due=request.args.get("due", "")), "given-out")
    return _board(team, outcomes=outcomes)


def _board(team: str, *, outcomes: list[Outcome] | None = None, problem: AppError | None = None) -> Response:
    reader = current_reader()
    with read(current_deps().read_sessions) as session:
        page = board_page(
            session,
            reader,
            ADDRESSES,
            team,
            view=request.args.get("view", BY_PERSON),
            due=request.args.get("due", ""),
            outcomes=outcomes or (),
        )
    status = problem.http_status if problem else 409 if page.refused else 200
    return render("board/page.html", page, status=status, problem=problem.message(reader.language) if problem else "")


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
