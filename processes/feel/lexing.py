"""Cutting a text into words. Names of FEEL may have spaces; two words side by side are one name.

Names with other signs in them (``Mike's age``, ``loan-amount``) are found if they are known beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Literal

from processes.feel.errors import FeelError

KEYWORDS: Final = frozenset(
    (
        *("and", "or", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between"),
        *("true", "false", "null", "function"),
    )
)
MAX_DIGITS: Final = 34
MAX_NAME: Final = 200
MAX_NAMES: Final = 500
_SPACE: Final = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NUMBER: Final = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WORD: Final = re.compile(r"[^\W\d]\w*")
_SIGN: Final = re.compile(r"\*\*|\.\.|<=|>=|!=|==|->|[-+*/=<>()\[\]{},.:?@]")
#: Names of built-in functions that have a keyword inside.
_LONG: Final = re.compile(r"(?:date\s+and\s+time|years\s+and\s+months\s+duration|days\s+and\s+time\s+duration)\b")
_INSTANCE_OF: Final = re.compile(r"instance\s+of\b")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}

TokenKind = Literal["number", "text", "name", "word", "sign", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """``value``: the number, the text, the name, the keyword or the sign; ``at``: where it begins."""

    kind: TokenKind
    value: Any
    at: int


def tokens_of(text: str, known: Iterable[str] = ()) -> list[Token]:
    """Cut the text; :raises FeelError: a sign that means nothing, or a text that is not closed."""
    special = _special(frozenset(known))
    found: list[Token] = []
    at = 0
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        token, at = _next(text, at, special)
        previous = found[-1] if found else None
        if token.kind in ("name", "number") and previous is not None and previous.kind == "name":
            found[-1] = Token("name", f"{previous.value} {' '.join(text[token.at : at].split())}", previous.at)
        else:
            found.append(token)
    found.append(Token("end", "", len(text)))
    return found


@lru_cache(maxsize=64)
def _special(known: frozenset[str]) -> re.Pattern[str] | None:
    """The known names that would not be found as names otherwise, longest first."""
    odd = [name for name in known if name and len(name) < MAX_NAME and not all(map(_plain, name.split()))]
    if not odd:
        return None
    longest_first = sorted(odd, key=lambda name: (-len(name), name))[:MAX_NAMES]
    return re.compile(
        "(?:" + "|".join(r"\s+".join(map(re.escape, name.split())) for name in longest_first) + r")(?!\w)"
    )


def _plain(word: str) -> bool:
    return bool(_WORD.fullmatch(word) or word.isdigit()) and word not in KEYWORDS


def _next(text: str, at: int, special: re.Pattern[str] | None) -> tuple[Token, int]:
    if special is not None and (found := special.match(text, at)):
        return Token("name", " ".join(found[0].split()), at), found.end()
    if found := _NUMBER.match(text, at):
        if len(found[0]) > MAX_DIGITS:
            raise FeelError(f"a number has more than {MAX_DIGITS} digits", f"数字超过 {MAX_DIGITS} 位")
        return Token("number", Decimal(found[0]), at), found.end()
    if found := _LONG.match(text, at):
        return Token("name", " ".join(found[0].split()), at), found.end()
    if found := _INSTANCE_OF.match(text, at):
        return Token("word", "instance of", at), found.end()
    if found := _WORD.match(text, at):
        return Token("word" if found[0] in KEYWORDS else "name", found[0], at), found.end()
    if text[at] in "\"'":
        return _text(text, at)
    if found := _SIGN.match(text, at):
        return Token("sign", "=" if found[0] == "==" else found[0], at), found.end()
    raise FeelError(f"{text[at]!r} means nothing here", f"{text[at]!r} 在这里没有意义")


def _text(text: str, at: int) -> tuple[Token, int]:
    """A text in quotes. The standard has double ones; single ones are taken too."""
    quote, end = text[at], at + 1
    while end < len(text) and text[end] != quote:
        end += 2 if text[end] == "\\" else 1
    if end >= len(text):
        raise FeelError(f"a quote is not closed: {text[at : at + 40]}", f"引号没有闭合：{text[at : at + 40]}")
    return Token("text", _ESCAPE.sub(_unescaped, text[at + 1 : end]), at), end + 1


def _unescaped(found: re.Match[str]) -> str:
    if code := found[1] or found[2]:
        number = int(code, 16)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            raise FeelError(f"there is no sign \\u{code}", f"没有字符 \\u{code}")
        return chr(number)
    return _ESCAPES.get(found[3], "\\" + found[3])
