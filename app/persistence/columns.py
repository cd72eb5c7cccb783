"""Column kinds shared by the rows of the application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from typing import Annotated, Any

from sqlalchemy import ForeignKey, String, inspect
from sqlalchemy.orm import mapped_column

from processes.ids import uuid7
from processes.store.base import JsonDoc, UtcDateTime, Uuid

#: A UUIDv7 in text.
Id = Annotated[str, mapped_column(Uuid, primary_key=True)]
#: Points at a row of the engine, which has its own life: no foreign key.
EngineId = Annotated[str | None, mapped_column(Uuid, index=True)]
Code = Annotated[str, mapped_column(String(64), primary_key=True)]
#: The area a row belongs to; every query looks at it. It has no index of its own: an area is a good part of all rows,
#: and a planner that joins such an index with a better one reads that part of the table's index each time.
AreaCode = Annotated[str, mapped_column(String(16), ForeignKey("area.code"))]
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
        entity: Any = type(self)
        for name, make in _defaults(entity):
            if name not in values:
                values[name] = make()
        super().__init__(**values)


@cache
def _defaults(entity: type[Any]) -> tuple[tuple[str, Callable[[], Any]], ...]:
    """The columns of a class that have a default, and what makes it."""
    found: list[tuple[str, Callable[[], Any]]] = []
    for attribute in inspect(entity).column_attrs:
        default = attribute.columns[0].default
        if default is not None and default.is_scalar:
            found.append((attribute.key, partial(_same, default.arg)))
        elif default is not None and default.is_callable:
            found.append((attribute.key, partial(default.arg, None)))
    return tuple(found)


def _same(value: Any) -> Any:
    return value
