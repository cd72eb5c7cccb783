"""Drawings of an order's plan with where it stands, for everybody who may see the order."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.business_keys import subject_of
from app.persistence.teamwork.work_items import WorkItem
from app.services.ordering.order_diagrams import (
    Mark,
    MarkState,
    Run,
    called_by,
    marks_of,
    runs_of,
    way_to,
    worth_showing,
)
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.studio.processes import STEP_KINDS
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.diagram import Diagram, RunLink, StepLine
from app.web.views.parts import Choice, Tag, Tone
from processes.definitions import elements_of
from processes.spiff.definition import ElementInfo
from processes.store.definitions import ProcessDefinition
from processes.store.instances import UserTask

#: Where a click on an element leads: the process it is in, and the element.
ElementHref = Callable[[Run, str], str]

_STATES: Final[Mapping[MarkState, tuple[Sentence, str, Tone]]] = {
    "failed": (Sentence("stuck", "element"), "alert", "bad"),
    "again": (Sentence("waiting, will be tried again", "element"), "loop", "warn"),
    "here": (Sentence("under way", "element"), "play", "run"),
    "done": (Sentence("done", "element"), "done", "ok"),
    "skipped": (Sentence("skipped", "element"), "right", "warn"),
    "undone": (Sentence("undone", "element"), "undo", ""),
    "left": (Sentence("left", "element"), "slash", ""),
}
_RUN_STATES: Final = {
    "running": Sentence("under way", "element"),
    "cancelling": Sentence("being undone", "run"),
    "completed": Sentence("done", "element"),
    "cancelled": Sentence("cancelled", "run"),
}


class OrderDiagram:
    """The processes of one order, and one of them drawn.

    :raises NotFound: no such order in the reader's area.
    """

    def __init__(self, session: Session, reader: Reader, order: str, addresses: Addresses) -> None:
        self._session, self._reader, self._addresses, self._order = session, reader, addresses, order
        self.runs: Sequence[Run] = runs_of(session, order, reader.actor)
        self._names = Names(session, reader)
        self._elements: dict[str, Mapping[str, ElementInfo]] = {}

    def chosen(self, run_id: str = "") -> Run | None:
        """The process of that id, else the one that is worth showing first; None before there is a plan."""
        return next((run for run in self.runs if run.id == run_id), None) or worth_showing(self.runs)

    def elements(self, run: Run) -> Mapping[str, ElementInfo]:
        """What is drawn in a process, by id."""
        if run.definition_id not in self._elements:
            drawn = self._session.get_one(ProcessDefinition, run.definition_id)
            self._elements[run.definition_id] = elements_of(drawn)
        return self._elements[run.definition_id]

    def marks(self, run: Run) -> Mapping[str, Mark]:
        """What became of its elements."""
        kinds = {one.id: one.type for one in self.elements(run).values()}
        return marks_of(self._session, run, kinds, self._reader.now)

    def run_name(self, run: Run) -> str:
        """A process as people call it, with the line of the order it is for."""
        name = self._reader.said(run)
        line = subject_of(run.business_key).item_no if run.depth == 1 else None
        said = self._reader.t.about("item", "Line {n}", n=line)
        return f"{name} · {said}" if line else name

    def page_href(self, run: Run, _element: str = "") -> str:
        """The page that shows only the drawing."""
        return f"{self._addresses.order(self._order)}/diagram?at={run.id}"

    def drawn(
        self,
        run: Run,
        *,
        step_href: ElementHref | None = None,
        run_href: ElementHref | None = None,
        chosen: str = "",
        here: str = "",
    ) -> Diagram:
        """The drawing of one process.

        :param step_href: where an element leads; without one, only called processes can be opened.
        :param run_href: where another process of the order is shown.
        :param chosen: the element that is looked at. :param here: the element the reader is working on.
        """
        elements, marks = self.elements(run), self.marks(run)
        called = called_by(self.runs, run)
        opens = run_href or self.page_href
        lines, drawn = [], {}
        for element in _in_order(elements, marks):
            mark = marks.get(element.id)
            inner = called.get(element.id, ())
            href = step_href(run, element.id) if step_href else ""
            inner_href = opens(inner[-1], "") if inner else ""
            note = self._note(mark)
            if mark or element.id == here:
                drawn[element.id] = _drawn(
                    mark, self._title(element, mark, note), href or inner_href, here == element.id
                )
            elif href:
                drawn[element.id] = {"href": href}
            if element.type in STEP_KINDS:
                line = StepLine(
                    element_id=element.id,
                    name=said_element(element, self._reader),
                    kind=self._reader.t(STEP_KINDS[element.type]),
                    state=self.tag(mark),
                    note=self._reader.t("you are here") if element.id == here else note,
                    href=href,
                    current=element.id in (chosen, here),
                    inner_href=inner_href,
                    inner_name=self._reader.said(inner[-1]) if inner else "",
                )
                lines.append(line)
        if chosen:
            drawn.setdefault(chosen, {})["chosen"] = True
        tokens = sum(mark.tokens for mark in marks.values())
        return Diagram(
            title=self._reader.said(run),
            version=run.version,
            source_href=f"/drawings/{run.key}/{run.version}",
            marks=json.dumps(drawn, ensure_ascii=False),
            summary=self._summary(run, elements, marks),
            steps=tuple(lines),
            way=tuple(self._link(one, run, opens) for one in way_to(self.runs, run)),
            runs=tuple(self._link(one, run, opens) for one in _as_tree(self.runs)),
            legend=self._legend(marks),
            tokens=tokens,
        )

    def _link(self, run: Run, current: Run, opens: ElementHref) -> RunLink:
        state = _RUN_STATES.get(run.state)
        return RunLink(
            name=self.run_name(run),
            href=opens(run, ""),
            current=run.id == current.id,
            bad=bool(run.incidents),
            level=run.depth,
            state=self._reader.t(state) if state else run.state,
        )

    def tag(self, mark: Mark | None) -> Tag | None:
        """How an element stands; None for one that nobody has come to."""
        if mark is None:
            return None
        text, icon, tone = _STATES[mark.state]
        return Tag(self._reader.t(text), icon, tone)

    def _note(self, mark: Mark | None) -> str:
        if mark is None:
            return ""
        t, f = self._reader.t, self._reader.f
        parts = []
        if mark.state == "again":
            parts.append(t("tried {n} of {m}", n=mark.attempts, m=mark.most))
            if mark.next_at:
                parts.append(t("next {time}", time=f.clock(mark.next_at)))
        elif mark.state in ("failed", "here") and mark.since:
            parts.append(t("for {span}", span=f.span(self._reader.now - mark.since)))
        elif mark.since:
            parts.append(f.moment(mark.since))
        if mark.late:
            parts.append(t.about("element", "overdue"))
        if mark.tokens > 1:
            parts.append(t("{n} at once", n=mark.tokens))
        if mark.times > 1:
            parts.append(t("done {n} times", n=mark.times))
        if mark.by and mark.by != "system":
            parts.append(self._names.person(mark.by))
        return self._reader.t.about("list", ", ").join(parts)

    def _title(self, element: ElementInfo, mark: Mark | None, note: str) -> str:
        tag = self.tag(mark)
        said = [said_element(element, self._reader), tag.text if tag else "", note]
        return self._reader.t.about("list", ", ").join(part for part in said if part)

    def _summary(self, run: Run, elements: Mapping[str, ElementInfo], marks: Mapping[str, Mark]) -> str:
        t = self._reader.t
        comma = t.about("list", ", ")

        def named(*states: str) -> str:
            found = [one for one in marks.values() if one.state in states and one.element_id in elements]
            steps = [elements[one.element_id] for one in found]
            return comma.join(said_element(one, self._reader) for one in steps if one.type in STEP_KINDS)

        parts = [t("Diagram of {name}.", name=self._reader.said(run))]
        for sentence, states in (
            (Sentence("Stuck at: {steps}."), ("failed",)),
            (Sentence("Under way: {steps}."), ("here", "again")),
            (Sentence("Done: {steps}."), ("done", "skipped")),
        ):
            if steps := named(*states):
                parts.append(t(sentence, steps=steps))
        return " ".join(parts)

    def _legend(self, marks: Mapping[str, Mark]) -> tuple[Choice, ...]:
        shown = {mark.state for mark in marks.values()}
        return tuple(Choice(state, self._reader.t(text)) for state, (text, _, _) in _STATES.items() if state in shown)


def task_diagram(session: Session, reader: Reader, item: WorkItem, addresses: Addresses) -> Diagram | None:
    """The process a work item is a step of, with where the reader is in it; None if it is no step of an order's."""
    if item.order is None:
        return None
    task = session.get(UserTask, item.user_task_id) if item.user_task_id else None
    order = OrderDiagram(session, reader, item.order.number, addresses)
    run = order.chosen(task.instance_id if task else "")
    return order.drawn(run, here=task.element_id if task else "") if run else None


