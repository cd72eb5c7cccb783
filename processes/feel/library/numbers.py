"""Functions on numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    DecimalException,
)
from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.members import whole
from processes.feel.scope import Run
from processes.feel.signatures import Builtin, builtin
from processes.feel.temporal import YearsMonths
from processes.feel.values import ARITHMETIC

_NUMBER: Final = re.compile(r"-?(?:\d{1,34}(?:\.\d{1,34})?|\.\d{1,34})(?:[eE][+-]?\d{1,3})?", re.ASCII)


def _rounded(mode: str) -> Callable[..., Decimal]:
    def call(run: Run, number: Decimal, scale: Decimal = Decimal(0)) -> Decimal:
        digits = whole(scale, "scale", "小数位数")
        if not -6000 < digits < 6000:
            raise FeelError(f"{digits} digits are too many", f"{digits} 位太多")
        if -number.as_tuple().exponent <= digits:  # type: ignore[operator]
            return number
        return number.quantize(Decimal(1).scaleb(-digits), rounding=mode, context=ARITHMETIC)

    return call


def _guarded(compute: Callable[..., Decimal], name: str) -> Callable[..., Decimal]:
    def call(run: Run, *numbers: Decimal) -> Decimal:
        try:
            return compute(*numbers)
        except (DecimalException, ZeroDivisionError):
            raise FeelError(f"{name}() has no answer for {numbers[0]}", f"{name}() 对 {numbers[0]} 没有结果") from None

    return call


def _number(run: Run, value: Any, grouping: str | None = None, point: str | None = None) -> Decimal | None:
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        text = value.strip()
        if grouping in (" ", ",", ".") and grouping != point:
            text = text.replace(grouping, "")
        if point == ",":
            text = text.replace(",", ".")
        if _NUMBER.fullmatch(text):
            return Decimal(text)
    raise FeelError(f"number(): {str(value)[:40]!r} is no number", f"number()：{str(value)[:40]!r} 不是数字")


def _modulo(left: Decimal, right: Decimal) -> Decimal:
    """The sign of the divisor, as the standard has it."""
    if not right:
        raise ZeroDivisionError
    return left - right * (left / right).to_integral_value(rounding=ROUND_FLOOR)


def _absolute(run: Run, value: Any) -> Any:
    if isinstance(value, YearsMonths):
        return YearsMonths(abs(value.months))
    return abs(value)


def _odd(run: Run, number: Decimal) -> bool:
    return abs(number) % 2 == 1


NUMBERS: Final[tuple[Builtin, ...]] = (
    builtin("number(from:a, grouping separator:a?, decimal separator:a?)", _number),
    builtin("decimal(n:n, scale:n)", _rounded(ROUND_HALF_EVEN)),
    builtin("floor(n:n, scale:n?)", _rounded(ROUND_FLOOR)),
    builtin("ceiling(n:n, scale:n?)", _rounded(ROUND_CEILING)),
    builtin("round up(n:n, scale:n?)", _rounded(ROUND_UP)),
    builtin("round down(n:n, scale:n?)", _rounded(ROUND_DOWN)),
    builtin("round half up(n:n, scale:n?)", _rounded(ROUND_HALF_UP)),
    builtin("round half down(n:n, scale:n?)", _rounded(ROUND_HALF_DOWN)),
    builtin("abs(n:npy)", _absolute),
    builtin("modulo(dividend:n, divisor:n)", _guarded(_modulo, "modulo")),
    builtin("sqrt(number:n)", _guarded(ARITHMETIC.sqrt, "sqrt")),
    builtin("log(number:n)", _guarded(ARITHMETIC.ln, "log")),
    builtin("exp(number:n)", _guarded(ARITHMETIC.exp, "exp")),
    builtin("odd(number:n)", _odd),
    builtin("even(number:n)", lambda run, number: number % 2 == 0),
    builtin("not(negand:b)", lambda run, value: not value),
)
