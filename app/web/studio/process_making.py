"""A new draft: from a sample, from a version, from another draft, or from nothing."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import request, url_for
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import BadRequest, InvalidInput, NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.services.studio import draft_making
from app.services.studio.process_samples import sample
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.studio.new_model import new_model_page
from app.web.reader import current_reader
from app.web.site import bp, see


@bp.get("/processes/new")
@requires("process.edit")
def new_process() -> Response:
    """What to begin with: samples with their pictures, nothing, or a file."""
    given = {name: request.args.get(name, "") for name in ("from", "code", "kind", "folder")}
    with read(current_deps().read_sessions) as session:
        page = new_model_page(session, current_reader(), given)
    return render("processes/new.html", page)


@bp.get("/processes/samples/<code>.bpmn")
@requires("process.view")
def sample_source(code: str) -> Response:
    """The drawing of a sample."""
    found = sample(code)
    if found is None:
        raise NotFound()
    return FlaskResponse(found.content, content_type="text/xml; charset=utf-8")


@bp.post("/processes/drafts")
@requires("process.edit")
def make_draft() -> Response:
    """Make a draft and open its board; what is wrong with a field is said at the field."""
    form = {name: value.strip() for name, value in request.form.items()}
    try:
        made = _made(form)
    except InvalidInput as refused:
        with read(current_deps().read_sessions) as session:
            page = new_model_page(session, current_reader(), form, refused)
        return render("processes/new.html", page, status=refused.http_status)
    return see(url_for("web.draft", draft_id=made.id))


def _made(form: dict[str, str]) -> ProcessDraft:
    actor, deps = current_actor(), current_deps()
    names = {"name": form.get("name_zh", "")[:200], "name_en": form.get("name_en", "")[:200]}
    kind, new_key, folder = form.get("kind") or "bpmn", form.get("new_key", ""), form.get("folder") or None
    source = form.get("from", "")
    if source == "sample":
        return draft_making.from_sample(form.get("code", ""), new_key, actor, deps, folder=folder, **names)
    if source == "blank":
        return draft_making.blank(kind, new_key, actor, deps, folder=folder, **names)
    if source == "version":
        version = form.get("version", "")
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None
        return draft_making.from_version(kind, form.get("key", ""), number, actor, deps, new_key=new_key, **names)
    if source == "draft":
        return draft_making.copy_of(form.get("draft", ""), actor, deps)
    raise BadRequest("from is sample, blank, version or draft", "from 只能是 sample、blank、version 或 draft")
