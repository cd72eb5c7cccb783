"""From decision results to service orders. The tables decide what is needed; this turns their rows into records.

The decision ``decomposition`` answers rows of ``cfs``, ``rfs`` and what repeats them; ``work_plan`` answers the plan.
Here they are data: this module has never heard of DMN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.domain.words import Words

#: What the conditions of plans may ask about an item, and from which services or characteristics it follows.
RFS_ACCESS: Final = "rfs_pon_access"
CFS_FLAGS: Final[Mapping[str, str]] = {
    "has_internet": "cfs_internet_access",
    "has_voice": "cfs_voice",
    "has_iptv": "cfs_tv",
    "has_mobile": "cfs_mobile",
    "has_line": "cfs_private_line",
}


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


def decision_facts(item: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of the decision tables for one item of the order context: flat names, plain values.

    Characteristics are given under their own names; a characteristic the item does not have is simply missing.
    """
    facts: dict[str, Any] = dict(item.get("characteristics", {}))
    places = item.get("places", [])
    areas = {place["area"] for place in places}
    facts.update(
        product=item["product"],
        order_type=item["order_type"],
        offering=item.get("offering"),
        area=item.get("area"),
        area_class=item.get("area_class"),
        places=len(places),
        cross_area=len(areas) > 1,
        no_access_yet=not item.get("has_access_already", False),
    )
    return facts


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


def item_flags(services: Iterable[ServiceNeeded]) -> dict[str, bool]:
    """What the conditions of a plan ask: ``has_access``, ``has_voice``, ``has_iptv`` and so on."""
    needed = list(services)
    kinds = {service.cfs for service in needed}
    flags = {flag: cfs in kinds for flag, cfs in CFS_FLAGS.items()}
    flags["has_access"] = any(service.rfs == RFS_ACCESS for service in needed)
    return flags


def resource_kinds(services: Iterable[ServiceNeeded]) -> list[str]:
    """Every kind of resource the services need, each once, in the order they were named."""
    return list(dict.fromkeys(kind for service in services for kind in service.resources))
