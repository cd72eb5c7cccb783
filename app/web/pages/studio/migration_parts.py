"""What the parts of a migration's page are built of, its instances as rows, and how far its run is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from app.persistence.repairs.migration_search import Asked, Found
from app.services.ordering.subject_names import names_of
from app.web.addresses import Addresses, with_arguments
from app.web.charts.small import Part, pieces
from app.web.pages.repairs.exceptions import order_href
from app.web.pages.studio.migration_names import TwoVersions
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.migrations import InstanceRow, Progress
from app.web.views.parts import Tag, Tone
from processes.lifecycle import BulkState
from processes.store.bulk import BulkItem, BulkRun
from processes.store.migrations import Migration

BAR_PX: Final = 480
VERDICTS: Final[Mapping[str, tuple[Sentence, Sentence, str, Tone, str]]] = {
    "safe": (Sentence("can move"), Sentence("with all they wait for"), "done", "ok", "f-ok"),
    "needs_mapping": (
        Sentence("need a counterpart"),
        Sentence("stand where the new version has nothing"),
        "warn",
        "warn",
        "f-warn",
    ),
    "blocked": (
        Sentence("blocked", "migration"),
        Sentence("no counterpart helps; the reason says why"),
        "slash",
        "bad",
        "f-bad",
    ),
}
RESULTS: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "waiting": (Sentence("not yet its turn"), "clock", ""),
    "applied": (Sentence("moved", "migration"), "done", "ok"),
    "refused": (Sentence("refused when it was its turn"), "slash", "bad"),
}
RUN_STATES: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "running": (Sentence("moving", "migration"), "play", "run"),
    "paused": (Sentence("waits for you", "migration"), "pause", "warn"),
    "stopped": (Sentence("stopped", "migration"), "slash", "warn"),
    "done": (Sentence("carried out", "migration"), "done", "ok"),
}


@dataclass(frozen=True)
class Desk:
    """What the page is built of."""

    session: Session
    reader: Reader
    addresses: Addresses
    migration: Migration
    shown: Mapping[str, Any]
    two: TwoVersions
    picked: tuple[str, ...] = ()
    """Ids of the orders that are picked by hand so far; they go along wherever the list leads."""

    @property
    def href(self) -> str:
        """Where the page is."""
        return f"/processes/migrations/{self.migration.id}"

    def at(self, asked: Asked, **other: str) -> str:
        """The page with a list of some instances."""
        given = {"show": asked.show, "code": asked.code, "element": asked.element_id, "at": asked.at}
        return with_arguments(self.href, {**given, "no": asked.number, "pick": ",".join(self.picked), **other})


def instance_rows(desk: Desk, found: Sequence[Found]) -> tuple[InstanceRow, ...]:
    """Instances under the numbers people know them by."""
    about = names_of(desk.session, {one.item.business_key for one in found})
    return tuple(_instance(desk, one, about[one.item.business_key]) for one in found)


def _instance(desk: Desk, found: Found, name: str) -> InstanceRow:
    t, item = desk.reader.t, found.item
    text, _, icon, tone, _ = VERDICTS[item.verdict]

    def told(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        said = [desk.two.said(str(row["code"]), str(row["element_id"]), str(row["detail"])) for row in rows]
        return tuple(dict.fromkeys(said))

    result = found.result
    tag = None
    if result is not None:
        words, mark, mood = RESULTS[result.state]
        tag = Tag(t(words), mark, mood)
    return InstanceRow(
        id=item.instance_id,
        may_move=item.verdict == "safe",
        name=name,
        href=order_href(name, desk.addresses),
        verdict=Tag(t(text), icon, tone),
        reasons=told(item.reasons),
        notes=told(item.notes),
        result=tag,
        result_note=_refusal(desk, result),
        at=desk.reader.time(item.moved_at or (result.at if result else None)),
    )


def _refusal(desk: Desk, result: BulkItem | None) -> str:
    if result is None or result.state != "refused":
        return ""
    return desk.two.said_again(result.code or "", result.message or "")


def progress_of(desk: Desk, refused: int) -> Progress | None:
    run = desk.session.get(BulkRun, desk.migration.run_id) if desk.migration.run_id else None
    if run is None:
        return None
    moved = int(desk.shown["counts"]["moved"])
    touched = moved + refused
    text, icon, tone = RUN_STATES[run.state]
    parts = (
        Part("moved", moved, "f-ok"),
        Part("refused", refused, "f-bad"),
        Part("rest", run.total - touched, "f-mut"),
    )
    running, paused = run.state == BulkState.RUNNING, run.state == BulkState.PAUSED
    return Progress(
        state=Tag(desk.reader.t(text), icon, tone),
        touched=touched,
        total=run.total,
        succeeded=moved,
        refused=refused,
        waiting=max(run.total - touched, 0),
        pieces=pieces(parts, BAR_PX),
        width=BAR_PX,
        run_href=f"/bulk/{run.id}" if desk.reader.may("bulk.run") else "",
        continue_href=f"{desk.href}/continue" if paused else "",
        pause_href=f"{desk.href}/pause" if running else "",
        stop_href=f"{desk.href}/stop" if running or paused else "",
    )
