"""What can be asked of the services: frozen inputs, already read and typed, not yet judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one end of an item is: a role such as ``installation``, ``a_end``, ``site`` and an address code."""

    role: str
    address_code: str


@dataclass(frozen=True, kw_only=True)
class Relationship:
    """This item ``type`` (``reliesOn``, ``dependsOn``, ``bundles`` ...) the item numbered ``item_no``."""

    type: str
    item_no: str


@dataclass(frozen=True, kw_only=True)
class OrderRelationship:
    """The whole order ``type`` (``reliesOn``, ``dependsOn``, ``requires``) another one, named by id or number."""

    type: str
    order: str


@dataclass(frozen=True, kw_only=True)
class PlaceOrderItem:
    """One line of an order. ``action`` is the TMF622 word, ``order_type`` our finer one when the caller knows it.

    ``product`` is a product specification code, ``product_id`` the number of an installed product.
    """

    item_no: str
    action: str
    order_type: str | None = None
    offering: str | None = None
    product: str | None = None
    product_id: str | None = None
    quantity: int = 1
    characteristics: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    relationships: tuple[Relationship, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlaceOrder:
    """A whole order as it came in. Times are aware UTC; ``extra`` keeps TMF attributes we only echo."""

    external_id: str | None
    channel: str
    items: tuple[PlaceOrderItem, ...]
    description: str = ""
    category: str | None = None
    priority: str | None = None
    requested_start_date: datetime | None = None
    requested_completion_date: datetime | None = None
    customer_no: str | None = None
    account_no: str | None = None
    related_party: tuple[Mapping[str, Any], ...] = ()
    billing_account: Mapping[str, Any] | None = None
    notes: tuple[Mapping[str, Any], ...] = ()
    order_relationships: tuple[OrderRelationship, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OpenTicket:
    """A customer's report that an installed product does not work."""

    product_id: str
    description: str
    severity: str = "normal"
    external_id: str | None = None
    ticket_type: str = "fault"
