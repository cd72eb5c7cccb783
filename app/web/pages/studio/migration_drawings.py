"""The two drawings of a migration: where everything stands, and where it will stand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from app.persistence.repairs.migration_search import Asked
from app.web.pages.studio.migration_parts import Desk
from app.web.views.migrations import Drawn
from processes.migration_places import Standing
from processes.spiff.definition import ElementInfo


def old_drawing(desk: Desk, before: Mapping[str, int]) -> Drawn:
    t = desk.reader.t
    gone = {one for one, target in desk.migration.counterparts.items() if target is None}
    marks = {element_id: {"state": "failed" if element_id in gone else "here"} for element_id in before}
    marks |= {one: {"state": "left"} for one in gone if one in desk.two.old and one not in before}
    return _drawn(desk, desk.two.old, before, marks, desk.migration.from_version, t("Where they stand now"), before)


def new_drawing(desk: Desk, places: Sequence[Standing]) -> Drawn:
    """Where what has moved stands, and where what can move will."""
    t = desk.reader.t
    after: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for place in places:
        target = place.element_id if place.moved else desk.migration.counterparts.get(place.element_id)
        if place.moved:
            there[place.element_id] += place.instances
        if target is not None and (place.moved or place.verdict == "safe"):
            after[target] += place.instances
    marks: dict[str, dict[str, object]] = {one: {"state": "done" if there[one] else "here"} for one in after}
    fresh = [one for one in desk.two.new if one not in set(desk.migration.counterparts.values())]
    for one in fresh:
        marks.setdefault(one, {})["flag"] = t.about("element", "new")
    version = desk.migration.to_version
    return _drawn(desk, desk.two.new, after, marks, version, t("Where they will stand"), there)


def _drawn(
    desk: Desk,
    elements: Mapping[str, ElementInfo],
    numbers: Mapping[str, int],
    marks: Mapping[str, Mapping[str, object]],
    version: int,
    title: str,
    linked: Mapping[str, int],
) -> Drawn:
    t = desk.reader.t
    drawn: dict[str, dict[str, object]] = {one: dict(mark) for one, mark in marks.items() if one in elements}
    rows = []
    for element_id, number in sorted(numbers.items(), key=lambda pair: -pair[1]):
        name = desk.two.name(element_id)
        href = desk.at(Asked(at=element_id)) + "#each" if linked.get(element_id) else ""
        rows.append((name, number, href))
        if element_id in drawn:
            more = {"badge": str(number), "title": f"{name} {number}"}
            drawn[element_id] |= {**more, "href": href} if href else more
    comma = t.about("list", ", ")
    return Drawn(
        title=title,
        version=version,
        source_href=f"/drawings/{desk.migration.process_key}/{version}",
        marks=json.dumps(drawn, ensure_ascii=False),
        summary=comma.join(f"{name} {number}" for name, number, _ in rows) or t("Nobody."),
        rows=tuple(rows),
        note="",
    )
