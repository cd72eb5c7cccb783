"""The words of a text, one after the other, with one to look at and a place to go on from."""

from __future__ import annotations

from typing import Final

from processes.feel.errors import FeelError
from processes.feel.lexing import Token

MAX_CHARACTERS: Final = 8000
MAX_PARTS: Final = 1000


def checked(text: str) -> str:
    """The text, if it is neither empty nor too long. :raises FeelError: it is."""
    if not text.strip():
        raise FeelError("the expression is empty", "表达式为空")
    if len(text) > MAX_CHARACTERS:
        raise FeelError(
            f"the expression is longer than {MAX_CHARACTERS} characters", f"表达式超过 {MAX_CHARACTERS} 个字符"
        )
    return text


class Words:
    """Walks along the words; what reads one construct leaves the place behind it."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text, self.tokens = text, tokens
        self.place = 0
        if len(tokens) > MAX_PARTS:
            raise FeelError(f"the expression has more than {MAX_PARTS} parts", f"表达式超过 {MAX_PARTS} 个部分")

    @property
    def now(self) -> Token:
        """The word to be read next."""
        return self.tokens[self.place]

    def at(self, *values: str) -> bool:
        """Whether one of these signs or keywords comes next."""
        return self.now.kind in ("sign", "word") and self.now.value in values

    def accept(self, value: str) -> bool:
        """Step over this sign or keyword if it comes next."""
        if self.at(value):
            self.place += 1
            return True
        return False

    def expect(self, value: str) -> None:
        """Step over it. :raises FeelError: something else comes next."""
        if not self.accept(value):
            raise self.wrong(value)

    def wrong(self, wanted: str = "") -> FeelError:
        """What to say when the next word does not fit."""
        if self.now.kind == "end":
            seen = ("the expression ends too early", "表达式没有写完")
        else:
            rest = self.text[self.now.at : self.now.at + 30]
            seen = (f"this cannot be read: {rest!r}", f"这里读不懂：{rest!r}")
        hint = (f" ({wanted!r} is missing)", f"（缺少 {wanted!r}）") if wanted else ("", "")
        return FeelError(seen[0] + hint[0], seen[1] + hint[1])

    def take(self) -> Token:
        """The next word, stepped over."""
        token = self.now
        self.place += 1
        return token

    def name(self) -> str:
        """A name. :raises FeelError: something else comes next."""
        if self.now.kind not in ("name", "text"):
            raise self.wrong("name")
        return str(self.take().value)
