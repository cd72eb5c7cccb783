"""What is done with a work item besides completing it; a refusal comes back beside its dialog, typed text kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.domain.promises.calendar import ZONE
from app.domain.teamwork.returns import wrong
from app.errors import AppError, Conflict, Forbidden, InvalidInput
from app.persistence.teamwork.work_item_search import get_item
from app.persistence.teamwork.work_items import WorkItem
from app.services.amending import order_holds
from app.services.teamwork import handing, work_questions
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.teamwork.questions import ask_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see
from app.web.teamwork.task import shown_again, typed
from app.web.teamwork.work_list import day_of
from app.web.views.task import Refused


@bp.post("/work/<number>/hand-over")
@requires("item.claim")
def hand_over_item(number: str) -> Response:
    """Give the item to a colleague."""
    form = typed("to", "note")
    return _done(
        number,
        "hand-over",
        lambda item: handing.hand_over(item.id, form["to"], form["note"], current_actor(), current_deps()),
        "handed-over",
    )


@bp.post("/work/<number>/send-back")
@requires("item.claim")
def send_item_back(number: str) -> Response:
    """Give the item back to its sender."""
    form = typed("reason", "note")
    return _done(
        number,
        "send-back",
        lambda item: handing.send_back(item.id, form["reason"], form["note"], current_actor(), current_deps()),
        "sent-back",
    )


@bp.post("/work/<number>/send-again")
@requires("item.claim")
def send_item_again(number: str) -> Response:
    """Send a returned item on to the team that gave it back."""
    note = request.form.get("note", "")
    return _done(
        number,
        "send-again",
        lambda item: handing.send_again(item.id, note, current_actor(), current_deps()),
        "sent-again",
    )


@bp.post("/work/<number>/ask")
@requires("item.claim")
def ask_about_item(number: str) -> Response:
    """Ask somebody about the item; it stays where it is."""
    kind, _, name = request.form.get("to", "").partition(":")
    to = {"team": name} if kind == "team" else {"login": name}
    text = request.form.get("text", "")
    return _done(
        number,
        "ask",
        lambda item: work_questions.ask(item.id, text, current_actor(), current_deps(), **to),
        "asked",
        stay=True,
    )


@bp.post("/work/<number>/follow-up")
@requires("item.claim")
def follow_item_up(number: str) -> Response:
    """Note the day on which to look at the item again."""

    def note(item: WorkItem) -> None:
        handing.follow_up(item.id, day_of(request.form.get("day", "")), current_actor(), current_deps())

    return _done(number, "follow-up", note, "follow-up", stay=True)


@bp.post("/work/<number>/hold")
@requires("order.hold")
def hold_item(number: str) -> Response:
    """Let the order of the item stand still: for the customer (the clock stops) or for us (it runs)."""

    def hold(item: WorkItem) -> None:
        if item.order_id is None:
            raise Conflict("only orders stand still", "只有订单可以挂起")
        kind, _, reason = request.form.get("reason", "").partition(":")
        note = request.form.get("note", "").strip()[:500]
        day = day_of(request.form.get("until", ""))
        until = datetime.combine(day, time(), ZONE) if day else None
        if not reason:
            raise wrong("reason", "choose a reason from the list", "请选择原因")
        if kind == "ours":
            order_holds.hold_order(item.order_id, reason, note, current_actor(), current_deps(), until=until)
            return
        if not note:
            raise wrong("note", "say what proves it", "请填写凭证")
        order_holds.pause_order(item.order_id, reason, note, current_actor(), current_deps(), until=until)

    return _done(number, "hold", hold, "order-held", stay=True)


@bp.post("/work/<number>/resume")
@requires("order.hold")
def resume_item(number: str) -> Response:
    """Let the order of the item go on."""

    def resume(item: WorkItem) -> None:
        if item.order_id is None:
            raise Conflict("only orders stand still", "只有订单可以挂起")
        order_holds.resume_order(item.order_id, current_actor(), current_deps())

    return _done(number, "resume", resume, "resumed", stay=True)


@bp.get("/work/questions")
@requires("item.view")
def questions() -> Response:
    """What waits for an answer of the reader, and what the reader has asked."""
    with read(current_deps().read_sessions) as session:
        page = ask_page(session, current_reader(), ADDRESSES)
    return render("work/questions.html", page)


@bp.post("/work/questions/<question_id>")
@requires("item.view")
def answer_question(question_id: str) -> Response:
    """Answer; back to where the question was read."""
    refused, actor, deps = None, current_actor(), current_deps()
    try:
        work_questions.answer(question_id, request.form.get("text", ""), actor, deps)
    except (Conflict, InvalidInput) as error:
        refused = Refused(question_id, ((f"a-{question_id}", error.message(current_reader().language)),), typed("text"))
    if refused is None:
        return see(ADDRESSES.work_list() + "/questions", "answered")
    with read(deps.read_sessions) as session:
        page = ask_page(session, current_reader(), ADDRESSES)
    return render("work/questions.html", page, status=422, refused=refused)


def _done(number: str, name: str, act: Callable[[WorkItem], object], done: str, *, stay: bool = False) -> Response:
    reader = current_reader()
    with read(current_deps().read_sessions) as session:
        item = get_item(session, reader.actor, number)
    try:
        act(item)
    except (Conflict, Forbidden, InvalidInput) as error:
        refused = Refused(name, _faults(name, error, reader.language), dict(request.form.items()))
        with read(current_deps().read_sessions) as session:
            page = shown_again(session, number, refused=refused)
        return render("work/task.html", page, status=error.http_status)
    return see(ADDRESSES.task(number) if stay else ADDRESSES.work_list(tab="mine"), done)


def _faults(name: str, error: AppError, language: str) -> tuple[tuple[str, str], ...]:
    """Field of the dialog and sentence."""
    found = tuple((f"{name}-{row.path}", row.en if language == "en" else row.zh) for row in error.details)
    return found or (("", error.message(language)),)
