"""The catalogue of operations, and trying one on a pretended neighbour."""

from __future__ import annotations

from typing import Any, Final

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import NotFound
from app.services.studio.operation_trial import SILENT, prepared, try_operation
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.repairs.repair_values import read_value, shown_value
from app.web.pages.studio.operation_list import operation_list
from app.web.pages.studio.operation_page import FIELD, operation_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, offset_of_request

LONGEST: Final = 2000


@bp.get("/processes/operations")
@requires("process.view")
def operation_catalogue() -> Response:
    """Every operation; by system, by a part of the name, used or not."""
    given = request.args
    only = given.get("only", "")
    with read(current_deps().read_sessions) as session:
        page = operation_list(
            session,
            current_reader(),
            current_deps().registry,
            query=given.get("q", "").strip()[:100],
            adapter=given.get("system", "")[:40],
            only=only if only in ("used", "unused") else "",
            offset=offset_of_request(),
        )
    return render("blocks/page.html", page)


@bp.get("/processes/operations/<code>")
@requires("process.view")
def operation(code: str) -> Response:
    """One operation, with a sample in its form for those who draw."""
    _known(code)
    reader = current_reader()
    sample = prepared(code, current_actor(), current_deps()) if reader.may("process.edit") else {}
    typed = {name: shown_value(value) for name, value in sample.items()}
    with read(current_deps().read_sessions) as session:
        page = operation_page(session, reader, ADDRESSES, current_deps().registry, code, typed=typed)
    return render("blocks/page.html", page)


@bp.post("/processes/operations/<code>/try")
@requires("process.edit")
def attempt_operation(code: str) -> Response:
    """Call it on a pretended neighbour and show what it answered; nothing is stored."""
    _known(code)
    registry, reader = current_deps().registry, current_reader()
    row = registry.get(code)
    typed = {name: request.form.get(f"{FIELD}{name}", "")[:LONGEST] for name in (*row.inputs, *row.optional_inputs)}
    inputs: dict[str, Any] = {}
    wrong = []
    for name, text in typed.items():
        if not text.strip():
            continue
        try:
            inputs[name] = read_value(text.strip())
        except (ValueError, RecursionError):
            wrong.append(name)
    happens = request.form.get("happens", "")
    happens = happens if happens in (*row.failures, SILENT) else ""
    tried = None if wrong else try_operation(code, inputs, current_actor(), current_deps(), happens=happens)
    with read(current_deps().read_sessions) as session:
        page = operation_page(
            session, reader, ADDRESSES, registry, code, typed=typed, tried=tried, happens=happens, wrong=wrong
        )
    return render("blocks/page.html", page, status=422 if wrong else 200)


def _known(code: str) -> None:
    if code not in current_deps().registry:
        raise NotFound(f"there is no operation {code}", f"没有操作 {code}")
