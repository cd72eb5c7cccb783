"""What the plan of an item may rely on. Every name is always there, because a missing one is an error in a drawing.

docs/order-context.md is the contract of this record. People are not in it: names, phones and full addresses are
looked up by number where somebody with the right to see them needs them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from app.domain.amounts import times
from app.domain.ordering.item_difference import difference_of
from app.domain.ordering.item_parts import COMPONENT_WORDS, Product, everything_held, has_devices, parts_of, sites_of
from app.domain.ordering.item_places import LINE, MANY_SITED, SEGMENT, changed_ends, places_data
from app.domain.ordering.revenue_shares import shares_of

RFS_ACCESS: Final = "rfs_pon_access"
SEGMENT_ORDER: Final = "leased_line_segment"
#: Products whose rent starts on the day the customer accepts them.
ACCEPTED: Final = (*MANY_SITED, "cloud_desktop")
VOICE_FEATURES: Final = ("caller_id", "international", "forward_to", "hunt_group")


def item_context(
    given: Mapping[str, Any],
    *,
    rows: Sequence[Mapping[str, Any]],
    plan: str,
    verdict: str,
    products: Sequence[Product],
    prices: Sequence[Mapping[str, Any]],
    reserve_until: datetime,
    own_names: Collection[str] = (),
    accepting_area: str = "",
    due_at: datetime | None = None,
) -> dict[str, Any]:
    """Complete an item of the order context after the split.

    :param given: the item as it was before.
    :param rows: rows of the decomposition: component, cfs, rfs, resources, per.
    :param products: the product of the item first, then its components, with their characteristics and what they hold.
    :param reserve_until: aware UTC instant at which a reservation may lapse.
    :param own_names: characteristics of the order type itself, which say how to do it and not what the product is.
    :param accepting_area: area of the order; revenue is shared between it and the areas of the places.
    :param due_at: aware UTC instant at which what other areas build must be ready; without one it is ``""``.
    """
    installs = given["order_type"] == "install"
    parts = components_of(rows, products, installs=installs)
    traits: Mapping[str, Any] = given["characteristics"]
    is_line = str(given["product"]).startswith(LINE)
    has_access = builds_access(rows) if installs else "internet" in parts or holds_access(products)
    one_off = one_off_of(prices)
    difference = difference_of(given, None if installs or not products else products[0]["characteristics"], own_names)
    where = places_data(given, products, rows)
    return {
        **given,
        "plan": plan,
        "feasibility": verdict,
        "services": [{key: row.get(key) or "" for key in ("component", "cfs", "rfs")} for row in rows],
        "resource_kinds": kinds_of(rows),
        "components": parts,
        "has_access": has_access,
        "has_voice": "voice" in parts,
        "has_iptv": "tv" in parts,
        "needs_visit": has_access
        or ("tv" in parts and not (installs and traits.get("self_install")))
        or bool(where["end_list"])
        or given["product"] in MANY_SITED,
        "product_id": products[0]["product_id"] if products else "",
        "product_ids": [one["product_id"] for one in products],
        "subscription_nos": [one["subscription_no"] for one in products if one["subscription_no"]],
        "reserve_until": reserve_until.isoformat(),
        "prices": [dict(price) for price in prices],
        "one_off_cny": f"{sum((cost_of(price, given) for price in one_off), Decimal(0)):.2f}",
        "one_off_code": str(one_off[0]["code"]) if one_off else "",
        "billing_rule": "from_acceptance_day" if is_line or given["product"] in ACCEPTED else "from_next_day",
        "service_grade": str(traits.get("service_grade") or "normal"),
        "shares": shares_of(given.get("shares", ()), accepting_area or given["area"], where["places_after"]),
        "due_at": due_at.isoformat() if due_at else "",
        "access": access_of(given, products),
        "voice": voice_of(given, products),
        "iptv": iptv_of(given, products),
        **line_of(given, products),
        **where,
        "changed_ends": changed_ends(where, difference["changed"]),
        "monitor_id": held(products, "monitor_id"),
        **difference,
        "characteristics": {**traits, **difference["after"]},
        "held": everything_held(products),
        "parts": parts_of(products, parts),
        "sites": where.get("sites") or sites_of(given["places"], products),
        "has_devices": not installs and has_devices(products),
        "contact_name": "",
        "contact_phone": "",
        "address_zh": "",
        "address_en": "",
    }


def builds_access(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the decisions give the item a fibre access of its own."""
    return any(row.get("rfs") == RFS_ACCESS for row in rows)


def holds_access(products: Sequence[Product]) -> bool:
    """Whether a product that is there has a fibre access of its own and shares nobody else's."""
    return bool(held(products, "olt_port") or held(products, "loid"))


