"""Drafts: opened on their board, saved while somebody draws, locked, taken over, thrown away."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask import Response as FlaskResponse
from flask import jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, large_body, requires
from app.errors import BadRequest, DraftChanged, DraftLocked, InvalidInput, NotFound
from app.persistence.studio.drafts import ProcessDraft
from app.services.studio import draft_locks, process_drafts
from app.services.studio.file_sizes import within_size
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.names import Names
from app.web.pages.studio.drafts import draft_board, draft_history
from app.web.reader import Reader, current_reader
from app.web.site import ADDRESSES, bp, see
from app.web.studio.designer import board_response

ACTS: Final = ("keep", "take", "ask", "release")


@bp.get("/processes/drafts/<draft_id>")
@requires("process.view")
def draft(draft_id: str) -> Response:
    """The board of the draft's kind; who may not write, or comes second, reads."""
    with read(current_deps().read_sessions) as session:
        page = draft_board(session, current_reader(), ADDRESSES, draft_id)
    if page.kind in ("dmn", "form"):
        board = f"/processes/{'decisions' if page.kind == 'dmn' else 'forms'}/drafts/{draft_id}"
        return redirect(f"{board}?{request.query_string.decode('ascii', 'ignore')}".rstrip("?"), code=303)
    return board_response("processes/edit.html", page)


