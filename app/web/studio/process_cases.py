"""The cases of a process: run, looked through, taken from orders and files, removed."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, large_body, requires
from app.errors import AppError, BadRequest, InvalidInput, NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.process_cases import cases_of, stored_file
from app.services.studio.case_files import take_in_file
from app.services.studio.case_running import run_cases_of
from app.services.studio.process_cases import note_runs, remove_case
from app.services.studio.process_surroundings import deployed_file
from app.services.studio.trial_samples import take_from_order
from app.unit_of_work import read, transaction
from app.web.frame import render
from app.web.pages.studio.case_list import cases_page
from app.web.reader import current_reader
from app.web.site import bp, see
from processes import versions


@bp.get("/processes/<key>/cases")
@requires("process.view")
def process_cases(key: str) -> Response:
    """The cases of a process; with ``draft`` as that draft has them."""
    return _page(key)


@bp.post("/processes/<key>/cases/run")
@requires("process.edit")
def run_cases(key: str) -> Response:
    """Run all cases, or those that are chosen, and show how they went."""
    deps = current_deps()
    with read(deps.read_sessions) as session:
        draft = _draft(session, key)
        if draft is not None:
            files = {draft.name: draft.content}
        else:
            live = versions.all_in_force(session).get(key)
            if live is None:
                raise NotFound()
            files = deployed_file(live)
        draft_ids = [draft.id] if draft is not None else []
    only = frozenset(request.form.getlist("case"))
    report = run_cases_of(files, deps, draft_ids=draft_ids, only=only)
    note_runs(report.runs, deps)
    if request.headers.get("HX-Request") == "true":
        return _page(key)
    return see(_address(key), "cases-run")


@bp.post("/processes/<key>/cases/<case_id>/remove")
@requires("process.edit")
def remove_process_case(key: str, case_id: str) -> Response:
    """Take a case out."""
    with read(current_deps().read_sessions) as session:
        draft = _draft(session, key)
        draft_id = draft.id if draft is not None else None
    remove_case(case_id, current_actor(), current_deps(), draft_id=draft_id)
    return see(_address(key), "case-removed")


@bp.post("/processes/<key>/cases/order")
@requires("process.edit")
def sample_from_order(key: str) -> Response:
    """Take an order as a sample."""
    number = request.form.get("order", "").strip()[:40]
    try:
        with read(current_deps().read_sessions) as session:
            draft = _draft(session, key)
            draft_id = draft.id if draft is not None else None
        take_from_order(number, key, "", current_actor(), current_deps(), draft_id=draft_id)
    except (InvalidInput, NotFound) as error:
        return _page(key, error=error, order=number)
    return see(_address(key), "sample-taken")


@bp.get("/processes/<key>/cases/file")
@requires("process.view")
def case_file(key: str) -> Response:
    """The cases as a file, as it lies beside a drawing."""
    with read(current_deps().read_sessions) as session:
        draft = _draft(session, key)
        content = stored_file(session, "process", key, draft_id=draft.id if draft is not None else None)
    if content is None:
        raise NotFound()
    name = f'attachment; filename="{key}.test.json"' if key.isascii() else "attachment"
    return FlaskResponse(content, content_type="application/json; charset=utf-8", headers={"Content-Disposition": name})


@bp.post("/processes/<key>/cases/file")
@large_body
@requires("process.edit")
def bring_case_file(key: str) -> Response:
    """Take in a file of cases."""
    given = request.files.get("file")
    deps = current_deps()
    try:
        if given is None or not given.filename:
            raise BadRequest("Choose a file.", "请选择文件。")
        with transaction(deps.sessions) as tx:
            draft = _draft(tx.session, key)
            take_in_file(
                tx.session,
                f"{key}.test.json",
                given.read(deps.settings.max_bpmn_bytes),
                now=deps.clock(tx.session),
                who=current_actor().login,
                draft_id=draft.id if draft is not None else None,
                only=("process", key),
            )
    except (BadRequest, InvalidInput) as error:
        return _page(key, error=error)
    return see(_address(key), "cases-taken")


def _draft(session: Session, key: str) -> ProcessDraft | None:
    """The draft that is asked for; it has to be one of this process. :raises NotFound: it is not."""
    draft_id = request.args.get("draft", "")
    if not draft_id:
        return None
    row = session.get(ProcessDraft, draft_id)
    if row is None or row.key != key:
        raise NotFound()
    return row


def _address(key: str) -> str:
    draft_id = request.args.get("draft", "")[:36]
    return f"/processes/{key}/cases" + (f"?draft={draft_id}" if draft_id else "")


def _page(key: str, *, error: AppError | None = None, **more: Any) -> Response:
    with read(current_deps().read_sessions) as session:
        draft = _draft(session, key)
        rows = cases_of(session, "process", key, draft.id if draft is not None else None)
        page = cases_page(session, current_reader(), key, rows, draft, error=error, **more)
    return render("processes/cases.html", page, status=error.http_status if error is not None else 200)
