"""What the signs between values do: reckoning, comparing, and/or with null."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.temporal import YearsMonths, add_months
from processes.feel.values import ARITHMETIC, Spend, compare, equal, kind, limited

MAX_DAYS: Final = Decimal(3_660_000)


def mismatch(sign: str, left: Any, right: Any) -> FeelError:
    """The sign means nothing between two values of these kinds."""
    (en, zh), (other_en, other_zh) = kind(left), kind(right)
    return FeelError(f"{en} {sign} {other_en} means nothing", f"{zh} {sign} {other_zh} 没有意义")


def reckon(sign: str, left: Any, right: Any) -> Any:
    """``+ - * / **``; null if either side is null. :raises FeelError: kinds that do not go together, too large."""
    if left is None or right is None:
        return None
    try:
        if type(left) is Decimal and type(right) is Decimal:
            return _NUMBERS[sign](left, right)
        if sign == "+" and type(left) is str and type(right) is str:
            return limited(left + right)
        found = _OTHERS.get((sign, type(left), type(right)))
        if found is None:
            raise mismatch(sign, left, right)
        return found(left, right)
    except (DivisionByZero, ZeroDivisionError):
        raise FeelError("division by zero", "除数为零") from None
    except (InvalidOperation, Overflow, OverflowError):
        raise FeelError(f"the result of {sign} is no number, or too big", f"{sign} 的结果不是数字或过大") from None
    except TypeError:
        raise FeelError(
            "one of the times has a zone and the other has none", "两个时间一个带时区、一个不带，不能计算"
        ) from None


def _divide(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise ZeroDivisionError
    return ARITHMETIC.divide(left, right)


_NUMBERS: Final[dict[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": _divide,
    "**": ARITHMETIC.power,
}


def _times(span: timedelta, factor: Decimal) -> timedelta:
    days = Decimal(span / timedelta(days=1)) * factor
    if abs(days) > MAX_DAYS:
        raise OverflowError
    return timedelta(microseconds=int(ARITHMETIC.multiply(Decimal(span // timedelta(microseconds=1)), factor)))


def _share(span: timedelta, divisor: Decimal) -> timedelta:
    if not divisor:
        raise ZeroDivisionError
    return timedelta(microseconds=int(ARITHMETIC.divide(Decimal(span // timedelta(microseconds=1)), divisor)))


def _ratio(left: timedelta, right: timedelta) -> Decimal:
    tick = timedelta(microseconds=1)
    return _divide(Decimal(left // tick), Decimal(right // tick))


def _months(months: Decimal) -> YearsMonths:
    if abs(months) > 120_000:
        raise OverflowError
    return YearsMonths(int(months))


def _clock_plus(at: time, span: timedelta) -> time:
    moved = datetime.combine(date(2000, 1, 3), at) + (span % timedelta(days=1))
    return moved.timetz()


def _clock_minus(left: time, right: time) -> timedelta:
    day = date(2000, 1, 3)
    return datetime.combine(day, left) - datetime.combine(day, right)


def _day_plus(day: date, span: timedelta) -> date:
    return (datetime.combine(day, time()) + span).date()


_OTHERS: Final[dict[tuple[str, type, type], Callable[[Any, Any], Any]]] = {
    ("+", date, timedelta): _day_plus,
    ("+", timedelta, date): lambda span, day: _day_plus(day, span),
    ("-", date, timedelta): lambda day, span: _day_plus(day, -span),
    ("-", date, date): lambda one, other: one - other,
    ("+", date, YearsMonths): lambda day, span: add_months(day, span.months),
    ("+", YearsMonths, date): lambda span, day: add_months(day, span.months),
    ("-", date, YearsMonths): lambda day, span: add_months(day, -span.months),
    ("+", datetime, timedelta): lambda at, span: at + span,
    ("+", timedelta, datetime): lambda span, at: at + span,
    ("-", datetime, timedelta): lambda at, span: at - span,
    ("-", datetime, datetime): lambda one, other: one - other,
    ("+", datetime, YearsMonths): lambda at, span: add_months(at, span.months),
    ("+", YearsMonths, datetime): lambda span, at: add_months(at, span.months),
    ("-", datetime, YearsMonths): lambda at, span: add_months(at, -span.months),
    ("+", time, timedelta): _clock_plus,
    ("+", timedelta, time): lambda span, at: _clock_plus(at, span),
    ("-", time, timedelta): lambda at, span: _clock_plus(at, -span),
    ("-", time, time): _clock_minus,
    ("+", timedelta, timedelta): lambda one, other: one + other,
    ("-", timedelta, timedelta): lambda one, other: one - other,
    ("*", timedelta, Decimal): _times,
    ("*", Decimal, timedelta): lambda factor, span: _times(span, factor),
    ("/", timedelta, Decimal): _share,
    ("/", timedelta, timedelta): _ratio,
    ("+", YearsMonths, YearsMonths): lambda one, other: _months(Decimal(one.months + other.months)),
    ("-", YearsMonths, YearsMonths): lambda one, other: _months(Decimal(one.months - other.months)),
    ("*", YearsMonths, Decimal): lambda span, factor: _months(span.months * factor),
    ("*", Decimal, YearsMonths): lambda factor, span: _months(span.months * factor),
    ("/", YearsMonths, Decimal): lambda span, divisor: _months(_divide(Decimal(span.months), divisor)),
    ("/", YearsMonths, YearsMonths): lambda one, other: _divide(Decimal(one.months), Decimal(other.months)),
}


def negative(value: Any) -> Any:
    """``-x``."""
    if value is None:
        return None
    if isinstance(value, Decimal | timedelta):
        return -value
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.months)
    en, zh = kind(value)
    raise FeelError(f"- needs a number or a duration, not {en}", f"负号后须是数字或时长，不能是{zh}")


def ordered(sign: str, left: Any, right: Any, spend: Spend) -> bool | None:
    """``= != < <= > >=``; None where null, or different kinds asked for equality, leave it open."""
    if sign in ("=", "!="):
        same = equal(left, right, spend)
        return same if same is None or sign == "=" else not same
    order = compare(left, right)
    return None if order is None else _ORDERS[sign](order)


_ORDERS: Final[dict[str, Callable[[int], bool]]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}


def truth(value: Any, place: tuple[str, str]) -> bool | None:
    """A value as a condition: true, false or null. :raises FeelError: it is something else."""
    if value is None or isinstance(value, bool):
        return value
    en, zh = kind(value)
    raise FeelError(f"{place[0]} needs true or false, not {en}", f"{place[1]}须是 true 或 false，不能是{zh}")
