"""Files from elsewhere become drafts as they are, with a list of what they bring along and what the check says."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, large_body, requires
from app.errors import BadRequest
from app.services.studio import process_drafts
from app.services.studio.file_sizes import within_size
from app.services.studio.process_catalog import limited
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.studio.imported import imported_page
from app.web.reader import current_reader
from app.web.site import bp, see


@bp.post("/processes/import")
@requires("process.edit")
@large_body
def import_files() -> Response:
    """Keep each file as a draft, unchanged, and show the report."""
    files = {(each.filename or "file")[-120:]: each.read() for each in request.files.getlist("files") if each.filename}
    if not files:
        raise BadRequest("Choose a file.", "请选择文件。")
    limited(files)
    within_size(files, current_deps())
    made = [
        process_drafts.keep(name, content, current_actor(), current_deps(), origin="file")[0].id
        for name, content in files.items()
    ]
    return see(url_for("web.imported", drafts=",".join(made)))


@bp.get("/processes/imported")
@requires("process.view")
def imported() -> Response:
    """What files brought along that is not ours, and what the check says; ``?drafts=`` their ids."""
    ids = [each for each in request.args.get("drafts", "").split(",") if each][:50]
    with read(current_deps().read_sessions) as session:
        page = imported_page(session, current_reader(), ids)
    return render("processes/imported.html", page)
