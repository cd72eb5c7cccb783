"""The catalogue of the data files, without a database."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from app.domain.products.catalogue import Catalogue, Characteristic, Fee, Offering, OrderType, Price, ProductSpec
from app.domain.words import Words
from tests.domain.demo_data import data


@cache
def catalogue() -> Catalogue:
    """Everything that is sold in the demonstration."""
    rows = data("catalog")
    return Catalogue(
        products={row["code"]: ProductSpec.from_data(row) for row in rows["product_specs"]},
        offerings=_offerings(rows),
        order_types={row["code"]: _order_type(row) for row in rows["order_types"]},
        channels={row["code"]: _words(row) for row in rows["channels"]},
        segments={row["code"]: _words(row) for row in rows["segments"]},
        fees=tuple(
            Fee(
                price=_price(row, "one_off"),
                order_types=tuple(row.get("order_types", ())),
                products=tuple(row.get("products", ())),
                condition=row.get("when", ""),
            )
            for row in rows["fees"]
        ),
    )


def _words(row: dict[str, Any]) -> Words:
    return Words(row["name_zh"], row.get("name_en", row["name_zh"]))


def _price(row: dict[str, Any], kind: str) -> Price:
    return Price(code=row["code"], kind=kind, amount_cny=Decimal(row["amount_cny"]), unit=row["unit"], name=_words(row))


def _order_type(row: dict[str, Any]) -> OrderType:
    return OrderType(
        code=row["code"],
        name=_words(row),
        short_zh=row["short_zh"],
        tmf_action=row["tmf_action"],
        product_status=tuple(row["product_status"]),
        characteristics=tuple(Characteristic.from_data(part) for part in row.get("characteristics", ())),
    )


def _offerings(rows: dict[str, Any]) -> dict[str, Offering]:
    prices: dict[str, list[Price]] = defaultdict(list)
    for row in rows["prices"]:
        prices[row["offering"]].append(_price(row, row["kind"]))
    return {
        row["code"]: Offering(
            code=row["code"],
            product=row["product"],
            name=_words(row),
            segments=tuple(row["segments"]),
            fixed=row.get("fixed_characteristics", {}),
            sold_from=date.fromisoformat(row["sold_from"]),
            sold_until=date.fromisoformat(row["sold_until"]) if "sold_until" in row else None,
            prices=tuple(prices[row["code"]]),
        )
        for row in rows["offerings"]
    }
