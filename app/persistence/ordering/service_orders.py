"""The technical orders an item is split into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.ordering.order_lifecycle import OrderState
from app.persistence.columns import AreaCode, Id, Identified, Name, Record, Records, Word
from processes.store.base import Base

if TYPE_CHECKING:
    from app.persistence.ordering.orders import ProductOrder


class ServiceOrder(Identified, Base):
    """One service to build or take away: customer facing (``cfs``), by way of a resource facing one (``rfs``)."""

    __tablename__ = "service_order"

    id: Mapped[Id]
    order_id: Mapped[str] = mapped_column(ForeignKey("product_order.id"), index=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("product_order_item.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    action: Mapped[Word]
    cfs: Mapped[Word]
    rfs: Mapped[Word]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    state: Mapped[Word] = mapped_column(default=OrderState.ACKNOWLEDGED)
    #: Kinds of resources, later with what was assigned.
    resources: Mapped[Records]
    #: Which end, site or set-top box, when there is more than one.
    part: Mapped[Record]
    area: Mapped[AreaCode]

    order: Mapped[ProductOrder] = relationship(back_populates="service_orders")
