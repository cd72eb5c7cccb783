"""Column kinds shared by the rows of the application."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import ForeignKey, String, inspect
from sqlalchemy.orm import mapped_column

from processes.ids import uuid7
from processes.store.base import JsonDoc, UtcDateTime

#: A UUIDv7 in text.
Id = Annotated[str, mapped_column(String(36), primary_key=True)]
#: Points at a row of the engine, which has its own life: no foreign key.
EngineId = Annotated[str | None, mapped_column(String(36), index=True)]
Code = Annotated[str, mapped_column(String(64), primary_key=True)]
#: The area a row belongs to; every query looks at it.
AreaCode = Annotated[str, mapped_column(String(16), ForeignKey("area.code"), index=True)]
Name = Annotated[str, mapped_column(String(200))]
Word = Annotated[str, mapped_column(String(40))]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]
MaybeInstant = Annotated[datetime | None, mapped_column(UtcDateTime)]
Record = Annotated[dict[str, Any], mapped_column(JsonDoc, default=dict)]
Records = Annotated[list[Any], mapped_column(JsonDoc, default=list)]


class Identified:
    """A row that is complete as soon as it is made: with its id, so that others can point at it before it is
    written, and with its defaults, so that its rules work on it."""

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", uuid7())
        for attribute in inspect(type(self)).column_attrs:
            default = attribute.columns[0].default
            if attribute.key in values or default is None:
                continue
            if default.is_scalar:
                values[attribute.key] = default.arg
            elif default.is_callable:
                values[attribute.key] = default.arg(None)
        super().__init__(**values)
