"""Functions on lists. Nothing changes a list in place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.members import whole
from processes.feel.operations import truth
from processes.feel.scope import Run
from processes.feel.signatures import Builtin, builtin
from processes.feel.values import Range, equal

MAX_ITEMS: Final = 100_000


def _place(items: list[Any], position: Decimal) -> int:
    """The index of a position from 1 on or -1 backwards. :raises FeelError: there is none."""
    place = whole(position, "position", "位置")
    index = place - 1 if place > 0 else len(items) + place
    if place == 0 or not 0 <= index <= len(items):
        raise FeelError(f"there is no position {place} in the list", f"列表没有位置 {place}")
    return index


def _sublist(run: Run, items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any]:
    index = _place(items, start)
    count = len(items) if length is None else whole(length, "length", "长度")
    return items[index : index + max(count, 0)]


def _insert(run: Run, items: list[Any], position: Decimal, value: Any) -> list[Any]:
    index = _place(items, position)
    return [*items[:index], value, *items[index:]]


def _remove(run: Run, items: list[Any], position: Decimal) -> list[Any]:
    index = _place(items, position)
    return [*items[:index], *items[index + 1 :]]


def _replaced(run: Run, items: list[Any], position: Decimal, value: Any) -> list[Any]:
    index = _place(items, position)
    return [*items[:index], value, *items[index + 1 :]]


def _has(run: Run, items: list[Any], value: Any) -> bool:
    run.spend(len(items))
    return any(equal(item, value, run.spend) is True for item in items)


def _index_of(run: Run, items: list[Any], value: Any) -> list[Decimal]:
    run.spend(len(items))
    return [Decimal(place) for place, item in enumerate(items, 1) if equal(item, value, run.spend) is True]


def _concatenate(run: Run, *lists: list[Any]) -> list[Any]:
    found = [item for items in lists for item in items]
    run.spend(len(found))
    return found


def _distinct(run: Run, items: list[Any]) -> list[Any]:
    seen = _Seen(run)
    return [item for item in items if not seen.before(item)]


def _duplicates(run: Run, items: list[Any]) -> list[Any]:
    seen, again = _Seen(run), _Seen(run)
    return [item for item in items if seen.before(item) and not again.before(item)]


class _Seen:
    """Remembers values: plain ones by themselves, lists and objects one by one."""

    def __init__(self, run: Run) -> None:
        self._run, self._plain, self._others = run, set[Any](), list[Any]()

    def before(self, item: Any) -> bool:
        """Whether an equal one was there before; from now on it was."""
        if not isinstance(item, list | dict | Range):
            key = type(item), item
            known = key in self._plain
            self._plain.add(key)
            return known
        self._run.spend(len(self._others))
        known = any(equal(item, other, self._run.spend) is True for other in self._others)
        if not known:
            self._others.append(item)
        return known


def _flatten(run: Run, items: list[Any]) -> list[Any]:
    found: list[Any] = []
    waiting = list(reversed(items))
    while waiting:
        run.spend(1)
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        else:
            found.append(item)
    return found


def _junction(deciding: bool, name: str) -> Any:
    place = (f"{name}()", f"{name}() 的列表项")

    def call(run: Run, *given: Any) -> bool | None:
        items = given[0] if len(given) == 1 and isinstance(given[0], list) else list(given)
        found = [truth(item, place) for item in items]
        if deciding in found:
            return deciding
        return None if None in found else not deciding

    return call


LISTS: Final[tuple[Builtin, ...]] = (
    builtin("list contains(list:l, element:a)", _has),
    builtin("count(list:l)", lambda run, items: Decimal(len(items))),
    builtin("sublist(list:l, start position:n, length:n?)", _sublist),
    builtin("append(list:l, item:a*)", lambda run, items, *more: [*items, *more]),
    builtin("concatenate(list:l*)", _concatenate),
    builtin("insert before(list:l, position:n, newItem:a)", _insert),
    builtin("remove(list:l, position:n)", _remove),
    builtin("list replace(list:l, position:n, newItem:a)", _replaced),
    builtin("reverse(list:l)", lambda run, items: items[::-1]),
    builtin("index of(list:l, match:a)", _index_of),
    builtin("union(list:l*)", lambda run, *lists: _distinct(run, _concatenate(run, *lists))),
    builtin("distinct values(list:l)", _distinct),
    builtin("duplicate values(list:l)", _duplicates),
    builtin("flatten(list:l)", _flatten),
    builtin("all(list:a*)", _junction(False, "all")),
    builtin("any(list:a*)", _junction(True, "any")),
)