def components_of(rows: Sequence[Mapping[str, Any]], products: Sequence[Product], *, installs: bool) -> list[str]:
    """The parts of an item: what the decisions give a new one, what an existing one has."""
    decided = {str(row["component"]) for row in rows if row.get("component")}
    if installs:
        return sorted(decided)
    present = {COMPONENT_WORDS[one["product"]] for one in products if one["product"] in COMPONENT_WORDS}
    return sorted(present or decided)


def kinds_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Kinds of resources to reserve for the whole, each once; what segments build is reserved where they are built."""
    kinds: dict[str, None] = {}
    for row in rows:
        if row.get("rfs") != SEGMENT:
            kinds.update(
                dict.fromkeys(kind.strip() for kind in str(row.get("resources") or "").split(",") if kind.strip())
            )
    return list(kinds)


def one_off_of(prices: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The one-off prices that cost something."""
    return [price for price in prices if price.get("kind") == "one_off" and Decimal(price["amount_cny"]) > 0]


def cost_of(price: Mapping[str, Any], given: Mapping[str, Any]) -> Decimal:
    """What a one-off price costs: some are for each site, end of a line or desktop."""
    traits = given["characteristics"]
    often = times(str(price.get("unit") or ""), places=len(given["places"]), characteristics=traits)
    return Decimal(price["amount_cny"]) * often


def access_of(given: Mapping[str, Any], products: Sequence[Product]) -> dict[str, str]:
    """The fibre access: known for an existing product, to be assigned for a new one."""
    owner = owner_of(products, "ftth_broadband")
    speed = given["characteristics"].get("downstream_mbps")
    return {
        "account_name": held(owner, "account_name"),
        "profile": held(owner, "profile") or (f"ftth-{speed}m" if speed else ""),
        "product_id": product_id_of(owner),
        "olt_port": held(owner, "olt_port"),
        "loid": held(owner, "loid"),
        "ont_serial": held(owner, "ont_serial"),
    }


def voice_of(given: Mapping[str, Any], products: Sequence[Product]) -> dict[str, Any]:
    """The telephone: its number when the customer chose one or has one, and its features."""
    owner = owner_of(products, "fixed_voice")
    traits = given["characteristics"]
    asked = str(traits.get("number") or "") if given["product"] == "fixed_voice" else ""
    return {
        "number": held(owner, "number") or asked,
        "asked_number": asked,
        "features": {name: traits[name] for name in VOICE_FEATURES if traits.get(name) not in (None, "")},
        "product_id": product_id_of(owner),
    }


def iptv_of(given: Mapping[str, Any], products: Sequence[Product]) -> dict[str, Any]:
    """The television account and its boxes."""
    owner = owner_of(products, "iptv")
    return {
        "iptv_account": held(owner, "iptv_account"),
        "package": str(given["characteristics"].get("package") or "hd"),
        "stb_mac": held(owner, "stb_mac"),
        "more_stb_macs": held_list(owner, "more_stb_macs"),
        "product_id": product_id_of(owner),
    }


def line_of(given: Mapping[str, Any], products: Sequence[Product]) -> dict[str, Any]:
    """The circuit of a leased line; empty for everything else."""
    if not str(given["product"]).startswith(LINE):
        return {"circuit_no": "", "bandwidth_kbps": 0, "interfaces": {}}
    traits = given["characteristics"]
    return {
        "circuit_no": held(products, "circuit_no"),
        # The circuit of a segment is configured by the order it belongs to.
        "bandwidth_kbps": 0 if given["product"] == SEGMENT_ORDER else int(traits.get("bandwidth_kbps") or 0),
        "interfaces": {end: str(traits.get(f"interface_{end}") or "") for end in ("a", "z")},
    }


def owner_of(products: Sequence[Product], product: str) -> Sequence[Product]:
    """The component of that kind, or the item's own product when it has no such component."""
    return [one for one in products if one["product"] == product] or list(products[:1])


def product_id_of(owner: Sequence[Product]) -> str:
    """The number of the product, "" without one."""
    return str(owner[0]["product_id"]) if owner else ""


def held_list(products: Sequence[Product], name: str) -> list[str]:
    """The list of that name among the products' resources; empty when none holds it."""
    return [
        str(value) for value in next((one["resources"][name] for one in products if one["resources"].get(name)), [])
    ]


def held(products: Sequence[Product], name: str) -> str:
    """The first of the products' resources of that name, "" when none holds it."""
    for one in products:
        value = one["resources"].get(name)
        if value not in (None, "", [], {}):
            return str(value)
    return ""
