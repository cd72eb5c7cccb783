"""From decision results to service orders. The tables decide what is needed; this turns their rows into records.

The decision ``decomposition`` answers rows of ``cfs``, ``rfs`` and what repeats them. Here they are data: this module
has never heard of DMN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.words import Words


@dataclass(frozen=True, kw_only=True)
class ServiceNeeded:
    """One service to build, change or take away. ``part`` says which end, site or set-top box it is for."""

    cfs: str
    rfs: str
    name: Words
    action: str
    resources: tuple[str, ...] = ()
    part: Mapping[str, Any] = field(default_factory=dict)
    area: str = ""


def services_needed(
    rows: Iterable[Mapping[str, Any]],
    item: Mapping[str, Any],
    *,
    names: Mapping[str, Words],
    resources: Mapping[str, Sequence[str]],
) -> list[ServiceNeeded]:
    """Turn the rows of the decomposition decision into services, once per end, site or piece where a row says so.

    :param rows: each with ``cfs`` and ``rfs``, optionally ``for_each`` (``end``, ``sites`` or the name of a
        characteristic that counts) and ``resources`` (a list, or names parted by commas).
    :param item: one item of the order context.
    :param names: names of services by code.
    :param resources: resources of a resource-facing service, for rows that do not say them.
    """
    found: list[ServiceNeeded] = []
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        for part in _parts(row.get("for_each"), item):
            key = (row["cfs"], row["rfs"], repr(sorted(part.items())))
            if key in seen:
                continue
            seen.add(key)
            found.append(
                ServiceNeeded(
                    cfs=row["cfs"],
                    rfs=row["rfs"],
                    name=names.get(row["rfs"], Words.of(row["rfs"])),
                    action=item["action"],
                    resources=_listed(row.get("resources")) or tuple(resources.get(row["rfs"], ())),
                    part=part,
                    area=part.get("area") or item.get("area", ""),
                )
            )
    return found


def _parts(for_each: Any, item: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not for_each:
        return [{}]
    if for_each in ("end", "sites"):
        places = item.get("places", [])
        return [dict(place) for place in places] or [{}]
    count = item.get("characteristics", {}).get(for_each, 1)
    return [{"piece": number} for number in range(1, int(count) + 1)]


def _listed(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return tuple(str(part) for part in value)
