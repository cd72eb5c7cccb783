"""How points and ranges lie to each other: before, after, during, overlaps and their kin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.scope import Run
from processes.feel.signatures import Builtin, builtin
from processes.feel.values import Range, compare, within


def _span(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(value, value)


def _order(left: Any, right: Any) -> int:
    order = compare(left, right)
    if order is None:
        raise FeelError("this needs ranges with two ends", "这里需要两端都有界的区间")
    return order


def _before(left: Range, right: Range) -> bool:
    order = _order(left.high, right.low)
    return order < 0 or (order == 0 and not (left.high_closed and right.low_closed))


def _meets(left: Range, right: Range) -> bool:
    return left.high_closed and right.low_closed and _order(left.high, right.low) == 0


def _starts_later(left: Range, right: Range) -> bool:
    """Whether ``left`` begins with or after ``right``."""
    order = _order(left.low, right.low)
    return order > 0 or (order == 0 and (right.low_closed or not left.low_closed))


def _ends_earlier(left: Range, right: Range) -> bool:
    """Whether ``left`` ends with or before ``right``."""
    order = _order(left.high, right.high)
    return order < 0 or (order == 0 and (right.high_closed or not left.high_closed))


def _during(left: Range, right: Range) -> bool:
    return _starts_later(left, right) and _ends_earlier(left, right)


def _starts(left: Range, right: Range) -> bool:
    return left.low_closed == right.low_closed and _order(left.low, right.low) == 0 and _ends_earlier(left, right)


def _finishes(left: Range, right: Range) -> bool:
    return left.high_closed == right.high_closed and _order(left.high, right.high) == 0 and _starts_later(left, right)


def _overlaps(left: Range, right: Range) -> bool:
    return not _before(left, right) and not _before(right, left)


def _overlaps_before(left: Range, right: Range) -> bool:
    return _overlaps(left, right) and not _starts_later(left, right) and _ends_earlier(left, right)


def _coincides(left: Range, right: Range) -> bool:
    return _during(left, right) and _during(right, left)


def _relation(test: Callable[[Range, Range], bool], *, turned: bool = False) -> Callable[..., bool | None]:
    def call(run: Run, left: Any, right: Any) -> bool | None:
        if left is None or right is None:
            return None
        one, other = _span(left), _span(right)
        return test(other, one) if turned else test(one, other)

    return call


def _includes(run: Run, span: Any, value: Any) -> bool | None:
    if span is None or value is None:
        return None
    return _during(_span(value), _span(span)) if isinstance(value, Range) else within(value, _span(span))


RANGES: Final[tuple[Builtin, ...]] = (
    builtin("before(a:a, b:a)", _relation(_before)),
    builtin("after(a:a, b:a)", _relation(_before, turned=True)),
    builtin("meets(a:a, b:a)", _relation(_meets)),
    builtin("met by(a:a, b:a)", _relation(_meets, turned=True)),
    builtin("overlaps(a:a, b:a)", _relation(_overlaps)),
    builtin("overlaps before(a:a, b:a)", _relation(_overlaps_before)),
    builtin("overlaps after(a:a, b:a)", _relation(_overlaps_before, turned=True)),
    builtin("finishes(a:a, b:a)", _relation(_finishes)),
    builtin("finished by(a:a, b:a)", _relation(_finishes, turned=True)),
    builtin("includes(range:a, value:a)", _includes),
    builtin("during(value:a, range:a)", lambda run, value, span: _includes(run, span, value)),
    builtin("starts(a:a, b:a)", _relation(_starts)),
    builtin("started by(a:a, b:a)", _relation(_starts, turned=True)),
    builtin("coincides(a:a, b:a)", _relation(_coincides)),
)
