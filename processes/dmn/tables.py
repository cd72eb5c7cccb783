"""Decision tables: which rules fit, and what the hit policy makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from processes.dmn.problems import Place, told
from processes.dmn.types import Type
from processes.feel.errors import FeelError
from processes.feel.operations import reckon
from processes.feel.scope import Scope
from processes.feel.temporal import YearsMonths
from processes.feel.values import compare, equal, kind

POLICIES: Final = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
AGGREGATORS: Final = ("SUM", "MIN", "MAX", "COUNT")
LISTS: Final = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")

Compute = Callable[[Scope], Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Input:
    """A column on the left. ``type`` is kept to; ``place`` says which column in an error."""

    compute: Compute
    type: Type
    place: Place


@dataclass(frozen=True)
class Output:
    """A column on the right; ``order``: its values, the most important first; ``default``: if no rule fits."""

    name: str
    type: Type
    place: Place
    order: tuple[Any, ...] = ()
    default: Compute | None = None


@dataclass(frozen=True)
class Rule:
    """A row; an output cell that is None is empty and yields null. ``number`` counts from 1."""

    number: int
    tests: tuple[Callable[[Any, Scope], bool], ...]
    outputs: tuple[Compute | None, ...]

    @property
    def place(self) -> Place:
        """How an error names it."""
        return Place(f"rule {self.number}", f"规则 {self.number}")


@dataclass(frozen=True)
class Table:
    """A decision table ready to be used. Immutable."""

    policy: str
    aggregator: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    def rows(self, scope: Scope) -> Any:
        """What the table decides: an object of outputs or null, for lists a list of objects; a number if aggregated.

        :raises FeelError: saying rule and cell.
        """
        scope.run.spend(1 + len(self.rules) * max(len(self.inputs), 1) // 20)
        hits = self._hits(scope)
        rows = [self._row(rule, scope) for rule in (hits[:1] if self.policy == "FIRST" else hits)]
        if self.policy == "ANY" and any(equal(row, rows[0]) is not True for row in rows):
            numbers = ", ".join(str(rule.number) for rule in hits)
            raise FeelError(f"rules {numbers} differ in their outputs (ANY)", f"规则 {numbers} 的输出不同（ANY）")
        if self.policy in ("PRIORITY", "OUTPUT ORDER"):
            rows.sort(key=self._rank)
        if self.aggregator:
            return self._aggregate(rows)
        if not rows and any(output.default is not None for output in self.outputs):
            rows = [self._default(scope)]
        if self.policy in LISTS:
            return rows
        return rows[0] if rows else None

    def fitting(self, scope: Scope) -> list[int]:
        """The numbers of the rules that fit, whatever the hit policy makes of them. :raises FeelError: as in rows."""
        scope.run.spend(1 + len(self.rules) * max(len(self.inputs), 1) // 20)
        values = self._values(scope)
        found = [rule.number for rule in self.rules if self._fits(rule, values, scope)]
        return found[:1] if self.policy == "FIRST" else found

    def value(self, scope: Scope) -> Any:
        """As another decision sees it: with one output the bare value, as the standard says."""
        found = self.rows(scope)
        if len(self.outputs) > 1 or self.aggregator:
            return found
        name = self.outputs[0].name
        if isinstance(found, list):
            return [row[name] for row in found]
        return found[name] if found is not None else None

    def result(self, scope: Scope) -> Any:
        """As a process sees it: always with the names of the outputs."""
        found = self.rows(scope)
        return {self.outputs[0].name: found} if self.aggregator and found is not None else found

    def _values(self, scope: Scope) -> list[Any]:
        values = []
        for column in self.inputs:
            with told(column.place):
                values.append(column.type.take(column.compute(scope)))
        return values

    def _hits(self, scope: Scope) -> list[Rule]:
        values = self._values(scope)
        hits: list[Rule] = []
        for rule in self.rules:
            if not self._fits(rule, values, scope):
                continue
            if hits and self.policy == "UNIQUE":
                raise FeelError(
                    f"rules {hits[0].number} and {rule.number} both match (UNIQUE)",
                    f"规则 {hits[0].number} 和 {rule.number} 同时命中（UNIQUE）",
                )
            hits.append(rule)
            if self.policy == "FIRST":
                break
        return hits

    def _fits(self, rule: Rule, values: list[Any], scope: Scope) -> bool:
        column = 0
        try:
            for column, test in enumerate(rule.tests):
                if not test(values[column], scope):
                    return False
        except FeelError as problem:
            place = self.inputs[column].place
            raise FeelError(
                f"{rule.place.en}, {place.en}: {problem.en}", f"{rule.place.zh}，{place.zh}：{problem.zh}"
            ) from None
        return True

    def _row(self, rule: Rule, scope: Scope) -> Row:
        row = {}
        for output, compute in zip(self.outputs, rule.outputs, strict=True):
            with told(rule.place.inside(output.place.en, output.place.zh)):
                row[output.name] = output.type.take(compute(scope)) if compute is not None else None
        return row

    def _default(self, scope: Scope) -> Row:
        row = {}
        for output in self.outputs:
            with told(Place("default", "缺省值").inside(output.place.en, output.place.zh)):
                row[output.name] = output.type.take(output.default(scope)) if output.default is not None else None
        return row

    def _rank(self, row: Mapping[str, Any]) -> tuple[int, ...]:
        return tuple(
            next((i for i, value in enumerate(output.order) if equal(value, row[output.name])), len(output.order))
            for output in self.outputs
        )

    def _aggregate(self, rows: list[Row]) -> Any:
        output = self.outputs[0]
        if self.aggregator == "COUNT":
            return Decimal(len(rows))
        values = [row[output.name] for row in rows if row[output.name] is not None]
        if not values:
            return None
        if self.aggregator == "SUM":
            return self._sum(values, output)
        best = values[0]
        for value in values[1:]:
            if compare(value, best) == (-1 if self.aggregator == "MIN" else 1):
                best = value
        return best

    def _sum(self, values: list[Any], output: Output) -> Any:
        total = values[0]
        for value in values:
            if not isinstance(value, Decimal | timedelta | YearsMonths):
                en, zh = kind(value)
                raise FeelError(
                    f"SUM needs numbers in {output.name}, not {en}", f"SUM 要求 {output.name} 是数字，不能是{zh}"
                )
        for value in values[1:]:
            total = reckon("+", total, value)
        return total
