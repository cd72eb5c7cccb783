"""Who gets which part of the revenue of a product that lies in several areas (one bill, apportioned).

The rule of a product is part of its entry in the catalogue: per cent by party. An order keeps the rule of the day on
which it was accepted; at its split the parties become areas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

HEADQUARTERS: Final = "CN"
ACCEPTING, A_END, Z_END = "accepting_area", "a_end_area", "z_end_area"
SITES, GROUP = "site_areas_by_rent", "headquarters"
#: What a rule may name: the area that took the order, that of an end, those of all sites (each by its own rent, which
#: is the same for each), and the group's headquarters.
PARTIES: Final = (ACCEPTING, A_END, Z_END, SITES, GROUP)
CENT: Final = Decimal("0.01")
WHOLE: Final = Decimal(100)


def shares_of(
    rule: Sequence[Mapping[str, str]], accepting: str, places: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """``[{party, percent}]`` by area, adding up to 100.00; ``[]`` where nothing is shared.

    :param rule: ``[{party, percent}]`` of the product; empty means that nothing is shared.
    :param accepting: area that accepted the order; what rounding leaves over goes to it.
    :param places: of the product, each with ``role`` and ``area``.
    """
    areas = [str(place["area"]) for place in places]
    has_group = any(row["party"] == GROUP for row in rule)
    if not rule or not areas or (not has_group and len({accepting, *areas}) == 1):
        return []
    found: dict[str, Decimal] = {accepting: Decimal(0)}
    for row in rule:
        percent = Decimal(row["percent"])
        if row["party"] == SITES:
            for area in areas:
                found[area] = found.get(area, Decimal(0)) + (percent / len(areas)).quantize(CENT)
        else:
            area = area_of(row["party"], accepting, places)
            found[area] = found.get(area, Decimal(0)) + percent
    found[accepting] += WHOLE - sum(found.values())
    return [{"party": area, "percent": f"{percent:.2f}"} for area, percent in found.items() if percent]


def area_of(party: str, accepting: str, places: Sequence[Mapping[str, Any]]) -> str:
    """The area a party of a rule stands for; an end that is not ours stands for the accepting area."""
    if party == GROUP:
        return HEADQUARTERS
    side = {A_END: "a", Z_END: "z"}.get(party)
    return next((str(place["area"]) for place in places if str(place["role"])[:1] == side), accepting)


def is_whole(rule: Sequence[Mapping[str, str]]) -> bool:
    """Whether a rule shares out exactly everything."""
    return not rule or sum(Decimal(row["percent"]) for row in rule) == WHOLE
