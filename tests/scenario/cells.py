"""Orders of every kind, as somebody at the counter would send them: what the plans are tried with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Places = tuple[tuple[str, str], ...]
ACTIONS = {"install": "add", "disconnect": "delete"}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One product and order type. ``point``: the operation or form with which a cancel is too late ("" = never),
    ``soft``: with which somebody else has to agree to it ("" = with none).

    ``moved_point``: the point where an end lies in another area, into which a cell before this one has moved it.
    """

    name: str
    order_type: str
    customer: str
    account: str
    product: str
    product_id: str = ""
    offering: str = ""
    traits: Mapping[str, Any] = field(default_factory=dict)
    places: Places = ()
    point: str = ""
    soft: str = ""
    channel: str = "counter"
    status: str = "active"
    short: bool = False
    moved_point: str = ""

    def body(self, external_id: str) -> dict[str, Any]:
        """The product order as TMF622 wants it."""
        product: dict[str, Any] = {"productSpecification": {"id": self.product}}
        if self.product_id:
            product["id"] = self.product_id
        if self.traits:
            product["productCharacteristic"] = [{"name": key, "value": value} for key, value in self.traits.items()]
        if self.places:
            product["place"] = [{"id": code, "role": role} for role, code in self.places]
        item: dict[str, Any] = {"id": "1", "action": ACTIONS.get(self.order_type, "modify"), "product": product}
        if self.offering:
            item["productOffering"] = {"id": self.offering}
        payer = {"billingAccount": {"id": self.account}} if self.account else {}
        return {
            "@type": "ProductOrder",
            "externalId": external_id,
            "category": self.order_type,
            "channel": [{"id": self.channel}],
            "relatedParty": [{"id": self.customer, "role": "customer", "@referredType": "Customer"}],
            **payer,
            "productOrderItem": [item],
        }
