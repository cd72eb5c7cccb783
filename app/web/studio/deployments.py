"""Check and deploy drafts: the report, a second person, an hour, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from flask import Response as FlaskResponse
from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.domain.studio.deployments import DeploymentState
from app.errors import (
    AppError,
    BadRequest,
    Conflict,
    DefinitionRefusedError,
    FieldProblem,
    Forbidden,
    InvalidInput,
    NotFound,
)
from app.persistence.studio.deployment_requests import DeploymentRequest
from app.services.studio import process_deployments
from app.services.studio.changes_since import changes_since
from app.services.studio.deploy_reports import report_on
from app.services.studio.deployment_making import RELEASE_NOTE, Wanted
from app.services.studio.deployment_rules import is_strict
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.studio.deploy_report import DeployReport
from app.web.pages.studio.deployments import request_list, request_page
from app.web.pages.studio.report_panels import Typed
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see

MOST_TOGETHER: Final = 20
REFUSED: Final = (Conflict, Forbidden, InvalidInput, BadRequest)


@bp.get("/processes/drafts/<draft_id>/deploy")
@requires("process.edit")
def deploy_report(draft_id: str) -> Response:
    """The report of a draft, and of others that go with it."""
    return _report(_together(draft_id, request.args.getlist("with")), Typed(token=current_deps().new_id()))


@bp.post("/processes/drafts/<draft_id>/deploy")
@requires("process.deploy")
def deploy_drafts(draft_id: str) -> Response:
    """Deploy, ask a second person, or set an hour."""
    chosen = _together(draft_id, request.form.getlist("with"))
    deps, form = current_deps(), request.form
    notes = {name: text.strip()[:500] for name, text in form.items() if name.startswith("note-")}
    typed = Typed(
        notes=notes,
        release_note=form.get("release_note", "")[:RELEASE_NOTE],
        when="at" if form.get("when") == "at" else "now",
        at=form.get("at", "")[:25],
        token=form.get("token", "")[:64] or deps.new_id(),
    )
    try:
        rows, files = process_deployments.drafts_to_deploy(chosen, current_actor(), deps)
        wanted = Wanted(
            files=files,
            token=typed.token,
            seen=form.get("seen", "")[:64],
            notes={name.removeprefix("note-"): text for name, text in notes.items()},
            release_note=typed.release_note,
            at=_hour(typed.at) if typed.when == "at" else None,
            drafts=[(row.id, row.revision) for row in rows],
        )
        sent = process_deployments.send(wanted, current_actor(), deps)
    except DefinitionRefusedError as refusal:
        return _report(chosen, _with(typed, refusal), status=refusal.http_status)
    except REFUSED as refusal:
        return _report(chosen, _with(typed, refusal), status=refusal.http_status)
    done = {"done": "deployed", "scheduled": "deploy-set"}.get(sent.request.state, "deploy-asked")
    process = next((part for part in sent.request.parts if part["kind"] == "process"), None)
    if sent.request.state == DeploymentState.DONE and process is not None:
        return see(ADDRESSES.version(process["key"], process["version"]), done)
    return see(f"/processes/deployments/{sent.request.id}", done)


@bp.get("/processes/deployments")
@requires("process.view")
def deployments() -> Response:
    """What waits to be deployed, and what was."""
    with read(current_deps().read_sessions) as session:
        page = request_list(session, current_reader())
    return render("deployments/list.html", page)


@bp.get("/processes/deployments/<request_id>")
@requires("process.view")
def deployment(request_id: str) -> Response:
    """One request."""
    return _request(request_id)


@bp.get("/processes/deployments/<request_id>/files/<path:name>")
@requires("process.view")
def deployment_file(request_id: str, name: str) -> Response:
    """A file of a request, as it was looked at."""
    content = process_deployments.files_of(request_id, current_actor(), current_deps()).get(name)
    if content is None:
        raise NotFound()
    headers = {"Content-Disposition": "attachment"}
    return FlaskResponse(content, content_type="application/octet-stream", headers=headers)


@bp.post("/processes/deployments/<request_id>/decision")
@requires("process.agree")
def decide_deployment(request_id: str) -> Response:
    """A second person agrees, or refuses."""
    agreed, note = request.form.get("agreed") == "yes", request.form.get("note", "").strip()[:500]
    try:
        decided = process_deployments.decide(request_id, note, current_actor(), current_deps(), agree=agreed)
    except REFUSED as refusal:
        return _request(request_id, (refusal.message(current_reader().language),), status=refusal.http_status)
    done = "deployed" if decided.state == DeploymentState.DONE else "deploy-set"
    return see(f"/processes/deployments/{request_id}", done if agreed else "deploy-refused")


@bp.post("/processes/deployments/<request_id>/withdraw")
@requires("process.view")
def withdraw_deployment(request_id: str) -> Response:
    """Take back what waits."""
    try:
        process_deployments.withdraw(request_id, current_actor(), current_deps())
    except REFUSED as refusal:
        return _request(request_id, (refusal.message(current_reader().language),), status=refusal.http_status)
    return see(f"/processes/deployments/{request_id}", "deploy-withdrawn")


def _together(draft_id: str, others: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([draft_id, *others]))[:MOST_TOGETHER]


def _report(chosen: Sequence[str], typed: Typed, *, status: int = 200) -> Response:
    deps, reader = current_deps(), current_reader()
    rows, files = process_deployments.drafts_to_deploy(chosen, reader.actor, deps)
    report = report_on(files, reader.actor, deps, drafts=list(chosen))
    with read(deps.read_sessions) as session:
        second = is_strict(deps)
        page = DeployReport(session, reader, ADDRESSES, rows, report).page(typed, second_person=second)
    return render("deployments/report.html", page, status=status)


def _with(typed: Typed, refusal: AppError) -> Typed:
    """What was typed, with what is wrong with it."""
    reader = current_reader()
    faults = {problem.path: reader.words_of(problem) for problem in refusal.details}
    refused = "" if faults else refusal.message(reader.language)
    return Typed(**{**vars(typed), "faults": faults, "refused": refused})


def _request(request_id: str, faults: Sequence[str] = (), *, status: int = 200) -> Response:
    found = process_deployments.found(request_id, current_actor(), current_deps())
    with read(current_deps().read_sessions) as session:
        row = session.get_one(DeploymentRequest, found.id)
        since = changes_since(session, row, current_deps())
        page = request_page(session, current_reader(), ADDRESSES, row, since, faults)
    return render("deployments/request.html", page, status=status)


def _hour(text: str) -> datetime:
    """A local date and time. :raises InvalidInput: it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        zh, en = "请填写日期和时间", "a date with a time is wanted"
        raise InvalidInput(en, zh, details=[FieldProblem(path="at", code="time", zh=zh, en=en)]) from error
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(current_deps().settings.time_zone))
