"""The cases of a process: run, looked through, taken from orders and files, removed."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, large_body, requires
from app.errors import AppError, BadRequest, InvalidInput, NotFound, TooLarge
from app.persistence.studio.drafts import ProcessDraft
from app.persistence.studio.process_cases import cases_of, stored_file
from app.services.studio import case_desk
from app.services.studio.trial_samples import take_from_order
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.studio.case_list import cases_page
from app.web.reader import current_reader
from app.web.site import bp, see


@bp.get("/processes/<key>/cases")
@requires("process.view")
def process_cases(key: str) -> Response:
    """The cases of a process; with ``draft`` as that draft has them."""
    return _page(key)


@bp.post("/processes/<key>/cases/run")
@requires("process.edit")
def run_cases(key: str) -> Response:
    """Run all cases, or those that are chosen, and show how they went."""
    only = frozenset(request.form.getlist("case"))
    case_desk.run(key, request.args.get("draft", ""), only, current_actor(), current_deps())
    if request.headers.get("HX-Request") == "true":
        return _page(key)
    return see(_address(key), "cases-run")


@bp.post("/processes/<key>/cases/<case_id>/remove")
@requires("process.edit")
def remove_process_case(key: str, case_id: str) -> Response:
    """Take a case out."""
    case_desk.take_out(key, request.args.get("draft", ""), case_id, current_actor(), current_deps())
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
    try:
        if given is None or not given.filename:
            raise BadRequest("Choose a file.", "请选择文件。")
        draft_id = request.args.get("draft", "")
        case_desk.bring(key, draft_id, given.filename, given.read(), current_actor(), current_deps())
    except (BadRequest, InvalidInput, TooLarge) as error:
        return _page(key, error=error)
    return see(_address(key), "cases-taken")


def _draft(session: Session, key: str) -> ProcessDraft | None:
    """The draft that is asked for; it has to be one of this process. :raises NotFound: it is not."""
    return case_desk.draft_of(session, key, request.args.get("draft", ""))


def _address(key: str) -> str:
    draft_id = request.args.get("draft", "")[:36]
    return f"/processes/{key}/cases" + (f"?draft={draft_id}" if draft_id else "")


def _page(key: str, *, error: AppError | None = None, **more: Any) -> Response:
    with read(current_deps().read_sessions) as session:
        draft = _draft(session, key)
        rows = cases_of(session, "process", key, draft.id if draft is not None else None)
        page = cases_page(session, current_reader(), key, rows, draft, error=error, **more)
    return render("processes/cases.html", page, status=error.http_status if error is not None else 200)
