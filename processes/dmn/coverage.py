"""Which inputs no rule of a decision table fits, and which rules nothing reaches: told before somebody runs into it.

Every column is cut into pieces at the values its cells name; inside a piece all values fit the same cells. Only cells
of literals and ranges are judged: with a rule that has anything else in it, nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cmp_to_key
from typing import Any, Final

from processes.dmn.overlaps import span_of
from processes.feel import tree
from processes.feel.errors import FeelError
from processes.feel.values import Range, compare, equal, text_of

MAX_RULES: Final = 300
MAX_GAPS: Final = 5
MAX_WORK: Final = 200_000
MAX_PIECES: Final = 400
MAX_FITS: Final = 120_000


@dataclass(frozen=True)
class Coverage:
    """``gaps``: per combination no rule fits one cell text per column. ``unreached``: rules (from 1) that never count.

    ``unjudged``: rules with more than literals in them; ``is_whole``: everything was looked at.
    """

    gaps: tuple[tuple[str, ...], ...] = ()
    unreached: tuple[int, ...] = ()
    unjudged: tuple[int, ...] = ()
    is_whole: bool = True


@dataclass(frozen=True)
class _Piece:
    """A part of a column's values: one value, what lies between two, or every other value."""

    low: Any = None
    high: Any = None
    is_point: bool = False
    is_rest: bool = False


_Rules = int  # a bit for each rule


def covered(rows: Sequence[Sequence[tree.Tests]], closed: Sequence[tree.Tests | None], *, first: bool) -> Coverage:
    """Judge a table.

    :param rows: the input cells of every rule.
    :param closed: per column the values it can have at all, None where that is open.
    :param first: whether the first rule that fits is the one that counts.
    """
    judged = [_ranges(row) for row in rows]
    unjudged = tuple(number for number, row in enumerate(judged, 1) if row is None)
    if unjudged or len(rows) > MAX_RULES or not closed:
        return Coverage(unjudged=unjudged, is_whole=False)
    table = [row for row in judged if row is not None]
    try:
        columns = [_pieces([row[n] for row in table], closed[n]) for n in range(len(closed))]
    except FeelError:
        return Coverage(is_whole=False)  # values of different kinds in one column: said where the table is read
    if any(len(column) > MAX_PIECES for column in columns) or len(table) * sum(map(len, columns)) > MAX_FITS:
        return Coverage(is_whole=False)
    search = _Search(columns, [_fitting(table, n, pieces) for n, pieces in enumerate(columns)])
    search.look(0, (1 << len(table)) - 1, ())
    whole = search.work <= MAX_WORK
    reached = search.firsts if first else search.fitting
    unreached = [number + 1 for number in range(len(table)) if not reached >> number & 1] if whole else []
    return Coverage(tuple(search.gaps[:MAX_GAPS]), tuple(unreached), (), whole)


_Column = tuple[tuple[Range, ...], bool] | None  # None: anything; the ranges, and whether they are excluded


def _ranges(row: Sequence[tree.Tests]) -> list[_Column] | None:
    found: list[_Column] = []
    for cell in row:
        if not cell.tests:
            found.append(None)
            continue
        spans = [span_of(test) for test in cell.tests]
        if any(span is None for span in spans):
            return None
        found.append((tuple(span for span in spans if span is not None), cell.negated))
    return found


def _pieces(cells: Sequence[_Column], closed: tree.Tests | None) -> list[_Piece]:
    """The column in pieces, in order. :raises FeelError: values that cannot be compared."""
    spans = [span for cell in cells if cell is not None for span in cell[0]]
    allowed = _ranges([closed])[0] if closed is not None and (_ranges([closed]) is not None) else None  # type: ignore[index]
    values = _distinct([end for span in (*spans, *(allowed[0] if allowed else ())) for end in (span.low, span.high)])
    if not values:
        return [_Piece(is_rest=True)]
    if all(isinstance(value, bool) for value in values):
        return [_Piece(value, value, is_point=True) for value in (True, False)]
    if all(isinstance(value, str) for value in values) and all(_is_point(span) for span in spans):
        points = [_Piece(value, value, is_point=True) for value in values]
        found = [*points, _Piece(is_rest=True)]
    else:
        ordered = sorted(values, key=cmp_to_key(lambda one, two: compare(one, two) or 0))
        found = [_Piece(None, ordered[0])]
        for low, high in zip(ordered, [*ordered[1:], None], strict=True):
            found += [_Piece(low, low, is_point=True), _Piece(low, high)]
    return [piece for piece in found if allowed is None or _fits(piece, allowed)]


