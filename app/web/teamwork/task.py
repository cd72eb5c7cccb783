"""The page of one work item: look, fill in, attach, complete, and go on to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, large_body, requires
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.errors import AppError, Conflict, FieldProblem, InvalidInput
from app.persistence.studio.forms import form_schema
from app.persistence.teamwork.work_item_search import get_item, list_items
from app.services import form_drafts
from app.services.teamwork import attachments
from app.services.teamwork import work_list as service
from app.unit_of_work import read
from app.web.form_drafts import OWN_FIELDS, draft_note, restored
from app.web.form_rendering import answers_from_form
from app.web.frame import render
from app.web.pages.teamwork.task_acts import DIALOGS
from app.web.pages.teamwork.task_page import task_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see, wants_fragment
from app.web.teamwork.work_list import who_was_faster
from app.web.views.task import Refused

#: Files of the form's questions come as ``file:<key of the question>``.
FILE_PREFIX = "file:"


@bp.get("/work/<number>")
@requires("item.view")
def task(number: str) -> Response:
    """The page of one item; htmx gets the panel beside the form."""
    reader = current_reader()
    tab = request.args.get("tab", "")
    act = request.args.get("act", "")
    refused = Refused(act) if act in DIALOGS else None
    with read(current_deps().read_sessions) as session:
        page = task_page(session, reader, ADDRESSES, number, tab=tab, refused=refused)
        if wants_fragment() or page.form is None or not page.can_complete:
            return render("work/task.html", page, fragment="work/_context.html")
        typed, draft = restored(session, reader, "task", number, title=page.row.title)
        if typed is not None:
            form_key = get_item(session, reader.actor, number).form_key
            answers = answers_from_form(form_schema(session, form_key) or {}, typed) if form_key else None
            page = task_page(session, reader, ADDRESSES, number, tab=tab, refused=refused, answers=answers)
    return render("work/task.html", page, draft=draft)


@bp.post("/work/<number>/complete")
@large_body
@requires("item.complete")
def complete_item(number: str) -> Response:
    """Hand in the form with its files; with problems it comes back as it was typed."""
    reader, deps = current_reader(), current_deps()
    with read(deps.read_sessions) as session:
        item = get_item(session, reader.actor, number)
        item_id = item.id
        schema = form_schema(session, item.form_key) if item.form_key else None
    answers = answers_from_form(schema, request.form) if schema else {}
    try:
        problems = keep_files(item_id)
        if problems:
            raise InvalidInput("a file is refused", "有文件未被接受", details=problems)
        if schema:
            with read(deps.read_sessions) as session:
                item = get_item(session, reader.actor, number)
                answers = attachments.answers_with_files(session, item, schema, answers)
        service.complete(item_id, answers, reader.actor, deps)
    except InvalidInput as error:
        with read(deps.read_sessions) as session:
            page = task_page(session, reader, ADDRESSES, number, answers=answers, problems=error.details)
        return render("work/task.html", page, status=422, draft=draft_note("task", number, page.row.title))
    except Conflict as error:
        why = who_was_faster(error, number)
        with read(deps.read_sessions) as session:
            page = task_page(session, reader, ADDRESSES, number, answers=answers, why_not=why)
        return render("work/task.html", page, status=409)
    form_drafts.drop("task", number, reader.actor, deps)
    if request.form.get("do") == "next" and (following := _next()):
        return see(ADDRESSES.task(following), "completed-next")
    return see(ADDRESSES.work_list(tab="mine"), "completed")


def _next() -> str:
    """The number of what is done next: the most urgent one the reader has, else the most urgent one to be had."""
    actor, deps = current_actor(), current_deps()
    with read(deps.read_sessions) as session:
        mine, _ = list_items(session, actor, "mine", {"state": WorkItemState.CLAIMED.value}, limit=1, in_brief=True)
    if mine:
        return mine[0].number
    item = service.claim_next(actor, deps)
    return item.number if item else ""


def keep_files(item_id: str) -> list[FieldProblem]:
    """Keep the files of this request with the item; returns what is wrong with those that are not kept."""
    problems = []
    for name in request.files:
        field = name.removeprefix(FILE_PREFIX) if name.startswith(FILE_PREFIX) else request.form.get("field", "")
        for upload in request.files.getlist(name):
            if not upload.filename:
                continue
            sent = attachments.Sent(
                name=upload.filename, content=upload.read(), field=field, key=request.form.get("key", "")
            )
            try:
                attachments.attach(item_id, sent, current_actor(), current_deps())
            except Conflict:
                raise
            except AppError as error:
                if error.http_status >= 500:
                    raise
                told = (f"{upload.filename}：{error.message_zh}", f"{upload.filename}: {error.message_en}")
                problems.append(FieldProblem(path=field or "file", code=error.code, zh=told[0], en=told[1]))
    return problems


def keep_typed(number: str) -> None:
    """Keep what was typed into the form as a draft, where something else than completing was asked for."""
    pairs = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in (*OWN_FIELDS, "field", "key") and isinstance(value, str)
    ]
    if request.form.get("draft_title"):
        form_drafts.keep("task", number, request.form["draft_title"], pairs, current_actor(), current_deps())


def shown_again(
    session: Session,
    number: str,
    *,
    refused: Refused | None = None,
    problems: Sequence[FieldProblem] = (),
    tab: str = "",
) -> Any:
    """The page after something was refused."""
    return task_page(session, current_reader(), ADDRESSES, number, refused=refused, problems=problems, tab=tab)


def typed(*names: str) -> Mapping[str, str]:
    """What was typed into a dialog."""
    return {name: request.form.get(name, "") for name in names}
