"""What the drawing board asks while somebody draws: names in reach, and what is wrong with an expression."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from flask import jsonify, request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, large_body, requires
from app.errors import BadRequest
from app.services.studio import board_names, called_data
from app.services.studio.file_sizes import within_size
from app.web.site import bp

LONGEST: Final = 5000
MOST_NAMES: Final = 2000


@bp.post("/processes/names")
@requires("process.view")
@large_body
def names_in_reach() -> Response:
    """The names an expression of one element can read."""
    body = _body()
    files, element = body.get("files"), body.get("element")
    if not isinstance(files, dict) or not isinstance(element, str):
        raise BadRequest("files and element are needed", "缺少 files 或 element")
    read = {str(name)[:200]: str(text).encode() for name, text in files.items()}
    within_size(read, current_deps())
    found = board_names.names_at(read, element, current_actor(), current_deps())
    return jsonify({"names": [asdict(one) for one in found]})


@bp.get("/processes/<key>/takes")
@requires("process.view")
def taken_by_process(key: str) -> Response:
    """The data a process takes from whoever calls it."""
    found = called_data.taken_by(key, current_actor(), current_deps())
    return jsonify({"data": [asdict(one) for one in found]})


@bp.post("/processes/expression")
@requires("process.view")
def look_at_expression() -> Response:
    """What is wrong with an expression that somebody types, and where."""
    body = _body()
    text, names = body.get("expression"), body.get("names")
    if not isinstance(text, str) or len(text) > LONGEST:
        raise BadRequest("the expression is missing or too long", "缺少表达式，或表达式太长")
    known = [str(name) for name in names[:MOST_NAMES]] if isinstance(names, list) else None
    marks = board_names.marks_in(text, known, current_actor())
    return jsonify({"marks": [asdict(one) for one in marks]})


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object", "请求内容不是 JSON 对象")
    return body
