"""The heat map of a process."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urlencode

from flask import redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.services.repairs.instance_list import instances
from app.unit_of_work import read
from app.web.exports import as_csv
from app.web.frame import render
from app.web.pages.repairs.exceptions import repair_href
from app.web.pages.repairs.heat import FIRST, MODES, PERIODS, USUAL_PERIOD, Heat, HeatAsked, heat_page, heat_rows
from app.web.pages.studio.processes import said
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp
from app.web.views.heat import HeatPage, StandingRow
from processes import queries

MOST_STANDING = 50


@bp.get("/heat")
@requires("ops.view")
def heat_maps() -> Response:
    """The process that is looked at most often; another one is chosen on the page."""
    with read(current_deps().read_sessions) as session:
        keys = [key for key, _ in _processes(session)]
    wanted = request.args.get("process", "")
    chosen = wanted if wanted in keys else FIRST if FIRST in keys else next(iter(keys), "")
    kept = ("version", "period", "mode") if request.args.get("was") == chosen else ("period", "mode")
    given = {name: value for name in kept if (value := request.args.get(name, ""))}
    return redirect(f"/heat/{quote(chosen)}?{urlencode(given)}" if chosen else "/processes", 303)


@bp.get("/heat/<key>")
@requires("ops.view")
def heat_map(key: str) -> Response:
    """One process: by version and period, in one of the modes; ``step`` is the element looked at."""
    asked = _asked(key)
    with read(current_deps().read_sessions) as session:
        heat = Heat(session, current_reader(), asked)
        if request.args.get("format") == "csv":
            return _as_file(heat)
        page = heat_page(heat, _processes(session))
    if page.chosen is not None:
        page = _with_standing(page, asked)
    return render("heat/page.html", page, fragment="heat/_live.html")


def _asked(key: str) -> HeatAsked:
    given = request.args
    version, period, mode = given.get("version", ""), given.get("period", ""), given.get("mode", "")
    return HeatAsked(
        process=key[:120],
        version=version if version.isascii() and version.isdigit() and len(version) < 7 else "",
        period=period if period in PERIODS else USUAL_PERIOD,
        mode=mode if mode in MODES else "time",
        step=given.get("step", "")[:255],
        pair=(given.get("from", "")[:255], given.get("to", "")[:255]),
    )


def _processes(session: Session) -> list[tuple[str, str]]:
    """Every process by key, under its newest name."""
    reader = current_reader()
    newest = {row.key: said(row, reader) for row in reversed(queries.definitions(session))}
    return sorted(newest.items(), key=lambda pair: pair[1])


def _with_standing(page: HeatPage, asked: HeatAsked) -> HeatPage:
    """With the orders that stand at the chosen element now, the oldest first."""
    reader = current_reader()
    wanted = {
        "process": asked.process,
        "version": int(asked.version) if asked.version else None,
        "element": asked.step,
    }
    rows, total = instances(wanted, current_actor(), current_deps(), offset=0, limit=MOST_STANDING)
    return replace(
        page,
        standing=tuple(
            StandingRow(
                name=str(row["about"]),
                href=repair_href(str(row["about"]), str(row["id"]), asked.step, ADDRESSES),
                since=reader.time(row["started_at"]),
            )
            for row in rows
        ),
        standing_total=total,
    )


def _as_file(heat: Heat) -> Response:
    t = heat.reader.t
    head = [t("Step"), t("Kind"), t("Now"), t("Times"), t("Median"), t("90 %"), t("Waiting"), t("Working")]
    rows = [
        (row.name, row.kind, row.now, row.count, row.median, row.p90, row.wait, row.work, row.failed, row.late)
        for row in heat_rows(heat)
    ]
    return as_csv(f"heat-{heat.asked.process}", [*head, t("Failed"), t("Done late")], rows)
