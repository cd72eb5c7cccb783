"""Decision tables of DMN 1.3: read once, evaluated often.

Single-hit policies give an object of outputs or None, multi-hit policies a list of them; COLLECT with an aggregator
gives an object with the aggregated value. Every error names the table, the rule and the cell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from processes.errors import ProcessError
from processes.spiff.expressions import ExpressionError, evaluate, names_in, parse
from processes.spiff.report import Report
from processes.spiff.unary import Test, compile_test, same
from processes.spiff.xmlsource import YIZHAN, SourceRefused, local_name, read

POLICIES: Final = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
AGGREGATORS: Final[Mapping[str, Callable[[list[Any]], Any]]] = {"SUM": sum, "MIN": min, "MAX": max, "COUNT": len}
MAX_RULES: Final = 5000


class DecisionError(ProcessError):
    """A table that cannot be read, or that cannot decide on the inputs given."""

    code = "decision-failed"


@dataclass(frozen=True)
class CompiledDecision:
    """One decision of a DMN file; ``xml`` holds this decision only."""

    key: str
    name: str
    name_en: str
    content_hash: str
    xml: bytes


@dataclass(frozen=True)
class _Rule:
    number: int
    tests: tuple[Test, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class _Output:
    name: str
    order: tuple[Any, ...] = ()
    default: str = ""


@dataclass(frozen=True)
class Decision:
    """A decision ready to be taken. Immutable; may be shared between threads."""

    key: str
    policy: str = "UNIQUE"
    aggregator: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[_Output, ...] = ()
    rules: tuple[_Rule, ...] = ()
    literal: str = ""

    @property
    def input_names(self) -> frozenset[str]:
        """The names the decision reads."""
        texts = [*self.inputs, *([self.literal] if self.literal else [])]
        return frozenset(name for text in texts for name in names_in(text))

    def evaluate(self, inputs: Mapping[str, Any]) -> Any:
        """Decide. :raises DecisionError: an input is missing, several rules match a UNIQUE table ..."""
        if self.literal:
            return self._compute(self.literal, inputs, f"{self.key}")
        values = [self._compute(text, inputs, f"{self.key}: input {n}") for n, text in enumerate(self.inputs, 1)]
        hits = [rule for rule in self.rules if self._matches(rule, values, inputs)]
        if self.policy == "UNIQUE" and len(hits) > 1:
            raise DecisionError(f"{self.key}: rules {hits[0].number} and {hits[1].number} both match (UNIQUE)")
        rows = [self._row(rule, inputs) for rule in (hits[:1] if self.policy == "FIRST" else hits)]
        if self.policy == "ANY" and any(row != rows[0] for row in rows):
            raise DecisionError(f"{self.key}: rules {[rule.number for rule in hits]} differ in their outputs (ANY)")
        if self.policy in ("PRIORITY", "OUTPUT ORDER"):
            rows.sort(key=self._rank)
        if self.policy == "COLLECT" and self.aggregator:
            return self._aggregate(rows)
        if not rows and any(output.default for output in self.outputs):
            default = {
                output.name: self._compute(output.default, inputs, f"{self.key}: default") if output.default else None
                for output in self.outputs
            }
            rows = [default]
        if self.policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER"):
            return rows
        return rows[0] if rows else None

    def _compute(self, text: str, names: Mapping[str, Any], place: str) -> Any:
        try:
            return deepcopy(evaluate(text, names))
        except ExpressionError as problem:
            raise DecisionError(f"{place}: {problem}") from None

    def _matches(self, rule: _Rule, values: list[Any], names: Mapping[str, Any]) -> bool:
        for column, (test, value) in enumerate(zip(rule.tests, values, strict=True), start=1):
            try:
                if not test(value, names):
                    return False
            except ExpressionError as problem:
                raise DecisionError(f"{self.key}: rule {rule.number}, input {column}: {problem}") from None
        return True

    def _row(self, rule: _Rule, names: Mapping[str, Any]) -> dict[str, Any]:
        place = f"{self.key}: rule {rule.number}, output"
        return {
            output.name: self._compute(text, names, f"{place} {output.name}") if text else None
            for output, text in zip(self.outputs, rule.outputs, strict=True)
        }

    def _rank(self, row: Mapping[str, Any]) -> tuple[int, ...]:
        ranks = []
        for output in self.outputs:
            place = next(
                (i for i, value in enumerate(output.order) if same(value, row[output.name])), len(output.order)
            )
            ranks.append(place)
        return tuple(ranks)

    def _aggregate(self, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
        name = self.outputs[0].name
        values = [row[name] for row in rows]
        if self.aggregator == "COUNT":
            return {name: len(values)}
        if not values:
            return None
        if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
            raise DecisionError(f"{self.key}: {self.aggregator} needs numbers in {name}")
        return {name: AGGREGATORS[self.aggregator](values)}


@dataclass
class _Reader:
    """Reads one decision element; problems are gathered, not raised one by one."""

    element: etree._Element
    key: str
    problems: list[str] = field(default_factory=list)

    def decision(self) -> Decision:
        table = _child(self.element, "decisionTable")
        literal = _child(self.element, "literalExpression")
        if any(
            _child(item, "requiredDecision") is not None for item in _children(self.element, "informationRequirement")
        ):
            self.problems.append("a decision that needs other decisions is not supported; call them one by one")
        if table is None:
            text = _text(literal) if literal is not None else ""
            self.check(text, "literal expression") if text else self.problems.append("there is no decision table")
            return Decision(self.key, literal=text or "null")
        policy, aggregator = table.get("hitPolicy", "UNIQUE"), table.get("aggregation", "")
        if policy not in POLICIES or (aggregator and aggregator not in AGGREGATORS):
            self.problems.append(f"hit policy {policy} {aggregator} is not known")
        inputs = [_text(_child(item, "inputExpression")) for item in _children(table, "input")]
        for number, text in enumerate(inputs, 1):
            self.check(text, f"input {number}")
        outputs = [self.output(item, number) for number, item in enumerate(_children(table, "output"), 1)]
        if not outputs or len({output.name for output in outputs}) < len(outputs):
            self.problems.append("every output needs a name of its own")
        if aggregator and len(outputs) != 1:
            self.problems.append(f"{aggregator} needs exactly one output")
        rows = _children(table, "rule")
        if len(rows) > MAX_RULES:
            self.problems.append(f"more than {MAX_RULES} rules")
        rules = [self.rule(row, number, len(inputs), len(outputs)) for number, row in enumerate(rows[:MAX_RULES], 1)]
        return Decision(self.key, policy, aggregator, tuple(inputs), tuple(outputs), tuple(rules))

    def output(self, item: etree._Element, number: int) -> _Output:
        order: tuple[Any, ...] = ()
        allowed = _text(_child(item, "outputValues"))
        if allowed:
            try:
                found = evaluate(f"[{allowed}]", {})
                order = tuple(found)
            except ExpressionError as problem:
                self.problems.append(f"values of output {number}: {problem}")
        default = _text(_child(item, "defaultOutputEntry"))
        if default:
            self.check(default, f"default of output {number}")
        return _Output(item.get("name") or item.get("label") or "result", order, default)

    def rule(self, row: etree._Element, number: int, inputs: int, outputs: int) -> _Rule:
        tests: list[Test] = []
        cells = [_text(cell) for cell in _children(row, "inputEntry")]
        answers = [_text(cell) for cell in _children(row, "outputEntry")]
        if len(cells) != inputs or len(answers) != outputs:
            self.problems.append(f"rule {number}: has {len(cells)} + {len(answers)} cells, not {inputs} + {outputs}")
        for column, text in enumerate(cells, 1):
            try:
                tests.append(compile_test(text))
            except ExpressionError as problem:
                self.problems.append(f"rule {number}, input {column}: {problem}")
        for column, text in enumerate(answers, 1):
            if text == "-":
                answers[column - 1] = ""
            elif text:
                self.check(text, f"rule {number}, output {column}")
        return _Rule(number, tuple(tests), tuple(answers))

    def check(self, text: str, place: str) -> None:
        try:
            parse(text)
        except ExpressionError as problem:
            self.problems.append(f"{place}: {problem}")


def compile_decisions(root: etree._Element, data: bytes, report: Report) -> list[CompiledDecision]:
    """Read the decisions of a DMN file; what is wrong with them is noted."""
    found = []
    elements = _children(root, "decision")
    if not elements:
        report.add("decision-invalid", detail="no decision in the file")
    for element in elements:
        key, name = element.get("id", ""), element.get("name", "")
        if not key:
            report.add("missing-id", "", name)
            continue
        reader = _Reader(element, key)
        reader.decision()
        for problem in reader.problems:
            report.add("decision-invalid", key, name, problem)
        xml = data if len(elements) == 1 else _only(root, key)
        digest = hashlib.sha256(xml).hexdigest()
        found.append(CompiledDecision(key, name, element.get(f"{{{YIZHAN}}}nameEn", ""), digest, xml))
    return found


def load_decision(xml: bytes, key: str | None = None) -> Decision:
    """Read one decision (the first one without ``key``); :raises DecisionError: it cannot be read."""
    try:
        root = read(xml)
    except SourceRefused as problem:
        raise DecisionError(f"not a DMN file: {problem.rule} {problem.detail}") from None
    elements = [item for item in _children(root, "decision") if key is None or item.get("id") == key]
    if not elements:
        raise DecisionError(f"there is no decision {key or ''} in the file")
    reader = _Reader(elements[0], elements[0].get("id", ""))
    decision = reader.decision()
    if reader.problems:
        raise DecisionError(f"{decision.key}: {reader.problems[0]}")
    return decision


def _only(root: etree._Element, key: str) -> bytes:
    copy = deepcopy(root)
    for element in _children(copy, "decision"):
        if element.get("id") != key:
            copy.remove(element)
    return etree.tostring(copy, encoding="UTF-8", xml_declaration=True)


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if local_name(child) == name]


def _child(element: etree._Element, name: str) -> etree._Element | None:
    found = _children(element, name)
    return found[0] if found else None


def _text(element: etree._Element | None) -> str:
    if element is None:
        return ""
    text = _child(element, "text")
    return "".join(str(part) for part in (text if text is not None else element).itertext()).strip()
