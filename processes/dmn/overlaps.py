"""Do two rules of a UNIQUE table fit the same inputs? Told for literals and ranges, before anybody runs into it.

Only what is certain is said: a column with anything else in it is left out of the judgement, and so is its rule.
"""

from __future__ import annotations

from typing import Any, Final

from processes.dmn.problems import Place, Problems
from processes.feel import tree
from processes.feel.errors import FeelError
from processes.feel.values import Range, compare, equal

MAX_RULES: Final = 300
MAX_TOLD: Final = 5
MAX_WORK: Final = 100_000

_Span = Range
_Cell = list[_Span] | None  # None: anything


def note_overlaps(rows: list[list[tree.Tests]], problems: Problems, place: Place) -> None:
    """Note pairs of rules that certainly fit some inputs both."""
    for number, other in overlapping(rows):
        problems.add(
            place,
            f"rules {number} and {other} can both match, which UNIQUE does not allow",
            f"规则 {number} 和 {other} 可能同时命中，UNIQUE 不允许",
            serious=False,
        )


def overlapping(rows: list[list[tree.Tests]], most: int = MAX_TOLD) -> list[tuple[int, int]]:
    """Pairs of rules (numbers from 1) that certainly fit some inputs both, ``most`` at most."""
    known = [(number, spans) for number, row in enumerate(rows[:MAX_RULES], 1) if (spans := _spans(row)) is not None]
    found: list[tuple[int, int]] = []
    work = 0
    for index, (number, row) in enumerate(known):
        for other, cells in known[index + 1 :]:
            work += sum(len(one or ()) * len(two or ()) + 1 for one, two in zip(row, cells, strict=False))
            if work > MAX_WORK:
                return found
            if len(row) == len(cells) and all(_meet(one, two) for one, two in zip(row, cells, strict=True)):
                found.append((number, other))
                if len(found) == most:
                    return found
    return found


def _spans(row: list[tree.Tests]) -> list[_Cell] | None:
    """The cells as ranges; None if one of them is not made of literals."""
    found: list[_Cell] = []
    for cell in row:
        if not cell.tests:
            found.append(None)
            continue
        if cell.negated:
            return None
        spans = [span_of(test) for test in cell.tests]
        if any(span is None for span in spans):
            return None
        found.append([span for span in spans if span is not None])
    return found


def span_of(test: tree.Test) -> _Span | None:
    """The values a test fits as a range; None if it is not made of literals."""
    node = test.operand
    if isinstance(node, tree.Literal) and node.value is not None:
        spans: dict[str, Any] = {
            "": (node.value, node.value, True, True),
            "=": (node.value, node.value, True, True),
            "<": (None, node.value, False, False),
            "<=": (None, node.value, False, True),
            ">": (node.value, None, False, False),
            ">=": (node.value, None, True, False),
        }
        return Range(*spans[test.sign]) if test.sign in spans else None
    if not test.sign and isinstance(node, tree.Span):
        ends = [end.value if isinstance(end, tree.Literal) else None for end in (node.low, node.high)]
        if None not in ends:
            return Range(ends[0], ends[1], node.low_closed, node.high_closed)
    return None


def _meet(one: _Cell, other: _Cell) -> bool:
    if one is None or other is None:
        return True
    return any(_overlap(left, right) for left in one for right in other)


def _overlap(left: _Span, right: _Span) -> bool:
    """Whether two ranges have something in common. Two open ranges may meet in nothing but a gap: not told."""
    try:
        if _is_point(left) and _is_point(right):
            return equal(left.low, right.low) is True
        return _reaches(left, right) and _reaches(right, left) and _not_empty(left) and _not_empty(right)
    except FeelError:
        return False


def _is_point(span: _Span) -> bool:
    return span.low is not None and span.high is not None and equal(span.low, span.high) is True


def _not_empty(span: _Span) -> bool:
    return span.low is None or span.high is None or (compare(span.low, span.high) or 0) <= 0


def _reaches(left: _Span, right: _Span) -> bool:
    """Whether ``left`` begins before ``right`` ends."""
    if left.low is None or right.high is None:
        return True
    order = compare(left.low, right.high) or 0
    return order < 0 or (order == 0 and left.low_closed and right.high_closed)
