"""What testers may do to the far systems: look at effects, plant differences, move the clock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.operations import Operation
from adapters.simulators.store import Doc, Store


def effects(store: Store, now: datetime, *, after: str = "", limit: int | None = None) -> list[dict[str, Any]]:
    """Return every call that arrived, by key: operation, how often it took effect, how it stands.

    A question (``is_write`` false) counts how often it was answered. With ``limit`` one page, of the keys above
    ``after``.
    """
    rows: list[dict[str, Any]] = []
    for key, doc in store.find("calls") if limit is None else store.page("calls", after, limit):
        state = "pending" if float(doc["ready_s"]) > now.timestamp() else doc["state"]
        told = {name: doc[name] for name in ("operation", "adapter", "count", "code", "at")}
        is_write = doc.get("is_write", True)
        ref = doc.get("ref")
        rows.append({"operation_id": key, **told, "state": state, "is_write": is_write, "business_key": ref})
    return rows


def plant(store: Store, kind: str, key: str, change: Mapping[str, Any]) -> int:
    """Change documents of a book and return how many: ``{"merge": {...}}`` or ``{"delete": true}``.

    ``key`` is the key of a document, or a product: then every document of that product in the book.
    Merging goes into objects. A key that is not there is created by a merge.
    """
    doc = store.get(kind, key)
    rows = [(key, doc)] if doc is not None else store.find(kind, product_id=key)
    if not rows and change.get("merge"):
        rows = [(key, {})]
    for row_key, row in rows:
        if change.get("delete"):
            store.delete(kind, row_key)
        else:
            store.put(kind, row_key, merged(row, change.get("merge") or {}))
    return len(rows)


def merged(doc: Doc, change: Mapping[str, Any]) -> Doc:
    """Return ``doc`` with ``change`` laid over it, object by object."""
    result = dict(doc)
    for name, value in change.items():
        inner = result.get(name)
        result[name] = merged(inner, value) if isinstance(inner, dict) and isinstance(value, Mapping) else value
    return result


def input_problems(operation: Operation, inputs: Mapping[str, Any]) -> list[str]:
    """Return what a far system would not understand: obligatory inputs that are missing."""
    return [f"input {name} is missing" for name in operation.inputs if name not in inputs]
