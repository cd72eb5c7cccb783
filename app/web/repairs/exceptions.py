"""Exceptions by cause, and the bulk runs that mend them."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.errors import BadRequest
from app.services.bulk import bulk_desk
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.repairs.bulk_runs import PAGE_SIZE, SHOWN, run_list, run_page
from app.web.pages.repairs.exceptions import exceptions_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, offset_of_request, see


@bp.get("/exceptions")
@requires("ops.view")
def exceptions() -> Response:
    """All causes; ``cause`` is the one that is opened."""
    with read(current_deps().read_sessions) as session:
        page = exceptions_page(session, current_reader(), ADDRESSES, cause=request.args.get("cause", "")[:32])
    return render("exceptions/page.html", page, fragment="exceptions/_causes.html")


@bp.post("/exceptions/<cause>/retry")
@requires("bulk.run")
def retry_cause(cause: str) -> Response:
    """Try everything again that has this cause, as a run that can be watched and stopped."""
    view = bulk_desk.start(
        "retry",
        {"cause_key": cause},
        {},
        _reason(),
        current_actor(),
        current_deps(),
        rate_per_s=_rate(),
        pause_after=1 if request.form.get("pilot") else None,
    )
    return see(f"/bulk/{view.run.id}", "retrying")


@bp.get("/bulk")
@requires("bulk.run")
def bulk_runs() -> Response:
    """The runs of the reader's area, the newest first."""
    offset = offset_of_request()
    views, total = bulk_desk.runs(current_actor(), current_deps(), offset=offset, limit=PAGE_SIZE)
    with read(current_deps().read_sessions) as session:
        page = run_list(session, current_reader(), ADDRESSES, views, total, offset)
    return render("bulk/list.html", page, fragment="bulk/_list.html")


@bp.get("/bulk/<run_id>")
@requires("bulk.run")
def bulk_run(run_id: str) -> Response:
    """One run, row by row."""
    show, offset = request.args.get("show", ""), offset_of_request()
    show = show if show in SHOWN else ""
    view = bulk_desk.get(run_id, current_actor(), current_deps())
    items = bulk_desk.items(
        run_id,
        current_actor(),
        current_deps(),
        state="refused" if show == "refused" else None,
        outcome=show if show not in ("", "refused") else None,
        offset=offset,
        limit=PAGE_SIZE,
    )
    with read(current_deps().read_sessions) as session:
        page = run_page(session, current_reader(), ADDRESSES, view, items, offset=offset, show=show)
    return render("bulk/page.html", page, fragment="bulk/_run.html")


@bp.post("/bulk/<run_id>/<act>")
@requires("bulk.run")
def change_run(run_id: str, act: str) -> Response:
    """Pause, go on, stop, or run again what failed."""
    actor, deps = current_actor(), current_deps()
    if act == "rerun":
        view = bulk_desk.rerun(run_id, _reason(), actor, deps)
        return see(f"/bulk/{view.run.id}", "retrying")
    acts = {"pause": bulk_desk.pause, "resume": bulk_desk.resume, "stop": bulk_desk.stop}
    if act not in acts:
        raise BadRequest("There is no such act.", "没有这个操作。")
    acts[act](run_id, actor, deps)
    return see(f"/bulk/{run_id}")


def _reason() -> str:
    reason = request.form.get("reason", "").strip()[:500]
    if not reason:
        raise BadRequest("Give a reason.", "请写明原因。")
    return reason


def _rate() -> float:
    """So many in a second; 0 is no limit."""
    text = request.form.get("rate", "0")
    return float(text) if text in ("0", "1", "5", "20") else 0.0
