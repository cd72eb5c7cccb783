"""Product orders for a load: real, cheap, of every home product that is drawn, none in the way of another."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from tests.scenario.rig import SEED
from tests.servers import ROOT

EXAMPLES = ROOT / "examples" / "orders"
AREA = "SH-SH"
#: Offering and characteristics by product; how often each comes, in parts.
VOICE = ("fixed_voice", "fv-basic", {"caller_id": True, "international": False})
FIBRE = ("ftth_broadband", "fb-300", {"downstream_mbps": 300, "upstream_mbps": 30})
TELEVISION = ("iptv", "tv-hd", {"package": "hd", "stb_count": 1})
PARTS = {"voice": 55, "fibre": 20, "television": 10, "bundle": 8, "move_in": 5, "disconnect": 2}


def orders(prefix: str, seed: int, *, takes_away: bool = True) -> Iterator[dict[str, Any]]:
    """Order after order without end, each with an external id of its own; the same seed gives the same ones.

    :param takes_away: of several books that are used side by side, one may end what a customer has.
    """
    rng = random.Random(seed)
    products = yaml.safe_load((SEED / "installed_products.yaml").read_text(encoding="utf-8"))["installed_products"]
    accesses = [row for row in products if is_access(row)]
    # Taken away is what nobody else orders for: one order a product.
    leaving = [example("disconnect-home-bundle.json")] if takes_away else []
    number = 0
    while True:
        number += 1
        kind = rng.choices(list(PARTS), list(PARTS.values()))[0]
        if kind == "disconnect" and not leaving:
            kind = "voice"
        body = made(kind, rng.choice(accesses), leaving)
        yield {**body, "externalId": f"{prefix}-{number:05d}", "description": kind}


def made(kind: str, access: Mapping[str, Any], leaving: list[dict[str, Any]]) -> dict[str, Any]:
    """An order of that kind."""
    if kind == "disconnect":
        return leaving.pop()
    if kind == "bundle":
        return example("home-bundle.json")
    if kind == "move_in":
        return example("broadband-voice-move-in.json")
    return addition(access, *{"voice": VOICE, "fibre": FIBRE, "television": TELEVISION}[kind])


def is_access(row: Mapping[str, Any]) -> bool:
    """Whether more can be ordered where this product is; the bundle that leaves is left out."""
    known = row["product"] == "ftth_broadband" and row["status"] == "active" and bool(row.get("address"))
    return known and row["area"] == AREA and row["customer"] != "C100005"


def example(name: str) -> dict[str, Any]:
    """One of the orders that come with the product."""
    body: dict[str, Any] = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    return body


def addition(access: Mapping[str, Any], product: str, offering: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """One more product for a customer who has fibre already."""
    characteristics = [{"name": name, "value": value} for name, value in values.items()]
    place = {"id": access["address"], "role": "installation", "@referredType": "GeographicAddress"}
    item = {
        "id": "1",
        "action": "add",
        "productOffering": {"id": offering},
        "product": {
            "productSpecification": {"id": product},
            "productCharacteristic": characteristics,
            "place": [place],
        },
    }
    return {
        "@type": "ProductOrder",
        "category": "install",
        "channel": [{"id": "counter"}],
        "relatedParty": [{"id": access["customer"], "role": "customer", "@referredType": "Customer"}],
        "billingAccount": {"id": access["account"]},
        "productOrderItem": [item],
    }
