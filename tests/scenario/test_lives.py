"""The lives that are lived over HTTP leave out nothing that can be ordered."""

from __future__ import annotations

from collections import Counter

from app.domain.products.catalogue import ProductSpec
from tests.domain.demo_data import data
from tests.scenario.lives import LIVES


def test_every_product_is_ordered_with_every_order_type_it_has() -> None:
    specs = [ProductSpec.from_data(row) for row in data("catalog")["product_specs"]]
    wanted = {(spec.code, order_type) for spec in specs for order_type in spec.order_types}
    lived = Counter(cell for life in LIVES for cell in life.cells)
    assert set(lived) == wanted
    assert max(lived.values()) == 1
