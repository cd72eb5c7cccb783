"""Expressions: a small, safe, bounded subset of Python syntax over JSON values.

A subclass of simpleeval with most of it taken away: no power, shifts or bit operations, no methods (an attribute is
the field of a dictionary and nothing else), only the functions of :mod:`processes.spiff.functions`, at most 1000
characters, 200 nodes, 25 levels; results are capped.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from simpleeval import InvalidExpression, SimpleEval

from processes.errors import ProcessError
from processes.spiff.functions import FUNCTIONS, Unfit, add, kind_of, kind_zh, multiply, remainder

MAX_CHARACTERS: Final = 1000
MAX_NODES: Final = 200
MAX_DEPTH: Final = 25
MAX_DIGITS: Final = 18
SYNTAX: Final[Mapping[str, str]] = {
    "was never closed": "括号没有配对",
    "unmatched": "括号没有配对",
    "does not match opening": "括号没有配对",
    "unterminated string": "引号没有配对",
    "cannot assign": "比较相等写 ==，不是 =",
    "Maybe you meant '=='": "比较相等写 ==，不是 =",
    "invalid character": "用了全角或特殊的符号，改用半角",
    "non-printable": "有看不见的字符",
    "Perhaps you forgot a comma": "少了逗号或运算符",
    "unexpected EOF": "没有写完",
    "leading zeros": "数字不能以 0 开头",
    "expected 'else'": "if 之后少了 else",
}
ASSIGNED: Final = re.compile(r"[^=!<>]=(?!=)")
CONSTANTS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}


class ExpressionError(ProcessError):
    """An expression that cannot be read, or that fails on the data it is given.

    ``en`` and ``zh`` say what is wrong; ``str()`` gives both, for the places that keep one text.
    """

    code = "expression-error"

    def __init__(self, en: str, zh: str = "") -> None:
        super().__init__(f"{zh} · {en}" if zh else en)
        self.en, self.zh = en, zh or en

    def of(self, text: str) -> ExpressionError:
        """The same, with the expression in front."""
        return ExpressionError(f"{text}: {self.en}", f"{text}：{self.zh}" if self.zh != self.en else "")


def _contains(left: Any, right: Any) -> bool:
    if not isinstance(right, str | list | dict | tuple):
        raise Unfit(
            f"'in' needs a text, a list or an object on the right, not {kind_of(right)}",
            f"in 右边须是文本、列表或对象，不能是{kind_zh(right)}",
        )
    return left in right


OPERATORS: Final[Mapping[type, Callable[..., Any]]] = {
    ast.Add: add,
    ast.Sub: operator.sub,
    ast.Mult: multiply,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: remainder,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.GtE: operator.ge,
    ast.LtE: operator.le,
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.In: _contains,
    ast.NotIn: lambda left, right: not _contains(left, right),
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
ALLOWED: Final = (
    ast.Expression,
    ast.Name,
    ast.Load,
    ast.Constant,
    ast.UnaryOp,
    ast.BinOp,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.Compare,
    ast.IfExp,
    ast.Call,
    ast.Attribute,
    ast.Subscript,
    ast.Slice,
    ast.List,
    ast.Tuple,
    ast.Dict,
    *OPERATORS,
)


class Evaluator(SimpleEval):  # type: ignore[misc]
    """simpleeval with our node table; values are JSON, so nothing in them can be called."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        """Everything but the names is fixed, so the library's own set-up, which builds tables anew, is not run."""
        self.operators, self.functions, self.names, self.expr = OPERATORS, FUNCTIONS, names, ""

    def _eval(self, node: ast.AST) -> Any:
        handler = HANDLERS.get(type(node))
        if handler is None:
            raise _not_allowed(node)
        return handler(self, node)

    def _name(self, node: ast.Name) -> Any:
        if node.id in self.names:
            return self.names[node.id]
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        raise ExpressionError(f"nothing is called {node.id!r} here", f"这里没有名为 {node.id!r} 的数据")

    def _call(self, node: ast.Call) -> Any:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "exists":
            return self._exists([self._eval(argument) for argument in node.args])
        return FUNCTIONS[name](*[self._eval(argument) for argument in node.args])

    def _exists(self, arguments: list[Any]) -> bool:
        name, *path = str(arguments[0]).split(".")
        value: Any = self.names
        for part in [name, *path]:
            if not isinstance(value, Mapping) or part not in value:
                return False
            value = value[part]
        return value is not None

    def _attribute(self, node: ast.Attribute) -> Any:
        value = self._eval(node.value)
        if not isinstance(value, dict):
            what = ast.unparse(node.value)
            raise ExpressionError(
                f"{what} is {kind_of(value)}, it has no field {node.attr!r}",
                f"{what} 是{kind_zh(value)}，没有字段 {node.attr!r}",
            )
        if node.attr not in value:
            what = ast.unparse(node.value)
            raise ExpressionError(f"{what} has no field {node.attr!r}", f"{what} 没有字段 {node.attr!r}")
        return value[node.attr]

    def _subscript(self, node: ast.Subscript) -> Any:
        value = self._eval(node.value)
        if isinstance(node.slice, ast.Slice):
            if not isinstance(value, list | str) or node.slice.step is not None:
                what = ast.unparse(node.value)
                raise ExpressionError(f"{what} cannot be cut into slices", f"{what} 不能切片")
            bounds = [None if end is None else self._eval(end) for end in (node.slice.lower, node.slice.upper)]
            return value[slice(*bounds)]
        key = self._eval(node.slice)
        try:
            return value[key]
        except (KeyError, IndexError):
            what = ast.unparse(node.value)
            raise ExpressionError(f"{what} has nothing at {key!r}", f"{what} 没有 {key!r} 这一项") from None

    def _list(self, node: ast.List | ast.Tuple) -> list[Any]:
        return [self._eval(item) for item in node.elts]

    def _dict(self, node: ast.Dict) -> dict[str, Any]:
        return {self._eval(key): self._eval(value) for key, value in zip(node.keys, node.values, strict=True) if key}


