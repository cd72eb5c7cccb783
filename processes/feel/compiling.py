"""Turning a tree into closures: ``make(node)(scope)`` is its value."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from processes.feel import tree
from processes.feel.calling import make_call, make_definition
from processes.feel.errors import FeelError
from processes.feel.members import at_position, field_of, filtered, is_instance, listed, steps_between
from processes.feel.operations import negative, ordered, reckon, truth
from processes.feel.scope import Scope
from processes.feel.tree import Node
from processes.feel.values import Range, compare, equal, kind, within

Compute = Callable[[Scope], Any]


def make(node: Node) -> Compute:
    """The closure of a node. Nothing is computed yet."""
    return _MAKERS[type(node)](node)


def _literal(node: tree.Literal) -> Compute:
    value = node.value
    return lambda scope: value


def _name(node: tree.Name) -> Compute:
    name = node.name
    return lambda scope: scope.find(name)


def _unary(node: tree.Unary) -> Compute:
    operand = make(node.operand)
    return lambda scope: negative(operand(scope))


def _binary(node: tree.Binary) -> Compute:
    sign, left, right = node.sign, make(node.left), make(node.right)
    if sign in ("and", "or"):
        return _junction(sign, left, right)
    if sign in ("=", "!=", "<", "<=", ">", ">="):
        return lambda scope: ordered(sign, left(scope), right(scope), scope.run.spend)

    def compute(scope: Scope) -> Any:
        found = reckon(sign, left(scope), right(scope))
        if type(found) is str:
            scope.run.spend(len(found) // 50)
        return found

    return compute


def _junction(sign: str, left: Compute, right: Compute) -> Compute:
    """Ternary logic: what decides alone decides, even beside a null; otherwise null stays null."""
    deciding, place = sign == "or", (f"each side of {sign}", f"{sign} 两边")

    def compute(scope: Scope) -> bool | None:
        first = truth(left(scope), place)
        if first is deciding:
            return deciding
        second = truth(right(scope), place)
        if second is deciding:
            return deciding
        return None if first is None or second is None else not deciding

    return compute


def _span(node: tree.Span) -> Compute:
    low = make(node.low) if node.low is not None else None
    high = make(node.high) if node.high is not None else None

    def compute(scope: Scope) -> Range | None:
        ends = low(scope) if low else None, high(scope) if high else None
        if (low and ends[0] is None) or (high and ends[1] is None):
            return None
        if low and high:
            compare(*ends)  # ends of different kinds are a mistake
        return Range(ends[0], ends[1], node.low_closed, node.high_closed)

    return compute


def _between(node: tree.Between) -> Compute:
    value, low, high = make(node.value), make(node.low), make(node.high)

    def compute(scope: Scope) -> bool | None:
        asked, ends = value(scope), (low(scope), high(scope))
        return None if None in ends else within(asked, Range(*ends))

    return compute


def _among(node: tree.Among) -> Compute:
    value, tests = make(node.value), [make_test(test) for test in node.tests]

    def compute(scope: Scope) -> bool | None:
        asked = value(scope)
        found = False
        for test in tests:
            fits = test(asked, scope)
            if fits:
                return True
            found = found or fits is None
        return None if found else False

    return compute


def make_test(node: tree.Test) -> Callable[[Any, Scope], bool | None]:
    """Whether a value passes one test; None where null leaves it open."""
    sign, operand = node.sign, make(node.operand)
    if sign:
        return lambda value, scope: ordered(sign, value, operand(scope), scope.run.spend)
    literal, spanning = isinstance(node.operand, tree.Literal), isinstance(node.operand, tree.Span)
    asking = tree.asks(node.operand)

    def test(value: Any, scope: Scope) -> bool | None:
        wanted = operand(scope)
        if asking:
            return truth(wanted, ("a cell with ?", "含 ? 的单元格"))
        if isinstance(wanted, Range) or spanning:
            return within(value, wanted) if wanted is not None else None
        if isinstance(wanted, list):
            return contained(value, wanted, scope)
        if isinstance(wanted, bool) and not literal and not isinstance(value, bool):
            return wanted  # a condition of its own, not about the input
        return equal(value, wanted, scope.run.spend)

    return test


def contained(value: Any, wanted: list[Any], scope: Scope) -> bool:
    """Whether a list has the value, has a range around it, or is the value."""
    spend = scope.run.spend
    spend(len(wanted) // 4)
    if any(within(value, item) if isinstance(item, Range) else equal(value, item, spend) for item in wanted):
        return True
    return equal(value, wanted, spend) is True


def make_tests(node: tree.Tests) -> Callable[[Any, Scope], bool]:
    """Whether a value fits a cell. Null fits only where the cell says so."""
    tests = [make_test(test) for test in node.tests]
    if not tests:
        return lambda value, scope: True
    asking = any(tree.asks(test.operand) for test in node.tests)

    def fits(value: Any, scope: Scope) -> bool:
        inside = scope.inside({tree.INPUT: value}) if asking else scope
        return any(test(value, inside) is True for test in tests) is not node.negated

    return fits


def _items(node: tree.Items) -> Compute:
    items = [make(item) for item in node.items]
    return lambda scope: [item(scope) for item in items]


def _fields(node: tree.Fields) -> Compute:
    entries = [(name, make(value)) for name, value in node.entries]

    def compute(scope: Scope) -> dict[str, Any]:
        found: dict[str, Any] = {}
        inside = scope.inside(found)
        for name, value in entries:
            found[name] = value(inside)
        return found

    return compute


def _path(node: tree.Path) -> Compute:
    value, field = make(node.value), node.field

    def compute(scope: Scope) -> Any:
        found = value(scope)
        if isinstance(found, list):
            scope.run.spend(len(found))
        return field_of(found, field)

    return compute


def _filter(node: tree.Filter) -> Compute:
    value, condition = make(node.value), make(node.condition)
    if isinstance(node.condition, tree.Literal) and isinstance(node.condition.value, Decimal):
        position = node.condition.value
        return lambda scope: at_position(listed(value(scope)), position)
    return lambda scope: filtered(value(scope), condition, scope)


def _if(node: tree.If) -> Compute:
    condition, yes, no = make(node.condition), make(node.yes), make(node.no)
    place = ("the condition of if", "if 的条件")
    return lambda scope: yes(scope) if truth(condition(scope), place) else no(scope)


def _loop(node: tree.Loop) -> Compute:
    sources = [(name, make(source)) for name, source in node.variables]
    body, what = make(node.body), node.what
    looking_back = what == "for" and any(use == ("partial", False) for use in tree.uses(node.body))

    def compute(scope: Scope) -> Any:
        results: list[Any] = []
        names: dict[str, Any] = {}

        def act(inside: Scope) -> None:
            if looking_back:
                scope.run.spend(len(results))
                inside = inside.inside({"partial": list(results)})
            results.append(body(inside))

        _each(sources, scope.inside(names), names, act)
        if what == "for":
            return results
        return _all_or_any(results, deciding=what == "some")

    return compute


def _each(
    sources: list[tuple[str, Compute]], scope: Scope, names: dict[str, Any], act: Callable[[Scope], None]
) -> None:
    (name, source), rest = sources[0], sources[1:]
    for value in _steps(source(scope), scope):
        scope.run.spend(1)
        names[name] = value
        if rest:
            _each(rest, scope, names, act)
        else:
            act(scope.inside(dict(names)))
    names.pop(name, None)


def _steps(value: Any, scope: Scope) -> list[Any]:
    if isinstance(value, list):
        return value
    if value is None:
        return []
    if isinstance(value, Range):
        return steps_between(value.low, value.high, scope)
    en, zh = kind(value)
    raise FeelError(f"in needs a list or a range here, not {en}", f"in 之后须是列表或区间，不能是{zh}")


def _all_or_any(results: list[Any], *, deciding: bool) -> bool | None:
    place = ("satisfies", "satisfies 之后")
    found = [truth(result, place) for result in results]
    if deciding in found:
        return deciding
    return None if None in found else not deciding


def _instance(node: tree.InstanceOf) -> Compute:
    value, name = make(node.value), node.type_name
    return lambda scope: is_instance(value(scope), name)


_MAKERS: Final[dict[type, Callable[[Any], Compute]]] = {
    tree.Literal: _literal,
    tree.Name: _name,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Span: _span,
    tree.Between: _between,
    tree.Among: _among,
    tree.Items: _items,
    tree.Fields: _fields,
    tree.Path: _path,
    tree.Filter: _filter,
    tree.If: _if,
    tree.Loop: _loop,
    tree.InstanceOf: _instance,
    tree.Call: lambda node: make_call(node, make),
    tree.Definition: lambda node: make_definition(node, make),
}
