"""The texts that the cells of a decision table name, for whoever knows what they may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from processes.dmn.xml import child, children, text_in
from processes.feel import tree
from processes.feel.cells import parse_tests
from processes.feel.errors import FeelError
from processes.feel.parsing import parse

MOST: Final = 20_000


@dataclass(frozen=True)
class CellText:
    """``column``: the expression of an input or the name of an output; ``rule`` counts from 1."""

    rule: int
    rule_id: str
    column: str
    is_output: bool
    text: str


def hit_policy(root: etree._Element, key: str) -> str | None:
    """The hit policy of the table of a decision; None where it has no table."""
    table = _table(root, key)
    return None if table is None else str(table.get("hitPolicy", "UNIQUE"))


def columns_of(root: etree._Element, key: str) -> tuple[list[str], list[str]]:
    """The expressions of the inputs and the names of the outputs of a decision's table."""
    table = _table(root, key)
    inputs = [text_in(child(one, "inputExpression")) for one in children(table, "input")] if table is not None else []
    outputs = [one.get("name", "") for one in children(table, "output")] if table is not None else []
    return inputs, outputs


def cell_texts(root: etree._Element, key: str) -> Iterator[CellText]:
    """Every text that stands in a cell, cell by cell; a cell that cannot be read is left out."""
    table = _table(root, key)
    if table is None:
        return
    inputs, outputs = columns_of(root, key)
    count = 0
    for number, rule in enumerate(children(table, "rule"), 1):
        entries = [*zip(inputs, children(rule, "inputEntry"), strict=False)]
        answers = [*zip(outputs, children(rule, "outputEntry"), strict=False)]
        for column, cell, is_output in (*((*one, False) for one in entries), *((*one, True) for one in answers)):
            for text in _texts(text_in(cell), is_output):
                count += 1
                if count > MOST:
                    return
                yield CellText(number, rule.get("id", ""), column, is_output, text)


def _table(root: etree._Element, key: str) -> etree._Element | None:
    decision = next((one for one in children(root, "decision") if one.get("id") == key), None)
    return child(decision, "decisionTable")


def _texts(cell: str, is_output: bool) -> Iterator[str]:
    if cell in ("", "-"):
        return
    try:
        node: tree.Node = parse(cell) if is_output else parse_tests(cell)
    except FeelError:
        return  # said where the table is read
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tree.Literal) and isinstance(one.value, str):
            yield one.value
        waiting.extend(one.inner())
