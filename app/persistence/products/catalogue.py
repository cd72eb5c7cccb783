"""The catalogue as rows: what is sold, at what price, and what it is made of."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.persistence.columns import Code, Name, Record, Records, Word
from processes.store.base import Base, JsonDoc


class Segment(Base):
    """A kind of customer: individuals, businesses, large accounts."""

    __tablename__ = "segment"

    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]


class OrderType(Base):
    """What an order item does: install, move, change, disconnect, suspend, resume, owner change."""

    __tablename__ = "order_type"

    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    short_zh: Mapped[Word]
    tmf_action: Mapped[Word]
    product_status: Mapped[Records]
    characteristics: Mapped[Records]
    position: Mapped[int] = mapped_column(Integer, default=0)


class Channel(Base):
    """How an order reached us."""

    __tablename__ = "channel"

    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]


class ProductSpec(Base):
    """A product we can build. ``body`` holds characteristics, components, places and order types as in the data."""

    __tablename__ = "product_spec"

    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    internal: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(Integer, default=0)
    body: Mapped[Record]


class Offering(Base):
    """A product on sale between two dates (``sold_until`` is the last day), with what it fixes."""

    __tablename__ = "offering"

    code: Mapped[Code]
    product: Mapped[str] = mapped_column(ForeignKey("product_spec.code"), index=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    segments: Mapped[Records]
    fixed_characteristics: Mapped[Record]
    sold_from: Mapped[date] = mapped_column(Date)
    sold_until: Mapped[date | None] = mapped_column(Date)
    contract_months: Mapped[int] = mapped_column(Integer, default=0)
    position: Mapped[int] = mapped_column(Integer, default=0)


class Price(Base):
    """A price of an offering. Money is text in CNY with two decimals, so that both databases keep it exactly."""

    __tablename__ = "price"

    code: Mapped[Code]
    offering: Mapped[str] = mapped_column(ForeignKey("offering.code"), index=True)
    kind: Mapped[Word]
    amount_cny: Mapped[str] = mapped_column(String(16))
    unit: Mapped[Word]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    tax_percent: Mapped[str] = mapped_column(String(8))


class Fee(Base):
    """A charge outside the offerings: moving, changing a number, a device not returned.

    With a ``condition`` it is charged only by orders that say that characteristic."""

    __tablename__ = "fee"

    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    amount_cny: Mapped[str] = mapped_column(String(16))
    unit: Mapped[Word]
    order_types: Mapped[Records]
    products: Mapped[Records]
    condition: Mapped[Word] = mapped_column(default="")


class ServiceSpec(Base):
    """A service: ``cfs`` faces the customer, ``rfs`` faces the resources it needs."""

    __tablename__ = "service_spec"

    code: Mapped[Code]
    kind: Mapped[Word]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    resources: Mapped[Records]


class ResourceSpec(Base):
    """A kind of resource: port, number, device, capacity."""

    __tablename__ = "resource_spec"

    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    kind: Mapped[Word]
    unit: Mapped[Word]
    reservation_expiry_hours: Mapped[int | None] = mapped_column(Integer)
    quarantine_days: Mapped[int | None] = mapped_column(Integer)


class RuleBook(Base):
    """A set of rules kept as data: calendars, SLA policies, stop reasons, failures, billing effects."""

    __tablename__ = "rule_book"

    code: Mapped[Code]
    body: Mapped[Any] = mapped_column(JsonDoc)
