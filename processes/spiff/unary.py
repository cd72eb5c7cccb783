"""The cells of decision tables: FEEL-like unary tests over JSON values.

``-`` (any), literals, lists ``"a","b"``, comparisons ``< 5``, ranges ``[1..5)``, ``not(...)``, and expressions with
``?`` for the input value. Everything is read once, when a table is loaded; a cell that cannot be read is refused then.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from processes.spiff.expressions import ExpressionError, evaluate, kind_of, parse

Test = Callable[[Any, Mapping[str, Any]], bool]
INPUT: Final = "cell_input"
_RANGE: Final = re.compile(r"^([\[\]\(])(.+?)\.\.(.+?)([\[\]\)])$", re.DOTALL)
_COMPARE: Final = re.compile(r"^(<=|>=|!=|<|>|==|=)\s*(.+)$", re.DOTALL)
_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

MAX_CELL: Final = 2000


def compile_test(text: str) -> Test:
    """Read one input cell; :raises ExpressionError: it is no test."""
    text = text.strip()
    if len(text) > MAX_CELL:
        raise ExpressionError(f"the cell is longer than {MAX_CELL} characters")
    if text in ("", "-"):
        return lambda value, names: True
    if re.match(r"^not\s*\(.*\)$", text, re.DOTALL) and _closes_at_end(text, text.index("(")):
        inner = _any(text[text.index("(") + 1 : -1])
        return lambda value, names: not inner(value, names)
    return _any(text)


def _any(text: str) -> Test:
    tests = [_single(part) for part in split(text)]
    return lambda value, names: any(test(value, names) for test in tests)


def split(text: str) -> list[str]:
    """Cut at commas outside quotes and brackets. Open range ends (``]1..5[``) do not count as brackets."""
    parts, depth, quote, start, index = [], 0, "", 0, 0
    while index < len(text):
        sign = text[index]
        if quote:
            if sign == "\\":
                index += 1
            elif sign == quote:
                quote = ""
        elif sign in "\"'":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth = max(0, depth - 1)
        elif sign == "," and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
        index += 1
    parts.append(text[start:].strip())
    if quote:
        raise ExpressionError(f"a quote is not closed in {text!r}")
    if any(not part for part in parts):
        raise ExpressionError(f"there is nothing between two commas in {text!r}")
    return parts


def _closes_at_end(text: str, opening: int) -> bool:
    depth, quote = 0, ""
    for index in range(opening, len(text)):
        sign = text[index]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return index == len(text) - 1
    return False


def _single(text: str) -> Test:
    found = _RANGE.match(text)
    if found and not text.startswith('"'):
        return _range(*found.groups())
    found = _COMPARE.match(text)
    if found:
        sign, right = found.group(1), _value(found.group(2))
        if sign in ("=", "=="):
            return lambda value, names: same(value, right(names))
        if sign == "!=":
            return lambda value, names: not same(value, right(names))
        compare = _OPERATORS[sign]
        return lambda value, names: ordered(compare, value, right(names))
    if _asks(text):
        asked = re.sub(r"\?", INPUT, text) if '"' not in text and "'" not in text else _replace_input(text)
        parse(asked)
        return lambda value, names: bool(evaluate(asked, {**names, INPUT: value}))
    wanted = _value(text)
    return lambda value, names: _equal_or_in(value, wanted(names))


def _asks(text: str) -> bool:
    return "?" in _replace_quoted(text)


def _replace_quoted(text: str) -> str:
    return re.sub(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", '""', text)


def _replace_input(text: str) -> str:
    pieces = re.split(r"(\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')", text)
    return "".join(piece if index % 2 else piece.replace("?", INPUT) for index, piece in enumerate(pieces))


def _value(text: str) -> Callable[[Mapping[str, Any]], Any]:
    text = text.strip()
    parse(text)
    return lambda names: evaluate(text, names)


def _range(opening: str, low: str, high: str, closing: str) -> Test:
    lower, upper = _value(low), _value(high)
    above = operator.ge if opening == "[" else operator.gt
    below = operator.le if closing == "]" else operator.lt
    return lambda value, names: ordered(above, value, lower(names)) and ordered(below, value, upper(names))


def _equal_or_in(value: Any, wanted: Any) -> bool:
    return any(same(value, item) for item in wanted) if isinstance(wanted, list) else same(value, wanted)


def same(left: Any, right: Any) -> bool:
    """Equality that keeps numbers and true/false apart."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return bool(left == right)


def ordered(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    """Compare two numbers or two texts; null is in no order with anything; other mixtures are refused."""
    if left is None or right is None:
        return False
    numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in (left, right))
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        raise ExpressionError(f"{kind_of(left)} and {kind_of(right)} cannot be compared")
    return compare(left, right)
