"""Forms for designers: the list, one version, the builder, its check and its preview."""

from __future__ import annotations

from typing import Any, Final

from flask import Response as FlaskResponse
from flask import jsonify, request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, large_body, requires
from app.domain.forms import validate_form
from app.errors import BadRequest
from app.services.studio import form_desk
from app.unit_of_work import read
from app.web.assets import FORMS_ENTRY
from app.web.form_rendering import answers_from_form
from app.web.frame import current_assets, render
from app.web.pages.studio.form_desk import board_page, form_list, preview_page, schema_problems, version_page
from app.web.reader import current_reader
from app.web.site import bp
from app.web.studio.designer import BOARD_POLICY
from app.web.texts import Texts

#: The preview is shown inside the builder, and nowhere else.
PREVIEW_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'"
)


@bp.get("/processes/forms")
@requires("process.view")
def form_catalogue() -> Response:
    """Every form, where it is asked, and what is being drawn."""
    with read(current_deps().read_sessions) as session:
        page = form_list(session, current_reader(), request.args.get("q", "").strip()[:100])
    return render("blocks/page.html", page)


@bp.get("/processes/forms/<key>")
@requires("process.view")
def form_shown(key: str) -> Response:
    """The version in force of one form."""
    return _version(key, None)


@bp.get("/processes/forms/<key>/<int:version>")
@requires("process.view")
def form_version(key: str, version: int) -> Response:
    """One version: its questions, as people see it, where it is asked."""
    return _version(key, version)


@bp.get("/processes/forms/<key>/<int:version>/source")
@requires("process.view")
def form_source(key: str, version: int) -> Response:
    """The version as a file."""
    content = form_desk.source(key, version, current_actor(), current_deps())
    headers = {"Content-Disposition": f'attachment; filename="{key}-{version}.form"' if key.isascii() else "attachment"}
    return FlaskResponse(content, content_type="application/json; charset=utf-8", headers=headers)


@bp.get("/processes/forms/drafts/<draft_id>")
@requires("process.view")
def form_board(draft_id: str) -> Response:
    """The builder with a draft."""
    with read(current_deps().read_sessions) as session:
        page = board_page(session, current_reader(), draft_id)
    assets = current_assets()
    scripts, sheets = assets.scripts(FORMS_ENTRY), assets.sheets(FORMS_ENTRY)
    response = render("forms/board.html", page, form_scripts=scripts, form_sheets=sheets)
    response.headers["Content-Security-Policy"] = BOARD_POLICY
    return response


@bp.post("/processes/forms/check")
@requires("process.view")
@large_body
def check_form() -> Response:
    """What is wrong with a form, question by question; nothing is stored."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        raise BadRequest("the body is not a JSON object with a text", "请求内容不是含 text 的 JSON 对象")
    problems = form_desk.check(body["text"], current_actor())[1]
    return jsonify({"ok": not problems, "problems": schema_problems(problems)})


@bp.post("/processes/forms/preview")
@requires("process.view")
@large_body
def preview_form() -> Response:
    """A form as people see it, drawn by the same hands as the task page; answers are checked and forgotten."""
    text, language = request.form.get("schema", ""), request.form.get("in", "")
    body, problems = form_desk.check(text, current_actor())
    answers: dict[str, Any] | None = None
    faults: list[Any] = []
    if not problems and request.form.get("do") == "check":
        answers = answers_from_form(body, request.form)
        faults = validate_form(body, answers)[1]
    page = preview_page(
        current_reader(),
        text,
        body,
        problems,
        language="en" if language == "en" else "zh",
        answers=answers,
        faults=faults,
    )
    texts = Texts(page.language)
    response = render("forms/preview.html", page, t=texts, t_about=texts.about)
    response.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return response


def _version(key: str, version: int | None) -> Response:
    with read(current_deps().read_sessions) as session:
        page = version_page(session, current_reader(), key, version)
    return render("blocks/page.html", page)
