"""The values of FEEL: what they are called, when two are equal, which comes first, and how JSON becomes them.

Numbers are :class:`~decimal.Decimal` with 34 digits, so ``0.1 + 0.2`` is ``0.3``. Texts, true/false, null, lists and
contexts (dictionaries) are Python's own; dates, times and durations are those of :mod:`.temporal`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.temporal import YearsMonths, text_of_duration, text_of_moment

#: Decimal128, as the standard asks: 34 digits, exponents up to 6144.
ARITHMETIC: Final = Context(prec=34, Emax=6144, Emin=-6143, traps=[InvalidOperation, DivisionByZero, Overflow])
MAX_TEXT: Final = 100_000
MAX_DEPTH: Final = 100
MAX_WHOLE: Final = 2**63

KINDS: Final[Mapping[type, tuple[str, str]]] = {
    type(None): ("null", "空值"),
    bool: ("true/false", "真假值"),
    Decimal: ("number", "数字"),
    str: ("text", "文本"),
    list: ("list", "列表"),
    dict: ("object", "对象"),
    date: ("date", "日期"),
    time: ("time", "时间"),
    datetime: ("date and time", "日期时间"),
    timedelta: ("duration of days and time", "天时时长"),
    YearsMonths: ("duration of years and months", "年月时长"),
}


@dataclass(frozen=True)
class Range:
    """From ``low`` to ``high``; None on a side: there is no end on that side. ``closed``: the end belongs to it."""

    low: Any
    high: Any
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True)
class Function:
    """A function somebody has defined: a business knowledge model, or ``function(a, b) a + b``."""

    parameters: tuple[str, ...]
    call: Callable[[Any, list[Any]], Any]


def kind(value: Any) -> tuple[str, str]:
    """What a value is called, in English and in Chinese."""
    found = KINDS.get(type(value))
    if found is not None:
        return found
    return ("range", "区间") if isinstance(value, Range) else ("function", "函数")


def from_json(value: Any, depth: int = 0) -> Any:
    """A JSON value as FEEL sees it; what is FEEL's already stays as it is.

    :raises FeelError: a number that is none, or something nested too deeply.
    """
    if value is None or isinstance(value, str | bool | Decimal):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise FeelError(f"{value} is no number", f"{value} 不是数字")
        return Decimal(repr(value))
    if depth > MAX_DEPTH:
        raise FeelError("the data is nested too deeply", "数据嵌套过深")
    if isinstance(value, list | tuple):
        return [from_json(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {str(key): from_json(item, depth + 1) for key, item in value.items()}
    return value


Spend = Callable[[int], None]


def to_json(value: Any, spend: Spend = lambda work: None) -> Any:
    """A FEEL value as JSON: whole numbers as such, dates and durations as ISO 8601 text. A fresh copy.

    :raises FeelError: functions, ranges, and whole numbers beyond 64 bits cannot be carried on.
    """
    spend(1)
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal):
        return _json_number(value)
    if isinstance(value, list):
        return [to_json(item, spend) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item, spend) for key, item in value.items()}
    if isinstance(value, date | time):
        return text_of_moment(value)
    if isinstance(value, timedelta | YearsMonths):
        return text_of_duration(value)
    en, zh = kind(value)
    raise FeelError(f"a {en} cannot be a result", f"{zh}不能作为结果")


def _json_number(value: Decimal) -> int | float:
    if value != value.to_integral_value():
        return float(value)
    if abs(value) >= MAX_WHOLE:
        raise FeelError(
            f"{value} has too many digits to be carried on as a number; make it a text with string()",
            f"{value} 位数过多，不能作为数字传递；请用 string() 转成文本",
        )
    return int(value)


def plain(number: Decimal) -> str:
    """A number as people write it: no exponent, no zeros behind the point."""
    if number == number.to_integral_value() and abs(number) < 10**40:
        return str(int(number))
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def text_of(value: Any) -> str:
    """What ``string()`` gives."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date | time):
        return text_of_moment(value)
    if isinstance(value, timedelta | YearsMonths):
        return text_of_duration(value)
    if isinstance(value, list):
        return "[" + joined(", ", (_inner(item) for item in value)) + "]"
    if isinstance(value, dict):
        return "{" + joined(", ", (f"{key}: {_inner(item)}" for key, item in value.items())) + "}"
    en, zh = kind(value)
    raise FeelError(f"a {en} has no text", f"{zh}不能转成文本")


def _inner(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else text_of(value)


def joined(separator: str, parts: Iterable[str]) -> str:
    """The parts in one text. :raises FeelError: as soon as it becomes too long."""
    found, length = [], 0
    for part in parts:
        found.append(part)
        length += len(part) + len(separator)
        if length > MAX_TEXT + len(separator):
            limited(" " * (MAX_TEXT + 1))
    return separator.join(found)


def limited(text: str) -> str:
    """The text, unless it has become too long."""
    if len(text) > MAX_TEXT:
        raise FeelError(f"the text is longer than {MAX_TEXT} characters", f"文本超过 {MAX_TEXT} 个字符")
    return text


def equal(left: Any, right: Any, spend: Spend = lambda work: None) -> bool | None:
    """Whether two values are equal; None where they are of different kinds, as the standard says."""
    if left is None or right is None:
        return left is right
    if type(left) is not type(right):
        return None
    if isinstance(left, list | dict):
        spend(len(left))
    if isinstance(left, list):
        if len(left) != len(right):
            return False
        return all(equal(one, other, spend) is True for one, other in zip(left, right, strict=True))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key], spend) is True for key in left)
    return bool(left == right)


def compare(left: Any, right: Any) -> int | None:
    """-1, 0 or 1 as ``left`` comes before, with or after ``right``; None if one of them is null.

    :raises FeelError: they are of different kinds, or of a kind without an order.
    """
    if left is None or right is None:
        return None
    ordered = isinstance(left, Decimal | str | date | time | timedelta | YearsMonths)
    if type(left) is not type(right) or not ordered:
        (en, zh), (other_en, other_zh) = kind(left), kind(right)
        raise FeelError(
            f"{en} and {other_en} cannot be compared{_hint(left, right)[0]}",
            f"{zh}和{other_zh}不能比较{_hint(left, right)[1]}",
        )
    try:
        return int(left > right) - int(left < right)
    except TypeError:
        raise FeelError(
            "one of the times has a zone and the other has none", "两个时间一个带时区、一个不带，不能比较"
        ) from None


def _hint(left: Any, right: Any) -> tuple[str, str]:
    kinds = {type(left), type(right)}
    if str in kinds and kinds & {date, time, datetime, timedelta, YearsMonths}:
        return (
            "; turn the text into one with date(), date and time(), time() or duration(), or say so with typeRef",
            "；请用 date()、date and time()、time() 或 duration() 转换文本，或用 typeRef 声明类型",
        )
    if kinds == {date, datetime}:
        return ("; date() takes the time away", "；date() 可去掉时间部分")
    return ("", "")


def within(value: Any, span: Range) -> bool | None:
    """Whether a value lies in a range; None if it is null."""
    if value is None:
        return None
    for end, closed, side in ((span.low, span.low_closed, 1), (span.high, span.high_closed, -1)):
        if end is None:
            continue
        order = compare(value, end)
        if order is None or not (order == side or (closed and order == 0)):
            return False
    return True
