"""The rules of promises as they were and will be: every version with the day from which it holds, none ever changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import orjson
from sqlalchemy import Integer, String, Text, UniqueConstraint, bindparam, func, select, type_coerce
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.promises.calendar import Calendars
from app.domain.promises.sla_book import SlaBook
from app.persistence.columns import Id, Identified, Instant
from processes.store.base import Base, JsonDoc, UtcDateTime
from processes.store.rows import table_of

#: The books that are kept by version, in the order in which they are read.
BOOKS: Final = ("sla", "stop_reasons", "calendars")
#: Since when the first version holds: orders older than the installation are promised by it too.
FROM_THE_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
#: Who brought the versions that come with the product.
PRODUCT: Final = "system"


class RuleVersion(Identified, Base):
    """One version of one book of rules; it holds from ``effective_from`` until a later one does."""

    __tablename__ = "rule_version"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    effective_from: Mapped[Instant]
    body: Mapped[Any] = mapped_column(JsonDoc)
    digest: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[Instant]
    note: Mapped[str] = mapped_column(String(500), default="")

    __table_args__ = (UniqueConstraint("code", "version"),)


@dataclass(frozen=True)
class Rules:
    """The rules together, and the versions they are of."""

    book: SlaBook
    calendars: Calendars
    sla_version: int
    calendar_version: int


def digest_of(body: Mapping[str, Any]) -> str:
    """The same digest for the same rules."""
    return hashlib.sha256(orjson.dumps(body)).hexdigest()


_ROWS: Final = table_of(RuleVersion)
_OTHER: Final = _ROWS.alias("other")
_HOLDS: Final = (
    select(_ROWS.c.code, _ROWS.c.version, type_coerce(_ROWS.c.body, Text).label("text"))
    .where(_ROWS.c.code.in_(BOOKS))
    .where(
        _ROWS.c.version
        == select(_OTHER.c.version)
        .where(_OTHER.c.code == _ROWS.c.code, _OTHER.c.effective_from <= bindparam("at", type_=UtcDateTime()))
        .order_by(_OTHER.c.effective_from.desc(), _OTHER.c.version.desc())
        .limit(1)
        .scalar_subquery()
    )
)


def rules_at(session: Session, at: datetime) -> Rules:
    """The rules that hold at an instant.

    :raises LookupError: there are none; the reference data is missing.
    """
    found = {row.code: row for row in session.execute(_HOLDS, {"at": at})}
    if found.keys() != set(BOOKS):
        raise LookupError(f"no rules of promises hold at {at.isoformat()}")
    return _rules(tuple(found[code].text for code in BOOKS), found["sla"].version, found["calendars"].version)


class RulesByVersion:
    """Rules by the versions that clocks were started with, each read once."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._known: dict[tuple[int, int], Rules] = {}

    def of(self, sla_version: int, calendar_version: int) -> Rules:
        """The rules of those versions; the reasons to stop a clock are those of today.

        :raises LookupError: there are no such versions.
        """
        wanted = (sla_version, calendar_version)
        if wanted not in self._known:
            self._known[wanted] = self._read(*wanted)
        return self._known[wanted]

    def now(self) -> Rules:
        """The rules that hold now."""
        return rules_at(self._session, self._now)

    def _read(self, sla_version: int, calendar_version: int) -> Rules:
        today = self.now()
        if (today.sla_version, today.calendar_version) == (sla_version, calendar_version):
            return today
        reasons = text_of(self._session, "stop_reasons", newest(self._session, "stop_reasons"))
        texts = (
            text_of(self._session, "sla", sla_version),
            reasons,
            text_of(self._session, "calendars", calendar_version),
        )
        return _rules(texts, sla_version, calendar_version)


def text_of(session: Session, code: str, version: int) -> str:
    """One version as JSON text. :raises LookupError: there is none."""
    query = select(type_coerce(RuleVersion.body, Text)).where(RuleVersion.code == code, RuleVersion.version == version)
    found = session.scalar(query)
    if found is None:
        raise LookupError(f"there is no version {version} of {code}")
    return str(found)


def newest(session: Session, code: str) -> int:
    """The number of the newest version, in force or to come; 0 before there is any."""
    return session.scalar(select(func.max(RuleVersion.version)).where(RuleVersion.code == code)) or 0


def in_force(session: Session, code: str, at: datetime) -> RuleVersion | None:
    """The version of a book that holds at an instant."""
    return session.scalars(
        select(RuleVersion)
        .where(RuleVersion.code == code, RuleVersion.effective_from <= at)
        .order_by(RuleVersion.effective_from.desc(), RuleVersion.version.desc())
        .limit(1)
    ).one_or_none()


@lru_cache(maxsize=8)
def _rules(texts: tuple[str, ...], sla_version: int, calendar_version: int) -> Rules:
    sla, reasons, working = (orjson.loads(text) for text in texts)
    return Rules(SlaBook.from_data(sla, reasons, working), Calendars.from_data(working), sla_version, calendar_version)
