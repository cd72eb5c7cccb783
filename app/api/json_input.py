"""Reads a JSON body strictly: what a database or another program could choke on is refused here, once."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final, NoReturn

from app.errors import BadRequest

MAX_DEPTH: Final = 32
MAX_VALUES: Final = 100_000
# Beyond this a JavaScript client would read another number than we wrote.
MAX_INTEGER: Final = 2**53 - 1
MAX_NUMBER_CHARS: Final = 64


def read_json(raw: bytes) -> Any:
    """Parse ``raw`` as UTF-8 JSON.

    :raises BadRequest: broken JSON, a key twice, NaN or infinity, numbers or nesting beyond reason, NUL or half
        a character in a text.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise _refusal("the body is not UTF-8", "内容不是 UTF-8 编码") from problem
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as problem:
        raise _refusal(
            f"broken JSON at line {problem.lineno}, column {problem.colno}: {problem.msg}",
            f"JSON 格式错误：第 {problem.lineno} 行第 {problem.colno} 列",
        ) from problem
    _check(value)
    return value


def content_hash(value: Any) -> str:
    """The same for two bodies that mean the same: blanks and the order of keys do not count."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _refusal(f"the key {twice[:60]!r} comes twice", f"字段 {twice[:60]!r} 重复出现")
    return found


def _integer(text: str) -> int:
    value = int(text) if len(text) <= MAX_NUMBER_CHARS else MAX_INTEGER + 1
    if abs(value) > MAX_INTEGER:
        raise _refusal("a whole number is too large", "整数过大")
    return value


def _number(text: str) -> float:
    value = float(text) if len(text) <= MAX_NUMBER_CHARS else float("inf")
    if value in (float("inf"), float("-inf")):
        raise _refusal("a number is too large", "数值过大")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise _refusal(f"{name} is not a JSON number", f"{name} 不是合法的 JSON 数值")


def _check(value: Any) -> None:
    """Walk the whole value without recursion."""
    waiting: list[tuple[Any, int]] = [(value, 1)]
    seen = 0
    while waiting:
        item, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH:
            raise _too_deep()
        if seen > MAX_VALUES:
            raise _refusal("too many values", "数据项过多")
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, dict):
            for key in item:
                _check_text(key)
            waiting.extend((child, depth + 1) for child in item.values())
        elif isinstance(item, list):
            waiting.extend((child, depth + 1) for child in item)


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise _refusal("a text holds the character NUL", "文本中含有 NUL 字符")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise _refusal("a text holds half a character (lone surrogate)", "文本中含有不完整的字符") from problem


def _too_deep() -> BadRequest:
    return _refusal(f"nested deeper than {MAX_DEPTH} levels", f"嵌套超过 {MAX_DEPTH} 层")


def _refusal(en: str, zh: str) -> BadRequest:
    return BadRequest(en[0].upper() + en[1:], zh)
