"""Numbers that people read out on the phone: O-2611-000042, T-2611-000007, W-2611-000311."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from processes.store.base import Base

#: The month in a number is the month on the wall in China.
WALL_CLOCK: Final = ZoneInfo("Asia/Shanghai")


class OrderNumber(Base):
    """The last number given out, per kind (``O``, ``T``, ``W``) and month (``2611``)."""

    __tablename__ = "order_number"

    kind: Mapped[str] = mapped_column(String(4), primary_key=True)
    month: Mapped[str] = mapped_column(String(4), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


def next_number(session: Session, kind: str, now: datetime) -> str:
    """Take the next number of a kind; safe with many writers.

    The counter row stays locked until the transaction ends, so ask late in a transaction. A transaction that is
    rolled back gives its number back.

    :param now: aware instant; its month in China is in the number.
    """
    month = now.astimezone(WALL_CLOCK).strftime("%y%m")
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(OrderNumber).values(kind=kind, month=month, last=1)
    counted = statement.on_conflict_do_update(
        index_elements=[OrderNumber.kind, OrderNumber.month], set_={"last": OrderNumber.last + 1}
    ).returning(OrderNumber.last)
    return f"{kind}-{month}-{session.scalars(counted).one():06d}"
