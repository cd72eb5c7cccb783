"""What a price comes to: once, or for each site, end, desktop or gigabyte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def times(unit: str, *, places: int, characteristics: Mapping[str, Any], quantity: int = 1) -> int:
    """How often a price of that unit is charged for an item.

    :param places: how many addresses the item has; none counts as one.
    """
    if unit.startswith(("site", "end")):
        return max(1, places)
    if unit.startswith("desktop"):
        return int(characteristics.get("quantity", 1))
    if unit.startswith("GB"):
        return int(characteristics.get("quantity", 1)) * int(characteristics.get("disk_gb", 0))
    return quantity
