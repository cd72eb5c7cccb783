"""Functions on texts. Lengths and positions count characters as people see code points: an emoji is one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.members import whole
from processes.feel.pattern import compile_pattern, expand
from processes.feel.scope import Run
from processes.feel.signatures import Builtin, builtin
from processes.feel.values import MAX_TEXT, equal, joined, limited, text_of


def _string(run: Run, value: Any) -> str | None:
    _count(value, run)
    return None if value is None else text_of(value)


def _count(value: Any, run: Run) -> None:
    run.spend(1)
    if isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            _count(item, run)


def _substring(run: Run, text: str, start: Decimal, length: Decimal | None = None) -> str:
    place = whole(start, "start position", "起始位置")
    if place == 0:
        raise FeelError("positions are counted from 1", "位置从 1 开始数")
    first = place - 1 if place > 0 else max(len(text) + place, 0)
    count = len(text) if length is None else whole(length, "length", "长度")
    return text[first : first + max(count, 0)]


def _pieces(run: Run, text: str, separator: str) -> list[str]:
    found, start = [], 0
    for piece in compile_pattern(separator).finditer(text, run.spend):
        begin, end = piece[0]
        if end > begin:
            found.append(text[start:begin])
            start = end
    return [*found, text[start:]]


def _replace(run: Run, text: str, pattern: str, replacement: str, flags: str = "") -> str:
    found, start, length = [], 0, 0
    for groups in compile_pattern(pattern, flags).finditer(text, run.spend):
        begin, end = groups[0]
        found += [text[start:begin], expand(replacement, text, groups)]
        start, length = end, length + len(found[-1])
        if length > MAX_TEXT:
            break
    return limited("".join([*found, text[start:]]))


def _matches(run: Run, text: str, pattern: str, flags: str = "") -> bool:
    return next(iter(compile_pattern(pattern, flags).finditer(text, run.spend)), None) is not None


def _join(run: Run, parts: list[Any], separator: str | None = None, prefix: str = "", suffix: str = "") -> str:
    texts = [part for part in parts if part is not None]
    if any(not isinstance(part, str) for part in texts):
        raise FeelError("string join() takes a list of texts", "string join() 的列表项须是文本")
    return limited(prefix + joined(separator or "", texts) + suffix)


def _contains(run: Run, where: Any, what: Any) -> bool | None:
    """Texts, as the standard has it; lists too, as the expressions of processes have it."""
    if where is None:
        return None
    if isinstance(where, list):
        return any(equal(item, what, run.spend) is True for item in where)
    if what is None:
        return None
    if not isinstance(where, str) or not isinstance(what, str):
        raise FeelError("contains() takes two texts", "contains() 的两个参数须是文本")
    return what in where


def _on(change: Callable[[str, str], Any]) -> Callable[..., Any]:
    return lambda run, text, other: change(text, other)


TEXTS: Final[tuple[Builtin, ...]] = (
    builtin("string(from:a)", _string),
    builtin("substring(string:s, start position:n, length:n?)", _substring),
    builtin("string length(string:s)", lambda run, text: Decimal(len(text))),
    builtin("upper case(string:s)", lambda run, text: text.upper()),
    builtin("lower case(string:s)", lambda run, text: text.lower()),
    builtin("trim(string:s)", lambda run, text: text.strip()),
    builtin(
        "substring before(string:s, match:s)",
        _on(lambda text, other: text.partition(other)[0] if other in text and other else ""),
    ),
    builtin("substring after(string:s, match:s)", _on(lambda text, other: text.partition(other)[2] if other else text)),
    builtin("contains(string:a, match:a)", _contains),
    builtin("starts with(string:s, match:s)", _on(str.startswith)),
    builtin("ends with(string:s, match:s)", _on(str.endswith)),
    builtin("matches(input:s, pattern:s, flags:s?)", _matches),
    builtin("replace(input:s, pattern:s, replacement:s, flags:s?)", _replace),
    builtin("split(string:s, delimiter:s)", _pieces),
    builtin("string join(list:l, delimiter:s?, prefix:s?, suffix:s?)", _join),
)
