"""Smart dispatch looked at and tried."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.domain.promises.calendar import ZONE
from app.domain.teamwork.dispatch import Case
from app.errors import InvalidInput
from app.services.teamwork.dispatch_trial import try_dispatch
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.teamwork.dispatch_box import Asked, dispatch_page
from app.web.reader import current_reader
from app.web.site import bp


@bp.get("/dispatch")
@requires("process.view")
def admin_dispatch() -> Response:
    """The table, and who would get something."""
    given = request.args.to_dict(flat=False)
    number = "".join(given.pop("number", [])[:1]).strip()[:32]
    given.pop("lang", None)
    asked = Asked(form=given, number=number)
    if "role" in given:
        try:
            tried = try_dispatch(_case(), request.args.get("area", "")[:16], current_actor(), current_deps())
            asked = Asked(form=given, tried=tried)
        except InvalidInput as error:
            asked = Asked(form=given, error=error)
    with read(current_deps().read_sessions) as session:
        page = dispatch_page(session, current_reader(), asked)
    return render("blocks/page.html", page, status=422 if asked.error else 200)


def _case() -> Case:
    said = request.args
    return Case(
        step=said.get("step", "").strip()[:64],
        role=said.get("role", "")[:40],
        skill=said.get("skill", "")[:40],
        product=said.get("product", "")[:64],
        order_type=said.get("type", "")[:40],
        tier=said.get("tier", "standard")[:40],
        grade=said.get("grade", "normal")[:20],
        area_class=said.get("class", "urban")[:20],
        crosses=said.get("crosses", "")[:20],
        side=said.get("side", "")[:20],
        account_manager=said.get("manager", "").strip()[:64],
        on=current_reader().now.astimezone(ZONE).date(),
    )
