"""The start data of the order process: its head, its items, and which are new. docs/order-context.md tells all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.domain.counter.intake import NormalItem

#: Relationships that make an item wait for another one.
WAITS: Final = frozenset({"reliesOn", "dependsOn", "requires"})


def order_data(
    head: Mapping[str, Any], items: Sequence[NormalItem], access_product_ids: Mapping[str, str]
) -> dict[str, Any]:
    """``order``, ``items`` and ``new_items`` (those with action add), all plain JSON values.

    :param access_product_ids: by item number, the fibre access that the customer has or will have at the address.
    """
    rows = [item_data(item, access_product_ids.get(item.item_no, "")) for item in items]
    return {"order": dict(head), "items": rows, "new_items": [row for row in rows if row["action"] == "add"]}


def item_data(item: NormalItem, access_product_id: str) -> dict[str, Any]:
    """One item before the split."""
    return {
        "id": item.item_no,
        "action": item.action,
        "order_type": item.order_type,
        "product": item.product,
        "offering": item.offering or "",
        "product_id": item.product_id or "",
        "characteristics": dict(item.characteristics),
        "places": [place.as_data() for place in item.places],
        "address_code": item.address_code or "",
        "area": item.area,
        "area_class": item.area_class,
        "quantity": item.quantity,
        "waits_for": [tie["item_no"] for tie in item.relationships if tie["type"] in WAITS],
        "access_product_id": access_product_id,
        "shares": [dict(share) for share in item.shares],
    }
