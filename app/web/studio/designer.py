"""Process definitions: catalogue, versions, the drawing board, check and deployment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from flask import Response as FlaskResponse
from flask import jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, large_body, requires
from app.errors import BadRequest, DefinitionRefusedError, InvalidInput
from app.services.studio import process_catalog, process_deployments, process_drafts
from app.services.studio.deployment_rules import is_strict
from app.services.studio.file_sizes import within_size
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.studio.board_words import board_words
from app.web.pages.studio.processes import finding_rows, version_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp
from app.web.views.processes import CheckPage
from processes.store.definitions import DecisionDefinition, ProcessDefinition

#: The drawing board positions its overlays with style attributes; no other page may.
BOARD_POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@bp.get("/processes/<key>")
@requires("process.view")
def process(key: str) -> Response:
    """The live version of one process."""
    return _version(key, None)


@bp.get("/processes/<key>/<int:version>")
@requires("process.view")
def process_version(key: str, version: int) -> Response:
    """One version: picture, steps, versions."""
    return _version(key, version)


@bp.get("/processes/<key>/<int:version>/source")
@requires("process.view")
def process_source(key: str, version: int) -> Response:
    """The drawing as it was deployed; for the drawing board, and to download."""
    xml = process_catalog.source(key, version, current_actor(), current_deps())
    headers = {"Content-Disposition": f'attachment; filename="{key}-{version}.bpmn"' if key.isascii() else "attachment"}
    return FlaskResponse(xml, content_type="text/xml; charset=utf-8", headers=headers)


@bp.get("/processes/vocabulary.json")
@requires("process.view")
def vocabulary() -> Response:
    """What the drawing board offers to choose from."""
    with read(current_deps().read_sessions) as session:
        return jsonify(board_words(session, current_deps().registry, current_reader().now))


@bp.post("/processes/check")
@requires("process.view")
@large_body
def check_process() -> Response:
    """Check what is on the drawing board; nothing is stored."""
    findings = [vars(each) for each in process_catalog.check(_posted_files(), current_actor(), current_deps())]
    return jsonify({"ok": all(row["severity"] != "error" for row in findings), "findings": findings})


@bp.post("/processes/upload")
@requires("process.edit")
@large_body
def upload_process() -> Response:
    """Check, deploy or keep files without the drawing board."""
    reader = current_reader()
    files = {each.filename or "file": each.read() for each in request.files.getlist("files") if each.filename}
    if not files:
        raise BadRequest("Choose a file.", "请选择文件。")
    within_size(files, current_deps())
    if request.form.get("do") == "draft":
        for name, content in files.items():
            process_drafts.keep(name[-120:], content, current_actor(), current_deps())
        return redirect(url_for("web.processes"), code=303)
    wants_deploy = request.form.get("do") == "deploy"
    deployed, href, status = "", "", 200
    try:
        if wants_deploy:
            sent = process_deployments.deploy(files, current_actor(), current_deps())
            if sent.deployed is None:
                return redirect(url_for("web.deployment", request_id=sent.request.id), code=303)
            made = sent.deployed
            findings = [vars(each) for each in made.findings]
            rows: list[ProcessDefinition | DecisionDefinition] = [*made.processes, *made.decisions]
            deployed = ", ".join(f"{row.key} v{row.version}" for row in rows)
            href = ADDRESSES.version(made.processes[0].key, made.processes[0].version) if made.processes else ""
        else:
            findings = [vars(each) for each in process_catalog.check(files, current_actor(), current_deps())]
    except DefinitionRefusedError as refusal:
        findings, status = [dict(row) for row in refusal.findings], refusal.http_status
    page = CheckPage(
        file_names=", ".join(sorted(files)),
        findings=finding_rows(findings, reader),
        errors=sum(row.get("severity") == "error" for row in findings),
        warnings=sum(row.get("severity") == "warning" for row in findings),
        deployed=deployed,
        deployed_href=href,
        can_deploy=reader.may("process.deploy"),
    )
    return render("processes/checked.html", page, status=status)


def _version(key: str, version: int | None) -> Response:
    with read(current_deps().read_sessions) as session:
        page = version_page(session, current_reader(), ADDRESSES, key, version, current_deps().clock(session))
    page = replace(page, second_person=is_strict(current_deps()))
    return board_response("processes/version.html", page)


def board_response(template: str, page: Any) -> Response:
    """A page with the drawing board, under the policy it needs."""
    response = render(template, page)
    response.headers["Content-Security-Policy"] = BOARD_POLICY
    return response


def _json() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object", "请求内容不是 JSON 对象")
    return body


def _posted_files() -> dict[str, bytes]:
    given = _json().get("files")
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise InvalidInput("files must be an object of file name and text", "files 应为“文件名: 内容”")
    files = {str(name)[:200]: text.encode() for name, text in given.items()}
    within_size(files, current_deps())
    return files
