"""Looking into values: fields, positions, filters, kinds, and the steps of a loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.operations import truth
from processes.feel.scope import Scope
from processes.feel.temporal import YearsMonths
from processes.feel.values import Function, Range, compare, kind

MAX_STEPS: Final = 100_000


def _number(value: int | float) -> Decimal:
    return Decimal(value)


def _offset(value: Any) -> timedelta | None:
    return value.utcoffset() if isinstance(value, datetime | time) else None


_DAY: Final[Mapping[str, Callable[[Any], Any]]] = {
    "year": lambda day: _number(day.year),
    "month": lambda day: _number(day.month),
    "day": lambda day: _number(day.day),
    "weekday": lambda day: _number(day.isoweekday()),
}
_CLOCK: Final[Mapping[str, Callable[[Any], Any]]] = {
    "hour": lambda at: _number(at.hour),
    "minute": lambda at: _number(at.minute),
    "second": lambda at: _number(at.second),
    "time offset": _offset,
    "timezone": lambda at: getattr(at.tzinfo, "key", None),
}
_SPAN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "days": lambda span: _number(_parts(span)[0]),
    "hours": lambda span: _number(_parts(span)[1]),
    "minutes": lambda span: _number(_parts(span)[2]),
    "seconds": lambda span: _number(_parts(span)[3]),
}
_PROPERTIES: Final[Mapping[type, Mapping[str, Callable[[Any], Any]]]] = {
    date: _DAY,
    datetime: {**_DAY, **_CLOCK},
    time: _CLOCK,
    timedelta: _SPAN,
    YearsMonths: {
        "years": lambda span: _number(int(span.months / 12)),
        "months": lambda span: _number(span.months - int(span.months / 12) * 12),
    },
    Range: {
        "start": lambda span: span.low,
        "end": lambda span: span.high,
        "start included": lambda span: span.low_closed,
        "end included": lambda span: span.high_closed,
    },
}


def _parts(span: timedelta) -> tuple[int, int, int, int]:
    sign = -1 if span < timedelta(0) else 1
    seconds = abs(span) // timedelta(seconds=1)
    return sign * (seconds // 86400), sign * (seconds // 3600 % 24), sign * (seconds // 60 % 60), sign * (seconds % 60)


def field_of(value: Any, field: str) -> Any:
    """``value.field``: null of null and where an object has no such field; of a list, the field of each item."""
    if value is None:
        return None
    if isinstance(value, dict):
        return value.get(field)
    if isinstance(value, list):
        return [field_of(item, field) for item in value]
    found = _PROPERTIES.get(type(value), {}).get(field)
    if found is None:
        en, zh = kind(value)
        raise FeelError(f"{en} has no field {field!r}", f"{zh}没有字段 {field!r}")
    return found(value)


def listed(value: Any) -> list[Any]:
    """A value alone is a list of one, null an empty one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def filtered(value: Any, condition: Callable[[Scope], Any], scope: Scope) -> Any:
    """``value[condition]``: a position counted from 1 (from the end if negative), or the items that fit."""
    items = listed(value)
    found = []
    for place, item in enumerate(items):
        scope.run.spend(1)
        inside = scope.inside({"item": item, **item} if isinstance(item, dict) else {"item": item})
        answer = condition(inside)
        if place == 0 and isinstance(answer, Decimal):
            return at_position(items, answer)
        if truth(answer, ("a filter", "筛选条件")):
            found.append(item)
    return found


def at_position(items: list[Any], position: Decimal) -> Any:
    """The item at a position from 1 on, or from -1 backwards; null where there is none."""
    place = whole(position, "position", "位置")
    if place == 0:
        raise FeelError("positions are counted from 1", "位置从 1 开始数")
    index = place - 1 if place > 0 else len(items) + place
    return items[index] if 0 <= index < len(items) else None


def whole(number: Decimal, en: str, zh: str) -> int:
    """A number that has to be whole. :raises FeelError: it is not, or it is enormous."""
    if number != number.to_integral_value() or abs(number) > 10**9:
        raise FeelError(f"{en}: {number} is not a whole number of use here", f"{zh}：{number} 不是可用的整数")
    return int(number)


def steps_between(low: Any, high: Any, scope: Scope) -> list[Any]:
    """The whole numbers or the days from one to the other, in that direction, both included."""
    order = compare(low, high)
    if order is None:
        return []
    if isinstance(low, Decimal):
        first, last = whole(low, "range", "区间"), whole(high, "range", "区间")
        scope.run.spend(abs(last - first) + 1)
        return [Decimal(n) for n in range(first, last + (1 if order <= 0 else -1), 1 if order <= 0 else -1)]
    if type(low) is date:
        count, sign = abs((high - low).days), 1 if order <= 0 else -1
        scope.run.spend(count + 1)
        return [low + timedelta(days=sign * n) for n in range(count + 1)]
    en, zh = kind(low)
    raise FeelError(f"a loop cannot step through a range of {en}", f"循环不能遍历{zh}的区间")


_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "date": (date,),
    "time": (time,),
    "date and time": (datetime,),
    "dateTime": (datetime,),
    "days and time duration": (timedelta,),
    "dayTimeDuration": (timedelta,),
    "years and months duration": (YearsMonths,),
    "yearMonthDuration": (YearsMonths,),
    "list": (list,),
    "context": (dict,),
    "range": (Range,),
    "function": (Function,),
}


def is_instance(value: Any, type_name: str) -> bool:
    """``value instance of type``; null is an instance of Null and of nothing else. :raises FeelError: no such type."""
    name, _, inner = type_name.partition("<")
    name = name.strip()
    if name == "Any":
        return value is not None
    if name == "Null":
        return value is None
    if name not in _TYPES:
        raise FeelError(f"there is no type {name!r}", f"没有类型 {name!r}")
    if type(value) not in _TYPES[name]:
        return False
    return not inner or not isinstance(value, list) or all(is_instance(item, inner.rstrip(">")) for item in value)