HANDLERS: Final[Mapping[type, Callable[[Evaluator, Any], Any]]] = {
    ast.Expression: lambda evaluator, node: evaluator._eval(node.body),
    ast.Constant: lambda evaluator, node: node.value,
    ast.Name: Evaluator._name,
    ast.UnaryOp: Evaluator._eval_unaryop,
    ast.BinOp: Evaluator._eval_binop,
    ast.BoolOp: Evaluator._eval_boolop,
    ast.Compare: Evaluator._eval_compare,
    ast.IfExp: Evaluator._eval_ifexp,
    ast.Call: Evaluator._call,
    ast.Attribute: Evaluator._attribute,
    ast.Subscript: Evaluator._subscript,
    ast.List: Evaluator._list,
    ast.Tuple: Evaluator._list,
    ast.Dict: Evaluator._dict,
}


def _not_allowed(node: ast.AST) -> ExpressionError:
    kind = type(node).__name__
    return ExpressionError(f"{kind} is not allowed in an expression", f"表达式中不允许 {kind}")


@lru_cache(maxsize=4096)
def parse(text: str) -> ast.Expression:
    """Read an expression and check its shape; :raises ExpressionError: says what is wrong with it."""
    text = text.strip()
    if not text:
        raise ExpressionError("the expression is empty", "表达式为空")
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            f"the expression is longer than {MAX_CHARACTERS} characters", f"表达式超过 {MAX_CHARACTERS} 个字符"
        )
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as problem:
        raise ExpressionError(
            f"{text!r} is not an expression: {said_of_syntax(problem.msg, text)[1]}",
            f"{text!r} 不是表达式：{said_of_syntax(problem.msg, text)[0]}",
        ) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("the expression cannot be read", "表达式读不懂") from None
    _check_size(tree)
    for node in ast.walk(tree):
        check_part(node)
    return tree


