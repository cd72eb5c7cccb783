"""The drawing of a dry run: what was passed, where it waits or failed, of the process itself or of one it calls."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.web.pages.ordering.diagrams import said_element
from app.web.pages.studio.processes import STEP_KINDS
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.diagram import Diagram, RunLink, StepLine
from app.web.views.parts import Choice, Tag, Tone
from processes.spiff.definition import CompiledProcess, ElementInfo

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


@dataclass(frozen=True)
class Passed:
    """What a trial did in one of its processes, by the id of the element."""

    states: Mapping[str, str]
    #: The first step there, how often it was passed, and what its call leads to.
    numbers: Mapping[str, int]
    times: Counter[str]
    inner: Mapping[str, str]

    @classmethod
    def of(cls, result: Mapping[str, Any], around: str) -> Passed:
        calls = places(result)
        states: dict[str, str] = {}
        numbers: dict[str, int] = {}
        times: Counter[str] = Counter()
        inner: dict[str, str] = {}
        for row in result["path"]:
            where, at = inside(row["element"], calls)
            if where == around:
                states[at] = _EVENTS[row["event"]]
        for row in result["incidents"]:
            where, at = inside(row["element"], calls)
            if where == around:
                states[at] = "failed"
        for row in result["steps"]:
            where, at = inside(row["element"], calls)
            if where == around:
                numbers.setdefault(at, row["number"])
                times[at] += 1
                if f"{row['element']}/" in calls:
                    inner[at] = f"{row['element']}/"
        return cls(states, numbers, times, inner)


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
    passed = Passed.of(result, around)
    elements = process.elements.values()
    marks = {one.id: _mark(reader, one, passed, step_href) for one in elements if one.id in passed.states}
    if chosen:
        marks.setdefault(chosen, {})["chosen"] = True
    known = set(passed.states.values())
    return Diagram(
        title=title,
        version=version,
        source_href=source_href,
        marks=json.dumps(marks, ensure_ascii=False),
        summary=reader.t("Diagram of {name}.", name=title),
        steps=tuple(
            _line(reader, one, passed, step_href, inner_href, chosen) for one in elements if one.type in STEP_KINDS
        ),
        way=way,
        legend=tuple(Choice(state, reader.t(row[0])) for state, row in STATES.items() if state in known),
    )


def _mark(reader: Reader, element: ElementInfo, passed: Passed, step_href: Callable[[int], str]) -> dict[str, Any]:
    """What the drawing shows at an element that was passed."""
    state, times = passed.states[element.id], passed.times[element.id]
    name, became = said_element(element, reader), reader.t(STATES[state][0])
    mark: dict[str, Any] = {"state": state, "title": f"{name}: {became}"}
    if element.id in passed.numbers:
        mark["href"] = step_href(passed.numbers[element.id])
    if times > 1:
        mark["badge"] = str(times)
    return mark


def _line(
    reader: Reader,
    element: ElementInfo,
    passed: Passed,
    step_href: Callable[[int], str],
    inner_href: Callable[[str], str],
    chosen: str,
) -> StepLine:
    """A step in the list beside the drawing."""
    state, times = passed.states.get(element.id, ""), passed.times[element.id]
    name = said_element(element, reader)
    return StepLine(
        element_id=element.id,
        name=name,
        kind=reader.t(STEP_KINDS[element.type]),
        state=Tag(reader.t(STATES[state][0]), STATES[state][1], STATES[state][2]) if state else None,
        note=reader.t("{n} times", n=times) if times > 1 else "",
        href=step_href(passed.numbers[element.id]) if element.id in passed.numbers else "",
        current=element.id == chosen,
        inner_href=inner_href(passed.inner[element.id]) if element.id in passed.inner else "",
        inner_name=name,
    )
