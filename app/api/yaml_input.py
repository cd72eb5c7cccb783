"""Reads a YAML text as strictly as JSON is read: plain values, no key twice, no texts a database chokes on."""

from __future__ import annotations

import re
from collections.abc import Hashable
from datetime import date
from typing import Any, Final

import yaml

from app.errors import BadRequest

MAX_DEPTH: Final = 16
MAX_VALUES: Final = 100_000
#: NUL, and halves of characters.
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class StrictLoader(LOADER):  # type: ignore[misc, valid-type]
    """Plain values only; a key that comes twice is refused instead of the second one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping of a node. :raises yaml.constructor.ConstructorError: a key comes twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and str(key.value) in seen:
                raise yaml.constructor.ConstructorError(
                    "while reading a mapping", node.start_mark, f"the key {key.value!s} comes twice", key.start_mark
                )
            seen.add(str(key.value))
        found: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return found


def read_yaml(text: str) -> dict[str, Any]:
    """The mapping in a YAML text; dates become ISO texts, as they are written.

    :raises BadRequest: no YAML, no mapping, a key twice, or more or deeper than anybody writes.
    """
    try:
        value = yaml.load(text, Loader=StrictLoader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f" at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        line_zh = f"：第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark is not None else ""
        why = str(getattr(problem, "problem", "") or "")
        raise BadRequest(f"broken YAML{line}{': ' if why else ''}{why}", f"YAML 格式错误{line_zh}") from problem
    plain = Plain().of(value, 0)
    if not isinstance(plain, dict):
        raise BadRequest("the file is not a mapping of sections", "文件不是由若干部分组成的映射")
    return plain


class Plain:
    """Makes plain values of what was read, and counts them: a short text can stand for very many by its aliases."""

    def __init__(self) -> None:
        self.count = 0

    def of(self, value: Any, depth: int) -> Any:
        """The value in the types JSON has. :raises BadRequest: too many, too deep, or none of them."""
        self.count += 1
        if self.count > MAX_VALUES or depth > MAX_DEPTH:
            raise BadRequest("the file holds more values than anybody writes", "文件内容过多")
        if isinstance(value, dict):
            return {self.key(key): self.of(inner, depth + 1) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.of(inner, depth + 1) for inner in value]
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str) and UNSTORABLE.search(value):
            raise BadRequest("a text holds a character that cannot be stored", "文本中含有无法保存的字符")
        if value is None or isinstance(value, str | bool | int | float):
            return value
        raise BadRequest(f"a value of type {type(value).__name__} is not understood", "存在无法识别的取值类型")

    @staticmethod
    def key(key: Any) -> str:
        """A key is a text. :raises BadRequest: it is something else."""
        if not isinstance(key, str):
            raise BadRequest(f"the key {key!r} is not a text", f"键 {key!r} 不是文本")
        return key
