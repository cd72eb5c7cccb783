"""The phone of a field crew: the visits of the day, one visit with its form, and what it sends, each once.

Every form works without a script. With one, the phone keeps what it cannot send, and sends it here later for JSON.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, Final

from flask import jsonify, request, url_for
from werkzeug.wrappers import Response

from app.access import csrf_token, current_actor, current_deps, large_body, requires
from app.errors import AppError, BadRequest, Conflict, Forbidden, InvalidInput, TooLarge, UnsupportedMedia
from app.persistence.studio.forms import form_schema
from app.persistence.teamwork.work_item_search import get_item, list_items
from app.services.teamwork import work_list as service
from app.services.teamwork.attachments import MOST_KEY, Sent, attach
from app.services.teamwork.field_visits import Report, arrive, hand_in
from app.unit_of_work import read
from app.web.assets import FIELD_ENTRY, FIELD_SHEETS
from app.web.form_rendering import answers_from_form
from app.web.frame import current_assets, language_href, render
from app.web.pages.teamwork.field import MOST_VISITS, field_day, visit_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see
from app.web.values import instant

#: What belongs to the sending and not to what was filled in.
OWN_FIELDS: Final = frozenset({"csrf_token", "key", "at"})
FILE_PREFIX: Final = "file-"


@bp.get("/field")
@requires("item.visit")
def field() -> Response:
    """The visits of the day."""
    with read(current_deps().read_sessions) as session:
        page = field_day(session, current_reader(), ADDRESSES)
    return render("field/day.html", page, **_shell())


@bp.get("/field/state")
@requires("item.visit")
def field_state() -> Response:
    """What a phone has to know before it sends anything: who is signed in, with which token, and whose visits."""
    actor = current_actor()
    with read(current_deps().read_sessions) as session:
        mine, _ = list_items(session, actor, "mine", limit=MOST_VISITS, in_brief=True)
        pages = [url_for("web.visit", number=item.number) for item in mine]
    return jsonify({"login": actor.login, "csrf": csrf_token(), "pages": [url_for("web.field"), *pages]})


@bp.get("/field/<number>")
@requires("item.visit")
def visit(number: str) -> Response:
    """One visit."""
    return _visit(number)


@bp.post("/field/<number>/arrive")
@requires("item.visit")
def arrive_at_visit(number: str) -> Response:
    """Somebody has come to the place."""
    try:
        fresh = arrive(number, _report(), current_actor(), current_deps())
    except (Conflict, Forbidden) as error:
        return _refused(number, error)
    return _taken(url_for("web.visit", number=number), "arrived", fresh=fresh)


@bp.post("/field/<number>/photos")
@requires("item.visit")
@large_body
def send_photo(number: str) -> Response:
    """One photo for a question of the form; sent again under its key it is the same one."""
    upload = request.files.get("photo")
    if upload is None:
        raise BadRequest("There is no photo.", "没有照片。")
    sent = Sent(
        name=upload.filename or "",
        content=upload.read(),
        field=request.form.get("field", ""),
        key=request.form.get("key", ""),
    )
    try:
        row = attach(_id_of(number), sent, current_actor(), current_deps())
    except (InvalidInput, TooLarge, UnsupportedMedia, Conflict, Forbidden) as error:
        return _refused(number, error)
    if _by_script():
        return jsonify({"state": "accepted", "name": row.number})
    return see(url_for("web.visit", number=number))


@bp.post("/field/<number>/complete")
@requires("item.visit")
@large_body
def complete_visit(number: str) -> Response:
    """The form of a visit is handed in; with problems it comes back as it was filled in."""
    actor, deps = current_actor(), current_deps()
    with read(deps.read_sessions) as session:
        form_key = get_item(session, actor, number, in_brief=True).form_key
        schema = form_schema(session, form_key) if form_key else None
    answers = answers_from_form(schema, request.form) if schema else {}
    try:
        _attach_all(number)
        fresh = hand_in(number, answers, _report(), actor, deps)
    except (InvalidInput, TooLarge, UnsupportedMedia, Conflict, Forbidden) as error:
        return _refused(number, error, answers)
    return _taken(url_for("web.field"), "completed", fresh=fresh)


@bp.post("/field/<number>/take")
@requires("item.visit")
def take_visit(number: str) -> Response:
    """Take a visit that nobody has."""
    try:
        service.claim(_id_of(number), current_actor(), current_deps())
    except (Conflict, Forbidden) as error:
        return _refused(number, error)
    return see(url_for("web.visit", number=number), "claimed")


@bp.post("/field/<number>/release")
@requires("item.visit")
def release_visit(number: str) -> Response:
    """Give a visit back to the team."""
    try:
        service.release(_id_of(number), current_actor(), current_deps())
    except (Conflict, Forbidden) as error:
        return _refused(number, error)
    return see(url_for("web.field"), "released")


def _attach_all(number: str) -> None:
    """The photos of a form that was sent without a script come with it."""
    for name, uploads in request.files.lists():
        for place, upload in enumerate(uploads):
            if upload.filename and name.startswith(FILE_PREFIX):
                field = name.removeprefix(FILE_PREFIX)
                key = f"{request.form.get('key', '')}-{field}-{place}"[:MOST_KEY]
                sent = Sent(name=upload.filename, content=upload.read(), field=field, key=key)
                attach(_id_of(number), sent, current_actor(), current_deps())


def _visit(number: str, *, status: int = 200, **more: Any) -> Response:
    deps = current_deps()
    with read(deps.read_sessions) as session:
        page = visit_page(session, current_reader(), ADDRESSES, number, new_key=deps.new_id, **more)
    return render("field/visit.html", page, status=status, **_shell())


def _shell() -> dict[str, Any]:
    """What the frame of the phone's pages needs beside that of the others."""
    reader = current_reader()
    return {
        "field_sheets": FIELD_SHEETS,
        "field_scripts": current_assets().scripts(FIELD_ENTRY),
        "other_href": language_href("zh" if reader.language == "en" else "en"),
        "login": reader.actor.login,
    }


def _report() -> Report:
    """The key, the time and a hash of what was sent. Without a script the key is the one the page was made with."""
    fields = [[name, value] for name, value in request.form.items(multi=True) if name not in OWN_FIELDS]
    said = json.dumps(sorted(fields), ensure_ascii=False).encode()
    at: datetime | None = instant(request.form.get("at", ""))
    return Report(key=request.form.get("key", ""), at=at, body_hash=hashlib.sha256(said).hexdigest())


def _taken(address: str, done: str, *, fresh: bool) -> Response:
    if _by_script():
        return jsonify({"state": "accepted", "again": not fresh, "next": address})
    return see(address, done)


def _refused(number: str, error: AppError, answers: dict[str, Any] | None = None) -> Response:
    reader = current_reader()
    english = reader.language == "en"
    message = error.message(reader.language)
    if _by_script():
        fields = {problem.path: problem.en if english else problem.zh for problem in error.details}
        response = jsonify({"state": "refused", "code": error.code, "message": message, "fields": fields})
        response.status_code = error.http_status
        return response
    why = "" if error.details else message
    return _visit(number, status=error.http_status, answers=answers, problems=error.details, why_not=why)


def _by_script() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _id_of(number: str) -> str:
    with read(current_deps().read_sessions) as session:
        return get_item(session, current_actor(), number, in_brief=True).id
