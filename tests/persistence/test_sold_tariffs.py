"""A product goes on costing what it was sold for, whatever the catalogue says today."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.persistence.counter.customers import InstalledProduct
from app.persistence.products.catalogue_versions import add_release, entries_at
from app.services.counter.sold_tariffs import SoldTariffs
from processes.clock import SystemClock


@pytest.fixture
def product(session: Session) -> InstalledProduct:
    """Fibre 300M since April 2023."""
    return session.get_one(InstalledProduct, "P10000401")


def test_a_price_that_changed_later_is_for_others(session: Session, product: InstalledProduct) -> None:
    before = SoldTariffs.read(session).of([product])
    now = SystemClock().now(session)
    dearer = {**entries_at(session, now)["price"]["fb-300-p1"], "amount_cny": "109.00"}
    add_release(session, {"price": {"fb-300-p1": dearer}}, who="designer", note="", valid_from=now, now=now)
    assert before and SoldTariffs.read(session).of([product]) == before
    product.charging_from = (now + timedelta(days=2)).date()
    assert "109.00" in SoldTariffs.read(session).of([product])[product.product_id]
    assert before != SoldTariffs.read(session).of([product])
