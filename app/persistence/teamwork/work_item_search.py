"""Finding work items: the queues of a person and of teams. Only in the caller's area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, SelectBase, and_, exists, false, func, or_, select, union
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.domain.actors import Actor
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.errors import NotFound
from app.persistence.counter.customers import Customer
from app.persistence.filters import Columns, at_most, contains_text, equals_any, in_words, is_id, matches_text
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.scope import scoped
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem

Order = tuple[ColumnElement[Any], ...]

SORTS: Final = ("order", "newest", "follow")
TABS: Final = ("mine", "team", "all", "done")
#: So many are counted; of more it is only said that there are at least so many.
COUNTED_AT_MOST: Final = 1000
#: Somebody in more teams than this (a dispatcher) gets their queues sorted as one.
TEAMS_APART: Final = 12
COLUMNS: Final[Columns] = {
    "state": WorkItem.state,
    "kind": WorkItem.kind,
    "team": WorkItem.team_code,
    "team_role": WorkItem.team_role,
    "area": WorkItem.area,
    "order_id": WorkItem.order_id,
    "ticket_id": WorkItem.ticket_id,
    "claimed_by": WorkItem.claimed_by,
    "offered_to": WorkItem.offered_to,
}


def list_items(
    session: Session,
    actor: Actor,
    tab: str = "team",
    filters: Mapping[str, Any] | None = None,
    *,
    offset: int = 0,
    limit: int = 20,
    sort: str = "",
    in_brief: bool = False,
    count_at_most: int = COUNTED_AT_MOST,
) -> tuple[Sequence[WorkItem], int]:
    """One page of work items, most urgent first, and how many there are (``count_at_most`` at most).

    Order and ticket are loaded.

    :param tab: ``mine`` (claimed by the actor, or offered to the actor), ``team`` (open, of the actor's teams), ``all``
        (open, in the actor's area), ``done`` (finished by the actor or in the actor's teams, newest first).
    :param filters: names of ``COLUMNS`` with one value or several; ``order`` and ``ticket`` (id or number); ``q``
        (number, title, order number); ``due_before`` (aware UTC); ``not_claimed_by`` (a login: claimed by others);
        ``product`` and ``tier`` (codes); ``returned`` (true); ``follow_up_to`` (a day).
        Filters that are None do not count.
    :param sort: one of ``SORTS`` instead of the most urgent first; what is done always comes newest first.
    :param limit: at most so many; 0 only counts.
    :param in_brief: of order and ticket only what names them and their customer.
    :raises ValueError: a tab or filter that does not exist.
    """
    query = _visible(actor)
    for name, value in (filters or {}).items():
        if value is not None:
            query = query.where(_condition(name, value))
    if limit == 0:
        return (), _number_of(session, query, tab, actor, count_at_most)
    found, order = _first_of(query, tab, actor, offset + limit, sort)
    owners = _names_of_owner() if in_brief else _with_owner()
    first = select(WorkItem).where(WorkItem.id.in_(select(found.subquery().c.id)))
    rows = session.scalars(first.order_by(*order).options(*owners).offset(offset).limit(limit)).all()
    is_last = len(rows) < limit and (rows or offset == 0)
    return rows, offset + len(rows) if is_last else _number_of(session, query, tab, actor, count_at_most)


def most_urgent(actor: Actor, count: int) -> Select[str, str | None]:
    """Ids, and ids of user tasks, of the most urgent open items of the actor's teams: so many of them, in order."""
    query = _visible(actor).where(in_words(WorkItem.state, [WorkItemState.OPEN]), not_of_others(actor))
    found, order = _first_of(query, "team", actor, count)
    first = WorkItem.id.in_(select(found.subquery().c.id))
    return select(WorkItem.id, WorkItem.user_task_id).where(first).order_by(*order).limit(at_most(count))


def not_of_others(actor: Actor) -> ColumnElement[bool]:
    """True where nobody else is just asked whether he or she takes it."""
    return WorkItem.offered_to.is_(None) | (WorkItem.offered_to == actor.login)


def _first_of(query: Select[WorkItem], tab: str, actor: Actor, count: int, sort: str = "") -> tuple[SelectBase, Order]:
    """Ids of the first so many rows of a tab, and the order in which they come."""
    parts, order = _parts(query, tab, actor)
    if sort and tab != "done":
        order = _sorted(sort)
        parts = [part.order_by(None).order_by(*order) for part in parts]
    return union(*(select(part.limit(at_most(count)).subquery().c.id) for part in parts)), order


def _parts(query: Select[WorkItem], tab: str, actor: Actor) -> tuple[list[Select[str]], Order]:
    """A tab as questions that the beginning of an index answers: one per team, however much it has open or done."""
    due = WorkItem.due_at.asc().nulls_last()
    urgent: Order = (WorkItem.priority.desc(), due, WorkItem.created_at.asc(), WorkItem.id.asc())
    newest: Order = (WorkItem.completed_at.desc().nulls_last(), WorkItem.id.desc())
    order = newest if tab == "done" else urgent
    ids = query.with_only_columns(WorkItem.id)
    teams = sorted(actor.teams) if len(actor.teams) <= TEAMS_APART else []
    if tab == "team" and teams and not actor.demo_any_team:
        is_open = ids.where(in_words(WorkItem.state, WORK_ITEM_OPEN))
        return [is_open.where(WorkItem.team_code == team).order_by(*urgent) for team in teams], order
    if tab == "mine":
        claimed = ids.where(WorkItem.claimed_by == actor.login, in_words(WorkItem.state, WORK_ITEM_OPEN))
        offered = ids.where(WorkItem.offered_to == actor.login, in_words(WorkItem.state, [WorkItemState.OPEN]))
        return [claimed.order_by(*order), offered.order_by(*order)], order
    if tab == "done" and teams:
        done = ids.where(WorkItem.completed_at.is_not(None)).order_by(WorkItem.completed_at.desc(), WorkItem.id.desc())
        withdrawn = ids.where(in_words(WorkItem.state, [WorkItemState.CANCELLED])).order_by(WorkItem.id.desc())
        of_teams = [part.where(WorkItem.team_code == team) for part in (done, withdrawn) for team in teams]
        return [done.where(WorkItem.completed_by == actor.login), *of_teams], order
    return [ids.where(_tab(tab, actor)).order_by(*order)], order


def _sorted(sort: str) -> Order:
    """An order that no index holds: all rows of the tab are looked at."""
    number = select(ProductOrder.number).where(ProductOrder.id == WorkItem.order_id).correlate(WorkItem)
    orders: dict[str, Order] = {
        "order": (func.coalesce(number.scalar_subquery(), WorkItem.number).asc(), WorkItem.id.asc()),
        "newest": (WorkItem.created_at.desc(), WorkItem.id.desc()),
        "follow": (WorkItem.follow_up_on.asc().nulls_last(), WorkItem.due_at.asc().nulls_last(), WorkItem.id.asc()),
    }
    return orders[sort]


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
        counts[tab] = _number_of(session, _visible(actor), tab, actor, COUNTED_AT_MOST)
    return counts


def _visible(actor: Actor) -> Select[WorkItem]:
    # The demonstration's field crew works everywhere; outside demo mode nobody does.
    if actor.demo_any_team:
        return select(WorkItem)
    return scoped(select(WorkItem), WorkItem, actor)


def _number_of(session: Session, query: Select[WorkItem], tab: str, actor: Actor, most: int) -> int:
    parts = [part.order_by(None).limit(at_most(most)).subquery() for part in _parts(query, tab, actor)[0]]
    every = union(*(select(part.c.id) for part in parts)).subquery() if len(parts) > 1 else parts[0]
    return min(most, session.scalar(select(func.count()).select_from(every)) or 0)


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
    if tab == "team":
        mine = in_words(WorkItem.state, WORK_ITEM_OPEN)
        return mine if actor.demo_any_team else mine & of_my_teams
    if tab == "all":
        return in_words(WorkItem.state, WORK_ITEM_OPEN)
    if tab == "done":
        finished = in_words(WorkItem.state, (WorkItemState.COMPLETED, WorkItemState.CANCELLED))
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
    if name == "not_claimed_by":
        return and_(WorkItem.claimed_by.is_not(None), WorkItem.claimed_by != value)
    if name == "product":
        return exists().where(ProductOrderItem.id == WorkItem.item_id, equals_any(ProductOrderItem.product, value))
    if name == "tier":
        same = (ProductOrder.id == WorkItem.order_id, Customer.customer_no == ProductOrder.customer_no)
        return exists().where(*same, equals_any(Customer.tier, value))
    if name == "returned":
        return WorkItem.returned_at.is_not(None)
    if name == "follow_up_to":
        on_day: ColumnElement[bool] = WorkItem.follow_up_on <= value
        return on_day
    if name == "q":
        numbers = select(ProductOrder.id).where(matches_text((ProductOrder.number,), str(value)))
        texts = (WorkItem.number, WorkItem.title_zh, WorkItem.title_en)
        return or_(contains_text(texts, str(value)), WorkItem.order_id.in_(numbers))
    raise ValueError(f"work items are not filtered by {name}")