def said_of_syntax(message: str, text: str) -> tuple[str, str]:
    """The usual complaints of Python's parser in Chinese and English; one of them it does not see itself."""
    if message == "invalid syntax" and ASSIGNED.search(text):
        return SYNTAX["cannot assign"], "write == to compare, not ="
    return next((zh for start, zh in SYNTAX.items() if start in message), "写法不对"), message


def _check_size(tree: ast.AST) -> None:
    level, depth, count = [tree], 0, 0
    while level:
        depth, count = depth + 1, count + len(level)
        if count > MAX_NODES * 2 or depth > MAX_DEPTH * 2:
            break
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    inner = [node for node in ast.walk(tree) if isinstance(node, ast.expr)] if not level else []
    if level or len(inner) > MAX_NODES or depth > MAX_DEPTH + 1:
        raise ExpressionError(
            f"the expression is too big (limit: {MAX_NODES} parts, {MAX_DEPTH} levels)",
            f"表达式过大（最多 {MAX_NODES} 个部分、{MAX_DEPTH} 层）",
        )


def check_part(node: ast.AST) -> None:
    """Check one part of a parsed expression. :raises ExpressionError: it is not of our language."""
    if not isinstance(node, ALLOWED):
        raise _not_allowed(node)
    if isinstance(node, ast.Constant):
        value = node.value
        if not isinstance(value, str | int | float | bool | None):
            kind = type(value).__name__
            raise ExpressionError(f"{kind} constants are not allowed", f"不允许 {kind} 常量")
        if isinstance(value, int) and abs(value) >= 10**MAX_DIGITS:
            raise ExpressionError(f"a number has more than {MAX_DIGITS} digits", f"数字超过 {MAX_DIGITS} 位")
    if isinstance(node, ast.Name | ast.Attribute):
        word = node.id if isinstance(node, ast.Name) else node.attr
        if word.startswith("_"):
            raise ExpressionError(f"names do not start with an underscore: {word!r}", f"名称不能以下划线开头：{word!r}")
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name):
            raise ExpressionError(
                "only the documented functions can be called, never a method", "只能调用文档中的函数，不能调用方法"
            )
        if node.func.id != "exists" and node.func.id not in FUNCTIONS:
            raise ExpressionError(f"there is no function {node.func.id!r}", f"没有函数 {node.func.id!r}")
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise ExpressionError("functions take plain arguments only", "函数只接受普通参数")
        if node.func.id == "exists" and len(node.args) != 1:
            raise ExpressionError("exists() takes one name in quotes", "exists() 的参数是一个带引号的名称")
    if isinstance(node, ast.Dict) and any(key is None for key in node.keys):
        raise ExpressionError("** is not allowed in an expression", "表达式中不允许 **")


@lru_cache(maxsize=4096)
def names_in(text: str) -> frozenset[str]:
    """The data names an expression reads (functions and constants left out)."""
    tree = parse(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}
    return frozenset(found - set(CONSTANTS))


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """Compute an expression over JSON data; :raises ExpressionError: with the expression in the message."""
    tree = parse(text)
    try:
        return Evaluator(names).eval(text, tree)
    except ExpressionError as problem:
        raise problem.of(text.strip()) from None
    except Unfit as problem:
        raise ExpressionError(str(problem), problem.zh).of(text.strip()) from None
    except ZeroDivisionError:
        raise ExpressionError("division by zero", "除数为零").of(text.strip()) from None
    except (TypeError, ValueError, LookupError, OverflowError, AttributeError, RecursionError) as problem:
        raise ExpressionError(str(problem), f"不能这样计算：{problem}").of(text.strip()) from None
    except (InvalidExpression, MemoryError) as problem:
        raise ExpressionError(str(problem), f"不能这样计算：{problem}").of(text.strip()) from None
