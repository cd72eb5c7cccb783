"""Reading the text of a pattern into nodes: ``one``, ``where``, ``all``, ``either``, ``group``, ``repeat``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from processes.feel.errors import FeelError

Test = Callable[..., bool]
Node = tuple[Any, ...]
MAX_PATTERN: Final = 300
MAX_TIMES: Final = 200
MAX_NESTING: Final = 20
_TIMES: Final = re.compile(r"\{(\d{1,4})(,(\d{0,4}))?\}")
_CLASSES: Final[dict[str, Test]] = {
    "d": str.isdecimal,
    "w": lambda sign: sign.isalnum() or sign == "_",
    "s": str.isspace,
}
_CONTROL: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}
_FLAGS: Final = "ismx"


def read_pattern(text: str, flags: str = "") -> tuple[Node, int]:
    """The node of the whole pattern and the number of its groups. :raises FeelError: it cannot be read."""
    if set(flags) - set(_FLAGS):
        raise FeelError(f"the flags are some of {_FLAGS}", f"标志只能是 {_FLAGS} 中的字母")
    if len(text) > MAX_PATTERN:
        raise FeelError(f"the pattern is longer than {MAX_PATTERN} characters", f"模式超过 {MAX_PATTERN} 个字符")
    reader = _Reader(re.sub(r"\s+", "", text) if "x" in flags else text, flags)
    node = reader.either()
    if reader.place < len(reader.text):
        raise reader.wrong()
    return node, reader.groups


class _Reader:
    def __init__(self, text: str, flags: str) -> None:
        self.text, self.flags = text, flags
        self.place = self.groups = self.depth = 0

    def wrong(self) -> FeelError:
        return FeelError(
            f"the pattern {self.text[:60]!r} cannot be read at character {self.place + 1}",
            f"模式 {self.text[:60]!r} 第 {self.place + 1} 个字符读不懂",
        )

    @property
    def now(self) -> str:
        return self.text[self.place : self.place + 1]

    def accept(self, sign: str) -> bool:
        if self.text.startswith(sign, self.place):
            self.place += len(sign)
            return True
        return False

    def take(self) -> str:
        if not self.now:
            raise self.wrong()
        self.place += 1
        return self.text[self.place - 1]

    def either(self) -> Node:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise FeelError("the pattern is nested too deeply", "模式嵌套过深")
        ways = [self.sequence()]
        while self.accept("|"):
            ways.append(self.sequence())
        self.depth -= 1
        return ways[0] if len(ways) == 1 else ("either", ways)

    def sequence(self) -> Node:
        parts: list[Node] = []
        while self.now and self.now not in "|)":
            parts.append(self.repeated(self.atom()))
        return ("all", parts)

    def repeated(self, node: Node) -> Node:
        least, most = 0, None
        if found := _TIMES.match(self.text, self.place):
            self.place = found.end()
            least = int(found[1])
            most = (int(found[3]) if found[3] else None) if found[2] else least
            if max(least, most or 0) > MAX_TIMES or (most is not None and most < least):
                raise self.wrong()
        elif self.accept("*"):
            pass
        elif self.accept("+"):
            least = 1
        elif self.accept("?"):
            most = 1
        else:
            return node
        greedy = not self.accept("?")
        if self.now in ("*", "+", "?") and self.now:
            raise self.wrong()
        return ("repeat", node, least, most, greedy)

    def atom(self) -> Node:
        sign = self.take()
        if sign == "(":
            return self.group()
        if sign == "[":
            return ("one", self.insensitive(self.signs()))
        if sign == ".":
            return ("one", (lambda s: True) if "s" in self.flags else (lambda s: s not in "\n\r"))
        if sign == "^":
            lines = "m" in self.flags
            return ("where", lambda text, place: place == 0 or (lines and text[place - 1] == "\n"))
        if sign == "$":
            lines = "m" in self.flags
            return ("where", lambda text, place: place == len(text) or (lines and text[place] == "\n"))
        if sign == "\\":
            return ("one", self.insensitive(self.escaped()))
        if sign in "*+?{":
            self.place -= 1
            raise self.wrong()
        return ("one", self.insensitive(lambda s: s == sign))

    def group(self) -> Node:
        number = 0
        if self.accept("?"):
            if not self.accept(":"):
                raise self.wrong()
        else:
            self.groups += 1
            number = self.groups
        node = self.either()
        if not self.accept(")"):
            raise self.wrong()
        return ("group", node, number) if number else node

    def escaped(self) -> Test:
        sign = self.take()
        if sign.lower() in _CLASSES:
            test = _CLASSES[sign.lower()]
            return test if sign.islower() else lambda s: not test(s)
        if sign in _CONTROL:
            return lambda s: s == _CONTROL[sign]
        if sign.isalnum():
            raise self.wrong()
        return lambda s: s == sign

    def signs(self) -> Test:
        """What stands in square brackets."""
        negated = self.accept("^")
        tests: list[Test] = []
        while not self.accept("]"):
            sign = self.take()
            if sign == "\\":
                if self.now.lower() in _CLASSES and self.now:
                    tests.append(self.escaped())
                    continue
                sign = _CONTROL.get(self.now, self.now)
                self.take()
            last = sign
            if self.now == "-" and self.text[self.place + 1 : self.place + 2] not in ("]", ""):
                self.place += 1
                last = self.take()
                if last == "\\":
                    last = self.take()
            if last < sign:
                raise self.wrong()
            tests.append(lambda s, sign=sign, last=last: sign <= s <= last)
        if not tests:
            raise self.wrong()
        return lambda s: any(test(s) for test in tests) is not negated

    def insensitive(self, test: Test) -> Test:
        if "i" not in self.flags:
            return test
        return lambda s: test(s) or test(s.lower()) or test(s.upper())
