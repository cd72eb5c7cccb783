"""The heat map of one process: figures per element from its history, drawn, and the same as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.ordering.orchestration import median_and_p90
from app.errors import NotFound
from app.persistence.ordering.element_times import MOST_RUNS, ElementTimes, Sample, sample
from app.persistence.repairs.history_search import counts
from app.web.addresses import with_arguments
from app.web.charts.small import HEAT_LEVELS, heat_level
from app.web.pages.ordering.diagrams import said_element
from app.web.pages.studio.processes import STEP_KINDS, live_version, said
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.diagram import Diagram
from app.web.views.heat import HeatPage, HeatRow
from app.web.views.parts import Choice, Pair, Tab
from processes.definitions import elements_of
from processes.spiff.definition import ElementInfo
from processes.store.definitions import ProcessDefinition
from processes.tallies import Tally

MODES: Final[Mapping[str, Sentence]] = {
    "time": Sentence("Time taken", "heat"),
    "wait": Sentence("Waiting", "heat"),
    "work": Sentence("Working", "heat"),
    "now": Sentence("Standing there now", "heat"),
    "failed": Sentence("Failures", "heat"),
    "late": Sentence("Done late", "heat"),
}
PERIODS: Final[Mapping[str, tuple[Sentence, timedelta]]] = {
    "1": (Sentence("last 24 hours"), timedelta(days=1)),
    "7": (Sentence("last 7 days"), timedelta(days=7)),
    "30": (Sentence("last 30 days"), timedelta(days=30)),
    "90": (Sentence("last 90 days"), timedelta(days=90)),
}
USUAL_PERIOD: Final = "7"
#: The process that is shown first.
FIRST: Final = "home_install"
#: Elements that are drawn and listed; gateways take no time.
SHOWN: Final = frozenset(STEP_KINDS) - {"startEvent", "endEvent", "intermediateThrowEvent"}
NOBODY_STANDS_AT: Final = frozenset({"boundaryEvent", "startEvent"})


@dataclass(frozen=True)
class HeatAsked:
    """What the address says."""

    process: str = ""
    version: str = ""
    period: str = USUAL_PERIOD
    mode: str = "time"
    step: str = ""
    pair: tuple[str, str] = ("", "")

    def address(self, **other: str) -> str:
        """The same page with something else."""
        given = {
            "version": self.version,
            "period": self.period,
            "mode": self.mode,
            "step": self.step,
            "from": self.pair[0],
            "to": self.pair[1],
        }
        process = other.pop("process", self.process)
        return with_arguments(f"/heat/{process}", {**given, **other})


@dataclass
class Heat:
    """Figures of one process in the reader's area. :raises NotFound: no such process, or version of it."""

    session: Session
    reader: Reader
    asked: HeatAsked

    @cached_property
    def versions(self) -> Sequence[ProcessDefinition]:
        """All versions, the newest first."""
        rows = select(ProcessDefinition).where(ProcessDefinition.key == self.asked.process)
        found = self.session.scalars(rows.order_by(ProcessDefinition.version.desc())).all()
        if not found:
            raise NotFound(f"there is no process {self.asked.process}", f"没有流程 {self.asked.process}")
        return found

    @cached_property
    def chosen_versions(self) -> Sequence[ProcessDefinition]:
        """Those that count."""
        wanted = self.asked.version
        found = [row for row in self.versions if not wanted or str(row.version) == wanted]
        if not found:
            raise NotFound()
        return found

    @cached_property
    def drawn(self) -> ProcessDefinition:
        """The version that is drawn: the one asked for, else the one new orders take."""
        return self.chosen_versions[0] if self.asked.version else live_version(self.versions)

    @cached_property
    def elements(self) -> Mapping[str, ElementInfo]:
        """What is drawn and takes time."""
        return {one.id: one for one in elements_of(self.drawn).values() if one.type in SHOWN}

    @cached_property
    def sample(self) -> Sample:
        """Times of the newest processes of the period."""
        since = self.reader.now - PERIODS[self.asked.period][1]
        ids = [row.id for row in self.chosen_versions]
        pair = self.asked.pair if all(self.asked.pair) else None
        return sample(self.session, self.reader.actor, ids, since=since, now=self.reader.now, pair=pair)

    @cached_property
    def now(self) -> Mapping[str, Tally]:
        """What stands where now, exactly, over the chosen versions."""
        version = int(self.asked.version) if self.asked.version else None
        found: dict[str, Tally] = {}
        for _, _, tallies in counts(self.session, self.reader.actor, self.asked.process, version):
            for one in tallies:
                before = found.get(one.element_id)
                running = one.running + (before.running if before else 0)
                incidents = one.incidents + (before.incidents if before else 0)
                found[one.element_id] = Tally(
                    definition_id="", element_id=one.element_id, running=running, incidents=incidents
                )
        return found

    def standing(self, element: ElementInfo) -> int:
        """How many stand at an element now."""
        tally = self.now.get(element.id)
        return tally.running if tally and element.type not in NOBODY_STANDS_AT else 0

    def value(self, element: ElementInfo) -> float:
        """The number of the mode: minutes, a count, or a share of those that came."""
        times = self.sample.elements.get(element.id, ElementTimes())
        mode = self.asked.mode
        if mode == "now":
            return float(self.standing(element))
        if mode in ("failed", "late"):
            count = times.failures if mode == "failed" else times.late
            return count / times.entered if times.entered else 0.0
        spans = {"time": [*times.spans, *times.open], "wait": times.waits, "work": times.works}[mode]
        return median(spans) / timedelta(minutes=1) if spans else 0.0

    def said(self, element: ElementInfo) -> str:
        """The number of the mode as it is printed on the drawing."""
        value, f = self.value(element), self.reader.f
        if self.asked.mode == "now":
            return str(int(value)) if value else ""
        if self.asked.mode in ("failed", "late"):
            return f"{value:.0%}" if value else ""
        return f.span(timedelta(minutes=value)) if value else ""


