"""The drawing of a dry run: what was passed, where it waits or failed, of the process itself or of one it calls."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.web.pages.ordering.diagrams import said_element
from app.web.pages.studio.processes import STEP_KINDS
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.diagram import Diagram, RunLink, StepLine
from app.web.views.parts import Choice, Tag, Tone
from processes.spiff.definition import CompiledProcess

STATES: Final[Mapping[str, tuple[Sentence, str, Tone]]] = {
    "failed": (Sentence("failed", "trial"), "alert", "bad"),
    "here": (Sentence("waiting", "trial"), "play", "run"),
    "done": (Sentence("done", "element"), "done", "ok"),
    "undone": (Sentence("undone", "element"), "undo", ""),
    "left": (Sentence("left", "element"), "slash", ""),
}
#: What became of an element, the later one counts.
_EVENTS: Final = {"completed": "done", "cancelled": "left", "compensated": "undone", "entered": "here"}


def places(result: Mapping[str, Any]) -> dict[str, str]:
    """The calls that were made: path with a slash behind it, and the key of the process called."""
    return {f"{row['element']}/": row["calls"] for row in result["steps"] if row["kind"] == "call" and row.get("calls")}


def inside(path: str, calls: Mapping[str, str]) -> tuple[str, str]:
    """The call an element lies in, and its id there."""
    around = max((call for call in calls if path.startswith(call)), key=len, default="")
    return around, path.rpartition("/")[2]


def drawn(
    reader: Reader,
    result: Mapping[str, Any],
    process: CompiledProcess,
    *,
    around: str,
    source_href: str,
    title: str,
    version: int,
    way: tuple[RunLink, ...],
    step_href: Callable[[int], str],
    inner_href: Callable[[str], str],
    chosen: str,
) -> Diagram:
    """The drawing of one process of a trial.

    :param around: the call it answers, with a slash behind it; empty for the process tried.
    :param step_href: of a step by its number. :param inner_href: of what a call leads to.
    """
    calls = places(result)
    states: dict[str, str] = {}
    for row in result["path"]:
        where, at = inside(row["element"], calls)
        if where == around:
            states[at] = _EVENTS[row["event"]]
    for row in result["incidents"]:
        where, at = inside(row["element"], calls)
        if where == around:
            states[at] = "failed"
    numbers: dict[str, int] = {}
    times: Counter[str] = Counter()
    inner: dict[str, str] = {}
    for row in result["steps"]:
        where, at = inside(row["element"], calls)
        if where == around:
            numbers.setdefault(at, row["number"])
            times[at] += 1
            if f"{row['element']}/" in calls:
                inner[at] = f"{row['element']}/"
    marks: dict[str, dict[str, Any]] = {}
    lines = []
    for element in process.elements.values():
        state = states.get(element.id, "")
        href = step_href(numbers[element.id]) if element.id in numbers else ""
        name = said_element(element, reader)
        tag = Tag(reader.t(STATES[state][0]), STATES[state][1], STATES[state][2]) if state else None
        if state:
            marks[element.id] = {"state": state, "title": f"{name}: {tag.text}" if tag else name}
            if href:
                marks[element.id]["href"] = href
            if times[element.id] > 1:
                marks[element.id]["badge"] = str(times[element.id])
        if element.type in STEP_KINDS:
            lines.append(
                StepLine(
                    element_id=element.id,
                    name=name,
                    kind=reader.t(STEP_KINDS[element.type]),
                    state=tag,
                    note=reader.t("{n} times", n=times[element.id]) if times[element.id] > 1 else "",
                    href=href,
                    current=element.id == chosen,
                    inner_href=inner_href(inner[element.id]) if element.id in inner else "",
                    inner_name=name,
                )
            )
    if chosen:
        marks.setdefault(chosen, {})["chosen"] = True
    known = set(states.values())
    return Diagram(
        title=title,
        version=version,
        source_href=source_href,
        marks=json.dumps(marks, ensure_ascii=False),
        summary=reader.t("Diagram of {name}.", name=title),
        steps=tuple(lines),
        way=way,
        legend=tuple(Choice(state, reader.t(row[0])) for state, row in STATES.items() if state in known),
    )
