"""One version of a decision: its table in names, its gaps, who asks for it, and a box to try it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import Actor
from app.errors import AppError, NotFound
from app.services.studio.decision_desk import examined_file, tried_rows
from app.services.studio.form_desk import step_uses
from app.web.pages.names import Names
from app.web.pages.studio.boards import uses_grid
from app.web.pages.studio.decision_table import StoredTable, cell_text, grid_of, parsed_table
from app.web.pages.studio.processes import said
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.blocks import Block, BlockPage, Cell, Column, Crumb, Field, Form, Grid, PageLink
from app.web.views.parts import Pair, Tag
from processes.decision_versions import all_versions, in_force, pinned_to, version_of
from processes.dmn.examining import ExaminedDecision
from processes.errors import NotThere
from processes.store.definitions import DecisionDefinition, ProcessDefinition

HOME: Final = "/processes/decisions"
ORDER_TYPES: Final = ("install", "disconnect", "move", "change", "suspend", "resume", "owner_change")
#: What the system asks by itself, outside any process.
OWN_USES: Final[Mapping[str, Sentence]] = {
    "work_plan": Sentence("The system asks it for the plan of every item, and to foresee how long an order takes."),
    "sla_policy": Sentence("The system asks it for the promise of every order."),
    "repair_policy": Sentence("The system asks it for the promise of every repair."),
    "dispatch": Sentence("The system asks it whom to give each piece of work to."),
    "work_priority": Sentence("The system asks it how urgent each piece of work is."),
}
POLICIES: Final[Mapping[str, Sentence]] = {
    "UNIQUE": Sentence("at most one rule fits"),
    "FIRST": Sentence("the first rule that fits counts"),
    "ANY": Sentence("all rules that fit say the same"),
    "PRIORITY": Sentence("the most important output counts"),
    "COLLECT": Sentence("all rules that fit count"),
    "RULE ORDER": Sentence("all rules that fit count, in their order"),
    "OUTPUT ORDER": Sentence("all rules that fit count, the most important first"),
}


@dataclass(frozen=True)
class VersionShown:
    """The page of a version, and what its box to try it needs."""

    page: BlockPage
    key: str
    text: str
    examined: ExaminedDecision | None


def version_page(
    session: Session, reader: Reader, key: str, version: int | None, *, second_person: bool = False
) -> VersionShown:
    """One version, the one in force if none is named; whoever withdraws says why where a ``second_person`` counts.

    :raises NotFound: there is none.
    """
    t, names = reader.t, Names(session, reader)
    kept = all_versions(session, key)
    if not kept:
        raise NotFound(f"there is no decision {key}", f"没有决策 {key}")
    live = in_force(session).get(key)
    try:
        row = version_of(session, key, version if version is not None else (live or kept[0].version))
    except NotThere:
        raise NotFound(f"{key} has no version {version}", f"{key} 没有版本 {version}") from None
    names.know_people(one.deployed_by for one in kept)
    content = bytes(row.xml)
    found = next((one for one in examined_file(content) if one.key == key), None)
    table = parsed_table(row.version, key, content)
    policy = t(POLICIES[table.policy]) if table.policy in POLICIES else "–"
    used = uses_grid(step_uses(session, "decision").get(key, []), reader, with_pins=True)
    pins = pinned_to(session, key)
    codes = names_of_codes(session, reader, names)
    blocks = [
        _table(table, reader, codes),
        _cover(found, reader, codes) if found else None,
        _try_block(found, reader, key, row.version),
        _versions(kept, row, live, pins, names, reader, asks_why=second_person),
        Block(
            id="uses",
            title=t("Steps that ask it"),
            lines=((t(OWN_USES[key]),) if key in OWN_USES else ()) + _pinned(pins.get(row.version, ()), reader),
            grid=used if used.rows or key not in OWN_USES else None,
            aside=True,
        ),
    ]
    page = BlockPage(
        title=said(row, reader),
        crumbs=(Crumb(t("Processes"), "/processes"), Crumb(t("Decision tables"), HOME), Crumb(f"{key} v{row.version}")),
        tag=Tag(t("live"), "done", "ok") if row.version == live else Tag(t("older"), "clock"),
        links=(PageLink(t("Download"), f"{HOME}/{key}/{row.version}/source", "dl", download=True),),
        facts=(
            Pair(t("Key"), key, code=True),
            Pair(t("Hit policy"), f"{table.policy or '–'} {policy}"),
            Pair(t("Processes take"), t("v{n}, the one in force", n=live) if live else t("none: it is withdrawn")),
            Pair(t("Deployed"), f"{reader.f.full(row.deployed_at)} {names.person(row.deployed_by)}"),
        ),
        blocks=tuple(block for block in blocks if block is not None),
    )
    return VersionShown(page, key, content.decode("utf-8", "replace"), found)


def _pinned(users: Sequence[tuple[str, int]], reader: Reader) -> tuple[str, ...]:
    """Who takes this version for good, in force or not."""
    if not users:
        return ()
    named = (", " if reader.language == "en" else "、").join(f"{key} v{number}" for key, number in users)
    return (reader.t("Pinned to this version, which therefore cannot be withdrawn: {names}", names=named),)


def names_of_codes(session: Session, reader: Reader, names: Names) -> dict[str, str]:
    """Names for the codes that stand in tables: products, kinds of orders, levels of customers, processes."""
    found = {one.value: one.text for one in (*names.all_products(), *names.all_tiers())}
    kept = select(ProcessDefinition.key, ProcessDefinition.name, ProcessDefinition.name_en)
    for row in session.execute(kept.order_by(ProcessDefinition.version)):
        found[row.key] = (row.name_en or row.name) if reader.language == "en" else row.name
    for code in ORDER_TYPES:
        found.setdefault(code, names.order_type(code))
    return found


def _table(table: StoredTable, reader: Reader, codes: Mapping[str, str]) -> Block:
    t = reader.t
    if not table.columns:
        line = t("This decision is an expression, not a table; download it to read it.")
        return Block(id="table", title=t("Rules"), lines=(line,))
    grid = grid_of(table, reader, codes, caption=t("Rules"))
    return Block(id="table", title=t("Rules: {n}", n=len(table.rules)), grid=grid)


def _cover(found: ExaminedDecision, reader: Reader, codes: Mapping[str, str]) -> Block | None:
    """What no rule covers and which rules both fit, in words."""
    t = reader.t
    lines = [t("Rules {one} and {two} both fit", one=one, two=two) for one, two in found.overlaps]
    lines += [t("Rule {n} is never reached", n=n) for n in found.coverage.unreached]
    for gap in found.coverage.gaps:
        parts = [
            t("{what}: {value}", what=_own(label, reader), value=cell_text(cell, reader, codes))
            for label, cell in zip(found.column_labels, gap, strict=False)
            if cell != "-"
        ]
        lines.append(
            t("No rule for: {what}", what=("; " if reader.language == "en" else "；").join(parts) or t("anything"))
        )
    if found.coverage.unjudged:
        lines.append(t("Some rules hold more than plain values; gaps cannot be judged."))
    elif not lines and found.rule_ids and found.coverage.is_whole:
        lines.append(t("Every case has a rule."))
    return Block(id="cover", title=t("Gaps and overlaps"), lines=tuple(lines)) if lines else None


def _own(label: str, reader: Reader) -> str:
    zh, parted, en = label.partition(" / ")
    return (en if reader.language == "en" else zh) if parted else label


def _try_block(found: ExaminedDecision | None, reader: Reader, key: str, version: int) -> Block | None:
    t = reader.t
    if found is None or not found.inputs:
        return None
    labels = {name: _own(label, reader) for name, label in found.labels.items()}
    fields = tuple(
        Field(
            name=f"in-{name}", label=labels.get(name, name), hint=name if name in labels else "", width=4, longest=400
        )
        for name in found.inputs
    )
    form = Form(
        action=f"{HOME}/{key}/{version}", submit=t("Try it"), method="get", fields=fields, icon="play", id="try"
    )
    return Block(id="try", title=t("Try it"), note=t("nothing is stored"), forms=(form,))


def tried_page(shown: VersionShown, reader: Reader, given: Mapping[str, str], actor: Actor, deps: Deps) -> VersionShown:
    """The page with what the decision says of what was filled in."""
    t = reader.t
    inputs = {name.removeprefix("in-"): value_of(text) for name, text in given.items()}
    try:
        answer = tried_rows(shown.text, shown.key, [{"inputs": inputs}], actor, deps)[0]
        told = answer.error[1 if reader.language == "en" else 0] if answer.error else ""
        rules, result = answer.rules, answer.result
    except AppError as problem:
        told, rules, result = problem.message(reader.language), (), None
    if told:
        lines: tuple[str, ...] = (told,)
    else:
        words = t("nothing fits") if result in (None, []) else json.dumps(result, ensure_ascii=False)
        fitted = t("Rules that fitted: {rules}", rules=", ".join(str(n) for n in rules) or t("none"))
        lines = (t("Result: {what}", what=words), fitted)
    blocks = []
    for block in shown.page.blocks:
        if block.id == "try" and block.forms:
            form = block.forms[0]
            filled = tuple(replace(one, value=given.get(one.name, "")[:400]) for one in form.fields)
            block = replace(block, lines=lines, forms=(replace(form, fields=filled),))
        blocks.append(block)
    return replace(shown, page=replace(shown.page, blocks=tuple(blocks)))


def value_of(text: str) -> Any:
    """What somebody has typed as a value: JSON where it is that, nothing where it is empty, else the text."""
    typed = text.strip()
    if not typed:
        return None
    try:
        return json.loads(typed)
    except (ValueError, RecursionError):
        return typed


def _versions(
    kept: Sequence[DecisionDefinition],
    shown: DecisionDefinition,
    live: int | None,
    pins: Mapping[int, Sequence[tuple[str, int]]],
    names: Names,
    reader: Reader,
    *,
    asks_why: bool,
) -> Block:
    t = reader.t
    rows = []
    for row in sorted(kept, key=lambda one: -one.version):
        forms = []
        if reader.may("process.edit"):
            hidden = (("from", "version"), ("kind", "dmn"), ("key", row.key), ("version", str(row.version)))
            edit = Form(action="/processes/drafts", submit=t("Edit"), hidden=hidden, id=f"e{row.version}")
            forms.append(replace(edit, tone="primary") if row.version == shown.version else edit)
        free = row.version not in pins
        if free and reader.may("process.deploy") and row.withdrawn_at is None and len(kept) > 1 and row.version == live:
            action = f"{HOME}/{row.key}/{row.version}/withdraw"
            why = (Field(name="reason", label=t("Why"), required=True, longest=500, width=12),) if asks_why else ()
            folded = t("Withdraw") if asks_why else ""
            forms.append(Form(action=action, submit=t("Withdraw"), fields=why, fold=folded, id=f"w{row.version}"))
        word = t("live") if row.version == live else t("withdrawn") if row.withdrawn_at else t("older")
        word += "" if free else t("; pinned by {n}", n=len(pins[row.version]))
        rows.append(
            (
                Cell(f"v{row.version}", href=f"{HOME}/{row.key}/{row.version}", sub=word),
                Cell(reader.f.moment(row.deployed_at), sub=names.person(row.deployed_by)),
                Cell("", forms=tuple(forms)),
            )
        )
    columns = (Column(t("Version")), Column(t("Deployed")), Column(t("Actions"), hidden=True))
    grid = Grid(caption=t("Versions"), columns=columns, rows=tuple(rows))
    return Block(id="versions", title=t("Versions"), grid=grid, aside=True)
