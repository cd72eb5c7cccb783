"""The one place where a query is limited to what the caller may see."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.actors import Actor
from app.persistence.areas import Area

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


def within(column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], actor: Actor) -> ColumnElement[bool]:
    """True for rows whose area is the actor's or lies below it. An actor without an area sees nothing."""
    return column.in_(area_codes(actor)) if actor.area_path else false()


def area_codes(actor: Actor) -> Select[str]:
    """The codes of the actor's area and of those below it; none for an actor without an area."""
    if not actor.area_path:
        return select(Area.code).where(false())
    below = Area.path.startswith(f"{actor.area_path}/", autoescape=True)
    return select(Area.code).where(or_(Area.path == actor.area_path, below))


def scoped(query: Query, entity: type[Any], actor: Actor) -> Query:
    """Limit a query to the rows of ``entity`` in the actor's area. Every query of the application goes through here.

    :raises TypeError: the entity has no area, so that it cannot be shown to anybody by accident.
    """
    column = getattr(entity, "area", None)
    if not isinstance(column, InstrumentedAttribute):
        raise TypeError(f"{entity.__name__} has no area to scope by")
    return query.where(within(column, actor))
