"""Bulk runs: how far, how many went well, how many failed again; tried again is not succeeded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from app.services.bulk.bulk_desk import RunView
from app.web.addresses import Addresses
from app.web.charts.small import Part, pieces
from app.web.pages.names import Names
from app.web.pages.repairs.exceptions import order_href
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.exceptions import RunItemRow, RunList, RunPage, RunRow
from app.web.views.parts import Pages, Tab, Tag, Tone
from processes.lifecycle import BulkState

PAGE_SIZE: Final = 50
BAR_PX: Final = 480
#: The parts of a run that can be looked at alone.
SHOWN: Final = ("", "failed_again", "refused", "succeeded")
KINDS: Final = {
    "retry": Sentence("Try again"),
    "skip": Sentence("Skip"),
    "move": Sentence("Go to another step"),
    "suspend": Sentence("Suspend processes"),
    "resume": Sentence("Resume processes"),
    "cancel": Sentence("Cancel orders"),
    "reassign": Sentence("Assign"),
    "migrate": Sentence("Migrate"),
    "place_order": Sentence("Place the lines of a sheet"),
}
STATES: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "running": (Sentence("running"), "play", "run"),
    "paused": (Sentence("paused", "run"), "pause", ""),
    "stopped": (Sentence("stopped"), "slash", "warn"),
    "done": (Sentence("done"), "done", "ok"),
}
OUTCOMES: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "waiting": (Sentence("untouched"), "draft", ""),
    "refused": (Sentence("refused"), "slash", "bad"),
    "under_way": (Sentence("under way"), "play", "run"),
    "succeeded": (Sentence("succeeded"), "done", "ok"),
    "failed_again": (Sentence("failed again"), "alert", "bad"),
}


def run_list(
    session: Session, reader: Reader, addresses: Addresses, views: list[RunView], total: int, offset: int
) -> RunList:
    """The page with the runs."""
    names = Names(session, reader)
    rows = tuple(run_row(view, names, reader, addresses) for view in views)
    return RunList(rows=rows, pages=_pages("/bulk?", offset, len(rows), total))


def run_page(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    view: RunView,
    items: Sequence[Mapping[str, Any]],
    *,
    offset: int,
    show: str,
) -> RunPage:
    """The page of one run; ``show`` is one of ``SHOWN``."""
    run = run_row(view, Names(session, reader), reader, addresses)
    numbers = {"": run.total, "failed_again": run.failed, "refused": run.refused, "succeeded": run.succeeded}
    names = {"": Sentence("All", "tab"), **{what: OUTCOMES[what][0] for what in SHOWN if what}}
    return RunPage(
        run=run,
        items=tuple(_item(row, reader, addresses) for row in items),
        pages=_pages(f"{run.href}?show={show}&", offset, len(items), numbers[show]),
        tabs=tuple(
            Tab(reader.t(names[what]), f"{run.href}?show={what}", what == show, numbers[what]) for what in SHOWN
        ),
    )


def run_row(view: RunView, names: Names, reader: Reader, addresses: Addresses) -> RunRow:
    """A run with its counts, and what may be done with it now."""
    run, t = view.run, reader.t
    state, outcomes = view.counts.states, view.counts.outcomes
    waiting, refused = state.get("waiting", 0), state.get("refused", 0)
    succeeded, failed = outcomes.get("succeeded", 0), outcomes.get("failed_again", 0)
    under_way = outcomes.get("under_way", 0)
    href = f"/bulk/{run.id}"
    parts = (
        Part("succeeded", succeeded, "f-ok"),
        Part("under_way", under_way, "f-pri"),
        Part("failed", failed + refused, "f-bad"),
        Part("waiting", waiting, "f-mut"),
    )
    text, icon, tone = STATES[run.state]
    is_on = run.state in (BulkState.RUNNING, BulkState.PAUSED)
    return RunRow(
        id=run.id,
        href=href,
        kind=t(KINDS.get(run.kind, Sentence(run.kind))),
        state=Tag(t(text), icon, tone),
        who=names.person(run.actor),
        begun=reader.time(run.created_at),
        reason=run.reason,
        total=run.total,
        waiting=waiting,
        under_way=under_way,
        succeeded=succeeded,
        failed=failed,
        refused=refused,
        pieces=pieces(parts, BAR_PX),
        width=BAR_PX,
        pause_href=f"{href}/pause" if run.state == BulkState.RUNNING else "",
        resume_href=f"{href}/resume" if run.state == BulkState.PAUSED else "",
        stop_href=f"{href}/stop" if is_on else "",
        rerun_href=f"{href}/rerun" if not is_on and failed + refused and run.kind == "retry" else "",
    )


def _item(row: Mapping[str, Any], reader: Reader, addresses: Addresses) -> RunItemRow:
    name = str(row["about"])
    what = row["outcome"] if row["state"] == "applied" else row["state"]
    text, icon, tone = OUTCOMES.get(what or "under_way", OUTCOMES["under_way"])
    return RunItemRow(
        name=name,
        href=order_href(name, addresses),
        state=Tag(reader.t(text), icon, tone),
        note=str(row["message"] or ""),
        at=reader.time(row["settled_at"] or row["at"]),
    )


def _pages(address: str, offset: int, shown: int, total: int) -> Pages:
    return Pages.of(lambda at: f"{address}offset={at}", offset=offset, shown=shown, total=total, size=PAGE_SIZE)