def median(spans: Sequence[timedelta]) -> timedelta:
    """The middle one."""
    return sorted(spans)[(len(spans) - 1) // 2]


def heat_rows(heat: Heat) -> tuple[HeatRow, ...]:
    """Every element, hottest first."""
    largest = max((heat.value(one) for one in heat.elements.values()), default=0.0)
    rows = [(heat.value(one), _row(heat, one, largest)) for one in heat.elements.values()]
    return tuple(row for _, row in sorted(rows, key=lambda pair: -pair[0]))


def heat_page(heat: Heat, processes: Sequence[tuple[str, str]]) -> HeatPage:
    """The page without the list of orders that stand at the chosen step."""
    t, asked, reader = heat.reader.t, heat.asked, heat.reader
    rows = heat_rows(heat)
    mode_text = t(MODES[asked.mode])
    return HeatPage(
        processes=tuple(Choice(key, name) for key, name in processes),
        process=asked.process,
        versions=(
            Choice("", t("all versions")),
            *(Choice(str(row.version), f"v{row.version}") for row in heat.versions),
        ),
        version=asked.version,
        periods=tuple(Choice(code, t(text)) for code, (text, _) in PERIODS.items()),
        period=asked.period,
        modes=tuple(Tab(t(text), asked.address(mode=code), code == asked.mode) for code, text in MODES.items()),
        mode=asked.mode,
        mode_text=mode_text,
        basis=_basis(heat),
        diagram=_diagram(heat, rows, mode_text),
        scale=_scale(heat),
        rows=rows,
        chosen=next((row for row in rows if row.current), None),
        standing=(),
        standing_total=0,
        pair=asked.pair,
        pair_text=_pair_text(heat),
        pair_facts=_pair_facts(heat),
        steps=tuple(Choice(one.id, said_element(one, reader)) for one in heat.elements.values()),
        export_href=f"{asked.address()}&format=csv",
    )


def _row(heat: Heat, element: ElementInfo, largest: float) -> HeatRow:
    f, t = heat.reader.f, heat.reader.t
    times = heat.sample.elements.get(element.id, ElementTimes())
    spans = [*times.spans, *times.open]
    middle, ninth = median_and_p90([one / timedelta(minutes=1) for one in spans]) if spans else (0.0, 0.0)
    kind = STEP_KINDS[element.type]
    standing = heat.standing(element)
    href = heat.asked.address(step=element.id)
    return HeatRow(
        element_id=element.id,
        name=said_element(element, heat.reader),
        kind=t(kind),
        href=f"{href}#chosen",
        current=element.id == heat.asked.step,
        level=heat_level(heat.value(element), largest),
        now=str(standing) if standing else "–",
        now_href=f"{href}#standing" if standing else "",
        count=str(times.entered) if times.entered else "–",
        median=f.span(timedelta(minutes=middle)) if spans else "–",
        p90=f.span(timedelta(minutes=ninth)) if spans else "–",
        wait=f.span(median(times.waits)) if times.waits else "–",
        work=f.span(median(times.works)) if times.works else "–",
        failed=f"{times.failures} ({times.failures / times.entered:.0%})" if times.failures and times.entered else "–",
        late=f"{times.late} ({times.late / times.entered:.0%})" if times.late and times.entered else "–",
    )


def _diagram(heat: Heat, rows: Sequence[HeatRow], mode_text: str) -> Diagram:
    marks = {}
    for row in rows:
        printed = heat.said(heat.elements[row.element_id])
        mark: dict[str, object] = {
            "heat": row.level,
            "href": row.href,
            "title": f"{row.name} {mode_text} {printed}".strip(),
        }
        if printed:
            mark["label"] = printed
        if heat.asked.mode != "now" and row.now != "–":
            mark["badge"] = row.now
        if row.current:
            mark["chosen"] = True
        marks[row.element_id] = mark
    hottest = [f"{row.name} {heat.said(heat.elements[row.element_id])}" for row in rows[:3] if row.level]
    comma = heat.reader.t.about("list", ", ")
    return Diagram(
        title=said(heat.drawn, heat.reader),
        version=heat.drawn.version,
        source_href=f"/drawings/{heat.drawn.key}/{heat.drawn.version}",
        marks=json.dumps(marks, ensure_ascii=False),
        summary=heat.reader.t(
            "{mode} in {name}, most at: {steps}.",
            mode=mode_text,
            name=said(heat.drawn, heat.reader),
            steps=comma.join(hottest) or "–",
        ),
        steps=(),
    )


def _scale(heat: Heat) -> tuple[tuple[int, str], ...]:
    """The five steps, each with the value at which it begins."""
    largest = max((heat.value(one) for one in heat.elements.values()), default=0.0)
    if not largest:
        return ()
    if heat.asked.mode == "now":  # there are no halves of what stands somewhere
        levels = {heat_level(count, largest): count for count in range(int(largest), 0, -1)}
        return tuple((level, str(levels[level])) for level in sorted(levels))
    return tuple((level, _at(heat, largest * (level - 1) / HEAT_LEVELS)) for level in range(1, HEAT_LEVELS + 1))


def _at(heat: Heat, value: float) -> str:
    if heat.asked.mode in ("failed", "late"):
        return f"{value:.0%}"
    return heat.reader.f.span(timedelta(minutes=value))


def _basis(heat: Heat) -> str:
    t, found = heat.reader.t, heat.sample
    if not found.runs:
        return t("Nothing was begun in this time.")
    said_period = t(PERIODS[heat.asked.period][0])
    if found.is_all:
        return t(
            "From all {n} begun in the {period}; what is under way counts as far as it is.",
            n=found.runs,
            period=said_period,
        )
    return t(
        "From the newest {n} begun in the {period}; what is under way counts as far as it is.",
        n=MOST_RUNS,
        period=said_period,
    )


def _pair_text(heat: Heat) -> str:
    first, second = heat.asked.pair
    if first not in heat.elements or second not in heat.elements:
        return ""
    named = [said_element(heat.elements[one], heat.reader) for one in (first, second)]
    return heat.reader.t("From the end of “{first}” to the beginning of “{second}”", first=named[0], second=named[1])


def _pair_facts(heat: Heat) -> tuple[Pair, ...]:
    if not _pair_text(heat):
        return ()
    t, f, spans = heat.reader.t, heat.reader.f, heat.sample.between
    if not spans:
        return (Pair(t("Times"), t("none in this time")),)
    middle, ninth = median_and_p90([one / timedelta(minutes=1) for one in spans])
    return (
        Pair(t("Half take at most"), f.span(timedelta(minutes=middle))),
        Pair(t("Nine of ten take at most"), f.span(timedelta(minutes=ninth))),
        Pair(t("Times"), str(len(spans))),
    )
