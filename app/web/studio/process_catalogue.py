"""The catalogue of processes, its folders, what runs on a version, and taking a version back."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import BadRequest, Conflict, InvalidInput
from app.services.studio import process_folders
from app.services.studio.taking_back import take_back
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.studio.process_catalogue import Asked, catalogue_page, running_page
from app.web.pages.studio.process_folders import folders_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, offset_of_request, see


@bp.get("/processes")
@requires("process.view")
def processes() -> Response:
    """The catalogue."""
    given = request.args
    asked = Asked(
        given.get("q", "").strip()[:100],
        given.get("folder", "")[:40],
        offset_of_request(),
        given.get("drafts") == "all",
    )
    deps = current_deps()
    with read(deps.read_sessions) as session:
        page = catalogue_page(
            session, current_reader(), ADDRESSES, asked, now=deps.clock(session), newest_id=deps.new_id()
        )
    return render("processes/list.html", page)


@bp.get("/processes/<key>/running")
@requires("process.view")
def running_instances(key: str) -> Response:
    """What runs on a process, or on one version of it."""
    version = request.args.get("version", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None
    with read(current_deps().read_sessions) as session:
        page = running_page(session, current_reader(), ADDRESSES, key, number, offset_of_request())
    return render("processes/running.html", page)


@bp.post("/processes/<key>/<int:version>/withdraw")
@requires("process.deploy")
def withdraw_version(key: str, version: int) -> Response:
    """Take a version back: nothing starts on it any more."""
    done = take_back("process", key, version, request.form.get("reason", ""), current_actor(), current_deps())
    if done.asked is not None:
        return see(f"/processes/deployments/{done.asked.id}", "deploy-asked")
    return see(ADDRESSES.version(key, version), "withdrawn")


@bp.post("/processes/<key>/folder")
@requires("process.edit")
def move_process(key: str) -> Response:
    """Put a process into a folder, or into none."""
    process_folders.move(key, request.form.get("folder") or None, current_actor(), current_deps())
    return see(ADDRESSES.process(key), "saved")


@bp.get("/processes/folders")
@requires("process.view")
def process_folders_page() -> Response:
    """The folders, each to be renamed, moved, and removed when it is empty."""
    with read(current_deps().read_sessions) as session:
        page = folders_page(session, current_reader(), ADDRESSES)
    return render("processes/folders.html", page)


@bp.post("/processes/folders")
@requires("process.edit")
def change_folders() -> Response:
    """Make, rename, shift or remove a folder; what is wrong is said on the page."""
    form, actor, deps = request.form, current_actor(), current_deps()
    do, code = form.get("do", ""), form.get("code", "")
    zh, en = form.get("name_zh", "").strip(), form.get("name_en", "").strip()
    try:
        if do == "make":
            process_folders.make(zh, en, actor, deps)
        elif do == "rename":
            process_folders.rename(code, zh, en, actor, deps)
        elif do in ("up", "down"):
            process_folders.shift(code, 1 if do == "down" else -1, actor, deps)
        elif do == "remove":
            process_folders.remove(code, actor, deps)
        else:
            raise BadRequest("do is make, rename, up, down or remove", "do 只能是 make、rename、up、down 或 remove")
    except (InvalidInput, Conflict) as refused:
        with read(deps.read_sessions) as session:
            page = folders_page(session, current_reader(), ADDRESSES, at=code or "new", typed=(zh, en), refused=refused)
        return render("processes/folders.html", page, status=refused.http_status)
    return see(url_for("web.process_folders_page"), "saved")
