"""Calling functions: built-in ones, defined ones, and those the caller brings along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from processes.feel import tree
from processes.feel.builtins import BUILTINS
from processes.feel.errors import FeelError
from processes.feel.scope import Scope
from processes.feel.signatures import Builtin
from processes.feel.values import Function, from_json, kind, to_json

Compute = Callable[[Scope], Any]
Make = Callable[[tree.Node], Compute]


def make_call(node: tree.Call, make: Make) -> Compute:
    """The closure of a call. Which function it is shows when it runs: data may define functions too."""
    arguments, names = [make(argument) for argument in node.arguments], node.names
    if not isinstance(node.function, tree.Name):
        function = make(node.function)
        return lambda scope: _call_defined(function(scope), [a(scope) for a in arguments], names, scope)
    called = node.function.name

    def compute(scope: Scope) -> Any:
        found = scope.find(called, None)
        given = [argument(scope) for argument in arguments]
        if isinstance(found, Function):
            return _call_defined(found, given, names, scope)
        builtin = BUILTINS.get(called)
        if builtin is not None:
            return call_builtin(builtin, given, names, scope)
        return _call_extra(called, given, names, scope)

    return compute


def known_function(name: str, extra: Any) -> bool:
    """Whether a function of that name needs no definition."""
    return name in BUILTINS or name in extra


def call_builtin(builtin: Builtin, given: list[Any], names: tuple[str, ...], scope: Scope) -> Any:
    """Check the arguments and call; null in a place that does not take it gives null."""
    ordered = builtin.placed(given, names)
    scope.run.spend(1 + sum(map(weight, given)))
    checked = builtin.checked(ordered)
    if checked is None:
        return None
    found = builtin.call(scope.run, *checked)
    scope.run.spend(weight(found))
    return found


def weight(value: Any) -> int:
    """What it costs to look a value through, one level deep."""
    if isinstance(value, list | dict):
        return len(value)
    return len(value) // 50 if isinstance(value, str) else 0


def _call_extra(name: str, given: list[Any], names: tuple[str, ...], scope: Scope) -> Any:
    function = scope.run.extra.get(name)
    if function is None:
        raise FeelError(f"there is no function {name!r}", f"没有函数 {name!r}")
    if names:
        raise FeelError(f"{name}() takes its arguments in order, without names", f"{name}() 的参数按顺序写，不写名称")
    spend = scope.run.spend
    try:
        return from_json(function(*[to_json(value, spend) for value in given]))
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as problem:
        zh = getattr(problem, "zh", f"不能这样计算：{problem}")
        raise FeelError(f"{name}(): {problem}", f"{name}()：{zh}") from None


def _call_defined(function: Any, given: list[Any], names: tuple[str, ...], scope: Scope) -> Any:
    if not isinstance(function, Function):
        en, zh = kind(function)
        raise FeelError(f"{en} cannot be called", f"{zh}不能调用")
    if names:
        if set(names) != set(function.parameters):
            raise _wrong_arguments(function)
        by_name = dict(zip(names, given, strict=True))
        given = [by_name[name] for name in function.parameters]
    return call(function, given, scope)


def call(function: Function, given: list[Any], scope: Scope) -> Any:
    """Call a defined function. :raises FeelError: the wrong number of arguments, too deep."""
    if len(given) != len(function.parameters):
        raise _wrong_arguments(function)
    scope.run.enter()
    result = function.call(scope.run, given)
    scope.run.leave()
    return result


def _wrong_arguments(function: Function) -> FeelError:
    wanted = ", ".join(function.parameters)
    return FeelError(f"the function takes ({wanted})", f"该函数的参数是（{wanted}）")


def make_definition(node: tree.Definition, make: Make) -> Compute:
    """The closure of ``function(a, b) ...``: a function that remembers where it was defined."""
    body, parameters = make(node.body), node.parameters

    def compute(scope: Scope) -> Function:
        return Function(parameters, lambda run, given: body(scope.inside(dict(zip(parameters, given, strict=True)))))

    return compute
