"""What is sold: products with their characteristics, offerings, prices, fees."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from app.domain.words import Words

PHONE: Final = re.compile(r"\+?[0-9][0-9 -]{4,18}[0-9]")
EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
TEXT_LIMIT: Final = 500


@dataclass(frozen=True, kw_only=True)
class Characteristic:
    """One thing that can be said about a product. Rates and sizes are in ``unit``.

    ``assigned`` values (a phone number) come from the resource system when the caller does not choose one.
    ``products`` limits an order's own characteristic to some products; empty means all.
    """

    code: str
    name: Words
    type: str
    unit: str = ""
    values: tuple[Any, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    default: Any = None
    required: bool = False
    amendable: bool = True
    assigned: bool = False
    products: tuple[str, ...] = ()

    @classmethod
    def from_data(cls, row: Mapping[str, Any]) -> Characteristic:
        return cls(
            code=row["code"],
            name=Words(row["name_zh"], row["name_en"]),
            type=row["type"],
            unit=row.get("unit", ""),
            values=tuple(row.get("values", ())),
            minimum=row.get("min"),
            maximum=row.get("max"),
            default=row.get("default"),
            required=row.get("required", False),
            amendable=row.get("amendable", True),
            assigned=row.get("assigned", False),
            products=tuple(row.get("products", ())),
        )

    def complaint(self, value: Any) -> tuple[str, Words] | None:
        """What is wrong with a value: a code and the words for it; None when it is right."""
        wrong_type = _type_complaint(self.type, value)
        if wrong_type is not None:
            return "wrong-type", wrong_type
        if self.values and value not in self.values:
            choices = ", ".join(str(choice) for choice in self.values)
            return "not-a-choice", Words(f"只能取 {choices}", f"must be one of {choices}")
        if self.minimum is not None and value < self.minimum:
            return "too-small", Words(f"不能小于 {self.minimum}", f"must be at least {self.minimum}")
        if self.maximum is not None and value > self.maximum:
            return "too-large", Words(f"不能大于 {self.maximum}", f"must be at most {self.maximum}")
        return None


def _type_complaint(kind: str, value: Any) -> Words | None:
    if kind == "integer":
        fine = isinstance(value, int) and not isinstance(value, bool)
        return None if fine else Words("应为整数", "must be a whole number")
    if kind == "boolean":
        return None if isinstance(value, bool) else Words("应为是或否", "must be true or false")
    if not isinstance(value, str):
        return Words("应为文字", "must be text")
    if kind == "phone_number" and not PHONE.fullmatch(value):
        return Words("不是有效的号码", "is not a phone number")
    if kind == "email" and not EMAIL.fullmatch(value):
        return Words("不是有效的邮箱", "is not an e-mail address")
    if len(value) > TEXT_LIMIT:
        return Words(f"不能超过 {TEXT_LIMIT} 个字", f"must not be longer than {TEXT_LIMIT} characters")
    return None


@dataclass(frozen=True, kw_only=True)
class Component:
    """A bundle contains between ``minimum`` and ``maximum`` of a product."""

    product: str
    minimum: int
    maximum: int


@dataclass(frozen=True, kw_only=True)
class ProductSpec:
    """A product we can build. ``places``: 0 none, 1 one address, 2 two ends, -1 one per site. ``shares``: who gets
    which part of its revenue where it lies in several areas, ``{party, percent}``. ``max_per_identity``: how many of it
    may stand under one identity document of a person, 0 for any number."""

    code: str
    name: Words
    segments: tuple[str, ...]
    places: int
    order_types: tuple[str, ...]
    characteristics: Mapping[str, Characteristic]
    components: tuple[Component, ...] = ()
    internal: bool = False
    shares: tuple[Mapping[str, str], ...] = ()
    max_per_identity: int = 0

    @classmethod
    def from_data(cls, row: Mapping[str, Any]) -> ProductSpec:
        parts = (Characteristic.from_data(part) for part in row["characteristics"])
        return cls(
            code=row["code"],
            name=Words(row["name_zh"], row["name_en"]),
            segments=tuple(row["segments"]),
            places=row["places"],
            order_types=tuple(row["order_types"]),
            characteristics={part.code: part for part in parts},
            components=tuple(
                Component(product=part["product"], minimum=part["min"], maximum=part["max"])
                for part in row.get("components", ())
            ),
            internal=row.get("internal", False),
            shares=tuple({"party": one["party"], "percent": one["percent"]} for one in row.get("shares", ())),
            max_per_identity=row.get("max_per_identity", 0),
        )


@dataclass(frozen=True, kw_only=True)
class Price:
    """Money in CNY, tax included. ``kind`` is ``recurring``, ``one_off`` or ``usage``; ``unit`` says per what."""

    code: str
    kind: str
    amount_cny: Decimal
    unit: str
    name: Words
    tax_percent: Decimal = Decimal(0)

    def as_data(self) -> dict[str, str]:
        """As it is kept with an order item; the amount is text with two decimals."""
        return {
            "code": self.code,
            "kind": self.kind,
            "amount_cny": f"{self.amount_cny:.2f}",
            "unit": self.unit,
            "name_zh": self.name.zh,
            "name_en": self.name.en,
            "tax_percent": str(self.tax_percent),
        }


@dataclass(frozen=True, kw_only=True)
class Offering:
    """A product on sale, with what it fixes and what it costs. ``sold_until`` is the last day, Chinese calendar."""

    code: str
    product: str
    name: Words
    segments: tuple[str, ...]
    fixed: Mapping[str, Any]
    sold_from: date
    sold_until: date | None = None
    contract_months: int = 0
    prices: tuple[Price, ...] = ()

    def on_sale(self, day: date) -> bool:
        return self.sold_from <= day and (self.sold_until is None or day <= self.sold_until)


@dataclass(frozen=True, kw_only=True)
class Fee:
    """A charge outside the offerings; with order types it is charged by such orders without being asked for, with a
    ``condition`` only by those that say that characteristic."""

    price: Price
    order_types: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    condition: str = ""

    def is_due(self, product: str, order_type: str, asked: Mapping[str, Any]) -> bool:
        """Whether an order of this kind that says this is charged."""
        if order_type not in self.order_types or product not in self.products:
            return False
        return not self.condition or bool(asked.get(self.condition))


@dataclass(frozen=True, kw_only=True)
class OrderType:
    """What an item does. ``product_status``: what the installed product must be; empty when there is none yet."""

    code: str
    name: Words
    short_zh: str
    tmf_action: str
    product_status: tuple[str, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Everything that can be ordered, by code."""

    products: Mapping[str, ProductSpec]
    offerings: Mapping[str, Offering]
    order_types: Mapping[str, OrderType]
    channels: Mapping[str, Words]
    segments: Mapping[str, Words]
    fees: Sequence[Fee] = ()

    def fees_for(self, product: str, order_type: str, asked: Mapping[str, Any]) -> list[Price]:
        """Fees an order of this kind that says this is charged anyway."""
        return [fee.price for fee in self.fees if fee.is_due(product, order_type, asked)]

    def on_sale(self, day: date, *, segment: str | None = None) -> list[Offering]:
        """Offerings sold on a day, to a segment when one is given."""
        return [
            offering
            for offering in self.offerings.values()
            if offering.on_sale(day)
            and not self.products[offering.product].internal
            and (segment is None or serves(offering.segments, segment))
        ]


def serves(segments: Sequence[str], segment: str) -> bool:
    """Whether something made for ``segments`` is sold to a customer of ``segment``; large and group
    accounts are businesses too."""
    return segment in segments or (segment in ("large", "group") and "business" in segments)