@bp.post("/processes/drafts/<draft_id>/save")
@requires("process.edit")
@large_body
def save_draft(draft_id: str) -> Response:
    """Save what is on the board: ``{text, revision}``. What comes too late is kept as a draft of one's own."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object", "请求内容不是 JSON 对象")
    text, revision = body.get("text"), body.get("revision")
    if not isinstance(text, str) or not isinstance(revision, int):
        raise InvalidInput("text and revision are needed", "缺少 text 或 revision")
    content = text.encode("utf-8", "replace")
    within_size({draft_id: content}, current_deps())
    reader, keep_mine = current_reader(), body.get("keep_mine") is not False
    try:
        row, found = process_drafts.change(
            draft_id, content, current_actor(), current_deps(), revision=revision, keep_mine=keep_mine
        )
    except (DraftLocked, DraftChanged) as refused:
        return _refused(refused, reader)
    answer = {
        "revision": row.revision,
        "saved_at": row.saved_at.isoformat(),
        "saved": reader.f.clock(row.saved_at),
        "errors": row.errors,
        "warnings": row.warnings,
    }
    return jsonify(answer | ({"findings": found} if "findings" in request.args else {}))


@bp.get("/processes/drafts/<draft_id>/state")
@requires("process.view")
def draft_state(draft_id: str) -> Response:
    """Who writes, since when, and how often it was saved; small enough to be asked every few seconds."""
    return jsonify(_state(*draft_locks.look(draft_id, current_actor(), current_deps()), current_reader()))


@bp.post("/processes/drafts/<draft_id>/lock")
@requires("process.edit")
def lock_draft(draft_id: str) -> Response:
    """``{"do": …}``: ``keep`` begins to write or goes on, ``ask`` for it, ``take`` it over, ``release`` it.

    From a form without scripts it leads back to the board.
    """
    body = request.get_json(silent=True) if request.is_json else request.form
    given: Any = body if body is not None else {}
    do, actor, deps, reader = given.get("do", "keep"), current_actor(), current_deps(), current_reader()
    if do not in ACTS:
        raise InvalidInput(f"do is one of {', '.join(ACTS)}", f"do 只能是 {'、'.join(ACTS)}")
    try:
        if do == "keep":
            row, now = draft_locks.lock(draft_id, actor, deps)
        elif do == "ask":
            row, now = draft_locks.ask(draft_id, actor, deps)
        elif do == "take":
            # Whoever asked first may wait for an answer; a person who says "take over now" has decided.
            row, now = draft_locks.take(draft_id, actor, deps, force=given.get("force") not in (False, "no"))
        else:
            row, now = draft_locks.release(draft_id, actor, deps)
    except DraftLocked as refused:
        if not request.is_json:
            raise
        return _refused(refused, reader)
    if not request.is_json:
        return see(url_for("web.draft", draft_id=draft_id))
    return jsonify(_state(row, now, reader))


@bp.get("/processes/drafts/<draft_id>/source")
@requires("process.view")
def draft_source(draft_id: str) -> Response:
    """The file as it was saved; for the board, and to download. ``?revision=`` for an earlier text."""
    revision = request.args.get("revision", type=int)
    if revision is None:
        name, content = process_drafts.source(draft_id, current_actor(), current_deps())
    else:
        name, content = process_drafts.earlier_text(draft_id, revision, current_actor(), current_deps())
    headers = {"Content-Disposition": f'attachment; filename="{name}"' if _plain(name) else "attachment"}
    kind = "application/json" if name.endswith(".form") else "text/xml"
    return FlaskResponse(content, content_type=f"{kind}; charset=utf-8", headers=headers)


@bp.get("/processes/drafts/<draft_id>/history")
@requires("process.view")
def draft_texts(draft_id: str) -> Response:
    """The earlier texts of a draft, each to be looked at or to go back to."""
    with read(current_deps().read_sessions) as session:
        page = draft_history(session, current_reader(), draft_id)
    return render("processes/draft_history.html", page)


@bp.post("/processes/drafts/<draft_id>/back")
@requires("process.edit")
def draft_back(draft_id: str) -> Response:
    """Save an earlier text again."""
    revision = request.form.get("revision", type=int)
    if revision is None:
        raise NotFound()
    process_drafts.go_back(draft_id, revision, current_actor(), current_deps())
    return see(url_for("web.draft_texts", draft_id=draft_id), "saved")


@bp.post("/processes/drafts/<draft_id>/describe")
@requires("process.edit")
def describe_draft(draft_id: str) -> Response:
    """Another file name or remark."""
    name, note = request.form.get("name", "").strip(), request.form.get("note")
    process_drafts.describe(
        draft_id, current_actor(), current_deps(), name=name or None, note=None if note is None else note[:500]
    )
    return see(url_for("web.draft_texts", draft_id=draft_id), "saved")


@bp.post("/processes/drafts/<draft_id>/remove")
@requires("process.edit")
def remove_draft(draft_id: str) -> Response:
    """Throw it away."""
    process_drafts.remove(draft_id, current_actor(), current_deps())
    return redirect(url_for("web.processes"), code=303)


def _state(row: ProcessDraft, now: datetime, reader: Reader) -> dict[str, Any]:
    with read(current_deps().read_sessions) as session:
        names = Names(session, reader)
        names.know_people(login for login in (row.locked_by, row.asked_by, row.saved_by) if login)
        other = draft_locks.holder(row, now)
        mine = other == reader.actor.login
        return {
            "mine": mine,
            "holder": "" if other is None or mine else names.person(other),
            "since": reader.f.clock(row.locked_at) if other and row.locked_at else "",
            "asked_by": names.person(row.asked_by) if row.asked_by and row.asked_by != reader.actor.login else "",
            "revision": row.revision,
            "saved": reader.f.clock(row.saved_at),
            "saved_by": names.person(row.saved_by),
        }


def _refused(refused: DraftLocked | DraftChanged, reader: Reader) -> Response:
    """Who was first, as a sentence and in parts, and where the text that came too late is kept."""
    facts, t = refused.facts, reader.t
    who = str(facts.get("locked_by") or facts.get("saved_by") or "")
    with read(current_deps().read_sessions) as session:
        names = Names(session, reader)
        names.know_people([who])
        name = names.person(who)
    locked_at = str(facts.get("locked_at") or "")
    since = reader.f.clock(datetime.fromisoformat(locked_at)) if locked_at else ""
    kept = str(facts.get("draft_id") or "")
    locked = isinstance(refused, DraftLocked)
    message = (
        t("{name} is working on this draft since {time}.", name=name, time=since)
        if locked
        else t("{name} has saved this draft since you opened it.", name=name)
    )
    answer = jsonify(
        {
            "code": refused.code,
            "message": message,
            "holder": name if locked else "",
            "since": since,
            "revision": facts.get("revision"),
            "draft_id": kept,
            "draft_href": url_for("web.draft", draft_id=kept) if kept else "",
        }
    )
    answer.status_code = refused.http_status
    return answer


def _plain(name: str) -> bool:
    return name.isascii() and name.isprintable() and not set(name) & {'"', "\\"}
