"""One operation: what it takes and gives, what undoes it, how it does, who calls it, and a try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from adapters.operations import Operation, OperationRegistry
from app.persistence.products.operation_uses import Use, uses
from app.persistence.promises.rule_books import failures
from app.persistence.repairs.neighbour_figures import Failed, Recent, recent_calls
from app.services.studio.operation_trial import SILENT, Call, Tried
from app.web.addresses import Addresses
from app.web.pages.administration.admin_neighbours import NEIGHBOURS, system_name
from app.web.pages.operation_values import input_label
from app.web.pages.ordering.diagrams import said_element
from app.web.pages.repairs.repair_values import shown_value
from app.web.pages.studio.operation_list import OPERATIONS, neighbour_states
from app.web.pages.studio.operation_words import (
    EFFECTS,
    MODES,
    PROFILES,
    name_of,
    retries,
    seconds,
    source_of,
    undo_words,
)
from app.web.pages.studio.processes import said
from app.web.reader import Reader
from app.web.values import without_ids
from app.web.views.blocks import Block, BlockPage, Cell, Column, Crumb, Field, Form, Grid
from app.web.views.parts import Choice, Fault, Pair, Tag
from processes.definitions import elements_of

#: What comes before the name of an input in the form.
FIELD = "i-"
LONGEST_SAID = 200
LONGEST_TEXT = 80


def operation_page(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    registry: OperationRegistry,
    code: str,
    *,
    typed: Mapping[str, str],
    tried: Tried | None = None,
    happens: str = "",
    wrong: Sequence[str] = (),
) -> BlockPage:
    """The page of an operation that is registered; ``typed`` are the inputs of the form, ``wrong`` cannot be read."""
    t = reader.t
    known = {row.code: row for row in registry.rows()[0]}
    operation = known[code]
    words = {name: reader.said_in(row) for name, row in failures(session).items()}
    recent = recent_calls(session).get(operation.adapter, Recent({}, ()))
    state = neighbour_states(session, reader, {operation.adapter})[operation.adapter]
    faults = tuple(
        Fault(
            f"try-{FIELD}{name}",
            t("“{name}” cannot be read: write a text, a number or JSON.", name=input_label(name, reader)),
        )
        for name in wrong
    )
    return BlockPage(
        title=reader.said(operation),
        about=code,
        crumbs=(
            Crumb(t("Processes"), "/processes"),
            Crumb(t("Operations of neighbours"), OPERATIONS),
            Crumb(reader.said(operation)),
        ),
        tag=state,
        facts=_facts(operation, known, registry, reader),
        faults=faults,
        faults_title=t("Nothing was tried yet"),
        blocks=(
            *((_tried(tried, known, words, reader),) if tried else ()),
            _takes(operation, reader),
            _gives(operation, reader),
            *((_undo(operation, known[operation.undo], reader),) if operation.undo in known else ()),
            _called_by(uses(session).get(code, ()), reader, addresses),
            *((_try(operation, typed, words, happens, wrong, reader),) if reader.may("process.edit") else ()),
            _health(operation, recent, reader),
            _failures(operation, recent.failed, words, reader),
        ),
    )


def _facts(
    operation: Operation, known: Mapping[str, Operation], registry: OperationRegistry, reader: Reader
) -> tuple[Pair, ...]:
    t = reader.t
    system = system_name(operation.adapter, reader)
    comma = t.about("list", ", ")
    href = f"{NEIGHBOURS}/{operation.adapter}" if reader.may("ops.view") else ""
    facts = [
        Pair(t("System"), system, href=href),
        Pair(t("Effect"), comma.join((t(EFFECTS[operation.effect]), t(MODES[operation.mode])))),
        Pair(
            t("Undone by"),
            undo_words(operation, known, reader),
            href=f"{OPERATIONS}/{operation.undo}" if operation.undo else "",
        ),
        Pair(t("Time-out"), seconds(operation.timeout_s, reader)),
        Pair(t("Repeats"), retries(registry.policy(operation.retry), reader)),
        Pair(t("Twice the same"), t(PROFILES[operation.idempotency])),
    ]
    if operation.callback_deadline_min:
        facts.insert(4, Pair(t("Answer missing after"), seconds(operation.callback_deadline_min * 60, reader)))
    return tuple(facts)


def _takes(operation: Operation, reader: Reader) -> Block:
    t = reader.t
    rows = [(name, t("required")) for name in operation.inputs]
    rows += [(name, t("optional")) for name in operation.optional_inputs]
    return Block(
        id="inputs",
        title=t("What it takes"),
        grid=Grid(
            caption=t("What it takes"),
            columns=(Column(t("Input")), Column(t("Name in the drawing")), Column(t("Needed"))),
            rows=tuple((Cell(input_label(name, reader)), Cell(name, code=True), Cell(needed)) for name, needed in rows),
            empty=t("It takes nothing."),
        ),
    )


def _gives(operation: Operation, reader: Reader) -> Block:
    t = reader.t
    return Block(
        id="outputs",
        title=t("What it gives"),
        note=t("More may come; these always do."),
        grid=Grid(
            caption=t("What it gives"),
            columns=(Column(t("Output")), Column(t("Name in the drawing"))),
            rows=tuple((Cell(input_label(name, reader)), Cell(name, code=True)) for name in operation.outputs),
            empty=t("It gives nothing back."),
        ),
    )


def _undo(operation: Operation, undo: Operation, reader: Reader) -> Block:
    t = reader.t
    names = [(name, True) for name in undo.inputs] + [(name, False) for name in undo.optional_inputs]
    return Block(
        id="undo",
        title=t("How it is undone"),
        note=reader.said(undo),
        grid=Grid(
            caption=t("How it is undone"),
            columns=(Column(t("Input of the undo")), Column(t("Comes from"))),
            rows=tuple(
                (Cell(input_label(name, reader), sub=name), Cell(source_of(operation, name, reader)))
                for name, _ in names
            ),
        ),
    )


def _called_by(used: Sequence[Use], reader: Reader, addresses: Addresses) -> Block:
    t = reader.t
    rows = []
    for one in used:
        element = elements_of(one.definition)[one.element_id]
        tag = Tag(t("live"), "done", "ok") if one.in_force else Tag(t("older, still running"), "clock")
        rows.append(
            (
                Cell(said(one.definition, reader), href=addresses.version(one.definition.key, one.definition.version)),
                Cell(f"v{one.definition.version}", num=True),
                Cell(said_element(element, reader), wrap=True),
                Cell("", tag=tag),
            )
        )
    return Block(
        id="uses",
        title=t("Processes that call it"),
        grid=Grid(
            caption=t("Processes that call it"),
            columns=(Column(t("Process")), Column(t("Version"), num=True), Column(t("Step")), Column(t("State"))),
            rows=tuple(rows),
            empty=t("No process calls it."),
            icon="flow",
        ),
    )


def _health(operation: Operation, recent: Recent, reader: Reader) -> Block:
    t = reader.t
    took = recent.took.get(operation.code)
    pairs = [Pair(t("Newest calls that went well"), str(took.calls) if took else "0")]
    if took:
        pairs.append(Pair(t("Half of them within"), seconds(round(took.half_s, 1), reader)))
        pairs.append(Pair(t("Nine of ten within"), seconds(round(took.most_s, 1), reader)))
    pairs.append(
        Pair(t("Usual, by contract"), f"{seconds(operation.median_s, reader)} – {seconds(operation.p90_s, reader)}")
    )
    return Block(id="health", title=t("How it does"), pairs=tuple(pairs), aside=True)


def _failures(operation: Operation, failed: Sequence[Failed], words: Mapping[str, str], reader: Reader) -> Block:
    t = reader.t
    last = [one for one in failed if one.operation == operation.code]
    lines = [f"{reader.f.moment(one.at)} {words.get(one.code) or without_ids(one.said)[:LONGEST_SAID]}" for one in last]
    return Block(
        id="failures",
        title=t("What can go wrong"),
        note=t("Last failures: {n}", n=len(last)) if last else t("None of the newest calls failed."),
        lines=(*lines, *(words.get(code, code) for code in operation.failures)),
        aside=True,
    )


def _try(
    operation: Operation,
    typed: Mapping[str, str],
    words: Mapping[str, str],
    happens: str,
    wrong: Sequence[str],
    reader: Reader,
) -> Block:
    t = reader.t
    names = [(name, True) for name in operation.inputs] + [(name, False) for name in operation.optional_inputs]
    bad = t("Write a text, a number or JSON.")
    fields = [_field(name, typed.get(name, ""), needed, bad if name in wrong else "", reader) for name, needed in names]
    choices = tuple(Choice(code, t("it refuses: {why}", why=words.get(code, code))) for code in operation.failures)
    fields.append(
        Field(
            name="happens",
            label=t("What happens"),
            kind="select",
            value=happens,
            choices=(*choices, Choice(SILENT, t("it does not answer"))),
            empty=t("it does what it does"),
            width=12,
        )
    )
    act = Form(
        id="try",
        action=f"{OPERATIONS}/{operation.code}/try#tried",
        submit=t("Try with sample"),
        icon="play",
        tone="primary",
        fields=tuple(fields),
        note=t("On a pretended neighbour made for this one try, never on a real one. Nothing of it is kept."),
    )
    return Block(id="try", title=t("Try with sample"), forms=(act,), aside=True)


def _field(name: str, text: str, needed: bool, error: str, reader: Reader) -> Field:
    long = len(text) > LONGEST_TEXT or "\n" in text
    return Field(
        name=f"{FIELD}{name}",
        label=input_label(name, reader),
        hint=name,
        kind="area" if long else "text",
        value=text,
        rows=4,
        required=needed,
        longest=2000,
        width=12,
        error=error,
    )


def _tried(tried: Tried, known: Mapping[str, Operation], words: Mapping[str, str], reader: Reader) -> Block:
    t = reader.t
    calls = [*((one, t("before")) for one in tried.before), (tried.call, t("the call"))]
    if tried.undo is not None:
        calls.append((tried.undo, t("its undo")))
    tags = {
        "done": Tag(t("done"), "done", "ok"),
        "refused": Tag(t.about("call", "refused"), "slash", "bad"),
        "silent": Tag(t("no answer"), "clock", "warn"),
    }
    return Block(
        id="tried",
        title=t("What happened"),
        tag=tags[tried.call.outcome],
        note=t("Nothing of it is kept."),
        lines=tuple(tried.problems),
        grid=Grid(
            caption=t("What happened"),
            columns=(
                Column(t.about("operation", "Call")),
                Column(t("Result")),
                Column(t("Asked with")),
                Column(t("Answered")),
            ),
            rows=tuple(
                (
                    Cell(name_of(one.operation, known, reader), sub=which, wrap=True),
                    Cell("", tag=tags[one.outcome]),
                    Cell(_values(one.inputs, reader), wrap=True),
                    Cell(_answer(one, words, reader), wrap=True),
                )
                for one, which in calls
            ),
        ),
    )


def _answer(call: Call, words: Mapping[str, str], reader: Reader) -> str:
    if call.outcome == "done":
        return _values(call.outputs, reader)
    if call.code == "request-not-understood":
        return reader.t("It does not understand the request; something required is missing.")
    return words.get(call.code) or (reader.t("Nobody answered in time.") if call.outcome == "silent" else call.said)


def _values(values: Mapping[str, Any], reader: Reader) -> str:
    if not values:
        return "–"
    semicolon = "; " if reader.language == "en" else "；"
    colon = ": " if reader.language == "en" else "："
    return semicolon.join(
        f"{input_label(name, reader)}{colon}{shown_value(value) or '–'}" for name, value in values.items()
    )
