"""Parameters looked at and changed."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import AppError, InvalidInput
from app.services.administration import parameter_desk
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.administration.admin_parameters import PARAMETERS, parameters_page
from app.web.reader import current_reader
from app.web.site import bp, see


@bp.get("/admin/parameters")
@requires("admin.view")
def admin_parameters() -> Response:
    """Every setting."""
    return _page(None)


@bp.post("/admin/parameters/<name>")
@requires("admin.settings")
def admin_change_parameter(name: str) -> Response:
    """Let another value count."""
    form = request.form
    try:
        parameter_desk.change_parameter(
            name, form.get("value", "")[:200], form.get("reason", ""), current_actor(), current_deps()
        )
    except InvalidInput as error:
        return _page(error)
    return see(PARAMETERS, "saved")


@bp.post("/admin/parameters/<name>/reset")
@requires("admin.settings")
def admin_reset_parameter(name: str) -> Response:
    """Let the installed value count again."""
    try:
        parameter_desk.reset_parameter(name, request.form.get("reason", ""), current_actor(), current_deps())
    except InvalidInput as error:
        return _page(error)
    return see(PARAMETERS, "saved")


def _page(error: AppError | None) -> Response:
    deps = current_deps()
    rows = parameter_desk.changed_parameters(current_actor(), deps)
    with read(deps.read_sessions) as session:
        page = parameters_page(session, current_reader(), deps.live, rows, error)
    return render("blocks/page.html", page, status=error.http_status if error else 200)
