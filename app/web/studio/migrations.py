"""Migrations of running orders to another version of their process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from flask import redirect, request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import BadRequest, InvalidInput
from app.persistence.repairs import migration_search
from app.persistence.repairs.migration_search import Asked
from app.services.studio import migration_acts, migration_desk
from app.unit_of_work import read
from app.web.addresses import with_arguments
from app.web.exports import MOST, as_csv
from app.web.frame import render
from app.web.pages.studio.migration_mapping import FIELD
from app.web.pages.studio.migration_names import TwoVersions
from app.web.pages.studio.migration_page import SHOWN, Look, migration_page
from app.web.pages.studio.migration_parts import Desk, instance_rows
from app.web.pages.studio.migrations import MOST_BEFORE, PAGE_SIZE, migration_list, plan_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, offset_of_request, see
from app.web.views.parts import Fault
from processes.store.migrations import Migration

LONGEST: Final = 255
#: So many orders can be picked by hand: their ids go along in the address of the list.
MOST_PICKED: Final = 50
ID_CHARS: Final = 36


@bp.get("/processes/migrations")
@requires("process.migrate")
def migrations() -> Response:
    """Every migration."""
    offset = offset_of_request()
    rows, total = migration_desk.listed(current_actor(), current_deps(), key=None, offset=offset, limit=PAGE_SIZE)
    with read(current_deps().read_sessions) as session:
        page = migration_list(session, current_reader(), rows, total, offset)
    return render("migrations/list.html", page)


@bp.get("/processes/<key>/migrate")
@requires("process.migrate")
def plan_migration(key: str) -> Response:
    """The form for a new one; ``from`` and ``to`` are the versions."""
    return _plan(key, {name: request.args.get(name, "")[:9] for name in ("from", "to")})


@bp.post("/processes/<key>/migrate")
@requires("process.migrate")
def make_migration(key: str) -> Response:
    """Draft it by element id, and try it at once over everything that runs."""
    given = {name: request.form.get(name, "").strip()[:500] for name in ("from", "to", "reason", "seen")}
    reader = current_reader()
    if not given["reason"]:
        return _plan(key, given, [Fault("reason", reader.t("Give a reason."))])
    if not (given["from"].isdecimal() and given["to"].isdecimal()):
        raise BadRequest("Choose the versions.", "请选择版本。")
    try:
        made = migration_acts.plan(
            key,
            current_actor(),
            current_deps(),
            from_version=int(given["from"]),
            to_version=int(given["to"]),
            reason=given["reason"],
            seen=given["seen"],
        )
    except InvalidInput:
        return _plan(key, given, [Fault("to", reader.t("Choose another version than the one they come from."))])
    return see(f"/processes/migrations/{made}")


@bp.get("/processes/migrations/<migration_id>")
@requires("process.migrate")
def migration(migration_id: str) -> Response:
    """One of them; ``format=csv`` is the list as a file."""
    actor, deps, reader = current_actor(), current_deps(), current_reader()
    shown = migration_desk.one(migration_id, actor, deps)
    look = Look(
        asked=_asked(request.args),
        offset=offset_of_request(),
        mapping=request.args.get("map", "")[:LONGEST],
        picked=_picked(request.args.get("pick", "").split(","))[:MOST_PICKED],
    )
    definitions = deps.engine.parts.definitions
    with read(deps.read_sessions) as session:
        if request.args.get("format") == "csv":
            row = session.get_one(Migration, migration_id)
            two = TwoVersions(session, reader, row, definitions)
            desk = Desk(session, reader, ADDRESSES, row, shown, two)
            found, total = migration_search.instances(session, actor, row, look.asked, offset=0, limit=MOST)
            return _as_file(desk, found, cut=total > MOST)
        page = migration_page(session, reader, ADDRESSES, shown, definitions, look)
    return render("migrations/page.html", page, fragment="migrations/_live.html")


@bp.post("/processes/migrations/<migration_id>/choose")
@requires("process.migrate")
def choose_for_migration(migration_id: str) -> Response:
    """Note which orders are picked, and show the list that was asked for; nothing moves."""
    form = request.form
    chosen, asked = _picked(form.getlist("pick")), _asked(form)
    if len(chosen) > MOST_PICKED:
        raise BadRequest(
            f"At most {MOST_PICKED} can be picked by hand; move more with the pilot.",
            f"一次最多手选 {MOST_PICKED} 单，更多的请用“先迁移几单”。",
        )
    offset = "" if form.get("do") == "search" or not form.get("offset", "").isdecimal() else form["offset"]
    given = {"show": asked.show, "code": asked.code, "element": asked.element_id, "at": asked.at, "no": asked.number}
    here = f"/processes/migrations/{migration_id}"
    return redirect(with_arguments(here, {**given, "offset": offset, "pick": ",".join(chosen)}) + "#each", 303)


@bp.post("/processes/migrations/<migration_id>/<act>")
@requires("process.migrate")
def act_on_migration(migration_id: str, act: str) -> Response:
    """Try it, change counterparts, move a pilot or all, go on, pause, stop, plan the way back or the rest."""
    actor, deps, form = current_actor(), current_deps(), request.form
    here = f"/processes/migrations/{migration_id}"
    if act == "judge":
        migration_desk.judge(migration_id, actor, deps)
        return see(here, "tried")
    if act == "mapping":
        given = {name.removeprefix(FIELD): value for name, value in form.items() if name.startswith(FIELD)}
        migration_acts.map_and_try(migration_id, {name: value or None for name, value in given.items()}, actor, deps)
        return see(here, "mapped")
    if act == "run":
        pilot = _pilot() if form.get("do") == "pilot" else None
        only = _picked(form.getlist("pick")) if form.get("do") == "chosen" else None
        if only == ():
            raise BadRequest("Pick at least one order in the list.", "请在清单中至少选一单。")
        migration_acts.run(migration_id, actor, deps, pilot=pilot, rate_per_s=_rate(), only=only)
        return see(here, "moving")
    if act in migration_acts.STEERING:
        migration_acts.steer(migration_id, act, actor, deps)
        return see(here, "moving" if act == "continue" else "")
    if act in ("back", "again"):
        reason = form.get("reason", "").strip()[:500]
        if not reason:
            raise BadRequest("Give a reason.", "请写明原因。")
        made = migration_acts.follow(migration_id, act, reason, actor, deps)
        return see(f"/processes/migrations/{made}", "tried")
    raise BadRequest("There is no such act.", "没有这个操作。")


def _plan(key: str, given: Mapping[str, str], faults: list[Fault] | None = None) -> Response:
    before, _ = migration_desk.listed(current_actor(), current_deps(), key=key, offset=0, limit=MOST_BEFORE)
    with read(current_deps().read_sessions) as session:
        page = plan_page(session, current_reader(), ADDRESSES, key, before, given=given, faults=faults or ())
    return render("migrations/plan.html", page, status=422 if faults else 200)


def _picked(ids: Sequence[str]) -> tuple[str, ...]:
    """Ids of orders, each once."""
    return tuple(dict.fromkeys(one for one in ids if len(one) == ID_CHARS))


def _asked(given: Mapping[str, str]) -> Asked:
    show = given.get("show", "")
    return Asked(
        show=show if show in SHOWN else "",
        code=given.get("code", "")[:40],
        element_id=given.get("element", "")[:LONGEST],
        at=given.get("at", "")[:LONGEST],
        number=given.get("no", "").strip()[:40],
    )


def _pilot() -> int:
    text = request.form.get("pilot", "")
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= 10_000):
        raise BadRequest("The pilot is a number from 1 to 10000.", "先试的数量应为 1 到 10000。")
    return int(text)


def _rate() -> float:
    """So many in a second; 0 is no limit."""
    text = request.form.get("rate", "0")
    return float(text) if text in ("0", "1", "5", "20") else 0.0


def _as_file(desk: Desk, found: Sequence[migration_search.Found], *, cut: bool) -> Response:
    t = desk.reader.t
    rows = [
        (
            row.name,
            row.verdict.text,
            "; ".join(row.reasons),
            "; ".join(row.notes),
            row.result.text if row.result else "",
            row.result_note,
            row.at,
        )
        for row in instance_rows(desk, found)
    ]
    head = [t("Order"), t("Verdict"), t("Why"), t("To know"), t("Result"), t("Refused because"), t("At")]
    name = f"migration-{desk.migration.process_key}-{desk.migration.from_version}-{desk.migration.to_version}"
    return as_csv(name, head, rows, cut=t("There are more.") if cut else "")
