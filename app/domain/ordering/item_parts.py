"""What the product of an item and its components are and hold, as its plan sees them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

#: One installed product: product_id, product, subscription_no, characteristics, resources.
Product = Mapping[str, Any]
COMPONENT_WORDS: Final = {"ftth_broadband": "internet", "fixed_voice": "voice", "iptv": "tv"}
#: Names under which a product holds a device that stays ours and comes back.
DEVICES: Final = ("ont_serial", "stb_serial", "device_serial", "device_serials", "cpe_serial")
#: Names under which products of many sites say which site it is.
SITE_NAMES: Final = ("site_code", "site_id")


def everything_held(products: Sequence[Product]) -> dict[str, Any]:
    """What all of them hold by name; of two that hold the same name the first one counts."""
    found: dict[str, Any] = {}
    for one in products:
        for name, value in one["resources"].items():
            if value not in (None, "", [], {}):
                found.setdefault(name, value)
    return found


def parts_of(products: Sequence[Product], components: Collection[str]) -> dict[str, Any]:
    """By product code, the product itself and its components.

    A bundle that was built as one product stands for each component that it has and that has no row of its own.
    """
    found: dict[str, Any] = {}
    for one in products:
        found.setdefault(str(one["product"]), part_of(one))
    for product, word in COMPONENT_WORDS.items():
        if word in components and products:
            found.setdefault(product, part_of(products[0]))
    return found


def part_of(product: Product) -> dict[str, Any]:
    """One product as a plan sees it."""
    return {
        "product_id": product["product_id"],
        "subscription_no": product["subscription_no"],
        "characteristics": dict(product["characteristics"]),
        "held": dict(product["resources"]),
    }


def has_devices(products: Sequence[Product]) -> bool:
    """Whether one of them, or a site of one, holds a device to recover."""
    holders = [holder for one in products for holder in (one["resources"], *sites_held(one))]
    return any(holder.get(name) for holder in holders for name in DEVICES)


def sites_of(places: Sequence[Mapping[str, Any]], products: Sequence[Product]) -> list[dict[str, Any]]:
    """The places of an item as sites, each with its code and what it holds; hubs first, numbered from 0.

    A site that is there already keeps its code; a new one gets the number of the product and the next free position.
    """
    present = {str(site.get("address")): site for one in products[:1] for site in sites_held(one)}
    prefix = str(products[0]["product_id"]) if products else ""
    used = {code_of(site) for site in present.values()}
    free = (code for number in range(1, len(places) + len(used) + 1) if (code := f"{prefix}-{number:02}") not in used)
    found: list[dict[str, Any]] = []
    for place in sorted(places, key=lambda place: place["role"] != "hub"):
        site = present.get(str(place["address_code"]), {})
        found.append(
            {
                "role": place["role"],
                "address_code": place["address_code"],
                "area": place["area"],
                "site_code": code_of(site) or next(free),
                "index": len(found),
                "held": {name: value for name, value in site.items() if name != "address"},
            }
        )
    return found


def sites_held(product: Product) -> list[Mapping[str, Any]]:
    """What a product of many sites holds at each of them."""
    held = product["resources"].get("sites")
    return [site for site in held if isinstance(site, Mapping)] if isinstance(held, list) else []


def code_of(site: Mapping[str, Any]) -> str:
    """The code of a site, "" when it has none."""
    return next((str(site[name]) for name in SITE_NAMES if site.get(name)), "")
