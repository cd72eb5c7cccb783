"""What needs an order or a sum over a list: min, max, sort, mean and their kin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.operations import reckon, truth
from processes.feel.scope import Run
from processes.feel.signatures import Builtin, builtin
from processes.feel.temporal import YearsMonths
from processes.feel.values import ARITHMETIC, Function, compare, kind


def _items(given: tuple[Any, ...]) -> list[Any] | None:
    """One list, or the arguments themselves; None if one of them is null."""
    items = given[0] if len(given) == 1 and isinstance(given[0], list) else list(given)
    return None if any(item is None for item in items) else items


def _numbers(given: tuple[Any, ...], name: str) -> list[Decimal] | None:
    items = _items(given)
    for item in items or ():
        if not isinstance(item, Decimal):
            en, zh = kind(item)
            raise FeelError(f"{name}() takes numbers, not {en}", f"{name}() 的列表项须是数字，不能是{zh}")
    return items


def _extreme(wanted: int) -> Callable[..., Any]:
    def call(run: Run, *given: Any) -> Any:
        items = _items(given)
        best = None
        for item in items or ():
            run.spend(1)
            if best is None or compare(item, best) == wanted:
                best = item
        return best

    return call


def _sum(run: Run, *given: Any) -> Any:
    items = _items(given)
    if not items:
        return None
    if not isinstance(items[0], timedelta | YearsMonths):
        _numbers(given, "sum")
    total = items[0]
    for item in items[1:]:
        run.spend(1)
        total = reckon("+", total, item)
    return total


def _product(run: Run, *given: Any) -> Any:
    items = _numbers(given, "product")
    total = Decimal(1) if items else None
    for item in items or ():
        total = reckon("*", total, item)
    return total


def _mean(run: Run, *given: Any) -> Any:
    items = _numbers(given, "mean")
    return reckon("/", _sum(run, items), Decimal(len(items))) if items else None


def _median(run: Run, *given: Any) -> Any:
    items = sorted(_numbers(given, "median") or ())
    if not items:
        return None
    middle = len(items) // 2
    return items[middle] if len(items) % 2 else reckon("/", items[middle - 1] + items[middle], Decimal(2))


def _stddev(run: Run, *given: Any) -> Any:
    items = _numbers(given, "stddev")
    if not items or len(items) < 2:
        return None
    mean = _mean(run, items)
    squares = [reckon("**", item - mean, Decimal(2)) for item in items]
    return ARITHMETIC.sqrt(reckon("/", _sum(run, squares), Decimal(len(items) - 1)))


def _mode(run: Run, *given: Any) -> Any:
    items = _numbers(given, "mode")
    if items is None:
        return None
    counts = _counts(items)
    most = max(counts.values(), default=0)
    return [item for item, count in counts.items() if count == most]


def _counts(items: list[Decimal]) -> dict[Decimal, int]:
    found: dict[Decimal, int] = {}
    for item in sorted(items):
        found[item] = found.get(item, 0) + 1
    return found


def _sort(run: Run, items: list[Any], precedes: Function | None = None) -> list[Any]:
    """Ordered by the values themselves, or by ``precedes(a, b)``. Equal ones keep their order."""

    def order(left: Any, right: Any) -> int:
        run.spend(1)
        if precedes is None:
            return compare(left, right) or 0
        if truth(_asked(run, precedes, left, right), ("precedes", "precedes")):
            return -1
        return 1 if truth(_asked(run, precedes, right, left), ("precedes", "precedes")) else 0

    return sorted(items, key=cmp_to_key(order))


def _asked(run: Run, function: Function, left: Any, right: Any) -> Any:
    if len(function.parameters) != 2:
        raise FeelError("sort() needs a function of two items", "sort() 需要两个参数的函数")
    run.enter()
    answer = function.call(run, [left, right])
    run.leave()
    return answer


ORDERING: Final[tuple[Builtin, ...]] = (
    builtin("min(list:a*)", _extreme(-1)),
    builtin("max(list:a*)", _extreme(1)),
    builtin("sum(list:a*)", _sum),
    builtin("product(list:a*)", _product),
    builtin("mean(list:a*)", _mean),
    builtin("median(list:a*)", _median),
    builtin("stddev(list:a*)", _stddev),
    builtin("mode(list:a*)", _mode),
    builtin("sort(list:l, precedes:f?)", _sort),
)
