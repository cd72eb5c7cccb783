"""Views of the work list that somebody saves, and the columns and density he or she likes."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import Conflict, InvalidInput
from app.services import desk_choices
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.teamwork.work_filters import asked
from app.web.pages.teamwork.work_list import CHOICE, OPTIONAL
from app.web.pages.teamwork.work_list import work_list as build_list
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, inside, see


@bp.post("/work/views")
@requires("item.view")
def save_view() -> Response:
    """Keep the list as it is filtered under a name; refused, the list says why."""
    wanted = asked(request.form, 0)
    actor, deps, name = current_actor(), current_deps(), request.form.get("name", "")
    arguments = {key: value for key, value in wanted.arguments.items() if value}
    try:
        desk_choices.save_view(CHOICE, name, arguments, actor, deps, starred="starred" in request.form)
    except (Conflict, InvalidInput) as error:
        reader = current_reader()
        with read(deps.read_sessions) as session:
            page = build_list(session, reader, ADDRESSES, wanted)
        told = error.message(reader.language)
        return render("work/list.html", page, status=error.http_status, view_refused=told, view_name=name)
    return see(ADDRESSES.work_list(**arguments), "view-saved")


@bp.post("/work/views/<view_id>")
@requires("item.view")
def change_view(view_id: str) -> Response:
    """Star a view, take the star away, or throw the view away."""
    actor, deps, act = current_actor(), current_deps(), request.form.get("do", "")
    if act == "forget":
        desk_choices.forget_view(view_id, actor, deps)
    else:
        desk_choices.star_view(view_id, actor, deps, starred=act == "star")
    return see(inside(request.form.get("back", "")) or ADDRESSES.work_list())


@bp.post("/work/choices")
@requires("item.view")
def choose_columns() -> Response:
    """Keep which columns are shown, and how close the rows are."""
    columns = [name for name, _ in OPTIONAL if name in request.form.getlist("column")]
    density = "roomy" if request.form.get("density") == "roomy" else "compact"
    desk_choices.choose(CHOICE, {"columns": columns, "density": density}, current_actor(), current_deps())
    return see(inside(request.form.get("back", "")) or ADDRESSES.work_list())
