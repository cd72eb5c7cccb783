"""Customers, their accounts, addresses, and the products they have."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.counter.found_by import found_by
from app.domain.ordering.item_places import known_sites
from app.persistence.columns import AreaCode, MaybeInstant, Name, Record, Records, Word
from processes.store.base import Base, JsonDoc, Uuid, trigrams


def _found_by(context: DefaultExecutionContext) -> str:
    """What is looked through for a customer who is written for the first time, one by one or many at once."""
    given: dict[str, Any] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return found_by(given["name"], given.get("name_en") or "")


class Customer(Base):
    """Somebody who buys from us. Identity and contact are personal data: mask them where they are shown."""

    __tablename__ = "customer"

    customer_no: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[Name]
    name_en: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[Word]
    segment: Mapped[Word]
    tier: Mapped[Word]
    area: Mapped[AreaCode]
    id_type: Mapped[Word]
    id_number: Mapped[str] = mapped_column(String(40), index=True)
    phone: Mapped[str] = mapped_column(String(32), index=True)
    email: Mapped[str] = mapped_column(String(120), default="")
    language: Mapped[str] = mapped_column(String(2), default="zh")
    account_manager: Mapped[str | None] = mapped_column(String(64))
    credit_score: Mapped[int | None] = mapped_column(Integer)
    blacklisted: Mapped[bool] = mapped_column(default=False)
    contact: Mapped[Records]
    birth_date: Mapped[date | None] = mapped_column(Date)
    created_on: Mapped[date | None] = mapped_column(Date)
    tags: Mapped[Records]
    #: The number of the customer who this one turned out to be.
    merged_into: Mapped[str | None] = mapped_column(String(32))
    #: The names in one form of letters, and their initials in Pinyin; whoever changes a name writes it again.
    found_by: Mapped[str] = mapped_column(Text, default=_found_by, server_default="")

    accounts: Mapped[list[Account]] = relationship(back_populates="customer", order_by="Account.account_no")

    __table_args__ = (
        Index("ix_customer_name", "name"),
        trigrams("ix_customer_text", "customer_no", "name", "name_en"),
        trigrams("ix_customer_found_by", "found_by", "phone"),
    )


class Account(Base):
    """What bills go to."""

    __tablename__ = "account"

    account_no: Mapped[str] = mapped_column(String(32), primary_key=True)
    customer_no: Mapped[str] = mapped_column(ForeignKey("customer.customer_no"), index=True)
    parent_account_no: Mapped[str | None] = mapped_column(ForeignKey("account.account_no"))
    kind: Mapped[Word]
    area: Mapped[AreaCode]
    arrears_cny: Mapped[str] = mapped_column(String(16), default="0.00")
    body: Mapped[Record]

    customer: Mapped[Customer] = relationship(back_populates="accounts")


class Contract(Base):
    """A framework agreement with a business customer."""

    __tablename__ = "contract"

    contract_no: Mapped[str] = mapped_column(String(32), primary_key=True)
    customer_no: Mapped[str] = mapped_column(ForeignKey("customer.customer_no"), index=True)
    area: Mapped[AreaCode]
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    body: Mapped[Record]


class Address(Base):
    """A standard address and the network it hangs on. ``feasibility`` is what was known when it was loaded."""

    __tablename__ = "address"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    area: Mapped[AreaCode]
    area_class: Mapped[Word]
    kind: Mapped[Word]
    district_zh: Mapped[Name]
    district_en: Mapped[Name]
    text_zh: Mapped[str] = mapped_column(String(300))
    text_en: Mapped[str] = mapped_column(String(300))
    side: Mapped[str | None] = mapped_column(String(20))
    exchange: Mapped[str | None] = mapped_column(String(32))
    splitter: Mapped[str | None] = mapped_column(String(32))
    drop_m: Mapped[int | None] = mapped_column(Integer)
    feasibility: Mapped[Word]
    body: Mapped[Record]

    __table_args__ = (trigrams("ix_address_text", "code", "text_zh", "text_en"),)


class InstalledProduct(Base):
    """A product a customer has; ``status`` is the TMF637 word (``active``, ``pendingActive``, ``suspended`` ...)."""

    __tablename__ = "installed_product"

    product_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    customer_no: Mapped[str] = mapped_column(ForeignKey("customer.customer_no"), index=True)
    account_no: Mapped[str | None] = mapped_column(ForeignKey("account.account_no"), index=True)
    product: Mapped[str] = mapped_column(ForeignKey("product_spec.code"))
    offering: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[Word]
    area: Mapped[AreaCode]
    address_code: Mapped[str | None] = mapped_column(ForeignKey("address.code"), index=True)
    places: Mapped[Records]
    characteristics: Mapped[Record]
    parent_product_id: Mapped[str | None] = mapped_column(ForeignKey("installed_product.product_id"), index=True)
    subscription_no: Mapped[str | None] = mapped_column(String(32), index=True)
    resources: Mapped[Record]
    contract_no: Mapped[str | None] = mapped_column(String(32))
    charging_from: Mapped[date | None] = mapped_column(Date)
    order_id: Mapped[str | None] = mapped_column(Uuid, index=True)
    started_at: Mapped[MaybeInstant]
    ended_at: Mapped[MaybeInstant]
    suspended: Mapped[Any] = mapped_column(JsonDoc, default=None, nullable=True)
    version: Mapped[int] = mapped_column(Integer, default=1)

    customer: Mapped[Customer] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy

    __table_args__ = (trigrams("ix_installed_product_resources", "resources"),)

    @property
    def named_places(self) -> list[dict[str, Any]]:
        """Where it is: role and address of each place, and the code of the site where it has many ("" otherwise)."""
        codes = known_sites(self.product, self.product_id, self.resources, self.places)
        return [{"site_code": codes.get(place["address_code"], ""), **place} for place in self.places]
