"""A stored decision table as rows for people: its own labels, and names in the place of codes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree
from sqlalchemy.orm import Session

from app.web.block_forms import joined
from app.web.reader import Reader
from app.web.views.blocks import Cell, Column, Grid
from processes.definitions import latest_decision
from processes.dmn.cell_texts import columns_of, hit_policy
from processes.dmn.xml import child, children, text_in
from processes.spiff.xmlsource import read as read_xml
from processes.store.definitions import DecisionDefinition

ANY: Final = ("", "-")
QUOTED: Final = re.compile(r'"([^"]*)"')


@dataclass(frozen=True)
class TableRule:
    """One row: its id, the texts of its cells as they are written, what is noted beside it."""

    rule_id: str
    cells: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class StoredTable:
    """A table as it is stored. ``labels`` may hold both languages, parted by `` / ``."""

    version: int
    policy: str
    columns: tuple[str, ...]
    labels: tuple[str, ...]
    inputs: int
    rules: tuple[TableRule, ...]


def stored_table(session: Session, key: str) -> StoredTable:
    """The table of the decision in force. :raises UnknownDecision: none of that key is deployed."""
    row = latest_decision(session, key)
    stored = session.get_one(DecisionDefinition, row.id)
    return parsed_table(stored.version, key, bytes(stored.xml))


def one_language(text: str, reader: Reader) -> str:
    """The half of a text that is written as ``中文 / English``."""
    zh, parted, en = text.partition(" / ")
    return (en if reader.language == "en" else zh) if parted else text


def grid_of(
    table: StoredTable,
    reader: Reader,
    names: Mapping[str, str],
    *,
    caption: str,
    only: Collection[str] | None = None,
    left_out: Collection[str] = (),
) -> Grid:
    """The rows as a table. ``names``: code -> name; ``only``: the ids of rules to show; ``left_out``: columns
    that say nothing to people."""
    t = reader.t
    shown = [number for number, name in enumerate(table.columns) if name not in left_out]
    columns = [
        Column(t("No."), num=True),
        *(Column(one_language(table.labels[n], reader)) for n in shown),
        Column(t("Note")),
    ]
    rows = []
    for number, rule in enumerate(table.rules, 1):
        if only is None or rule.rule_id in only:
            cells = [Cell(cell_text(rule.cells[n], reader, names), wrap=True) for n in shown]
            rows.append((Cell(str(number), num=True), *cells, Cell(one_language(rule.note, reader), wrap=True)))
    return Grid(caption=caption, columns=tuple(columns), rows=tuple(rows), icon="table")


def sentences_of(
    table: StoredTable,
    reader: Reader,
    names: Mapping[str, str],
    *,
    caption: str,
    named: tuple[str, str],
    left_out: Collection[str] = (),
    marked: str = "",
) -> Grid:
    """The rows as sentences: what has to be so, and what follows; what says nothing is left out.

    ``named``: the outputs that hold the name of a row in Chinese and in English.
    """
    t = reader.t
    own = named[1] if reader.language == "en" else named[0]
    silent = {*left_out, *named}
    rows = []
    for number, rule in enumerate(table.rules, 1):
        said: list[list[str]] = [[], []]
        for n, text in enumerate(rule.cells):
            if text not in ANY and table.columns[n] not in silent:
                label = one_language(table.labels[n], reader)
                said[n >= table.inputs].append(t("{what}: {value}", what=label, value=cell_text(text, reader, names)))
        name = cell_text(rule.cells[table.columns.index(own)], reader, {}) if own in table.columns else rule.rule_id
        mark = "▶ " if rule.rule_id == marked else ""
        when, then = (("；" if reader.language != "en" else "; ").join(parts) for parts in said)
        note = one_language(rule.note, reader)
        rows.append(
            (
                Cell(f"{mark}{number}", num=True),
                Cell(name, sub=note, wrap=True),
                Cell(when or t("always"), wrap=True),
                Cell(then, wrap=True),
            )
        )
    columns = (Column(t("No."), num=True), Column(t("Rule")), Column(t("When")), Column(t("Then")))
    return Grid(caption=caption, columns=columns, rows=tuple(rows), icon="table")


def cell_text(text: str, reader: Reader, names: Mapping[str, str]) -> str:
    """A cell with names for the codes in it; what matches everything is said so, what is no list stays as written."""
    if text in ANY:
        return reader.t("any")
    codes = QUOTED.findall(text)
    rest = QUOTED.sub("", text).replace(",", "").replace(" ", "")
    if not codes or rest not in ("", "not()", "listcontains(?)"):
        return text
    said = joined((names.get(code, code) for code in codes), reader)
    return reader.t("not: {what}", what=said) if rest == "not()" else said


def parsed_table(version: int, key: str, xml: bytes) -> StoredTable:
    """The table of a decision in a file; an empty one where its logic is none."""
    root = read_xml(xml)
    decision = next(one for one in children(root, "decision") if one.get("id") == key)
    table = child(decision, "decisionTable")
    if table is None:
        return StoredTable(version, "", (), (), 0, ())
    inputs, outputs = columns_of(root, key)
    labels = [one.get("label") or name for one, name in zip(children(table, "input"), inputs, strict=True)]
    labels += [one.get("label") or name for one, name in zip(children(table, "output"), outputs, strict=True)]
    return StoredTable(
        version=version,
        policy=hit_policy(root, key) or "UNIQUE",
        columns=(*inputs, *outputs),
        labels=tuple(labels),
        inputs=len(inputs),
        rules=tuple(_rule(one) for one in children(table, "rule")),
    )


def _rule(rule: etree._Element) -> TableRule:
    cells = [*children(rule, "inputEntry"), *children(rule, "outputEntry")]
    notes = [text_in(one) for one in children(rule, "annotationEntry")]
    return TableRule(rule.get("id", ""), tuple(text_in(one).strip() for one in cells), " ".join(notes).strip())
