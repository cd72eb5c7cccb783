"""Answers of far systems that nobody has written: something for each output the registry names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.operations import OperationRegistry

#: What names end with, and what they hold.
_FLAGS: Final = ("_needed", "_ok", "_passed", "_available")
_LISTS: Final = ("differences", "services", "rows", "items", "ports")


@dataclass(frozen=True)
class MadeUp:
    """Knows the outputs of operations; ``now`` is when the trial begins, ``known`` are answers seen elsewhere."""

    registry: OperationRegistry
    now: datetime
    known: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __call__(self, operation: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """An answer of an operation; what came in under the same name goes out again."""
        known = dict(self.known.get(operation, {}))
        if operation not in self.registry:
            return known
        declared = self.registry.get(operation).outputs
        return {name: self._value(name) for name in declared if name not in inputs} | known

    def _value(self, name: str) -> Any:
        if name.endswith(_FLAGS) or name.startswith(("is_", "has_")):
            return not name.endswith("_needed")
        if name in _LISTS or name.endswith("_list"):
            return []
        if name.endswith(("_at", "_until", "_from", "_to")):
            return (self.now + timedelta(days=1)).isoformat()
        if name.endswith(("_on", "_date")):
            return (self.now + timedelta(days=1)).date().isoformat()
        if name.endswith("_cny"):
            return "0.00"
        if name.endswith(("_count", "_minutes", "_days", "_kbps")):
            return 1
        if name in ("snapshot", "previous"):
            return {}
        return f"{name.upper()}-1"
