"""History of processes: what happened in an order or an instance, and how often at each element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.access import current_actor, current_deps
from app.api.door import Door, Reply
from app.api.paging import page
from app.api.schemas.history import CountsOut, CountsQuery, HistoryQuery, LineOut, LinePage
from app.persistence.repairs.history_search import counts, list_lines
from app.unit_of_work import read
from processes.spiff.definition import ElementInfo
from processes.store.definitions import ProcessDefinition
from processes.tallies import Tally

door: Final = Door("history", "/api/v1/history", "history")
#: They wait beside an activity, or before there is one: no token stands at them.
NOBODY_STANDS_AT: Final = frozenset({"boundaryEvent", "startEvent"})
LINES: Final = LineOut(many=True)
SUMS: Final = CountsOut()


@door.route(
    "GET",
    "",
    right="ops.view",
    summary="What happened in the processes of an order, or in one instance: who did what when, with what data",
    query=HistoryQuery,
    answers={200: LinePage},
    errors=(404,),
)
def list_history(query: Mapping[str, Any]) -> Reply:
    filters = {name: query[name] for name in ("element", "event", "by", "process")}
    offset, limit = query["offset"], query["limit"]
    with read(current_deps().read_sessions) as session:
        rows, total = list_lines(
            session,
            current_actor(),
            order=query["order"],
            instance=query["instance"],
            filters=filters,
            offset=offset,
            limit=limit,
        )
        shown: list[Any] = LINES.dump([_line(session, row) for row in rows])
    return page(shown, total, query)


@door.route(
    "GET",
    "/counts/<key>",
    right="process.view",
    summary="How often each element was entered and left, and how many stand there now, per version of a process",
    query=CountsQuery,
    answers={200: CountsOut},
    errors=(404,),
)
def count_elements(key: str, query: Mapping[str, Any]) -> Reply:
    with read(current_deps().read_sessions) as session:
        versions = [
            {"version": row.version, "live": live, "elements": _elements(session, row, found)}
            for row, live, found in counts(session, current_actor(), key, query["version"])
        ]
    shown: dict[str, Any] = SUMS.dump({"key": key, "versions": versions})
    return shown


def _drawn(session: Session, definition_id: str) -> Mapping[str, ElementInfo]:
    return current_deps().engine.parts.definitions.process(session, definition_id).elements


def _line(session: Session, row: Row[Any]) -> dict[str, Any]:
    line = row.ActivityLog
    element = _drawn(session, row.definition_id).get(line.element_id)
    return {
        "at": line.at,
        "instance_id": line.instance_id,
        "seq": line.seq,
        "process": row.process_key,
        "version": row.version,
        "depth": row.depth,
        "element_id": line.element_id,
        "element_name": element.name if element else "",
        "element_name_en": element.name_en if element else "",
        "event": line.event,
        "loop_index": line.loop_index,
        "by": line.actor,
        "point_of_no_return": line.point_of_no_return,
        "data": line.detail,
    }


def _elements(session: Session, row: ProcessDefinition, found: list[Tally]) -> list[dict[str, Any]]:
    """Every element of the drawing, those nobody ever came to with zeros."""
    by_element = {tally.element_id: tally for tally in found}
    shown = []
    for element in _drawn(session, row.id).values():
        tally = by_element.get(element.id, Tally(definition_id=row.id, element_id=element.id))
        running = 0 if element.type in NOBODY_STANDS_AT else tally.running
        about = {"type": element.type, "name": element.name, "name_en": element.name_en}
        shown.append({**vars(tally), **about, "running": running})
    return shown
