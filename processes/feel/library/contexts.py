"""Functions on contexts (objects)."""

from __future__ import annotations

from typing import Any, Final

from processes.feel.errors import FeelError
from processes.feel.scope import Run
from processes.feel.signatures import Builtin, builtin


def _entries(run: Run, context: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in context.items()]


def _context(run: Run, entries: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str) or "value" not in entry:
            raise FeelError("context() takes objects with key and value", "context() 的每项须有 key 和 value")
        found[entry["key"]] = entry["value"]
    return found


def _put(run: Run, context: dict[str, Any], key: Any, value: Any) -> dict[str, Any]:
    """With a list of keys: deep inside."""
    keys = key if isinstance(key, list) else [key]
    if not keys or len(keys) > 20 or any(not isinstance(part, str) for part in keys):
        raise FeelError("context put() takes a text or a list of texts as key", "context put() 的键须是文本或文本列表")
    first, rest = keys[0], keys[1:]
    if rest:
        inner = context.get(first)
        value = _put(run, inner if isinstance(inner, dict) else {}, rest, value)
    return {**context, first: value}


def _merge(run: Run, contexts: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for context in contexts:
        if not isinstance(context, dict):
            raise FeelError("context merge() takes a list of objects", "context merge() 的列表项须是对象")
        found.update(context)
    return found


def _value(run: Run, context: Any, key: str) -> Any:
    return context.get(key) if isinstance(context, dict) else None


CONTEXTS: Final[tuple[Builtin, ...]] = (
    builtin("get value(m:c, key:s)", _value),
    builtin("get entries(m:c)", _entries),
    builtin("context(entries:l)", _context),
    builtin("context put(context:c, key:a, value:a)", _put),
    builtin("context merge(contexts:l)", _merge),
    builtin("is defined(value:a)", lambda run, value: value is not None),
)