def said_element(element: ElementInfo, reader: Reader) -> str:
    """What an element is called; one without a name by its kind."""
    name = (element.name_en if reader.language == "en" else element.name) or element.name
    kind = STEP_KINDS.get(element.type)
    return name or (reader.t(kind) if kind else element.id)


def _drawn(mark: Mark | None, title: str, href: str, is_here: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"state": mark.state, "title": title} if mark else {"title": title}
    if mark and mark.tokens:
        found["badge"] = str(mark.tokens)
    if mark and mark.late:
        found["late"] = True
    if href:
        found["href"] = href
    if is_here:
        found["here"] = True
    return found


def _in_order(elements: Mapping[str, ElementInfo], marks: Mapping[str, Mark]) -> list[ElementInfo]:
    """Those that were entered in the order of time, then the others as they are drawn."""
    passed = [elements[one] for one in marks if one in elements]
    return [*passed, *(one for one in elements.values() if one.id not in marks)]


def _as_tree(runs: Sequence[Run]) -> list[Run]:
    """Each process followed by what it has called."""
    by_parent: dict[str | None, list[Run]] = {}
    known = {run.id for run in runs}
    for run in runs:
        by_parent.setdefault(run.parent_id if run.parent_id in known else None, []).append(run)

    def below(parent: str | None) -> list[Run]:
        return [one for run in by_parent.get(parent, ()) for one in (run, *below(run.id))]

    return below(None)
