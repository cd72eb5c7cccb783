"""Which fibre access an item can share: the one the customer has at the address, or the one this order brings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.counter.intake import NormalItem
from app.domain.ordering.order_context import WAITS
from app.persistence.counter.customers import InstalledProduct

#: Order types that bring a product to an address where it was not.
AT_A_NEW_PLACE: Final = ("install", "move")
ACCESS_PRODUCTS: Final = ("ftth_broadband", "home_bundle")
#: Stands in for the number of a product that has none before the split.
COMING: Final = "item:"


def access_product_ids(session: Session, customer_no: str | None, items: Sequence[NormalItem]) -> dict[str, str]:
    """By item number, the product whose fibre access the item shares; items that bring their own are left out.

    An access that another item of this order brings is named ``item:<number>`` until the split gives it a number.
    """
    found: dict[str, str] = {}
    bringing = {
        item.item_no: item for item in items if item.order_type in AT_A_NEW_PLACE and item.product in ACCESS_PRODUCTS
    }
    relying = [
        item
        for item in items
        if item.order_type in AT_A_NEW_PLACE and item.product not in ACCESS_PRODUCTS and item.address_code is not None
    ]
    present = present_access(session, customer_no, {str(item.address_code) for item in relying})
    for item in relying:
        relied_on = [tie["item_no"] for tie in item.relationships if tie["type"] in WAITS]
        brought = next((number for number in relied_on if number in bringing), None)
        if brought is not None and bringing[brought].address_code == item.address_code:
            found[item.item_no] = f"{COMING}{brought}"
        elif item.address_code in present:
            found[item.item_no] = present[item.address_code]
    return found


def present_access(session: Session, customer_no: str | None, address_codes: Collection[str]) -> dict[str, str]:
    """The number of the customer's active fibre access at each of these addresses that has one."""
    if not address_codes:
        return {}
    rows = session.execute(
        select(InstalledProduct.address_code, InstalledProduct.product_id)
        .where(
            InstalledProduct.customer_no == customer_no,
            InstalledProduct.address_code.in_(address_codes),
            InstalledProduct.product == "ftth_broadband",
            InstalledProduct.status == "active",
        )
        .order_by(InstalledProduct.product_id.desc())
    )
    return {str(row.address_code): row.product_id for row in rows}
