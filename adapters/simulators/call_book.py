"""The book of what a pretended system was asked to do, by key: what a caller needs who has lost his own."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from adapters.simulators.store import Row

CALLS: Final = "calls"


def calls_page(rows: Iterable[Row], adapter: str, now: datetime) -> list[Mapping[str, Any]]:
    """Return the calls of one system; of its answers only how they stand."""
    return [
        {
            "key": key,
            "operation": doc["operation"],
            "business_key": doc.get("ref") or "",
            "state": "pending" if float(doc["ready_s"]) > now.timestamp() else doc["state"],
            "is_write": doc.get("is_write", True),
            "digest": doc["digest"],
            "at": doc["at"],
        }
        for key, doc in rows
        if doc["adapter"] == adapter
    ]
