"""The systems around us: how each does, what it said last, and holding it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from adapters.operations import Operation, OperationRegistry
from app.errors import NotFound
from app.persistence.promises import control_figures
from app.persistence.repairs.neighbour_figures import GateOf, Recent, gates, recent_calls
from app.web.pages.names import SYSTEMS, Names
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.values import without_ids
from app.web.views.blocks import Block, BlockPage, Cell, Column, Crumb, Field, Form, Grid
from app.web.views.parts import Pair, Tag
from processes.holding import Held, held

NEIGHBOURS: Final = "/admin/neighbours"
BREAKER: Final = (Sentence("closed: calls go out"), Sentence("half open: one call tries"), Sentence("open: no calls"))
LONGEST: Final = 160


def neighbours_page(session: Session, reader: Reader, codes: Sequence[str]) -> BlockPage:
    """Every neighbour in a row."""
    t = reader.t
    figures = {one.adapter: one for one in control_figures.neighbours(session)}
    standing, recent = gates(session, reader.now), recent_calls(session)
    holds = {one.adapter: one for one in held(session)}
    rows = []
    for code in codes:
        one = figures.get(code)
        under_way, again = (one.under_way, one.again) if one else (0, 0)
        rows.append(
            (
                Cell(system_name(code, reader), href=f"{NEIGHBOURS}/{code}"),
                Cell("", tag=state_tag(holds.get(code), standing.get(code, []), again, reader)),
                Cell(str(under_way), num=True),
                Cell(str(again), num=True),
                Cell(_slowest(recent.get(code), reader), num=True),
                _last_error(recent.get(code), reader),
            )
        )
    return BlockPage(
        title=t("Neighbours"),
        blocks=(
            Block(
                id="neighbours",
                title=t("Systems around us"),
                note=t("Times and errors are those of the newest calls."),
                grid=Grid(
                    caption=t("Systems around us"),
                    columns=(
                        Column(t("System")),
                        Column(t("State")),
                        Column(t("Under way"), num=True),
                        Column(t("To be tried again"), num=True),
                        Column(t("Nine of ten within"), num=True),
                        Column(t("Last error")),
                    ),
                    rows=tuple(rows),
                ),
            ),
        ),
    )


def neighbour_page(
    session: Session, reader: Reader, code: str, codes: Sequence[str], registry: OperationRegistry
) -> BlockPage:
    """One neighbour. :raises NotFound: there is none of this code."""
    if code not in codes:
        raise NotFound
    t, names = reader.t, Names(session, reader)
    standing = gates(session, reader.now).get(code, [])
    recent = recent_calls(session).get(code, Recent({}, ()))
    figure = next((one for one in control_figures.neighbours(session) if one.adapter == code), None)
    hold = next((one for one in held(session) if one.adapter == code), None)
    operations = {one.code: one for one in registry.rows()[0] if one.adapter == code}
    facts = [
        Pair(t("Under way"), str(figure.under_way if figure else 0)),
        Pair(t("To be tried again"), str(figure.again if figure else 0)),
        Pair(t("What it can do"), str(len(operations))),
    ]
    if hold is not None:
        facts.append(Pair(t("Held by"), f"{names.person(hold.by)} · {reader.f.moment(hold.since)} · {hold.reason}"))
    return BlockPage(
        title=system_name(code, reader),
        crumbs=(Crumb(t("Neighbours"), NEIGHBOURS), Crumb(system_name(code, reader))),
        tag=state_tag(hold, standing, figure.again if figure else 0, reader),
        facts=tuple(facts),
        blocks=(
            _errors(recent, operations, reader),
            _gates(standing, reader),
            *((_hold_block(code, hold, reader),) if reader.may("system.hold") else ()),
            _times(recent, operations, reader),
        ),
    )


def system_name(code: str, reader: Reader) -> str:
    """What a neighbour is called."""
    return reader.words(SYSTEMS[code]) if code in SYSTEMS else code


def state_tag(hold: Held | None, standing: Sequence[GateOf], again: int, reader: Reader) -> Tag:
    """How a neighbour does, in a word."""
    t = reader.t
    closed = sum(one.breaker > 0 for one in standing)
    if hold is not None:
        return Tag(t("held by us"), "pause", "warn")
    if closed:
        return Tag(t("not answering"), "alert", "bad")
    if any(one.draining for one in standing):
        return Tag(t("just back, calls go out slowly"), "play", "warn")
    if again:
        return Tag(t("failing at times"), "warn", "warn")
    return Tag(t.about("neighbour", "fine"), "done", "ok")


def _errors(recent: Recent, operations: Mapping[str, Operation], reader: Reader) -> Block:
    t = reader.t
    return Block(
        id="errors",
        title=t("What failed last"),
        grid=Grid(
            caption=t("What failed last"),
            icon="done",
            columns=(Column(t("At")), Column(t("Operation")), Column(t("What it said")), Column(t("Tries"), num=True)),
            rows=tuple(
                (
                    Cell(reader.f.moment(one.at)),
                    Cell(_named(one.operation, operations, reader), sub=one.operation, wrap=True),
                    Cell(without_ids(one.said)[:LONGEST], sub=one.code, wrap=True, lang=_language(one.said)),
                    Cell(str(one.attempts), num=True),
                )
                for one in recent.failed
            ),
            empty=t("None of the newest calls failed."),
        ),
    )


def _times(recent: Recent, operations: Mapping[str, Operation], reader: Reader) -> Block:
    t = reader.t
    rows = []
    for code, one in sorted(operations.items(), key=lambda row: row[0]):
        took = recent.took.get(code)
        rows.append(
            (
                Cell(_named(code, operations, reader), sub=code, wrap=True),
                Cell(str(took.calls) if took else "–", num=True),
                Cell(_seconds(took.half_s, reader) if took else "–", num=True),
                Cell(_seconds(took.most_s, reader) if took else "–", num=True),
                Cell(_seconds(one.timeout_s, reader), num=True),
                Cell(_named(one.undo, operations, reader) if one.undo else "–", wrap=True),
            )
        )
    return Block(
        id="times",
        title=t("What it can do"),
        note=t("Of one that answers later, until the answer came."),
        grid=Grid(
            caption=t("What it can do"),
            icon="clock",
            columns=(
                Column(t("Operation")),
                Column(t("Newest calls"), num=True),
                Column(t("Half of them within"), num=True),
                Column(t("Nine of ten within"), num=True),
                Column(t("Time-out"), num=True),
                Column(t("Undone by")),
            ),
            rows=tuple(rows),
        ),
    )


def _gates(standing: Sequence[GateOf], reader: Reader) -> Block:
    t = reader.t
    return Block(
        id="gates",
        title=t("Gates of the workers"),
        note=t("Each worker opens its breaker by what it sees itself."),
        grid=Grid(
            caption=t("Gates of the workers"),
            icon="shield",
            columns=(
                Column(t("Worker")),
                Column(t("Breaker")),
                Column(t("Opened so far"), num=True),
                Column(t("Repeats left this minute"), num=True),
                Column(t("Slow start")),
            ),
            rows=tuple(
                (
                    Cell(one.worker, code=True),
                    Cell(t(BREAKER[min(one.breaker, 2)])),
                    Cell(str(one.opened), num=True),
                    Cell(str(one.retries_left), num=True),
                    Cell(t("calls go out slowly") if one.draining else "–"),
                )
                for one in standing
            ),
            empty=t("No worker gives a sign of life."),
        ),
    )


def _hold_block(code: str, hold: Held | None, reader: Reader) -> Block:
    t = reader.t
    why = (Field(name="reason", label=t("Reason"), required=True, width=12, longest=300),)
    if hold is None:
        act = Form(
            id="hold",
            action=f"{NEIGHBOURS}/{code}/hold",
            submit=t("Hold the neighbour"),
            icon="pause",
            tone="danger",
            fields=why,
            note=t("No calls go out; jobs wait and burn no attempt. Calls that are out are finished."),
        )
    else:
        act = Form(
            id="release",
            action=f"{NEIGHBOURS}/{code}/release",
            submit=t("Let calls go out again"),
            icon="play",
            tone="primary",
            fields=why,
            note=t("{n} jobs wait; they go out steadily, as after an outage.", n=hold.parked),
        )
    return Block(id="hold", title=t("Hold"), forms=(act,))


def _named(code: str, operations: Mapping[str, Operation], reader: Reader) -> str:
    return reader.said(operations[code]) if code in operations else code


def _slowest(recent: Recent | None, reader: Reader) -> str:
    times = [one.most_s for one in recent.took.values()] if recent else []
    return _seconds(max(times), reader) if times else "–"


def _last_error(recent: Recent | None, reader: Reader) -> Cell:
    if recent is None or not recent.failed:
        return Cell("–")
    one = recent.failed[0]
    said = f"{reader.f.moment(one.at)} {without_ids(one.said)[:LONGEST]}"
    return Cell(said, wrap=True, lang=_language(one.said))


def _language(said: str) -> str:
    """What a neighbour said is not translated; readers that speak aloud are told which language it is."""
    return "en" if said.isascii() else "zh-CN"


def _seconds(seconds: float, reader: Reader) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s" if reader.language == "en" else f"{seconds:.1f} 秒"
    return reader.f.span(timedelta(seconds=seconds))
