"""Drafts: fetched, opened on the drawing board, thrown away. Keeping one is a button of the upload."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import redirect, url_for
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.services import process_drafts
from app.web.site import bp


@bp.get("/processes/drafts/<draft_id>/source")
@requires("process.view")
def draft_source(draft_id: str) -> Response:
    """The file as it was saved, to download."""
    name, content = process_drafts.source(draft_id, current_actor(), current_deps())
    headers = {"Content-Disposition": f'attachment; filename="{name}"' if name.isascii() else "attachment"}
    return FlaskResponse(content, content_type="text/xml; charset=utf-8", headers=headers)


@bp.post("/processes/drafts/<draft_id>/remove")
@requires("process.edit")
def remove_draft(draft_id: str) -> Response:
    """Throw it away."""
    process_drafts.remove(draft_id, current_actor(), current_deps())
    return redirect(url_for("web.processes"), code=303)
