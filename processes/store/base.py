"""Declarative base, kinds of indexes and of columns (PostgreSQL and SQLite)."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import (
    DateTime,
    Dialect,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
ID_CHARS: Final = 36
IS_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
NOBODY: Final = "00000000-0000-0000-0000-000000000000"


class Base(DeclarativeBase):
    """Every table of the product; names of keys and indexes are made here so that migrations can name them."""

    metadata = MetaData(naming_convention=NAMING)


def rows_that(condition: str, name: str, *columns: str) -> Index:
    """An index over the rows for which something holds: what is done leaves it, and costs it nothing more.

    A statement that wants it must say the condition in the same words, with values and not with parameters.
    """
    return Index(name, *columns, **only_where(condition))


def only_where(condition: str) -> dict[str, Any]:
    """What makes an index one over the rows for which something holds."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


def trigrams(name: str, *columns: str) -> Index:
    """An index that finds texts by any part of at least three letters; only on PostgreSQL, with its extension pg_trgm.

    Elsewhere the rows are read one by one. It serves one column or several of which any may hold the text.
    """
    return for_postgresql(
        Index(name, *columns, postgresql_using="gin", postgresql_ops=dict.fromkeys(columns, "gin_trgm_ops"))
    )


def for_postgresql(index: Index) -> Index:
    """An index that is made on PostgreSQL only: where rows are few, it costs more than it saves."""
    index.info["only"] = "postgresql"
    index.ddl_if(dialect="postgresql")
    return index


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out on both databases; a naive value raises :class:`ValueError`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time without a zone: {value.isoformat()}")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonDoc(TypeDecorator[Any]):
    """A JSON document kept as text, keys in the order they came; never JSONB, which reorders them.

    Replace the value to change it: edits inside it are not noticed.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class PackedJson(TypeDecorator[Any]):
    """A JSON document that is written once and seldom read, packed; one from before it was packed is read as well."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.compress(orjson.dumps(value), 1)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(plain_json(value))


def plain_json(kept: bytes) -> bytes:
    """What a :class:`PackedJson` says."""
    return kept if kept[:1] in (b"{", b"[") else zlib.decompress(kept)


class Uuid(TypeDecorator[str]):
    """A UUIDv7 as text, made by the id port and never by the database; PostgreSQL keeps it in 16 bytes, SQLite in 36.

    What is no UUID at all is asked for as the one that nothing has, so it is not found on either database.
    """

    impl = String
    cache_ok = True

    def __init__(self, chars: int = ID_CHARS) -> None:
        """``chars``: room in a database that keeps it as text."""
        super().__init__(chars)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=False))
        return self.impl_instance

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or dialect.name != "postgresql" or IS_UUID(value):
            return value
        return NOBODY


#: One activation of an element.
TaskId: Final = Uuid(64)
