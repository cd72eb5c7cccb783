"""What is wrong with an expression while somebody types it, and where: the marks under a field."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from processes.spiff.expressions import (
    CONSTANTS,
    ExpressionError,
    check_part,
    parse,
)

MOST_MARKS: Final = 10


@dataclass(frozen=True)
class Mark:
    """Something wrong between two characters of an expression (``end`` excluded), said in both languages.

    ``instead``: words that may have been meant.
    """

    start: int
    end: int
    zh: str
    en: str
    instead: tuple[str, ...] = ()


def look_at(text: str, known: Collection[str] | None = None) -> list[Mark]:
    """The marks of one expression; none if it is fine. ``known``: the names in reach (None: not looked at)."""
    try:
        tree = parse(text)
    except ExpressionError as problem:
        start, end = _where(text, len(text))
        return [Mark(start, end, problem.zh, problem.en)]
    marks = []
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    shift = len(text) - len(text.lstrip())
    for node in ast.walk(tree):
        if known is None or not isinstance(node, ast.Name) or id(node) in called:
            continue
        if node.id in known or node.id in CONSTANTS:
            continue
        meant = tuple(difflib.get_close_matches(node.id[:100], list(known), n=3, cutoff=0.6))
        start, end = _span(text.strip(), node, shift)
        marks.append(Mark(start, end, f"这里没有名称 {node.id}", f"there is no name {node.id} here", meant))
    return sorted(marks, key=lambda mark: mark.start)[:MOST_MARKS]


def _where(text: str, end: int) -> tuple[int, int]:
    """Where the first thing wrong stands; the whole expression if it cannot be said."""
    shift = len(text) - len(text.lstrip())
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as problem:
        at = min(max((problem.offset or 1) - 1 + shift, 0), max(end - 1, 0))
        last = (problem.end_offset or 0) - 1 + shift if problem.end_lineno == problem.lineno else end
        return at, last if at < last <= end else min(at + 1, end)
    except (ValueError, MemoryError, RecursionError):
        return 0, end
    for node in ast.walk(tree):
        try:
            check_part(node)
        except ExpressionError:
            return _span(text.strip(), node, shift) if isinstance(node, ast.expr) else (0, end)
    return 0, end


def _span(text: str, node: ast.expr, shift: int) -> tuple[int, int]:
    """Python counts bytes; people count characters."""
    lines = text.split("\n")
    before = sum(len(line) + 1 for line in lines[: node.lineno - 1])
    start = before + len(lines[node.lineno - 1].encode()[: node.col_offset].decode(errors="ignore"))
    last = (node.end_lineno or node.lineno) - 1
    ahead = sum(len(line) + 1 for line in lines[:last])
    end = ahead + len(lines[last].encode()[: node.end_col_offset].decode(errors="ignore"))
    return start + shift, end + shift
