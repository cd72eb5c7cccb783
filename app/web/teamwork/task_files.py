"""Files of work items: attach, look, save, remove."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, large_body, requires
from app.domain.files.headers import download_headers
from app.persistence.teamwork.work_item_search import get_item
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork import attachments
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.names import Names
from app.web.pages.teamwork.task_files import files_around, files_by_question
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see, wants_fragment
from app.web.teamwork.task import keep_files, keep_typed, shown_again


@bp.post("/work/<number>/files")
@large_body
@requires("item.complete")
def attach_files(number: str) -> Response:
    """Keep files with an item. A script gets the list they are in; a form comes back to the page, typed text kept."""
    reader = current_reader()
    with read(current_deps().read_sessions) as session:
        item_id = get_item(session, reader.actor, number, in_brief=True).id
    problems = keep_files(item_id)
    if wants_fragment():
        return _list(number, request.form.get("field", ""), [reader.words_of(one) for one in problems])
    keep_typed(number)
    if problems:
        with read(current_deps().read_sessions) as session:
            page = shown_again(session, number, problems=problems, tab="files")
        return render("work/task.html", page, status=422)
    return see(ADDRESSES.task(number) + "?tab=files", "attached")


@bp.get("/files/<number>")
@requires("item.view")
def file(number: str) -> Response:
    """One file to be saved; ``show``: an image to be looked at in the page."""
    found = attachments.handed_out(number, current_actor(), current_deps())
    row = found.attachment
    return Response(
        found.content, headers=download_headers(row.name, row.media_type, inline=bool(request.args.get("show")))
    )


@bp.post("/files/<number>/remove")
@large_body
@requires("item.complete")
def remove_file(number: str) -> Response:
    """Take a file away that the reader has attached."""
    row = attachments.remove(number, current_actor(), current_deps())
    with read(current_deps().read_sessions) as session:
        item = session.get_one(WorkItem, row.work_item_id)
    if wants_fragment():
        return _list(item.number, request.form.get("field", row.field), [])
    keep_typed(item.number)
    return see(ADDRESSES.task(item.number) + ("?tab=files" if not row.field else ""), "file-removed")


def _list(number: str, field: str, faults: list[str]) -> Response:
    """The files of one question, or all around the item."""
    reader = current_reader()
    with read(current_deps().read_sessions) as session:
        item = get_item(session, reader.actor, number)
        names = Names(session, reader)
        if field:
            files = tuple(files_by_question(session, item, names, reader, ADDRESSES).get(field, ()))
        else:
            files = files_around(session, item, names, reader, ADDRESSES)
    return render("work/_files.html", None, fragment="work/_files.html", files=files, field=field, faults=faults)
