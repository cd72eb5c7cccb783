"""Values as text that can be corrected, and back as values of the same kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

_WORD: Final = re.compile(r"(?<![.\w'\"])([a-z_]\w*)\b(?!\()", re.IGNORECASE)
_SMALL_NUMBER: Final = re.compile(r"0|[1-9]\d{0,5}")


def shown_value(value: object) -> str:
    """A value as the text of a field: texts as they are, everything else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    flat = json.dumps(value, ensure_ascii=False)
    return flat if len(flat) <= 80 else json.dumps(value, ensure_ascii=False, indent=1)


def typed(old: object, text: str) -> Any:
    """What was typed, as a value of the kind the old one has; an empty text takes a value away (None).

    :raises ValueError: it cannot be read as one.
    """
    if isinstance(old, str) or old is None:
        return text or (None if old is None else "")
    if not text:
        return None
    found = json.loads(text)
    kinds = (int, float) if isinstance(old, int | float) and not isinstance(old, bool) else (type(old),)
    if not isinstance(found, kinds) or isinstance(found, bool) != isinstance(old, bool):
        raise ValueError(text)
    return found


def read_value(text: str) -> Any:
    """A value of no known kind: JSON where it looks like it, a small number as one, else the text.

    :raises ValueError: it begins like JSON and is none.
    """
    if text[:1] in ("[", "{", '"') or text in ("true", "false") or _SMALL_NUMBER.fullmatch(text):
        return json.loads(text)
    return text


def named_in(expressions: Iterable[str | None]) -> set[str]:
    """The names of data that expressions use."""
    return {name for text in expressions for name in _WORD.findall(text or "")}
