"""Reading a decision table; what is wrong with it is noted with rule and column."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from processes.dmn.overlaps import note_overlaps
from processes.dmn.problems import Place
from processes.dmn.tables import AGGREGATORS, POLICIES, Input, Output, Rule, Table
from processes.dmn.types import Type
from processes.dmn.xml import child, children, text_in
from processes.feel import tree
from processes.feel.cells import parse_tests
from processes.feel.compiling import make, make_tests
from processes.feel.errors import FeelError
from processes.feel.parsing import parse
from processes.feel.scope import Data, Run, Scope
from processes.feel.values import equal, text_of

if TYPE_CHECKING:
    from processes.dmn.logic import LogicReader

MAX_RULES: Final = 5000
MAX_COLUMNS: Final = 200
MAX_LOOKED: Final = 2000


def read_table(
    reader: LogicReader, box: etree._Element, place: Place, bound: frozenset[str]
) -> tuple[Table, frozenset[tree.Use]]:
    """The table, ready to be used, and the names it reads."""
    return _Table(reader, place, bound).read(box)


class _Table:
    def __init__(self, reader: LogicReader, place: Place, bound: frozenset[str]) -> None:
        self.reader, self.place, self.bound = reader, place, bound
        self.problems = reader.problems
        self.looked = 0
        self.uses: frozenset[tree.Use] = frozenset()

    def read(self, box: etree._Element) -> tuple[Table, frozenset[tree.Use]]:
        policy, aggregator = box.get("hitPolicy", "UNIQUE"), box.get("aggregation", "")
        if policy not in POLICIES or (aggregator and aggregator not in AGGREGATORS):
            self.note(
                self.place, f"hit policy {policy} {aggregator} is not known", f"没有命中策略 {policy} {aggregator}"
            )
        if aggregator and policy != "COLLECT":
            self.note(self.place, f"{aggregator} goes with COLLECT only", f"{aggregator} 只能用于 COLLECT")
        inputs = [self.input(item, n) for n, item in enumerate(children(box, "input")[:MAX_COLUMNS], 1)]
        outputs = [self.output(item, n) for n, item in enumerate(children(box, "output")[:MAX_COLUMNS], 1)]
        self.check_outputs(outputs, policy, aggregator)
        rows = children(box, "rule")
        if len(rows) > MAX_RULES:
            self.note(self.place, f"more than {MAX_RULES} rules", f"规则超过 {MAX_RULES} 条")
        read = [self.rule(row, n, inputs, outputs) for n, row in enumerate(rows[:MAX_RULES], 1)]
        if policy == "UNIQUE" and not self.problems.serious:
            note_overlaps([cells for _, cells in read], self.problems, self.place)
        rules = tuple(rule for rule, _ in read)
        return Table(policy, aggregator, tuple(inputs), tuple(outputs), rules), self.uses

    def note(self, place: Place, en: str, zh: str, *, serious: bool = True) -> None:
        self.problems.add(place, en, zh, serious=serious)

    def check_outputs(self, outputs: list[Output], policy: str, aggregator: str) -> None:
        names = {output.name for output in outputs}
        if not outputs or len(names) < len(outputs):
            self.note(self.place, "every output needs a name of its own", "每个输出都要有各自的名称")
        if aggregator and len(outputs) != 1:
            self.note(self.place, f"{aggregator} needs exactly one output", f"{aggregator} 要求只有一个输出")
        if policy in ("PRIORITY", "OUTPUT ORDER") and outputs and not any(output.order for output in outputs):
            self.note(
                self.place,
                f"{policy} needs output values, the most important first",
                f"{policy} 需要按重要程度列出输出值",
            )

    def input(self, item: etree._Element, number: int) -> Input:
        place = _column(f"input {number}", f"输入 {number}", item)
        expression = child(item, "inputExpression")
        found = self.reader.expression(
            text_in(expression),
            place,
            self.bound,
            expression.get("expressionLanguage") if expression is not None else None,
        )
        self.uses |= found.uses
        kept = self.reader.types.named(expression.get("typeRef") if expression is not None else None, place)
        words = text_in(child(item, "inputValues"))
        if words:
            allowed, shown = self.reader.types.allowed(words, place)
            kept = Type(kept.base, kept.many, allowed, shown, kept.parts)
        return Input(found.compute, kept, place)

    def output(self, item: etree._Element, number: int) -> Output:
        name = item.get("name") or item.get("label") or "result"
        place = Place(f"output {name}", f"输出 {name}", item.get("id", ""))
        kept, order = self.reader.types.named(item.get("typeRef"), place), ()
        words = text_in(child(item, "outputValues"))
        if words:
            with self.problems.at(place.inside("values", "取值")):
                order = tuple(make(parse(f"[{words}]", self.reader.known))(Data({}, Run())))
        default = text_in(child(item, "defaultOutputEntry"))
        inside = place.inside("default", "缺省值")
        return Output(name, kept, place, order, self.cell(default, inside) if default else None)

    def cell(self, text: str, place: Place, language: str | None = None) -> Callable[[Scope], Any] | None:
        """An output cell; empty ones and ``-`` yield nothing."""
        if text in ("", "-"):
            return None
        found = self.reader.expression(text, place, self.bound, language)
        self.uses |= found.uses
        return found.compute

    def rule(
        self, row: etree._Element, number: int, inputs: list[Input], outputs: list[Output]
    ) -> tuple[Rule, list[tree.Tests]]:
        place = self.place.inside(f"rule {number}", f"规则 {number}", row.get("id"))
        cells, answers = children(row, "inputEntry"), children(row, "outputEntry")
        if (len(cells), len(answers)) != (len(inputs), len(outputs)):
            self.note(
                place,
                f"has {len(cells)} + {len(answers)} cells, not {len(inputs)} + {len(outputs)}",
                f"有 {len(cells)} + {len(answers)} 格，应为 {len(inputs)} + {len(outputs)} 格",
            )
        read: list[tree.Tests] = []
        for cell, column in zip(cells, inputs, strict=False):
            read.append(self.tests(cell, place.inside(column.place.en, column.place.zh, cell.get("id")), column))
        computed = []
        for cell, output in zip(answers, outputs, strict=False):
            inside = place.inside(output.place.en, output.place.zh, cell.get("id"))
            self.check_answer(text_in(cell), inside, output)
            computed.append(self.cell(text_in(cell), inside, cell.get("expressionLanguage")))
        return Rule(number, tuple(make_tests(tests) for tests in read), tuple(computed)), read

    def tests(self, cell: etree._Element, place: Place, column: Input) -> tree.Tests:
        if self.reader.speaks(cell.get("expressionLanguage"), place):
            with self.problems.at(place):
                found = parse_tests(text_in(cell), self.reader.known)
                self.uses |= tree.uses(found, self.bound)
                for value in _literals(found):
                    self.check_literal(value, place, column.type, "column", "列")
                return found
        return tree.Tests()

    def check_literal(self, value: Any, place: Place, kept: Type, en: str, zh: str) -> None:
        """A literal that can never equal a value of the column is a mistake; one outside its values probably is."""
        if not kept.fits_literal(value, text_is_read=en == "output"):
            self.note(
                place,
                f"{text_of(value)[:40]!r} does not fit the {en}, which is of type {kept.base}{_hint(kept, value)[0]}",
                f"{text_of(value)[:40]!r} 与{zh}的类型 {kept.base} 不符{_hint(kept, value)[1]}",
            )
        elif self._few() and kept.allowed is not None and value is not None and not kept.allowed(value):
            self.note(
                place,
                f"{text_of(value)[:40]!r} is none of the values of the {en}: {kept.allowed_text}",
                f"{text_of(value)[:40]!r} 不在{zh}允许的值之内：{kept.allowed_text}",
                serious=False,
            )

    def _few(self) -> bool:
        """Whether there is patience left to look at single values: it is for tables of a size people read."""
        self.looked += 1
        return self.looked <= MAX_LOOKED

    def check_answer(self, text: str, place: Place, output: Output) -> None:
        try:
            node = parse(text, self.reader.known) if text not in ("", "-") else None
        except FeelError:
            return  # noted where the cell is read
        if not isinstance(node, tree.Literal):
            return
        self.check_literal(node.value, place, output.type, "output", "输出")
        if not self._few() or not output.order or node.value is None:
            return
        if not any(equal(node.value, value) for value in output.order):
            self.note(
                place,
                f"{text_of(node.value)[:40]!r} is none of the values of the output",
                f"{text_of(node.value)[:40]!r} 不在输出的取值之内",
                serious=False,
            )


def _column(en: str, zh: str, item: etree._Element) -> Place:
    label, element = (item.get("label") or "")[:40], item.get("id", "")
    return Place(f"{en} ({label})", f"{zh}（{label}）", element) if label else Place(en, zh, element)


def _hint(kept: Type, value: Any) -> tuple[str, str]:
    """How to write a date, a time or a duration in a cell."""
    if not isinstance(value, str) or kept.base in ("number", "boolean", "context"):
        return ("", "")
    return (f'; write @"{value[:30]}"', f'；请写 @"{value[:30]}"')


def _literals(tests: tree.Tests) -> list[Any]:
    """The literals a cell compares its input with for equality."""
    found: list[Any] = []
    for test in tests.tests:
        if test.sign in ("", "=", "!=") and isinstance(test.operand, tree.Literal):
            found.append(test.operand.value)
    return found
