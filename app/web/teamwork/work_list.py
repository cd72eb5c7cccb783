"""The work list: claim, give back, work on, complete."""

from __future__ import annotations

from datetime import date
from typing import cast

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.domain.teamwork.returns import wrong
from app.errors import AppError, BadRequest, Conflict, Forbidden
from app.persistence.desk_choices import choice_of
from app.persistence.teamwork.work_item_search import get_item
from app.services.teamwork import work_list as service
from app.services.teamwork.work_bulk import RIGHTS, Act, Wanted, do_each
from app.unit_of_work import read
from app.web.exports import MOST, as_csv
from app.web.frame import render
from app.web.pages.names import Names
from app.web.pages.teamwork.task_page import task_page
from app.web.pages.teamwork.work_filters import Asked, asked
from app.web.pages.teamwork.work_list import CHOICE, all_rows, columns_of, work_rows
from app.web.pages.teamwork.work_list import work_list as build_list
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, offset_of_request, see, wants_fragment
from app.web.views.work import WorkListRow


@bp.get("/work")
@requires("item.view")
def work_list() -> Response:
    """One tab of the list, as a page or as a file."""
    wanted = asked(request.args, offset_of_request())
    with read(current_deps().read_sessions) as session:
        if request.args.get("format") == "csv":
            return _as_file(session, wanted)
        page = build_list(session, current_reader(), ADDRESSES, wanted)
    return render("work/list.html", page, fragment="work/_rows.html")


def _as_file(session: Session, wanted: Asked) -> Response:
    reader = current_reader()
    t = reader.t
    rows, more = all_rows(session, reader, ADDRESSES, wanted, most=MOST)
    head = (t("Time left"), t("Order"), t("Customer"), t("Tier"), t("Task"), t("Product"), t("Area"))
    more_heads = (t("Team"), t("Who has it"), t("Came"), t("Follow-up"))
    lines = [
        (
            *(row.sla.text, row.order_number, row.customer, row.tier, row.title, row.product, row.area),
            *(row.team, row.owner, row.came, row.follow_up),
        )
        for row in rows
    ]
    cut = t("The list goes on; only its first {n} rows are here.", n=MOST) if more else ""
    return as_csv(f"work-{wanted.tab}", head + more_heads, lines, cut=cut)


@bp.post("/work/bulk")
@requires("item.claim")
def work_bulk() -> Response:
    """One act on all chosen rows; the list comes back with what became of each."""
    reader, deps = current_reader(), current_deps()
    act, to = request.form.get("act", ""), request.form.get("to", "")
    if act not in RIGHTS:
        raise BadRequest("There is no such act.", "没有这个操作。")
    kind, _, name = to.partition(":")
    wanted = Wanted(
        act=cast("Act", act),
        team=name if kind == "team" else None,
        login=name if kind == "person" else None,
        reason=request.form.get("reason", "").strip()[:200],
        day=day_of(request.form.get("day", "")) if act == "follow_up" else None,
    )
    if act == "assign" and (not name or not wanted.reason):
        raise BadRequest("Say to whom, and why.", "请选择派给谁，并写明原因。")
    outcomes = do_each(request.form.getlist("number"), wanted, reader.actor, deps)
    with read(deps.read_sessions) as session:
        page = build_list(session, reader, ADDRESSES, asked(request.args, offset_of_request()), outcomes=outcomes)
    return render("work/list.html", page, status=200 if not page.refused else 409)


@bp.post("/work/next")
@requires("item.claim")
def claim_next() -> Response:
    """Take the most urgent item the reader may have, and open it."""
    item = service.claim_next(current_actor(), current_deps())
    return see(ADDRESSES.task(item.number), "claimed") if item else see(ADDRESSES.work_list(), "nothing-open")


@bp.post("/work/<number>/claim")
@requires("item.claim")
def claim_item(number: str) -> Response:
    """Take an item: its row is swapped in place, or the page opens."""
    refusal = ""
    try:
        service.claim(_id_of(number), current_actor(), current_deps())
    except (Conflict, Forbidden) as error:
        refusal = who_was_faster(error, number)
    return _after(number, refusal, "claimed", stay=True)


@bp.post("/work/<number>/release")
@requires("item.claim")
def release_item(number: str) -> Response:
    """Give an item back to the team."""
    refusal = ""
    try:
        service.release(_id_of(number), current_actor(), current_deps())
    except (Conflict, Forbidden) as error:
        refusal = who_was_faster(error, number)
    return _after(number, refusal, "released", stay=False)


def day_of(text: str) -> date | None:
    """The day that was typed. :raises InvalidInput: it is none."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise wrong("day", "give a day, like 2026-12-01", "日期格式如 2026-12-01") from None


def _id_of(number: str) -> str:
    with read(current_deps().read_sessions) as session:
        return get_item(session, current_reader().actor, number).id


def _after(number: str, refusal: str, done: str, *, stay: bool) -> Response:
    if wants_fragment():
        with read(current_deps().read_sessions) as session:
            row = _row(session, number, refusal)
        return render("work/_row.html", None, fragment="work/_row.html", status=200, row=row)
    if refusal:
        with read(current_deps().read_sessions) as session:
            page = task_page(session, current_reader(), ADDRESSES, number, why_not=refusal)
        return render("work/task.html", page, status=409)
    return see(ADDRESSES.task(number) if stay else ADDRESSES.work_list(item=number), done)


def _row(session: Session, number: str, refusal: str) -> WorkListRow:
    reader = current_reader()
    item = get_item(session, reader.actor, number)
    shown = columns_of(choice_of(session, reader.actor.login, CHOICE))
    return work_rows([item], Names(session, reader), reader, ADDRESSES, why_not=refusal, columns=shown)[0]


def who_was_faster(error: AppError, number: str) -> str:
    """The sentence for people: who was faster, by name, not by login."""
    reader = current_reader()
    with read(current_deps().read_sessions) as session:
        item = get_item(session, reader.actor, number)
        if item.claimed_by and item.claimed_by != reader.actor.login and item.state == "claimed":
            return reader.t(
                "{who} was faster and has this item now.", who=Names(session, reader).person(item.claimed_by)
            )
    return error.message(reader.language)
