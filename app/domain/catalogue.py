"""What is sold and what may be said about it: products, offerings, prices, and the check of characteristics."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from app.domain.words import Words
from app.errors import FieldProblem

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
    """A product we can build. ``places``: 0 none, 1 one address, 2 two ends, -1 one per site."""

    code: str
    name: Words
    segments: tuple[str, ...]
    places: int
    order_types: tuple[str, ...]
    characteristics: Mapping[str, Characteristic]
    components: tuple[Component, ...] = ()
    internal: bool = False

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
    """A charge outside the offerings; with order types it is charged by such orders without being asked for."""

    price: Price
    order_types: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


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

    def fees_for(self, product: str, order_type: str) -> list[Price]:
        """Fees an order of this kind is charged anyway."""
        return [fee.price for fee in self.fees if order_type in fee.order_types and product in fee.products]

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


@dataclass(frozen=True)
class Checked:
    """Characteristics that may be built, or what is wrong with them."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[FieldProblem] = field(default_factory=list)


def problem(path: str, code: str, zh: str, en: str) -> FieldProblem:
    """One thing that is wrong, in both languages."""
    return FieldProblem(path=path, code=code, zh=zh, en=en)


def check_characteristics(
    spec: ProductSpec,
    order_type: OrderType,
    given: Mapping[str, Any],
    *,
    offering: Offering | None = None,
    present: Mapping[str, Any] | None = None,
    path: str = "",
) -> Checked:
    """Check what the caller says about a product and fill in the rest.

    :param present: characteristics of the installed product; what is not said stays as it is.
    :param path: where the characteristics are in the input, put before the code in each problem.
    :return: the complete values; with problems the values are of no use.
    """
    own = {part.code: part for part in order_type.characteristics if not part.products or spec.code in part.products}
    known = {**spec.characteristics, **own}
    fixed = dict(offering.fixed) if offering is not None else {}
    problems = [
        problem(
            f"{path}{code}",
            "unknown-characteristic",
            f"{spec.name.zh} 没有特性 {code}",
            f"{spec.name.en} has no {code}",
        )
        for code in given
        if code not in known
    ]
    values = dict(present or {})
    for code, part in known.items():
        where = f"{path}{code}"
        if code in given:
            problems += _judge(part, given[code], fixed.get(code), present, where)
            values[code] = given[code]
        elif code in fixed:
            values[code] = fixed[code]
        elif code not in values:
            problems += _fill(part, values, present=present, own=code in own, path=where)
    return Checked(values, problems)


def _judge(
    part: Characteristic, value: Any, fixed: Any, present: Mapping[str, Any] | None, path: str
) -> list[FieldProblem]:
    wrong = part.complaint(value)
    if wrong is not None:
        code, words = wrong
        return [problem(path, code, f"{part.name.zh}{words.zh}", f"{part.name.en} {words.en}")]
    if fixed is not None and value != fixed:
        return [
            problem(
                path,
                "fixed-by-offering",
                f"{part.name.zh}由该销售品固定为 {fixed}",
                f"{part.name.en} is fixed to {fixed} by the offering",
            )
        ]
    before = (present or {}).get(part.code, value)
    if not part.amendable and value != before:
        return [
            problem(
                path,
                "not-amendable",
                f"{part.name.zh}不能变更，请拆机后新装",
                f"{part.name.en} cannot be changed; disconnect and install anew",
            )
        ]
    return []


def _fill(
    part: Characteristic, values: dict[str, Any], *, present: Mapping[str, Any] | None, own: bool, path: str
) -> list[FieldProblem]:
    installed = present is not None and not own
    if part.default is not None and not installed:
        values[part.code] = part.default
    elif part.required and not part.assigned and not installed:
        return [problem(path, "required", f"缺少{part.name.zh}", f"{part.name.en} is missing")]
    return []
