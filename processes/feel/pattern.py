"""Patterns for ``matches``, ``replace`` and ``split`` that cannot run away.

Python's own expressions go back and try again, and some patterns make them do so for hours. Here all ways are followed
side by side, one character at a time, so the cost is at most the length of the text times the length of the pattern,
and it is counted. Understood: ``. [a-z] [^a-z] \\d \\w \\s ( ) (?: ) | * + ? {2,5} ^ $``, lazy ``*?`` and their kin,
flags i, s, m, x.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.pattern_reading import Test, read_pattern

Groups = tuple[tuple[int, int], ...]
Spend = Callable[[int], None]
_Threads = list[tuple[int, tuple[int, ...]]]
MAX_PROGRAM: Final = 2000


@dataclass(frozen=True)
class Pattern:
    """A pattern ready to be looked for. ``code``: what each step does; ``groups``: how many brackets it has."""

    code: tuple[tuple[str, Any, Any], ...]
    groups: int

    def finditer(self, text: str, spend: Spend) -> Iterator[Groups]:
        """Each place where it fits, from left to right, none overlapping: begin and end of the whole and of groups.

        A group that took no part is (-1, -1).
        """
        place = 0
        while place <= len(text):
            found = self._search(text, place, spend)
            if found is None:
                return
            yield tuple((found[2 * n], found[2 * n + 1]) for n in range(self.groups + 1))
            place = found[1] if found[1] > found[0] else found[1] + 1

    def _search(self, text: str, start: int, spend: Spend) -> tuple[int, ...] | None:
        matched: tuple[int, ...] | None = None
        empty = (-1,) * (2 * self.groups + 2)
        threads: _Threads = []
        seen: set[int] = set()
        for place in range(start, len(text) + 1):
            if matched is None:
                self._add(threads, seen, 0, place, empty, text)
            elif not threads:
                break
            spend(len(seen) + 1)
            following: _Threads = []
            seen = set()
            for step, marks in threads:
                kind, test, _ = self.code[step]
                if kind == "end":
                    matched = marks
                    break
                if place < len(text) and test(text[place]):
                    self._add(following, seen, step + 1, place + 1, marks, text)
            threads = following
        return matched

    def _add(self, threads: _Threads, seen: set[int], step: int, place: int, marks: tuple[int, ...], text: str) -> None:
        """Follow everything that takes no character, the preferred way first."""
        waiting = [(step, marks)]
        while waiting:
            step, marks = waiting.pop()
            if step in seen:
                continue
            seen.add(step)
            kind, first, second = self.code[step]
            if kind == "split":
                waiting += [(second, marks), (first, marks)]
            elif kind == "jump":
                waiting.append((first, marks))
            elif kind == "mark":
                waiting.append((step + 1, (*marks[:first], place, *marks[first + 1 :])))
            elif kind == "where":
                if first(text, place):
                    waiting.append((step + 1, marks))
            else:
                threads.append((step, marks))


@lru_cache(maxsize=512)
def compile_pattern(text: str, flags: str = "") -> Pattern:
    """Read a pattern. :raises FeelError: it is none, or one this cannot do."""
    node, groups = read_pattern(text, flags)
    code: list[tuple[str, Any, Any]] = [("mark", 0, None)]
    _emit(node, code)
    code += [("mark", 1, None), ("end", None, None)]
    return Pattern(tuple(code), groups)


def _emit(node: tuple[Any, ...], code: list[tuple[str, Any, Any]]) -> None:
    """Write the steps of a node behind what is there."""
    if len(code) > MAX_PROGRAM:
        raise FeelError("the pattern is too big", "模式过大")
    what = node[0]
    if what in ("one", "where"):
        test: Test = node[1]
        code.append((what, test, None))
    elif what == "all":
        for part in node[1]:
            _emit(part, code)
    elif what == "group":
        code.append(("mark", 2 * node[2], None))
        _emit(node[1], code)
        code.append(("mark", 2 * node[2] + 1, None))
    elif what == "either":
        _emit_either(node[1], code)
    else:
        _emit_repeat(node, code)


def _emit_either(ways: list[tuple[Any, ...]], code: list[tuple[str, Any, Any]]) -> None:
    jumps = []
    for way in ways[:-1]:
        split = len(code)
        code.append(("split", split + 1, None))
        _emit(way, code)
        jumps.append(len(code))
        code.append(("jump", None, None))
        code[split] = ("split", split + 1, len(code))
    _emit(ways[-1], code)
    for jump in jumps:
        code[jump] = ("jump", len(code), None)


def _emit_repeat(node: tuple[Any, ...], code: list[tuple[str, Any, Any]]) -> None:
    _, inner, least, most, greedy = node
    for _ in range(least):
        _emit(inner, code)
    if most is None:
        split = len(code)
        code.append(("split", None, None))
        _emit(inner, code)
        code.append(("jump", split, None))
        code[split] = _split(split + 1, len(code), greedy)
        return
    splits = []
    for _ in range(most - least):
        splits.append(len(code))
        code.append(("split", None, None))
        _emit(inner, code)
    for split in splits:
        code[split] = _split(split + 1, len(code), greedy)


def _split(inside: int, behind: int, greedy: bool) -> tuple[str, Any, Any]:
    return ("split", inside, behind) if greedy else ("split", behind, inside)


def expand(replacement: str, text: str, groups: Groups) -> str:
    """The replacement with ``$0`` to ``$9`` filled in; ``\\$`` is a dollar sign."""

    def fill(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1]
        number = int(found[2])
        if number >= len(groups):
            return ""
        begin, end = groups[number]
        return text[begin:end] if begin >= 0 else ""

    return re.sub(r"\\([\\$])|\$(\d)", fill, replacement)
