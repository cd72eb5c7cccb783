"""Decision tables for designers: the list, one version, the editor, its check, its test rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response as FlaskResponse
from flask import jsonify, request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, large_body, requires
from app.errors import BadRequest, InvalidInput
from app.services.studio import decision_catalog, decision_desk
from app.services.studio.deployment_rules import is_strict
from app.services.studio.taking_back import take_back
from app.unit_of_work import read
from app.web.assets import DECISIONS_ENTRY
from app.web.frame import current_assets, render
from app.web.pages.studio.decision_desk import board_page, decision_list, examined_rows
from app.web.pages.studio.decision_version import tried_page, version_page
from app.web.reader import current_reader
from app.web.site import bp, see
from app.web.studio.designer import BOARD_POLICY


@bp.get("/processes/decisions")
@requires("process.view")
def decision_catalogue() -> Response:
    """Every decision, who asks for it, and what is being drawn."""
    with read(current_deps().read_sessions) as session:
        page = decision_list(session, current_reader(), request.args.get("q", "").strip()[:100])
    return render("blocks/page.html", page)


@bp.get("/processes/decisions/<key>")
@requires("process.view")
def decision_shown(key: str) -> Response:
    """The version of a decision that is in force."""
    return _version(key, None)


@bp.get("/processes/decisions/<key>/<int:version>")
@requires("process.view")
def decision_version(key: str, version: int) -> Response:
    """One version: its table, what it says of tried inputs, who asks for it."""
    return _version(key, version)


@bp.get("/processes/decisions/<key>/<int:version>/source")
@requires("process.view")
def decision_source(key: str, version: int) -> Response:
    """The version as it was deployed."""
    content = decision_catalog.source(key, version, current_actor(), current_deps())
    headers = {"Content-Disposition": f'attachment; filename="{key}-{version}.dmn"' if key.isascii() else "attachment"}
    return FlaskResponse(content, content_type="text/xml; charset=utf-8", headers=headers)


@bp.post("/processes/decisions/<key>/<int:version>/withdraw")
@requires("process.deploy")
def decision_withdrawn(key: str, version: int) -> Response:
    """Take a version back; the one before it is in force again."""
    done = take_back("decision", key, version, request.form.get("reason", ""), current_actor(), current_deps())
    if done.asked is not None:
        return see(f"/processes/deployments/{done.asked.id}", "deploy-asked")
    return see(f"/processes/decisions/{key}", "saved")


@bp.get("/processes/decisions/drafts/<draft_id>")
@requires("process.view")
def decision_board(draft_id: str) -> Response:
    """The editor with a draft."""
    with read(current_deps().read_sessions) as session:
        page = board_page(session, current_reader(), draft_id)
    assets = current_assets()
    scripts, sheets = assets.scripts(DECISIONS_ENTRY), assets.sheets(DECISIONS_ENTRY)
    response = render("decisions/board.html", page, form_scripts=scripts, form_sheets=sheets)
    response.headers["Content-Security-Policy"] = BOARD_POLICY
    return response


@bp.post("/processes/decisions/check")
@requires("process.view")
@large_body
def check_decision() -> Response:
    """What is wrong in which cell, which rules overlap, which inputs nothing covers; nothing is stored."""
    try:
        found = decision_desk.looked_at(_text(_json()), current_actor())
    except InvalidInput as refusal:
        return _refused(refusal)
    return jsonify({"decisions": examined_rows(found)})


@bp.post("/processes/decisions/try")
@requires("process.view")
@large_body
def try_decision() -> Response:
    """Take a decision for test rows; nothing is stored."""
    body = _json()
    rows = body.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise BadRequest("rows is a list of objects", "rows 应为对象的列表")
    try:
        found = decision_desk.tried_rows(
            _text(body), str(body.get("decision", "")), rows, current_actor(), current_deps()
        )
    except InvalidInput as refusal:
        return _refused(refusal)
    said = [{"result": one.result, "rules": one.rules, "passed": one.passed, "error": one.error} for one in found]
    return jsonify({"rows": said})


@bp.post("/processes/decisions/drafts/<draft_id>/cases")
@requires("process.edit")
@large_body
def keep_decision_cases(draft_id: str) -> Response:
    """Store the test rows of a decision with its draft: those that are sent stay, the others go."""
    body = _json()
    rows = body.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise BadRequest("rows is a list of objects", "rows 应为对象的列表")
    try:
        kept = decision_desk.keep_rows(draft_id, str(body.get("decision", "")), rows, current_actor(), current_deps())
    except InvalidInput as refusal:
        return _refused(refusal)
    return jsonify({"kept": kept})


def _version(key: str, version: int | None) -> Response:
    reader = current_reader()
    given = {name: value for name, value in request.args.items() if name.startswith("in-")}
    with read(current_deps().read_sessions) as session:
        page = version_page(session, reader, key, version, second_person=is_strict(current_deps()))
    if given:
        page = tried_page(page, reader, given, current_actor(), current_deps())
    return render("blocks/page.html", page.page)


def _refused(refusal: InvalidInput) -> Response:
    answer = jsonify({"message": refusal.message(current_reader().language)})
    answer.status_code = refusal.http_status
    return answer


def _json() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object", "请求内容不是 JSON 对象")
    return body


def _text(body: Mapping[str, Any]) -> str:
    text = body.get("text")
    if not isinstance(text, str):
        raise BadRequest("text is missing", "缺少 text")
    return text
