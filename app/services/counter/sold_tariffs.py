"""What each product costs by what was sold, whatever the catalogue says today: prices change for new orders only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import OrderState
from app.domain.ordering.reconciliation import tariff_of
from app.domain.promises.calendar import ZONE
from app.persistence.counter.customers import InstalledProduct
from app.persistence.ordering.orders import ProductOrderItem
from app.persistence.products.catalogue_versions import CatalogueEntry

Prices = Sequence[Mapping[str, Any]]
#: By code of the price, its versions with the instant from which each counts, oldest first.
Versions = Mapping[str, Sequence[tuple[datetime, Mapping[str, Any]]]]


@dataclass(frozen=True)
class SoldTariffs:
    """The prices of the last order of each product that named some, and every version of the prices of offerings."""

    ordered: Mapping[str, Prices]
    offered: Mapping[str, Versions]

    @classmethod
    def read(cls, session: Session) -> SoldTariffs:
        """Read them all, once for many products."""
        return cls(prices_ordered(session), price_versions(session))

    def of(self, products: Iterable[InstalledProduct]) -> dict[str, str]:
        """By number of the product, its recurring prices as one comparable text.

        Of a product that no order of ours brought they are those of its offering on the day its charging began.
        """
        found = {}
        for product in products:
            offered = self.offered.get(product.offering or "", {})
            prices = self.ordered.get(product.product_id) or prices_on(offered, day_began(product))
            if prices:
                found[product.product_id] = tariff_of(prices)
        return found


def prices_ordered(session: Session) -> dict[str, Prices]:
    """By product, the recurring prices of the last completed order that named some."""
    rows = session.execute(
        select(ProductOrderItem.product_id, ProductOrderItem.prices)
        .where(ProductOrderItem.product_id.is_not(None), ProductOrderItem.state == OrderState.COMPLETED)
        .order_by(ProductOrderItem.completed_at)
    )
    found: dict[str, Prices] = {}
    for product_id, prices in rows:
        if recurring := [price for price in prices or () if price["kind"] == "recurring"]:
            found[str(product_id)] = recurring
    return found


def price_versions(session: Session) -> Mapping[str, Versions]:
    """By offering, every version of its prices."""
    found: dict[str, dict[str, list[tuple[datetime, Mapping[str, Any]]]]] = defaultdict(lambda: defaultdict(list))
    rows = session.execute(
        select(CatalogueEntry.code, CatalogueEntry.valid_from, CatalogueEntry.body)
        .where(CatalogueEntry.kind == "price")
        .order_by(CatalogueEntry.valid_from, CatalogueEntry.version)
    )
    for code, valid_from, body in rows:
        found[body["offering"]][code].append((valid_from, body))
    return found


def prices_on(versions: Versions, began: datetime) -> Prices:
    """The recurring prices as they counted at an instant; one that came later is the oldest there is."""
    chosen = []
    for of_price in versions.values():
        counting = [body for valid_from, body in of_price if valid_from <= began] or [of_price[0][1]]
        if counting[-1]["kind"] == "recurring":
            chosen.append(counting[-1])
    return chosen


def day_began(product: InstalledProduct) -> datetime:
    """The instant at which the charging of a product began, aware UTC; long ago where nobody knows."""
    if product.charging_from is None:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.combine(product.charging_from, time(), ZONE).astimezone(UTC)
