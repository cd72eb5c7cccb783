"""Numbers that people read out on the phone: O-2611-000042, T-2611-000007, W-2611-000311."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, Sequence, String, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from processes.store.base import Base

#: The month in a number is the month on the wall in China.
WALL_CLOCK: Final = ZoneInfo("Asia/Shanghai")
#: On PostgreSQL orders, products, tickets and work items count by sequences: nobody waits for the transaction of
#: somebody else, and there is no row whose lock could be taken in the wrong order.
SEQUENCES: Final[Mapping[str, Sequence]] = MappingProxyType(
    {kind: Sequence(f"number_{kind.lower()}", metadata=Base.metadata) for kind in ("O", "P", "T", "W")}
)


class OrderNumber(Base):
    """The last number given out, per kind and month (``2611``), where there is no sequence for it."""

    __tablename__ = "order_number"

    kind: Mapped[str] = mapped_column(String(4), primary_key=True)
    month: Mapped[str] = mapped_column(String(4), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


def next_number(session: Session, kind: str, now: datetime) -> str:
    """Take the next number of a kind; safe with many writers.

    By a sequence the count goes on over the months, and a transaction that is rolled back leaves a gap. By a
    counter row it begins again each month without gaps, and the row stays locked until the transaction ends.

    :param now: aware instant; its month in China is in the number.
    """
    return next_numbers(session, kind, now, count=1)[0]


def next_numbers(session: Session, kind: str, now: datetime, *, count: int) -> list[str]:
    """Take the next ``count`` numbers of a kind at once, like :func:`next_number`."""
    month = now.astimezone(WALL_CLOCK).strftime("%y%m")
    return [f"{kind}-{month}-{number:06d}" for number in _take(session, kind, month, count)]


def leave_gap(session: Session, now: datetime, *, count: int) -> None:
    """Give out none of the next ``count`` numbers of any kind: somebody outside may know them already."""
    kinds = {*SEQUENCES, *session.scalars(select(OrderNumber.kind).distinct())}
    for kind in sorted(kinds):
        next_numbers(session, kind, now, count=count)


def _take(session: Session, kind: str, month: str, count: int) -> Iterable[int]:
    by_sequence = session.get_bind().dialect.name == "postgresql"
    if by_sequence and kind in SEQUENCES:
        taken = select(SEQUENCES[kind].next_value()).select_from(func.generate_series(1, count))
        return session.scalars(taken).all()
    insert = postgresql.insert if by_sequence else sqlite.insert
    statement = insert(OrderNumber).values(kind=kind, month=month, last=count)
    counted = statement.on_conflict_do_update(
        index_elements=[OrderNumber.kind, OrderNumber.month], set_={"last": OrderNumber.last + count}
    ).returning(OrderNumber.last)
    last = session.scalars(counted).one()
    return range(last - count + 1, last + 1)