def _distinct(values: Sequence[Any]) -> list[Any]:
    return list({(type(value), value): value for value in values if value is not None}.values())


def _is_point(span: Range) -> bool:
    return span.low is not None and span.high is not None and equal(span.low, span.high) is True


def _fits(piece: _Piece, cell: _Column) -> bool:
    if cell is None:
        return True
    spans, negated = cell
    return any(_inside(piece, span) for span in spans) is not negated


def _inside(piece: _Piece, span: Range) -> bool:
    """Whether all values of a piece lie in a range; pieces never lie across an end of one."""
    if piece.is_rest:
        return False
    if isinstance(piece.low, bool) or isinstance(piece.high, bool):
        return _is_point(span) and equal(piece.low, span.low) is True
    if span.low is not None:
        if piece.low is None:
            return False
        order = compare(piece.low, span.low) or 0
        if order < 0 or (order == 0 and piece.is_point and not span.low_closed):
            return False
    if span.high is not None:
        if piece.high is None:
            return False
        order = compare(piece.high, span.high) or 0
        if order > 0 or (order == 0 and piece.is_point and not span.high_closed):
            return False
    return True


def _fitting(table: Sequence[Sequence[_Column]], column: int, pieces: Sequence[_Piece]) -> list[_Rules]:
    """For every piece of a column the rules that fit it."""
    cells = [row[column] for row in table]
    return [sum(1 << number for number, cell in enumerate(cells) if _fits(piece, cell)) for piece in pieces]


@dataclass
class _Search:
    """Walks the columns from left to right; ``seen``: sets of rules that were walked from a column on without a gap."""

    columns: list[list[_Piece]]
    fits: list[list[_Rules]]
    gaps: list[tuple[str, ...]] = field(default_factory=list)
    fitting: _Rules = 0
    firsts: _Rules = 0
    work: int = 0
    seen: set[tuple[int, _Rules]] = field(default_factory=set)

    def look(self, column: int, rules: _Rules, path: tuple[str, ...]) -> None:
        """Go on with the rules that fit so far."""
        if self.work > MAX_WORK or (column, rules) in self.seen:
            return
        if not rules:
            if len(self.gaps) < MAX_GAPS:
                self.gaps.append((*path, *("-" for _ in self.columns[column:])))
            return
        if column == len(self.columns):
            self.fitting |= rules
            self.firsts |= rules & -rules
            return
        before = len(self.gaps)
        groups: dict[_Rules, list[_Piece]] = {}
        for piece, fitting in zip(self.columns[column], self.fits[column], strict=True):
            groups.setdefault(rules & fitting, []).append(piece)
        self.work += len(self.columns[column]) + len(groups)
        for left, pieces in groups.items():
            text = (
                "-" if len(groups) == 1 else "" if len(self.gaps) >= MAX_GAPS else _said(pieces, self.columns[column])
            )
            self.look(column + 1, left, (*path, text))
        if len(self.gaps) == before or len(self.gaps) >= MAX_GAPS:
            self.seen.add((column, rules))


def _said(pieces: Sequence[_Piece], column: Sequence[_Piece]) -> str:
    """Some pieces of a column as the text of a cell; neighbours become one range."""
    if any(piece.is_rest for piece in pieces):
        others = [_feel(piece.low) for piece in column if piece not in pieces]
        return f"not({', '.join(others)})" if others else "-"
    texts: list[str] = []
    run: list[_Piece] = []
    for piece in column:
        if piece in pieces:
            run.append(piece)
        elif run:
            texts.append(_range(run))
            run = []
    if run:
        texts.append(_range(run))
    return ", ".join(texts)


def _range(run: Sequence[_Piece]) -> str:
    if all(piece.is_point for piece in run):
        return ", ".join(_feel(piece.low) for piece in run)
    first, last = run[0], run[-1]
    if first.low is None and last.high is None:
        return "-"
    if first.low is None:
        return f"{'<=' if last.is_point else '<'} {_feel(last.high)}"
    if last.high is None:
        return f"{'>=' if first.is_point else '>'} {_feel(first.low)}"
    left, right = "[" if first.is_point else "(", "]" if last.is_point else ")"
    return f"{left}{_feel(first.low)}..{_feel(last.high)}{right}"


def _feel(value: Any) -> str:
    """A value as it is written in a cell."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    text = text_of(value)
    return text if isinstance(value, bool) or text.replace(".", "").lstrip("-").isdigit() else f'@"{text}"'
