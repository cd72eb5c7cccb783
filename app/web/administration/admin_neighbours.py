"""The systems around us, and holding one."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import BadRequest, NotFound
from app.services.repairs import hold_desk
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.administration.admin_neighbours import NEIGHBOURS, neighbour_page, neighbours_page
from app.web.reader import current_reader
from app.web.site import bp, see


@bp.get("/admin/neighbours")
@requires("ops.view")
def admin_neighbours() -> Response:
    """Every neighbour."""
    deps = current_deps()
    with read(deps.read_sessions) as session:
        page = neighbours_page(session, current_reader(), list(deps.ports))
    return render("blocks/page.html", page)


@bp.get("/admin/neighbours/<adapter>")
@requires("ops.view")
def admin_neighbour(adapter: str) -> Response:
    """One neighbour."""
    deps = current_deps()
    with read(deps.read_sessions) as session:
        page = neighbour_page(session, current_reader(), adapter, list(deps.ports), deps.registry)
    return render("blocks/page.html", page)


@bp.post("/admin/neighbours/<adapter>/<act>")
@requires("system.hold")
def admin_hold_neighbour(adapter: str, act: str) -> Response:
    """Hold a neighbour, or let calls go out again."""
    if act not in ("hold", "release"):
        raise NotFound
    reason = " ".join(request.form.get("reason", "").split())[:300]
    if not reason:
        raise BadRequest("Give a reason.", "请写明原因。")
    hold_desk.hold_adapter(adapter, reason, current_actor(), current_deps(), held=act == "hold")
    return see(f"{NEIGHBOURS}/{adapter}", "saved")
