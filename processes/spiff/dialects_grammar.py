"""What the readers of foreign expressions share: tokens, pieces of our language with their rank, bounds.

A reader goes through a foreign expression once and writes the same thing in our language. What has no counterpart
there is refused with the reason, in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MAX_LENGTH: Final = 2000
MAX_LEVELS: Final = 40
# How tightly the operators of our language bind.
WHOLE, OR, AND, NOT, COMPARED, SUM, PRODUCT, SIGNED, ATOM = range(9)


class UntranslatableError(Exception):
    """A foreign expression has no counterpart; ``en`` and ``zh`` say what stands in the way."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en, zh


@dataclass(frozen=True)
class Token:
    """``kind``: name, number, text, sign or end."""

    kind: str
    value: str


@dataclass(frozen=True)
class Piece:
    """Text in our language; ``path`` is set for plain names and fields (``order.city``), ``text`` for literals."""

    text: str
    rank: int = ATOM
    path: str = ""
    literal: str | None = None

    def within(self, rank: int) -> str:
        """The text, in brackets where it binds less tightly than its place asks for."""
        return self.text if self.rank >= rank else f"({self.text})"


def quoted(text: str) -> Piece:
    """A text as a literal."""
    return Piece(repr(text), literal=text)


def too_long() -> UntranslatableError:
    """No expression of that length is read."""
    return UntranslatableError(f"longer than {MAX_LENGTH} characters", f"超过 {MAX_LENGTH} 个字符")


def tokens_of(text: str, pattern: re.Pattern[str]) -> list[Token]:
    """Cut an expression; the groups of the pattern are named like the kinds."""
    if len(text) > MAX_LENGTH:
        raise too_long()
    found, place = [], 0
    while place < len(text):
        match = pattern.match(text, place)
        if match is None or match.end() == place:
            raise UntranslatableError(
                f"{text[place : place + 10]!r} is not understood", f"看不懂 {text[place : place + 10]!r}"
            )
        if match.lastgroup is not None:
            found.append(Token(match.lastgroup, match[0]))
        place = match.end()
    return [*found, Token("end", "")]


class Reader:
    """Walks along the tokens. Subclasses know the grammar."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._levels = 0

    @property
    def token(self) -> Token:
        """The one to be read next."""
        return self._tokens[self._place]

    def after(self, steps: int = 1) -> Token:
        """One further on."""
        return self._tokens[min(self._place + steps, len(self._tokens) - 1)]

    def move(self) -> Token:
        """Read one."""
        token = self.token
        self._place += token.kind != "end"
        return token

    def at(self, *values: str) -> bool:
        """Whether one of these signs or words comes next (a text in quotes is neither)."""
        return self.token.kind in ("sign", "name") and self.token.value in values

    def took(self, *values: str) -> bool:
        """Read it if it comes next."""
        found = self.at(*values)
        if found:
            self.move()
        return found

    def needs(self, value: str) -> None:
        """Read it. :raises UntranslatableError: something else comes."""
        if not self.took(value):
            met = self.token.value or "the end"
            raise UntranslatableError(f"{value!r} is missing before {met!r}", f"{met!r} 前缺少 {value!r}")

    def whole(self) -> Piece:
        """The whole expression. :raises UntranslatableError: it has no counterpart."""
        piece = self.deeper(self.expression)
        if self.token.kind != "end":
            raise UntranslatableError(
                f"{self.token.value!r} is not understood here", f"这里看不懂 {self.token.value!r}"
            )
        return piece

    def deeper(self, read: Callable[[], Piece]) -> Piece:
        """Read what is nested; within bounds."""
        self._levels += 1
        if self._levels > MAX_LEVELS:
            raise UntranslatableError("nested too deeply", "嵌套过深")
        piece = read()
        self._levels -= 1
        return piece

    def expression(self) -> Piece:
        """Everything; subclasses begin here."""
        raise NotImplementedError

    def chain(self, operand: Callable[[], Piece], signs: Mapping[str, str], rank: int) -> Piece:
        """``a + b - c``: from left to right."""
        left = operand()
        while self.at(*signs):
            sign = signs[self.move().value]
            left = Piece(f"{left.within(rank)} {sign} {operand().within(rank + 1)}", rank)
        return left

    def arguments(self, closing: str = ")") -> list[Piece]:
        """Expressions with commas between them, up to the closing bracket."""
        found: list[Piece] = []
        if self.took(closing):
            return found
        while True:
            found.append(self.deeper(self.expression))
            if not self.took(","):
                self.needs(closing)
                return found


def existing(piece: Piece, *, wanted: bool) -> Piece:
    """Whether something is there and not null (or the opposite); a missing field is no error in other engines."""
    if piece.path:
        found = Piece(f"exists({piece.path!r})")
        return found if wanted else Piece(f"not {found.text}", NOT)
    return Piece(f"{piece.within(SUM)} {'!=' if wanted else '=='} null", COMPARED)


def compared(left: Piece, sign: str, right: Piece) -> Piece:
    """A comparison; with null it asks whether something is there."""
    if sign in ("==", "!=") and "null" in (left.text, right.text):
        return existing(left if right.text == "null" else right, wanted=sign == "!=")
    return Piece(f"{left.within(SUM)} {sign} {right.within(SUM)}", COMPARED)


def call(name: str, *arguments: Piece) -> Piece:
    """A call of one of our functions."""
    return Piece(f"{name}({', '.join(argument.text for argument in arguments)})")


def refused_call(name: str) -> UntranslatableError:
    """A function or method nobody here knows."""
    return UntranslatableError(f"there is no counterpart to {name}()", f"没有与 {name}() 相当的写法")
