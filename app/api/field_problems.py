"""Turns what marshmallow found wrong into problems with a path, a stable code and a text in two languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from marshmallow import ValidationError

from app.errors import FieldProblem

MAX_PROBLEMS: Final = 50
SCHEMA_KEY: Final = "_schema"

# Text of marshmallow -> code, Chinese. The English stays as it is; groups go into the Chinese.
_KNOWN: Final[tuple[tuple[str, str, str], ...]] = (
    (r"Missing data for required field\.", "required", "缺少必填字段"),
    (r"Unknown field\.", "unknown-field", "未知字段"),
    (r"Field may not be null\.", "null", "不能为空值"),
    (r"Not a valid string\.", "not-a-string", "必须是文本"),
    (r"Not a valid (?:integer|number)\.", "not-a-number", "必须是数字"),
    (r"Not a valid boolean\.", "not-a-boolean", "必须是 true 或 false"),
    (r"Not a valid list\.", "not-a-list", "必须是数组"),
    (r"Not a valid mapping type\.", "not-an-object", "必须是对象"),
    (r"Invalid input type\.", "not-an-object", "类型错误，应为对象"),
    (r"Not a valid (?:aware )?datetime\.", "not-a-time", "必须是带时区的时间（ISO 8601）"),
    (r"Not a valid (?:aware )?date\.", "not-a-date", "必须是日期（ISO 8601）"),
    (r"Must be one of: (.+)\.", "not-allowed", "只能是：{0}"),
    (r"Shorter than minimum length (\d+)\.", "too-short", "至少需要 {0} 个"),
    (r"Longer than maximum length (\d+)\.", "too-long", "最多允许 {0} 个"),
    (r"Length must be between (\d+) and (\d+)\.", "wrong-length", "长度必须在 {0} 到 {1} 之间"),
    (
        r"Must be greater than or equal to (.+) and less than or equal to (.+)\.",
        "out-of-range",
        "必须在 {0} 到 {1} 之间",
    ),
    (r"Must be greater than or equal to (.+)\.", "too-small", "不能小于 {0}"),
    (r"Must be less than or equal to (.+)\.", "too-large", "不能大于 {0}"),
    (r"String does not match expected pattern\.", "wrong-form", "格式不正确"),
)


class TwoTongues(ValidationError):
    """A problem found by a rule of ours, said in both languages."""

    def __init__(self, code: str, zh: str, en: str, *, path: str | None = None) -> None:
        super().__init__(f"{code}\x1f{zh}\x1f{en}", path or SCHEMA_KEY)


def field_problems(error: ValidationError) -> tuple[FieldProblem, ...]:
    """At most ``MAX_PROBLEMS`` problems, in the order of the fields."""
    found: list[FieldProblem] = []
    messages = {SCHEMA_KEY: error.messages} if isinstance(error.messages, list) else error.messages
    for path, message in _walk(messages, ()):
        found.append(_problem(".".join(path), message))
        if len(found) == MAX_PROBLEMS:
            break
    return tuple(found)


def _walk(messages: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _walk(inner, path if key == SCHEMA_KEY else (*path, str(key)[:80]))
    elif isinstance(messages, list | tuple):
        for message in messages:
            yield from _walk(message, path)
    else:
        yield path, str(messages)


def _problem(path: str, message: str) -> FieldProblem:
    if message.count("\x1f") == 2:
        code, zh, en = message.split("\x1f")
        return FieldProblem(path=path, code=code, zh=zh, en=en)
    for pattern, code, zh in _KNOWN:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return FieldProblem(path=path, code=code, zh=zh.format(*match.groups()), en=message)
    return FieldProblem(path=path, code="invalid", zh="取值无效", en=message)
