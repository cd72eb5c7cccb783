"""A DMN file as its author sees it: what is wrong in which cell, which inputs nothing covers, what a test decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lxml import etree

from processes.dmn.coverage import Coverage, covered
from processes.dmn.graph import Decision
from processes.dmn.overlaps import overlapping
from processes.dmn.problems import DecisionError, Problem, Problems
from processes.dmn.reading import Model
from processes.dmn.xml import child, children, text_in
from processes.feel import tree
from processes.feel.cells import parse_tests
from processes.feel.errors import FeelError
from processes.spiff.functions import FUNCTIONS
from processes.spiff.xmlsource import YIZHAN

MAX_RULES: Final = 5000


@dataclass(frozen=True)
class ExaminedDecision:
    """One decision of a file. ``inputs``: the names it reads; ``rule_ids``: of its table, in order; ``outputs``: names.

    ``labels``: of columns, by the name they read or write. ``problems`` name the id of the cell, column or rule;
    ``overlaps``: pairs of rules (from 1) that both fit.
    """

    key: str
    name: str
    name_en: str
    policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rule_ids: tuple[str, ...]
    column_labels: tuple[str, ...]
    labels: Mapping[str, str]
    problems: tuple[Problem, ...]
    overlaps: tuple[tuple[int, int], ...]
    coverage: Coverage
    decision: Decision


@dataclass(frozen=True)
class Tried:
    """What a decision says of some inputs: ``result``, or ``error`` in both languages; the rules that fit (from 1)."""

    result: Any = None
    error: tuple[str, str] | None = None
    hits: tuple[int, ...] = ()


def examine(root: etree._Element) -> list[ExaminedDecision]:
    """Look at every decision of a file; nothing is raised for what is wrong with one."""
    model = Model(root, FUNCTIONS)
    found = []
    for element in children(root, "decision"):
        key = element.get("id", "")
        if not key:
            continue
        problems = Problems()
        decision = model.decision(key, problems)
        table = child(element, "decisionTable")
        policy = "" if table is None else table.get("hitPolicy", "UNIQUE")
        rules = [] if table is None else children(table, "rule")[:MAX_RULES]
        columns = [] if table is None else children(table, "input")
        rows = _rows(rules, len(columns), model.known)
        judged = (
            covered(rows, [_closed(one, model.known) for one in columns], first=policy == "FIRST") if rows else None
        )
        found.append(
            ExaminedDecision(
                key=key,
                name=element.get("name", ""),
                name_en=element.get(f"{{{YIZHAN}}}nameEn", "") or element.get("name", ""),
                policy=policy,
                inputs=tuple(_in_order(decision, columns)),
                outputs=tuple(one.get("name", "") for one in children(table, "output")) if table is not None else (),
                rule_ids=tuple(rule.get("id", "") for rule in rules),
                column_labels=tuple(one.get("label") or text_in(child(one, "inputExpression")) for one in columns),
                labels=_labels(columns, children(table, "output") if table is not None else []),
                problems=tuple(problems.found),
                overlaps=tuple(overlapping(rows)) if rows and policy == "UNIQUE" else (),
                coverage=judged or Coverage(is_whole=False),
                decision=decision,
            )
        )
    return found


def tried(decision: Decision, inputs: Mapping[str, Any], now: Callable[[], datetime], work: int) -> Tried:
    """Take a decision in so many steps at most, and say which rules fitted; mistakes are part of the answer."""
    try:
        hits = tuple(decision.hits(inputs, now=now, work=work))
    except DecisionError as problem:
        return Tried(error=(problem.zh, problem.en))
    try:
        return Tried(result=decision.evaluate(inputs, now=now, work=work), hits=hits)
    except DecisionError as problem:
        return Tried(error=(problem.zh, problem.en), hits=hits)


def _rows(rules: list[etree._Element], columns: int, known: frozenset[str]) -> list[list[tree.Tests]]:
    """The input cells as tests; nothing where one of them cannot be read, which is said elsewhere."""
    try:
        rows = [[parse_tests(text_in(cell), known) for cell in children(rule, "inputEntry")] for rule in rules]
    except FeelError:
        return []
    return rows if all(len(row) == columns for row in rows) else []


def _closed(column: etree._Element, known: frozenset[str]) -> tree.Tests | None:
    words = text_in(child(column, "inputValues"))
    try:
        return parse_tests(words, known) if words else None
    except FeelError:
        return None


def _labels(columns: list[etree._Element], outputs: list[etree._Element]) -> dict[str, str]:
    found = {text_in(child(one, "inputExpression")): one.get("label", "") for one in columns}
    found |= {one.get("name", ""): one.get("label", "") for one in outputs}
    return {name: label for name, label in found.items() if name and label}


def _in_order(decision: Decision, columns: list[etree._Element]) -> list[str]:
    """The names a decision reads, those of its columns first and in their order."""
    texts = [text_in(child(one, "inputExpression")) for one in columns]
    left = sorted(decision.input_names)
    return sorted(left, key=lambda name: next((n for n, text in enumerate(texts) if name in text), len(texts)))
