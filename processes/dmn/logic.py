"""The logic of a decision or a function: an expression, a table, or boxes of them (context, list, relation, call)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from processes.dmn.problems import Place, Problems
from processes.dmn.table_reading import read_table
from processes.dmn.tables import Table
from processes.dmn.types import ANY, Type, Types
from processes.dmn.xml import child, children, local_name, text_in
from processes.feel import tree
from processes.feel.calling import call
from processes.feel.compiling import make
from processes.feel.errors import FeelError
from processes.feel.parsing import parse
from processes.feel.scope import Scope
from processes.feel.values import Function, kind

Compute = Callable[[Scope], Any]
Uses = frozenset[tree.Use]
BOXES: Final = ("decisionTable", "literalExpression", "context", "list", "relation", "invocation", "functionDefinition")
MAX_NESTING: Final = 12
_LANGUAGES: Final = ("feel", "s-feel", "sfeel", "unary-feel")


@dataclass(frozen=True)
class Logic:
    """``compute`` gives the value other logic sees; ``uses``: the names it reads; ``table``: if it is one."""

    compute: Compute
    uses: Uses = frozenset()
    table: Table | None = None


NOTHING: Final = Logic(lambda scope: None)


def is_feel(language: str | None) -> bool:
    """Whether an expression language is FEEL, by name or by the address of any version of the standard."""
    word = (language or "feel").rstrip("/").rpartition("/")[2].lower()
    return word in _LANGUAGES


@dataclass
class LogicReader:
    """Reads the logic of one file. ``known``: names with unusual signs; ``language``: if an expression says none."""

    types: Types
    known: frozenset[str]
    problems: Problems
    language: str | None = None

    def read(self, parent: etree._Element, place: Place, bound: frozenset[str] = frozenset(), depth: int = 0) -> Logic:
        """The one box inside an element. Problems are noted, and then it decides nothing."""
        found = [item for item in parent if local_name(item) in BOXES]
        if len(found) != 1 or depth > MAX_NESTING:
            others = [local_name(item) for item in parent if local_name(item) in _FOREIGN]
            if others:
                self.problems.add(place, f"{others[0]} is not supported here", f"这里不支持 {others[0]}")
            else:
                self.problems.add(place, "there is no decision table and no expression", "没有决策表，也没有表达式")
            return NOTHING
        box, name = found[0], local_name(found[0])
        if name == "decisionTable":
            table, used = read_table(self, box, place, bound)
            return Logic(table.value, used, table)
        if name == "literalExpression":
            return self.literal(box, place.inside("literal expression", "表达式"), bound)
        readers = {
            "context": self.context,
            "list": self.list,
            "relation": self.relation,
            "invocation": self.invocation,
            "functionDefinition": self.function,
        }
        return readers[name](box, place, bound, depth + 1)

    def literal(self, box: etree._Element, place: Place, bound: frozenset[str] = frozenset()) -> Logic:
        """A literal expression; its type is kept to."""
        if child(box, "importedValues") is not None:
            self.problems.add(place, "imported values are not supported", "不支持引入外部值（importedValues）")
            return NOTHING
        wanted = self.types.named(box.get("typeRef"), place)
        found = self.expression(text_in(box), place, bound, box.get("expressionLanguage"))
        return found if wanted is ANY else Logic(typed(found.compute, wanted), found.uses)

    def expression(self, text: str, place: Place, bound: frozenset[str], language: str | None = None) -> Logic:
        """FEEL text."""
        if not self.speaks(language, place):
            return NOTHING
        with self.problems.at(place):
            node = parse(text, self.known)
            return Logic(make(node), tree.uses(node, bound))
        return NOTHING

    def speaks(self, language: str | None, place: Place) -> bool:
        """Whether the expression is FEEL; noted if not."""
        language = language or self.language
        if is_feel(language):
            return True
        self.problems.add(
            place,
            f"expressions in {language} are not supported, only FEEL",
            f"不支持表达式语言 {language}，只支持 FEEL",
        )
        return False

    def context(self, box: etree._Element, place: Place, bound: frozenset[str], depth: int) -> Logic:
        """A boxed context: entries in order, each seeing the earlier ones; an entry without a name is the result."""
        entries: list[tuple[str, Compute]] = []
        used: Uses = frozenset()
        for number, item in enumerate(children(box, "contextEntry"), 1):
            variable = child(item, "variable")
            name = variable.get("name", "") if variable is not None else ""
            inside = place.inside(f"entry {name or number}", f"条目 {name or number}")
            found = self.read(item, inside, bound, depth)
            wanted = self.types.named(variable.get("typeRef") if variable is not None else None, inside)
            entries.append((name, found.compute if wanted is ANY else typed(found.compute, wanted)))
            used |= found.uses
            bound |= {name}
        return Logic(lambda scope: _context(entries, scope), used)

    def list(self, box: etree._Element, place: Place, bound: frozenset[str], depth: int) -> Logic:
        """A boxed list."""
        items = [self._item(item, place, bound, depth) for item in box if local_name(item) in BOXES]
        parts = [item.compute for item in items]
        return Logic(lambda scope: [part(scope) for part in parts], _all_uses(items))

    def relation(self, box: etree._Element, place: Place, bound: frozenset[str], depth: int) -> Logic:
        """A boxed relation: a list of objects, one per row."""
        names = [column.get("name", "") for column in children(box, "column")]
        rows, items = [], []
        for number, row in enumerate(children(box, "row"), 1):
            inside = place.inside(f"row {number}", f"第 {number} 行")
            cells = [self._item(cell, inside, bound, depth) for cell in row if local_name(cell) in BOXES]
            if len(cells) != len(names):
                self.problems.add(
                    inside, f"{len(cells)} cells, not {len(names)}", f"有 {len(cells)} 格，应为 {len(names)} 格"
                )
            rows.append([cell.compute for cell in cells])
            items += cells
        return Logic(
            lambda scope: [{n: cell(scope) for n, cell in zip(names, row, strict=False)} for row in rows],
            _all_uses(items),
        )

    def invocation(self, box: etree._Element, place: Place, bound: frozenset[str], depth: int) -> Logic:
        """A boxed call: a function by its name, and what its parameters are bound to."""
        name = text_in(child(box, "literalExpression"))
        bindings: dict[str, Compute] = {}
        used: Uses = frozenset({(name, True)}) if name not in bound else frozenset()
        for item in children(box, "binding"):
            parameter = child(item, "parameter")
            to = parameter.get("name", "") if parameter is not None else ""
            found = self.read(item, place.inside(f"parameter {to}", f"参数 {to}"), bound, depth)
            bindings[to] = found.compute
            used |= found.uses
        return Logic(lambda scope: _invoke(name, bindings, scope), used)

    def function(self, box: etree._Element, place: Place, bound: frozenset[str], depth: int) -> Logic:
        """A function definition; only those written in FEEL."""
        if box.get("kind", "FEEL") != "FEEL":
            self.problems.add(
                place, f"functions in {box.get('kind')} are not supported", f"不支持用 {box.get('kind')} 写的函数"
            )
            return NOTHING
        names = tuple(item.get("name", "") for item in children(box, "formalParameter"))
        types = [self.types.named(item.get("typeRef"), place) for item in children(box, "formalParameter")]
        body = self.read(box, place, bound | set(names), depth)

        def compute(scope: Scope) -> Function:
            def run(_: Any, given: list[Any]) -> Any:
                taken = [kind_.take(value) for kind_, value in zip(types, given, strict=True)]
                return body.compute(scope.inside(dict(zip(names, taken, strict=True))))

            return Function(names, run)

        return Logic(compute, body.uses)

    def _item(self, box: etree._Element, place: Place, bound: frozenset[str], depth: int) -> Logic:
        holder = etree.Element("item")
        holder.append(_copy(box))
        return self.read(holder, place, bound, depth)


_FOREIGN: Final = ("conditional", "for", "every", "some", "filter")


def _copy(element: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(element, with_tail=False))


def _all_uses(items: list[Logic]) -> Uses:
    return frozenset(use for item in items for use in item.uses)


def typed(compute: Compute, wanted: Type) -> Compute:
    """A computation whose value is of a type, or an error."""
    return lambda scope: wanted.take(compute(scope))


def _context(entries: list[tuple[str, Compute]], scope: Scope) -> Any:
    found: dict[str, Any] = {}
    inside = scope.inside(found)
    for name, compute in entries:
        value = compute(inside)
        if not name:
            return value
        found[name] = value
    return found


def _invoke(name: str, bindings: dict[str, Compute], scope: Scope) -> Any:
    function = scope.find(name)
    if not isinstance(function, Function):
        en, zh = kind(function)
        raise FeelError(f"{name} is {en}, not a function", f"{name} 是{zh}，不是函数")
    unknown = set(bindings) - set(function.parameters)
    if unknown:
        wanted = ", ".join(function.parameters)
        raise FeelError(f"{name} takes ({wanted})", f"{name} 的参数是（{wanted}）")
    given = [bindings[p](scope) if p in bindings else None for p in function.parameters]
    return call(function, given, scope)
