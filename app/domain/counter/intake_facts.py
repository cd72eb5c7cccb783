"""What our data knows about an order, and the order item in our own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.domain.amounts import times
from app.domain.products.catalogue import Price


@dataclass(frozen=True, kw_only=True)
class KnownAddress:
    """An address we know."""

    code: str
    area: str
    area_path: str
    area_class: str


@dataclass(frozen=True, kw_only=True)
class KnownCustomer:
    """A customer the caller may see."""

    customer_no: str
    segment: str
    tier: str
    area: str
    area_path: str
    accounts: tuple[str, ...] = ()
    blacklisted: bool = False
    merged_into: str | None = None


@dataclass(frozen=True, kw_only=True)
class KnownOrder:
    """Another order that this one is about."""

    id: str
    number: str
    state: str


@dataclass(frozen=True, kw_only=True)
class KnownProduct:
    """An installed product; ``open_order`` is the number of an order that still works on it, ``open_order_type`` what
    that one does to it. ``stopped``: how far a suspended product is stopped (``one_way``, ``two_way``)."""

    product_id: str
    product: str
    offering: str | None
    status: str
    customer_no: str
    account_no: str | None
    area: str
    area_path: str
    address_code: str | None = None
    places: tuple[Mapping[str, Any], ...] = ()
    characteristics: Mapping[str, Any] = field(default_factory=dict)
    subscription_no: str | None = None
    resources: Mapping[str, Any] = field(default_factory=dict)
    open_order: str | None = None
    open_order_type: str | None = None
    stopped: str | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What our database says about everything the order names; unknown codes are simply not in here.

    ``new_owners``: customers named as the new owner of a product. ``orders``: other orders, by the id or number that
    named them.
    """

    customer: KnownCustomer | None
    products: Mapping[str, KnownProduct] = field(default_factory=dict)
    addresses: Mapping[str, KnownAddress] = field(default_factory=dict)
    new_owners: Mapping[str, KnownCustomer] = field(default_factory=dict)
    orders: Mapping[str, KnownOrder] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NormalPlace:
    """One address of an item and its area."""

    role: str
    address_code: str
    area: str

    def as_data(self) -> dict[str, str]:
        return {"role": self.role, "address_code": self.address_code, "area": self.area}


@dataclass(frozen=True, kw_only=True)
class NormalItem:
    """An order item in our own terms: complete characteristics, known places, prices. Money is CNY.

    ``shares``: the rule by which its revenue is shared out where it lies in several areas, ``{party, percent}``.
    """

    item_no: str
    position: int
    action: str
    order_type: str
    product: str
    offering: str | None
    product_id: str | None
    quantity: int
    characteristics: Mapping[str, Any]
    places: tuple[NormalPlace, ...]
    address_code: str | None
    area: str
    area_class: str
    prices: tuple[Price, ...]
    relationships: tuple[Mapping[str, str], ...]
    shares: tuple[Mapping[str, str], ...] = ()
    installed: KnownProduct | None = None

    def total_cny(self, kind: str) -> Decimal:
        """Sum of the prices of a kind (``one_off``, ``recurring``), for each site or desktop where they say so."""
        return sum((price.amount_cny * self._times(price) for price in self.prices if price.kind == kind), Decimal(0))

    def _times(self, price: Price) -> int:
        traits = self.characteristics
        return times(price.unit, places=len(self.places), characteristics=traits, quantity=self.quantity)
