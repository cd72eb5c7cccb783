"""A product that stays is altered: changed, moved, suspended, resumed, or given to another owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from app.domain.ordering.item_parts import code_of
from app.persistence.counter.customers import InstalledProduct
from app.persistence.ordering.orders import ProductOrderItem

#: What an end of a line holds; "" says that an end holds it no more.
END_HOLDS: Final = frozenset(f"{name}_{end}" for name in ("fibre", "port", "device", "suborder") for end in "az")
#: Characteristic of a bundle that says whether it has a component.
HAS: Final = {"fixed_voice": "with_voice", "iptv": "with_iptv"}
#: What a component holds in the network, by product.
HOLDS: Final[Mapping[str, tuple[str, ...]]] = {
    "ftth_broadband": (
        "splitter_port",
        "olt_port",
        "loid",
        "svlan",
        "cvlan",
        "ont_serial",
        "account_name",
        "static_ip",
    ),
    "fixed_voice": ("number",),
    "iptv": ("iptv_account", "stb_serial", "stb_mac", "more_stb_serials", "more_stb_macs"),
    "mobile_line": ("number", "msisdn", "iccid", "imsi"),
}


def change(
    products: Sequence[InstalledProduct], item: ProductOrderItem, inputs: Mapping[str, Any], now: datetime
) -> None:
    """New characteristics, a new offering, other resources; a component that was removed ends."""
    product, traits = products[0], dict(inputs["item"]["after"])
    gone = [other for other in products[1:] if other.product in HAS and traits.get(HAS[other.product]) is False]
    for other in gone:
        other.status, other.ended_at, other.resources = "terminated", now, {}
    kept = [other for other in products if other not in gone]
    for other in kept[1:]:
        shared = {name: traits[name] for name in other.characteristics if name in traits}
        other.characteristics = {**other.characteristics, **shared}
    product.characteristics = traits
    product.offering = item.offering or product.offering
    product.places = places_after(item, inputs)
    hold(kept, inputs)
    lost = [name for part, flag in HAS.items() if traits.get(flag) is False for name in HOLDS[part]]
    product.resources = {name: value for name, value in product.resources.items() if name not in lost}


def move(products: Sequence[InstalledProduct], item: ProductOrderItem, inputs: Mapping[str, Any]) -> None:
    """The product and its components are at the new place and hold what was assigned there."""
    for product in products:
        product.places = places_after(item, inputs)
        first = product.places[0] if product.places else {}
        product.address_code = first.get("address_code", item.address_code)
        product.area = first.get("area", item.area)
    hold(products, inputs)


def places_after(item: ProductOrderItem, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All places of the product once the item is done: of a line both ends, of a network every site."""
    return list(inputs["item"].get("places_after") or item.places)


def switch(products: Sequence[InstalledProduct], item: Mapping[str, Any], mode: str, now: datetime) -> None:
    """Suspended: since when, in which way and at whose wish; or active again."""
    stopped = {
        "asked_by": item["asked_by"],
        "mode": item["mode"],
        "instruction_no": item["instruction_no"],
        "since": now.isoformat(),
    }
    for product in products:
        product.status = "suspended" if mode == "suspend" else "active"
        product.suspended = stopped if mode == "suspend" else None


def hand_over(products: Sequence[InstalledProduct], inputs: Mapping[str, Any]) -> None:
    """The products belong to the new customer and are paid by the new account; contracts stay with the old one."""
    item = inputs["item"]
    for product in products:
        product.customer_no, product.account_no = item["to_customer_no"], item["to_account_no"]
        product.contract_no = None
    hold(products, inputs)


def hold(products: Sequence[InstalledProduct], inputs: Mapping[str, Any]) -> None:
    """Write what the plan has assigned to where it is held: each component its own, the rest the product itself."""
    news = {**(inputs.get("assignment") or {}), **(inputs.get("devices") or {})}
    gone = {name for name in END_HOLDS if news.get(name) == ""}
    moved = news.pop("moved_sites", None)
    if moved:
        news["sites"] = sites_after(products[0].resources.get("sites"), moved)
    news = {name: value for name, value in news.items() if value not in (None, "", [], {})}
    present = {other.product for other in products[1:]}
    for product in products:
        others = {name for part in present - {product.product} for name in HOLDS.get(part, ())}
        if product is products[0] and present:
            mine = {name: value for name, value in news.items() if name not in others}
        elif product is products[0]:
            mine = news
        else:
            names = {*HOLDS.get(product.product, ()), *product.resources}
            mine = {name: value for name, value in news.items() if name in names}
        kept = {name: value for name, value in product.resources.items() if name not in gone}
        product.resources = {**kept, **mine}


def sites_after(present: Any, moved: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a network holds at its sites once some came or moved; a site that moved takes the place of the old one."""
    sites = [dict(site) for site in present or ()]
    for one in moved:
        code = one.get("replaces") or code_of(one)
        at = next((number for number, site in enumerate(sites) if code_of(site) == code), len(sites))
        sites[at : at + 1] = [{name: value for name, value in one.items() if name != "replaces"}]
    return sites
