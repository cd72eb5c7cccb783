"""Files of the catalogue, of teams and of rules: looked at first, then brought in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from flask import current_app, request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, large_body, requires_login
from app.domain.actors import may
from app.domain.promises.calendar import ZONE
from app.errors import AppError, BadRequest, FieldProblem, InvalidInput, NotFound
from app.services.products import catalogue_desk
from app.services.products.catalogue_desk import GOODS, TEAMS, Change
from app.services.promises import rule_desk
from app.web.frame import render
from app.web.pages.bulk.bring_in import KINDS, Brought, bring_in_page, changed_rows
from app.web.reader import current_reader
from app.web.site import bp, see

#: Registered by the JSON doors: the pages read files with the very same eyes.
FILE_READERS: Final = "yizhan_file_readers"
BOOKS: Final = {"goods": GOODS, "teams": TEAMS}


@bp.get("/bring-in/<what>")
@requires_login
def bring_in(what: str) -> Response:
    """The form for a file."""
    _known(what)
    return render("blocks/page.html", bring_in_page(current_reader(), what, None))


@bp.post("/bring-in/<what>")
@requires_login
@large_body
def bring_in_file(what: str) -> Response:
    """Show what a file would change, or bring it in."""
    _known(what)
    form = request.form
    given = {name: values for name, values in form.to_dict(flat=False).items() if name != "content"}
    keep = form.get("do") == "keep"
    try:
        content, begins, note = _content(), _begins(), form.get("note", "").strip()[:300]
        if not note:
            zh, en = "请写明原因", "say why"
            raise InvalidInput(en, zh, details=[FieldProblem(path="note", code="required", zh=zh, en=en)])
        changes = _changes(what, content, begins, note, keep=keep)
    except (InvalidInput, BadRequest) as error:
        return _refused(what, given, error)
    if keep:
        return see(KINDS[what].home, "saved")
    page = bring_in_page(current_reader(), what, Brought(form=given, content=content, changes=changes, begins=begins))
    return render("blocks/page.html", page)


def _changes(what: str, content: str, begins: datetime | None, note: str, *, keep: bool) -> list[Change]:
    actor, deps = current_actor(), current_deps()
    readers: dict[str, Callable[[str], dict[str, Any]]] = current_app.extensions[FILE_READERS]
    body = readers[KINDS[what].reader](content)
    if what in BOOKS:
        made = catalogue_desk.bring_in(
            body, actor, deps, note=note, valid_from=begins, only_check=not keep, book=BOOKS[what]
        )
        return list(made.changes)
    before = rule_desk.take_out(what, actor, deps)
    rule_desk.bring_in(what, body, actor, deps, effective_from=begins, note=note, only_check=not keep)
    return changed_rows(before, body)


def _content() -> str:
    file = request.files.get("file")
    raw = file.read() if file is not None and file.filename else request.form.get("content", "").encode()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        zh, en = "文件须为 UTF-8 编码的文本", "the file has to be text in UTF-8"
        raise InvalidInput(en, zh, details=[FieldProblem(path="file", code="encoding", zh=zh, en=en)]) from error
    if not text.strip():
        zh, en = "请选择文件", "choose a file"
        raise InvalidInput(en, zh, details=[FieldProblem(path="file", code="required", zh=zh, en=en)])
    return text


def _begins() -> datetime | None:
    text = request.form.get("begins", "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text[:25])
    except ValueError as error:
        zh, en = "请填写日期和时间", "a date with a time is wanted"
        raise InvalidInput(en, zh, details=[FieldProblem(path="begins", code="time", zh=zh, en=en)]) from error
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def _refused(what: str, given: dict[str, list[str]], error: AppError) -> Response:
    moved = {"valid_from": "begins", "effective_from": "begins"}
    error.details = tuple(
        FieldProblem(path=moved.get(one.path, one.path), code=one.code, zh=one.zh, en=one.en)
        for one in error.details[:50]
    )
    page = bring_in_page(current_reader(), what, Brought(form=given, error=error))
    return render("blocks/page.html", page, status=422)


def _known(what: str) -> None:
    """:raises NotFound: no such kind of file. :raises Forbidden: the reader may not bring it in."""
    if what not in KINDS:
        raise NotFound
    may(current_actor(), KINDS[what].right)
