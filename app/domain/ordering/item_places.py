"""Where an item works: the two ends of a line, the sites of a network, which of them move, and what is there after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.domain.ordering.item_parts import Product, sites_of

LINE: Final = "leased_line"
#: Products whose sites are given one by one.
MANY_SITED: Final = ("mpls_vpn", "sd_wan")
#: What is built at a place of its own, as its own service.
SEGMENT: Final = "rfs_line_segment"
#: Kinds of resources that each end of a line holds for itself, unless the decomposition says otherwise.
END_KINDS: Final = ("fibre_pair", "transmission_port", "line_device")
#: Lines whose ends other provinces build: their sub-orders go to the province, of the others to the local network.
BY_PROVINCE: Final = ("leased_line_national", "leased_line_international")

LINE_ROLES: Final = ("a_end", "z_end")

Place = Mapping[str, Any]


def places_data(
    given: Mapping[str, Any], products: Sequence[Product], rows: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """``ends``, ``end_list``, ``moves``, ``hubs``, ``branches`` and ``places_after`` of an item.

    :param given: the item before the split; its places are the new ones where it moves or grows.
    """
    product = str(given["product"])
    present = [dict(place) for place in products[0].get("places") or ()] if products else []
    kinds = segment_kinds(rows)
    if product.startswith(LINE):
        return line_places(given, present, kinds)
    if product in MANY_SITED:
        return site_places(given, present, products, kinds)
    nothing: dict[str, Any] = {"ends": {}, "end_list": [], "moves": [], "hubs": [], "branches": []}
    return {**nothing, "places_after": list(given["places"]) or present}


def known_sites(product: str, product_id: str, resources: Mapping[str, Any], places: Sequence[Place]) -> dict[str, str]:
    """Address -> code of each site of an installed product that has many; ``{}`` of any other."""
    if product not in MANY_SITED:
        return {}
    there = [{"area": "", **place} for place in places]
    return {
        site["address_code"]: site["site_code"]
        for site in sites_of(there, [{"product_id": product_id, "resources": resources}])
    }


def segment_kinds(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Kinds of resources that are built at each place by a segment of its own."""
    told = [kind.strip() for row in rows if row.get("rfs") == SEGMENT for kind in str(row.get("resources")).split(",")]
    return list(dict.fromkeys(kind for kind in told if kind)) or list(END_KINDS)


def line_places(given: Mapping[str, Any], present: Sequence[Place], kinds: Sequence[str]) -> dict[str, Any]:
    """Both ends of a line, also of one that is ordered to move at one of them."""
    old = {letter(place): place for place in present}
    asked = {letter(place): place for place in given["places"]}
    ends = {side: end_of(given, place, kinds) for side, place in sorted({**old, **asked}.items())}
    moves = [
        {"role": place["role"], "old": end_of(given, old[side], kinds), "new": ends[side]}
        for side, place in sorted(asked.items())
        if given["order_type"] == "move" and side in old
    ]
    return {
        "ends": ends,
        "end_list": list(ends.values()),
        "moves": moves,
        "hubs": [],
        "branches": [],
        "places_after": [dict(place) for _, place in sorted({**old, **asked}.items())],
    }


def end_of(given: Mapping[str, Any], place: Place, kinds: Sequence[str], *, index: int = 0) -> dict[str, Any]:
    """One place as the process that builds there needs it; ``segment_area`` is who gets a sub-order for it."""
    traits, area = given["characteristics"], str(place["area"])
    return {
        "role": place["role"],
        "side": letter(place) if str(place["role"]) in LINE_ROLES else str(index),
        "address_code": place["address_code"],
        "area": area,
        "segment_area": area.partition("-")[0] if given["product"] in BY_PROVINCE else area,
        "interface": str(traits.get(f"interface_{letter(place)}") or traits.get("interface") or ""),
        "resource_kinds": list(kinds),
        "index": index,
    }


def site_places(
    given: Mapping[str, Any], present: Sequence[Place], products: Sequence[Product], kinds: Sequence[str]
) -> dict[str, Any]:
    """The sites of a network: hubs are opened before branches, unless all of them are equal."""
    known = {place["address_code"] for place in present}
    # Sites that come to others stand behind them.
    behind = 0 if any(place["address_code"] in known for place in given["places"]) else len(present)
    first = behind if given["order_type"] == "change" else 0
    found = ({**site, "index": site["index"] + first} for site in sites_of(given["places"], products))
    sites = [full_site(given, site, kinds) for site in found]
    there = [full_site(given, site, kinds) for site in sites_of(present, products)]
    wanted = given["characteristics"].get("site_code") if given["order_type"] == "move" else None
    leaving = [site for site in there if wanted and site["site_code"] == wanted]
    moves = [moved_site(given, old, new) for old, new in zip(leaving, sites, strict=False)]
    equal = given["characteristics"].get("topology") == "full_mesh"
    return {
        "ends": {},
        "end_list": [],
        "moves": moves,
        "sites": sites,
        "hubs": [] if equal else [site for site in sites if site["role"] == "hub"],
        "branches": sites if equal else [site for site in sites if site["role"] != "hub"],
        "places_after": places_after(given, present, moves),
    }


def moved_site(given: Mapping[str, Any], old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """A site at its new place. A device keeps the code of its site; a port of a network gets a new one, so that the
    new place can be opened before the old one closes."""
    kept = ("role", "side", "index", *(("site_code",) if given["product"] == "sd_wan" else ()))
    there = {**new, **{name: old[name] for name in kept}}
    held_after = {**old["held"], "address": new["address_code"], "replaces": old["site_code"]}
    return {"role": old["role"], "old": old, "new": there, "held_after": held_after}


def full_site(given: Mapping[str, Any], site: Mapping[str, Any], kinds: Sequence[str]) -> dict[str, Any]:
    """A site with what the process that builds its segment needs."""
    return {**end_of(given, site, kinds, index=site["index"]), **site}


def places_after(
    given: Mapping[str, Any], present: Sequence[Place], moves: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """All places of a network once the item is done."""
    if given["order_type"] == "move":
        left = {move["old"]["address_code"]: move["new"] for move in moves}
        return [
            {**place, **({key: left[code][key] for key in ("address_code", "area")} if code in left else {})}
            for place in present
            if (code := place["address_code"])
        ]
    there = {place["address_code"] for place in present}
    return [*map(dict, present), *(dict(place) for place in given["places"] if place["address_code"] not in there)]


def changed_ends(where: Mapping[str, Any], changed: Sequence[str]) -> list[dict[str, Any]]:
    """The ends of a line whose interface is to be another one."""
    return [end for end in where["end_list"] if f"interface_{end['side']}" in changed or "interface" in changed]


def letter(place: Place) -> str:
    """``a`` or ``z`` of an end of a line; the first letter of any other role."""
    return str(place["role"])[:1]
