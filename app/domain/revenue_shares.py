"""Who gets which part of the revenue of a product that lies in several areas (one bill, apportioned)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

HEADQUARTERS: Final = "CN"
ACCEPTING, A_END, Z_END = "accepting_area", "a_end_area", "z_end_area"
SITES, GROUP = "site_areas_by_rent", "headquarters"
#: Per cent by party, as the data of the billing rules says it; products of one area share nothing.
RULES: Final[Mapping[str, Mapping[str, Decimal]]] = {
    "leased_line_province": {ACCEPTING: Decimal(20), A_END: Decimal(40), Z_END: Decimal(40)},
    "leased_line_national": {ACCEPTING: Decimal(20), A_END: Decimal(40), Z_END: Decimal(40)},
    "leased_line_international": {ACCEPTING: Decimal(15), A_END: Decimal(35), GROUP: Decimal(50)},
    "mpls_vpn": {ACCEPTING: Decimal(20), SITES: Decimal(80)},
    "sd_wan": {ACCEPTING: Decimal(20), SITES: Decimal(80)},
}
CENT: Final = Decimal("0.01")


def shares_of(product: str, accepting: str, places: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """``[{party, percent}]`` that add up to 100.00; ``[]`` where nothing is shared.

    :param accepting: area that accepted the order; what rounding leaves over goes to it.
    :param places: of the product, each with ``role`` and ``area``.
    """
    rule = RULES.get(product)
    areas = [str(place["area"]) for place in places]
    if rule is None or not areas or (GROUP not in rule and len({accepting, *areas}) == 1):
        return []
    found: dict[str, Decimal] = {accepting: Decimal(0)}
    for party, percent in rule.items():
        if party == SITES:
            for area in areas:
                found[area] = found.get(area, Decimal(0)) + (percent / len(areas)).quantize(CENT)
        else:
            area = area_of(party, accepting, places)
            found[area] = found.get(area, Decimal(0)) + percent
    found[accepting] += Decimal(100) - sum(found.values())
    return [{"party": area, "percent": f"{percent:.2f}"} for area, percent in found.items() if percent]


def area_of(party: str, accepting: str, places: Sequence[Mapping[str, Any]]) -> str:
    """The area a party of a rule stands for; an end that is not ours stands for the accepting area."""
    if party == GROUP:
        return HEADQUARTERS
    side = {A_END: "a", Z_END: "z"}.get(party)
    return next((str(place["area"]) for place in places if str(place["role"])[:1] == side), accepting)
