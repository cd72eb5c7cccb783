"""The one place where a query is limited to what the caller may see."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Boolean, ColumnElement, Select, false, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.domain.actors import Actor
from app.persistence.areas import Area

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


class OneOf(FunctionElement[bool]):
    """Whether a value is among what a query finds, where that is little, the same for all rows, and looked up once.

    PostgreSQL would join ``IN``, and join it badly: planning once for all callers, it takes everybody for one who sees
    a single area, and looks for texts again in each area.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, value: ColumnElement[Any] | InstrumentedAttribute[Any], query: Select[Any]) -> None:
        super().__init__(value, query.correlate(None).scalar_subquery())


@compiles(OneOf)
def _in_query(element: OneOf, compiler: SQLCompiler, **more: Any) -> str:
    value, query = element.clauses
    return f"{compiler.process(value, **more)} IN {compiler.process(query, **more)}"


@compiles(OneOf, "postgresql")
def _in_array(element: OneOf, compiler: SQLCompiler, **more: Any) -> str:
    value, query = element.clauses
    return f"{compiler.process(value, **more)} = ANY (ARRAY{compiler.process(query, **more)})"


def within(column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], actor: Actor) -> ColumnElement[bool]:
    """True for rows whose area is the actor's or lies below it. An actor without an area sees nothing."""
    return OneOf(column, area_codes(actor)) if actor.area_path else false()


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
