"""Finding work items: the queues of a person and of teams. Only in the caller's area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.domain.actors import Actor
from app.domain.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.errors import NotFound
from app.persistence.filters import Columns, contains_text, equals_any, is_id
from app.persistence.orders import ProductOrder
from app.persistence.scope import scoped
from app.persistence.tickets import TroubleTicket
from app.persistence.work_items import WorkItem

TABS: Final = ("mine", "team", "all", "done")
COLUMNS: Final[Columns] = {
    "state": WorkItem.state,
    "kind": WorkItem.kind,
    "team": WorkItem.team_code,
    "team_role": WorkItem.team_role,
    "area": WorkItem.area,
    "order_id": WorkItem.order_id,
    "ticket_id": WorkItem.ticket_id,
    "claimed_by": WorkItem.claimed_by,
}


def list_items(
    session: Session,
    actor: Actor,
    tab: str = "team",
    filters: Mapping[str, Any] | None = None,
    *,
    offset: int = 0,
    limit: int = 20,
    in_brief: bool = False,
) -> tuple[Sequence[WorkItem], int]:
    """One page of work items, most urgent first, and how many there are in all; order and ticket are loaded.

    :param tab: ``mine`` (claimed by the actor), ``team`` (open, of the actor's teams), ``all`` (open, in the actor's
        area), ``done`` (finished by the actor or in the actor's teams, newest first).
    :param filters: names of ``COLUMNS`` with one value or several; ``order`` and ``ticket`` (id or number); ``q``
        (number, title, order number); ``due_before`` (aware UTC). Filters that are None do not count.
    :param limit: at most so many; 0 only counts.
    :param in_brief: of order and ticket only what names them and their customer.
    :raises ValueError: a tab or filter that does not exist.
    """
    query = _visible(actor).where(_tab(tab, actor))
    for name, value in (filters or {}).items():
        if value is not None:
            query = query.where(_condition(name, value))
    if limit == 0:
        return (), _number_of(session, query)
    urgent = (WorkItem.priority.desc(), WorkItem.due_at.asc().nulls_last(), WorkItem.created_at, WorkItem.id)
    newest = (WorkItem.completed_at.desc().nulls_last(), WorkItem.id.desc())
    query = query.order_by(*(newest if tab == "done" else urgent))
    owners = _names_of_owner() if in_brief else _with_owner()
    rows = session.scalars(query.options(*owners).offset(offset).limit(limit)).all()
    is_last = len(rows) < limit and (rows or offset == 0)
    return rows, offset + len(rows) if is_last else _number_of(session, query)


def get_item(session: Session, actor: Actor, id_or_number: str, *, in_brief: bool = False) -> WorkItem:
    """One work item by id or number, with its order (items and clocks) and ticket.

    :param in_brief: of order and ticket only what names them and their customer.

    :raises NotFound: there is none, or it is not in the actor's area.
    """
    column = WorkItem.id if is_id(id_or_number) else WorkItem.number
    item = session.scalars(
        _visible(actor).where(column == id_or_number).options(*(_names_of_owner() if in_brief else _whole_owner()))
    ).one_or_none()
    if item is None:
        raise NotFound(f"there is no work item {id_or_number}", f"没有工单 {id_or_number}")
    return item


def count_items(session: Session, actor: Actor) -> dict[str, int]:
    """How many items each tab of the actor's work list holds, finished ones left out."""
    counts = {}
    for tab in ("mine", "team", "all"):
        query = _visible(actor).where(_tab(tab, actor))
        counts[tab] = _number_of(session, query)
    return counts


def _visible(actor: Actor) -> Select[WorkItem]:
    # The demonstration's field crew works everywhere; outside demo mode nobody does.
    if actor.demo_any_team:
        return select(WorkItem)
    return scoped(select(WorkItem), WorkItem, actor)


def _number_of(session: Session, query: Select[WorkItem]) -> int:
    return session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def _names_of_owner() -> tuple[ORMOption, ...]:
    return (
        joinedload(WorkItem.order).load_only(ProductOrder.number, ProductOrder.customer_no),
        joinedload(WorkItem.ticket).load_only(TroubleTicket.number, TroubleTicket.customer_no),
    )


def _whole_owner() -> tuple[ORMOption, ...]:
    return (
        joinedload(WorkItem.order).selectinload(ProductOrder.items),
        joinedload(WorkItem.order).selectinload(ProductOrder.clocks),
        joinedload(WorkItem.ticket),
    )


def _with_owner() -> tuple[Any, ...]:
    return (selectinload(WorkItem.order).selectinload(ProductOrder.items), selectinload(WorkItem.ticket))


def _tab(tab: str, actor: Actor) -> ColumnElement[bool]:
    of_my_teams = WorkItem.team_code.in_(actor.teams) if actor.teams else false()
    if tab == "mine":
        return (WorkItem.claimed_by == actor.login) & WorkItem.state.in_(WORK_ITEM_OPEN)
    if tab == "team":
        mine = WorkItem.state.in_(WORK_ITEM_OPEN)
        return mine if actor.demo_any_team else mine & of_my_teams
    if tab == "all":
        return WorkItem.state.in_(WORK_ITEM_OPEN)
    if tab == "done":
        finished = WorkItem.state.in_((WorkItemState.COMPLETED, WorkItemState.CANCELLED))
        return finished & or_(WorkItem.completed_by == actor.login, of_my_teams)
    raise ValueError(f"work items have no tab {tab}")


def _condition(name: str, value: Any) -> ColumnElement[bool]:
    if name in COLUMNS:
        return equals_any(COLUMNS[name], value)
    if name == "order":
        column = ProductOrder.id if is_id(value) else ProductOrder.number
        return WorkItem.order_id.in_(select(ProductOrder.id).where(column == value))
    if name == "ticket":
        ticket_column = TroubleTicket.id if is_id(value) else TroubleTicket.number
        return WorkItem.ticket_id.in_(select(TroubleTicket.id).where(ticket_column == value))
    if name == "due_before":
        sooner: ColumnElement[bool] = WorkItem.due_at < value
        return sooner
    if name == "q":
        numbers = select(ProductOrder.id).where(contains_text((ProductOrder.number,), str(value)))
        texts = (WorkItem.number, WorkItem.title_zh, WorkItem.title_en)
        return or_(contains_text(texts, str(value)), WorkItem.order_id.in_(numbers))
    raise ValueError(f"work items are not filtered by {name}")
