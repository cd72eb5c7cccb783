"""The functions expressions may call. All of them take and return JSON values and are bounded in time and size."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

MAX_LENGTH: Final = 100_000
MAX_NUMBER: Final = 10**300
_MISSING: Final = object()
_KINDS: Final = {
    "dict": ("object", "对象"),
    "str": ("text", "文本"),
    "NoneType": ("null", "空值"),
    "list": ("list", "列表"),
    "bool": ("true/false", "真假值"),
    "int": ("number", "数字"),
    "float": ("number", "数字"),
}


class Unfit(ValueError):
    """A function got what it cannot use; says so in English and in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh


def kind_of(value: Any) -> str:
    """The kind of a value in words a designer knows."""
    return _KINDS.get(type(value).__name__, (type(value).__name__,))[0]


def kind_zh(value: Any) -> str:
    """The same in Chinese."""
    return _KINDS.get(type(value).__name__, (type(value).__name__,))[-1]


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit(f"a number is needed, not {kind_of(value)}", f"需要数字，不能是{kind_zh(value)}")
    return value


def add(left: Any, right: Any) -> Any:
    """Sum of two numbers, or two texts or two lists one after the other."""
    if (isinstance(left, str) and isinstance(right, str)) or (isinstance(left, list) and isinstance(right, list)):
        if len(left) + len(right) > MAX_LENGTH:
            raise Unfit("the result is too long", "结果过长")
        return operator.add(left, right)
    return _bounded(_number(left) + _number(right))


def multiply(left: Any, right: Any) -> Any:
    """Product of two numbers; texts and lists are not repeated."""
    return _bounded(_number(left) * _number(right))


def remainder(left: Any, right: Any) -> Any:
    """What is left of a division of numbers; never text formatting."""
    return _number(left) % _number(right)


def _bounded(value: Any) -> Any:
    if abs(value) > MAX_NUMBER:
        raise Unfit("the number is too big", "数字过大")
    return value


def _get(container: Any, key: Any, default: Any = None) -> Any:
    if isinstance(container, Mapping):
        return container.get(key, default)
    if isinstance(container, list | str) and isinstance(key, int):
        return container[key] if -len(container) <= key < len(container) else default
    if container is None:
        return default
    raise Unfit("get() reads objects and lists", "get() 只能读取对象和列表")


def _extreme(pick: Callable[..., Any]) -> Callable[..., Any]:
    def choose(*values: Any) -> Any:
        items = values[0] if len(values) == 1 and isinstance(values[0], list) else list(values)
        if not items:
            return None
        return pick(items)

    return choose


def _sum(values: Sequence[Any]) -> Any:
    return _bounded(sum(_number(value) for value in values))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise Unfit("str() takes a text, a number or true/false", "str() 的参数须是文本、数字或真假值")
    return str(value)


def _int(value: Any) -> int:
    if isinstance(value, str) and len(value) > 40:
        raise Unfit("the text is too long to be a number", "文本过长，不是数字")
    return int(float(value)) if isinstance(value, str) and "." in value else int(value)


def _float(value: Any) -> float:
    if isinstance(value, str) and len(value) > 40:
        raise Unfit("the text is too long to be a number", "文本过长，不是数字")
    number = float(value)
    if not math.isfinite(number):
        raise Unfit("the number is not finite", "数字不是有限值")
    return number


def _round(value: Any, digits: int = 0) -> Any:
    if not -15 <= digits <= 15:
        raise Unfit("round() takes up to 15 digits", "round() 最多 15 位")
    return round(_number(value), digits) if digits else round(_number(value))


def _contains(container: Any, item: Any) -> bool:
    if container is None:
        return False
    if not isinstance(container, list | str | dict):
        raise Unfit("contains() looks into a text, a list or an object", "contains() 只能在文本、列表或对象中查找")
    return item in container


def _concat(*values: Any) -> Any:
    lists = bool(values) and all(isinstance(value, list) for value in values)
    parts = list(values) if lists else [_text(value) for value in values]
    if sum(len(part) for part in parts) > MAX_LENGTH:
        raise Unfit("the result is too long", "结果过长")
    return [item for part in parts for item in part] if lists else "".join(parts)


def _first(values: Any, default: Any = None) -> Any:
    return values[0] if values else default


def _field(item: Any, key: str) -> Any:
    return item.get(key) if isinstance(item, Mapping) else None


def _items(values: Any) -> list[Any]:
    if not isinstance(values, list):
        raise Unfit("a list is needed", "需要列表")
    return values


def _any_of(values: Any, key: Any = _MISSING, value: Any = _MISSING) -> bool:
    if key is _MISSING:
        return any(bool(item) for item in _items(values))
    if value is _MISSING:
        return any(bool(_field(item, key)) for item in _items(values))
    return any(_field(item, key) == value for item in _items(values))


def _all_of(values: Any, key: Any = _MISSING, value: Any = _MISSING) -> bool:
    if key is _MISSING:
        return all(bool(item) for item in _items(values))
    if value is _MISSING:
        return all(bool(_field(item, key)) for item in _items(values))
    return all(_field(item, key) == value for item in _items(values))


def _pluck(values: Any, key: str) -> list[Any]:
    return [_field(item, key) for item in _items(values)]


def _where(values: Any, key: str, value: Any) -> list[Any]:
    return [item for item in _items(values) if _field(item, key) == value]


def _merge(left: Any, right: Any) -> dict[str, Any]:
    if not isinstance(left, Mapping) or not isinstance(right, Mapping):
        raise Unfit("merge() takes two objects", "merge() 的参数须是两个对象")
    return {**left, **right}


def _add_days(day: str, count: Any) -> str:
    if not isinstance(day, str):
        raise Unfit("add_days() takes a date as text", "add_days() 的日期须是文本")
    shift = timedelta(days=_number(count))
    if len(day) <= 10:
        return (date.fromisoformat(day) + shift).isoformat()
    return (datetime.fromisoformat(day) + shift).isoformat()


def _split(text: str, separator: str = ",") -> list[str]:
    if not separator:
        raise Unfit("split() needs a separator", "split() 需要分隔符")
    return [part.strip() for part in _text(text).split(separator) if part.strip()]


def _join(values: Any, separator: str = ",") -> str:
    parts = [_text(value) for value in _items(values)]
    if sum(len(part) for part in parts) + len(separator) * len(parts) > MAX_LENGTH:
        raise Unfit("the result is too long", "结果过长")
    return separator.join(parts)


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "get": _get,
    "len": len,
    "min": _extreme(min),
    "max": _extreme(max),
    "sum": _sum,
    "str": _text,
    "int": _int,
    "float": _float,
    "round": _round,
    "abs": lambda value: abs(_number(value)),
    "contains": _contains,
    "concat": _concat,
    "first": _first,
    "any_of": _any_of,
    "all_of": _all_of,
    "pluck": _pluck,
    "where": _where,
    "merge": _merge,
    "add_days": _add_days,
    "split": _split,
    "join": _join,
    "lower": lambda text: _text(text).lower(),
    "upper": lambda text: _text(text).upper(),
    "starts_with": lambda text, start: _text(text).startswith(_text(start)),
}
