"""Comments at a draft, as the drawing board asks for them: every answer holds all of them."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import BadRequest, InvalidInput
from app.persistence.studio.process_comments import ProcessComment
from app.services.studio import process_comments
from app.unit_of_work import read
from app.web.pages.names import Names
from app.web.reader import current_reader
from app.web.site import bp


@bp.get("/processes/drafts/<draft_id>/comments")
@requires("process.view")
def draft_comments(draft_id: str) -> Response:
    """All threads, the oldest first."""
    return _all(draft_id)


@bp.post("/processes/drafts/<draft_id>/comments")
@requires("process.edit")
def write_comment(draft_id: str) -> Response:
    """``{element_id, element_name, text, key}``: a remark at an element, or at the whole process."""
    process_comments.write(
        draft_id,
        _word("text"),
        current_actor(),
        current_deps(),
        send_key=_word("key"),
        element_id=_word("element_id"),
        element_name=_word("element_name"),
    )
    return _all(draft_id)


@bp.post("/processes/drafts/<draft_id>/comments/<comment_id>/reply")
@requires("process.edit")
def answer_comment(draft_id: str, comment_id: str) -> Response:
    """``{text, key}``: an answer in that thread."""
    process_comments.write(
        draft_id, _word("text"), current_actor(), current_deps(), send_key=_word("key"), thread_id=comment_id
    )
    return _all(draft_id)


@bp.post("/processes/drafts/<draft_id>/comments/<comment_id>/settle")
@requires("process.edit")
def settle_comment(draft_id: str, comment_id: str) -> Response:
    """``{settled}``: dealt with, or open again."""
    settled = _json().get("settled")
    if not isinstance(settled, bool):
        raise InvalidInput("settled: true or false", "settled 应为 true 或 false")
    process_comments.settle(draft_id, comment_id, current_actor(), current_deps(), settled=settled)
    return _all(draft_id)


def _all(draft_id: str) -> Response:
    reader, deps = current_reader(), current_deps()
    found = process_comments.listed(draft_id, reader.actor, deps)
    may_write = reader.may("process.edit")
    with read(deps.read_sessions) as session:
        names = Names(session, reader)
        names.know_people(process_comments.people_in(found))

        def said(row: ProcessComment) -> dict[str, Any]:
            by, when = names.person(row.written_by), reader.f.moment(row.written_at)
            return {"by": by, "at": row.written_at.isoformat(), "when": when, "text": row.text}

        rows = [
            {
                **said(thread.first),
                "id": thread.first.id,
                "element_id": thread.first.element_id,
                "element_name": thread.first.element_name,
                "settled": thread.first.settled_at is not None,
                "settled_by": names.person(thread.first.settled_by),
                "may_write": may_write,
                "replies": [said(row) for row in thread.answers],
            }
            for thread in found
        ]
    return jsonify({"comments": rows})


def _json() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object", "请求内容不是 JSON 对象")
    return body


def _word(name: str) -> str:
    value = _json().get(name, "")
    if not isinstance(value, str):
        raise InvalidInput(f"{name}: a text", f"{name} 应为文字")
    return value
