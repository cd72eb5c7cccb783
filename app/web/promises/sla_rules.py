"""Promises: policies, one of them, and the test box."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, current_now, requires
from app.domain.promises.calendar import ZONE
from app.domain.promises.sla import Case
from app.errors import FieldProblem, InvalidInput
from app.services.counter.promise_trial import Trial, try_promise
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.promises.sla_box import Asked, box_page
from app.web.pages.promises.sla_policies import policies_page, policy_page
from app.web.reader import current_reader
from app.web.site import bp

FAR: Final = timedelta(days=5 * 365)


@bp.get("/sla")
@requires("rules.view")
def sla_policies() -> Response:
    """Every policy."""
    with read(current_deps().read_sessions) as session:
        page = policies_page(session, current_reader())
    return render("blocks/page.html", page)


@bp.get("/sla/policies/<code>")
@requires("rules.view")
def sla_policy(code: str) -> Response:
    """One policy."""
    with read(current_deps().read_sessions) as session:
        page = policy_page(session, current_reader(), code)
    return render("blocks/page.html", page)


@bp.get("/sla/test")
@requires("rules.view")
def sla_test() -> Response:
    """What would be promised."""
    given = request.args.to_dict(flat=False)
    given.pop("lang", None)
    asked = Asked(form=given)
    if "product" in given:
        try:
            asked = Asked(form=given, trial=_trial())
        except InvalidInput as error:
            asked = Asked(form=given, error=error)
    with read(current_deps().read_sessions) as session:
        page = box_page(session, current_reader(), asked)
    return render("blocks/page.html", page, status=422 if asked.error else 200)


def _trial() -> Trial:
    said = request.args
    case = Case(
        product=said.get("product", "")[:40],
        order_type=said.get("type", "")[:40],
        tier=said.get("tier", "standard")[:40],
        area_class=said.get("class", "urban")[:20],
        conditions=frozenset(said.getlist("conditions")[:20]),
    )
    return try_promise(case, said.get("area", "")[:16], _instant(said.get("at", "")), current_actor(), current_deps())


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text[:25])
    except ValueError as error:
        zh, en = "请填写日期和时间", "a date with a time is wanted"
        raise InvalidInput(en, zh, details=[FieldProblem(path="at", code="time", zh=zh, en=en)]) from error
    at = found if found.tzinfo else found.replace(tzinfo=ZONE)
    if abs(at - current_now()) > FAR:
        zh, en = "请选择前后五年以内的时间", "within five years of now, please"
        raise InvalidInput(en, zh, details=[FieldProblem(path="at", code="far", zh=zh, en=en)])
    return at
