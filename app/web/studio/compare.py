"""Versions beside one another: two drawings that move together, and what differs in words."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.domain.sheets.csv_file import write_csv
from app.errors import BadRequest
from app.services.studio.drawing_compare import KINDS, Comparison, draft_compared, versions_compared
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.studio.compare import ComparePages, as_markdown, as_rows
from app.web.reader import current_reader
from app.web.site import bp


@bp.get("/processes/<key>/compare")
@requires("process.view")
def compare_versions(key: str) -> Response:
    """Two versions of a process, decision or form; without numbers the newest with the one before it."""
    kind = request.args.get("kind") or KINDS[0]
    found = versions_compared(
        key,
        current_actor(),
        current_deps(),
        kind=kind,
        old=request.args.get("old", type=int),
        new=request.args.get("new", type=int),
    )
    return _shown(found, key)


@bp.get("/processes/drafts/<draft_id>/compare")
@requires("process.view")
def compare_draft(draft_id: str) -> Response:
    """A draft with the version it was made from."""
    old = request.args.get("old", type=int)
    found = draft_compared(draft_id, current_actor(), current_deps(), with_version=old)
    return _shown(found, found.key or "draft")


def _shown(found: Comparison, name: str) -> Response:
    deps, given = current_deps(), request.args
    with read(deps.read_sessions) as session:
        pages = ComparePages(session, current_reader(), deps.registry, found, request.path, given.get("moves", "")[:1])
        form = given.get("form", "")
        if not form:
            page = pages.page(moves=bool(given.get("moves")), chosen=given.get("at", "")[:255])
            return render("compare/page.html", page)
        if form == "md":
            return _file(as_markdown(pages).encode(), "text/markdown", f"{name}.md")
        if form == "csv":
            return _file(write_csv(as_rows(pages)).encode(), "text/csv", f"{name}.csv")
    raise BadRequest("There is no such form.", "没有这种格式。")


def _file(content: bytes, kind: str, name: str) -> Response:
    disposition = f'attachment; filename="{name}"' if name.isascii() and '"' not in name else "attachment"
    return FlaskResponse(content, content_type=f"{kind}; charset=utf-8", headers={"Content-Disposition": disposition})
