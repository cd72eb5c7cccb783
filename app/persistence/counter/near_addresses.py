"""Addresses near another one, or near what somebody typed: there are no coordinates, so roads and exchanges decide."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actors import Actor
from app.persistence.counter.customer_search import find_addresses
from app.persistence.counter.customers import Address
from app.persistence.scope import scoped

AVAILABLE: Final = "available"
#: So many are looked at before the nearest are chosen.
LOOKED_AT: Final = 200
#: A text that is cut shorter than this says nothing any more.
SHORTEST: Final = 2
NUMBER: Final = re.compile(r"\d+")
LAST_PART: Final = re.compile(r"(\d+\D{0,3}|\s*\S|\s+)$")


def nearest_served(session: Session, actor: Actor, address: Address, *, limit: int) -> Sequence[Address]:
    """Addresses where a line is free, of the same local network: same splitter first, then exchange, then district."""
    mine = scoped(select(Address), Address, actor).where(
        Address.area == address.area, Address.feasibility == AVAILABLE, Address.code != address.code
    )
    near: dict[str, Address] = {}
    for condition in (Address.exchange == address.exchange, Address.district_zh == address.district_zh):
        rows = session.scalars(mine.where(condition).order_by(Address.code).limit(LOOKED_AT))
        near |= {row.code: row for row in rows}
    if len(near) < limit:
        near |= {row.code: row for row in session.scalars(mine.order_by(Address.code).limit(LOOKED_AT))}

    def distance(row: Address) -> tuple[int, int, int, str]:
        apart = (
            4 * (row.kind != address.kind)
            + 2 * (row.district_zh != address.district_zh)
            + (row.splitter != address.splitter)
            + (row.exchange != address.exchange)
        )
        return apart, -_alike(row.text_zh, address.text_zh), _numbers_apart(row.text_zh, address.text_zh), row.code

    return sorted(near.values(), key=distance)[:limit]


def nearest_named(session: Session, actor: Actor, text: str, *, limit: int) -> Sequence[Address]:
    """Addresses that begin to read like a text nobody knows: it is cut at its end until something fits.

    Of what fits, those with the nearest house number come first.
    """
    wanted = text.strip()
    while len(wanted) >= SHORTEST:
        rows, _ = find_addresses(session, actor, wanted, limit=LOOKED_AT)
        if rows:
            return sorted(rows, key=lambda row: (_numbers_apart(row.text_zh, text), row.code))[:limit]
        wanted = LAST_PART.sub("", wanted).strip()
    return ()


def _alike(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    length = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        length += 1
    return length


def _numbers_apart(one: str, other: str) -> int:
    first, second = NUMBER.search(one), NUMBER.search(other)
    return abs(int(first[0]) - int(second[0])) if first and second else 0
