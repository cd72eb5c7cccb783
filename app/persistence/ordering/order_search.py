"""Finding orders: lists with filters, and one order with everything about it. Only in the caller's area."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.interfaces import ORMOption

from app.domain.actors import Actor
from app.domain.counter.found_by import half_width
from app.domain.ordering.plan_times import moved_plan
from app.errors import NotFound
from app.persistence.counter.customer_words import customers_like
from app.persistence.counter.customers import Customer
from app.persistence.filters import Columns, at_most, equals_any, is_id, matches_text
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.promises.sla_clocks import SlaClock
from app.persistence.scope import scoped, within
from app.persistence.teamwork.work_items import WorkItem

ORDER_COLUMNS: Final[Columns] = {
    "id": ProductOrder.id,
    "number": ProductOrder.number,
    "external_id": ProductOrder.external_id,
    "state": ProductOrder.state,
    "category": ProductOrder.category,
    "priority": ProductOrder.priority,
    "channel": ProductOrder.channel,
    "customer_no": ProductOrder.customer_no,
    "account_no": ProductOrder.account_no,
    "area": ProductOrder.area,
    "client": ProductOrder.client,
}
ITEM_COLUMNS: Final[Columns] = {
    "item_action": ProductOrderItem.action,
    "item_state": ProductOrderItem.state,
    "offering": ProductOrderItem.offering,
    "product": ProductOrderItem.product,
    "product_id": ProductOrderItem.product_id,
    "order_type": ProductOrderItem.order_type,
    "address_code": ProductOrderItem.address_code,
}
TIME_TESTS: Final[Mapping[str, tuple[InstrumentedAttribute[Any], Callable[[Any, Any], Any]]]] = {
    "ordered_after": (ProductOrder.ordered_at, operator.gt),
    "ordered_from": (ProductOrder.ordered_at, operator.ge),
    "ordered_before": (ProductOrder.ordered_at, operator.lt),
    "ordered_until": (ProductOrder.ordered_at, operator.le),
    "late_at": (ProductOrder.promised_at, operator.lt),
    "due_from": (ProductOrder.promised_at, operator.ge),
    "due_before": (ProductOrder.promised_at, operator.lt),
}
#: What belongs to an order and is read with it, by name of the attribute.
PARTS: Final[Mapping[str, Callable[[], tuple[ORMOption, ...]]]] = {
    "items": lambda: (selectinload(ProductOrder.items),),
    "service_orders": lambda: (selectinload(ProductOrder.service_orders),),
    "work_orders": lambda: (selectinload(ProductOrder.work_orders),),
    "clocks": lambda: (
        selectinload(ProductOrder.clocks).selectinload(SlaClock.pauses),
        selectinload(ProductOrder.clocks).selectinload(SlaClock.alerts),
    ),
    "alerts": lambda: (selectinload(ProductOrder.clocks).selectinload(SlaClock.alerts),),
    "events": lambda: (selectinload(ProductOrder.events),),
    "work_items": lambda: (selectinload(ProductOrder.work_items).selectinload(WorkItem.ticket),),
    "cancel_requests": lambda: (selectinload(ProductOrder.cancel_requests),),
}
POINTING_BACK: Final = ("items", "service_orders", "work_orders", "clocks", "work_items")
#: ``sort``: newest first, or what is due first.
SORTS: Final = ("newest", "due")
#: A text that names more orders, or customers, than this is too general to be answered in full.
MOST: Final = 1000
MOST_CUSTOMERS: Final = 200


def list_orders(
    session: Session,
    actor: Actor,
    filters: Mapping[str, Any] | None = None,
    *,
    offset: int = 0,
    limit: int = 20,
    count_at_most: int | None = None,
) -> tuple[Sequence[ProductOrder], int]:
    """One page of orders and how many there are in all, with items, clocks, alerts and cancel requests loaded.

    :param filters: names of ``ORDER_COLUMNS`` and ``ITEM_COLUMNS`` with one value or several; ``ordered_after``,
        ``ordered_from``, ``ordered_before``, ``ordered_until`` (aware UTC); ``open`` (bool); ``late_at`` (orders past
        their promise at that instant); ``not_late_at`` (open ones that are not); ``due_from``, ``due_before`` (the
        promise, aware UTC); ``at_risk`` (at least this level), ``below_risk``; ``q`` (number, external id, customer,
        phone, product: see :func:`ids_named`);
        ``sort`` (``newest`` or ``due``).
    :param limit: at most so many; 0 only counts.
    :param count_at_most: stop counting there; a page need not know how many beyond some thousands.
    :raises ValueError: a filter that does not exist.
    """
    given = dict(filters or {})
    sort = given.pop("sort", "newest")
    query = scoped(select(ProductOrder), ProductOrder, actor)
    if text := str(given.pop("q", "") or "").strip():
        query = query.where(ProductOrder.id.in_(ids_named(session, actor, text)))
    for name, value in given.items():
        query = query.where(_condition(name, value))
    # Nothing is read of the rows, so that an index alone can answer.
    counted: Select[Any] = (
        query.with_only_columns(literal_column("1", Integer())).order_by(None).limit(at_most(count_at_most))
    )
    total = session.scalar(select(func.count()).select_from(counted.subquery())) or 0
    if limit == 0:
        return [], total
    rows = session.scalars(
        _sorted(query, sort)
        .options(
            selectinload(ProductOrder.items),
            selectinload(ProductOrder.clocks).selectinload(SlaClock.alerts),
            selectinload(ProductOrder.clocks).selectinload(SlaClock.pauses),
            selectinload(ProductOrder.cancel_requests),
        )
        .offset(offset)
        .limit(at_most(limit))
    ).all()
    return rows, total


def get_order(
    session: Session, actor: Actor, id_or_number: str, *, parts: Collection[str] = tuple(PARTS)
) -> ProductOrder:
    """One order by id or number, with the parts of it that are asked for; without a word, with everything.

    :param parts: names of ``PARTS``.
    :raises NotFound: there is none, or it is not in the actor's area; the caller cannot tell which.
    """
    column = ProductOrder.id if is_id(id_or_number) else ProductOrder.number
    order = session.scalars(
        scoped(select(ProductOrder), ProductOrder, actor)
        .where(column == id_or_number)
        .options(*(option for part in parts for option in PARTS[part]()))
    ).one_or_none()
    if order is None:
        raise NotFound(f"there is no order {id_or_number}", f"没有订单 {id_or_number}")
    # They point back at the order, which is here already: no query may be left for after the session.
    for name in POINTING_BACK:
        for row in getattr(order, name) if name in parts else ():
            set_committed_value(row, "order", order)
    if "work_orders" in parts:
        _move_plan(order)
    return order


def _move_plan(order: ProductOrder) -> None:
    """Show the plan as it stands now; what is stored stays as it was laid out."""
    spans = moved_plan(order.work_orders)
    for row in order.work_orders:
        if row.id in spans:
            planned_from, planned_to = spans[row.id]
            set_committed_value(row, "planned_from", planned_from)
            set_committed_value(row, "planned_to", planned_to)


def count_by_state(session: Session, actor: Actor) -> dict[str, int]:
    """How many orders the actor may see are in each state."""
    query = scoped(select(ProductOrder.state, func.count().label("number")), ProductOrder, actor).group_by(
        ProductOrder.state
    )
    return {row.state: row.number for row in session.execute(query)}


def _sorted(query: Select[ProductOrder], sort: str) -> Select[ProductOrder]:
    if sort not in SORTS:
        raise ValueError(f"orders are not sorted by {sort}")
    if sort == "due":
        return query.order_by(ProductOrder.promised_at.asc().nulls_last(), ProductOrder.id)
    return query.order_by(ProductOrder.ordered_at.desc(), ProductOrder.id.desc())


def _condition(name: str, value: Any) -> ColumnElement[bool]:
    if name in ORDER_COLUMNS:
        return equals_any(ORDER_COLUMNS[name], value)
    if name in ITEM_COLUMNS:
        return ProductOrder.items.any(equals_any(ITEM_COLUMNS[name], value))
    if name in TIME_TESTS:
        column, test = TIME_TESTS[name]
        met: ColumnElement[bool] = test(column, value)
        return met & _is_open() if name == "late_at" else met
    if name == "open":
        return _is_open() if value else ProductOrder.completed_at.is_not(None)
    if name == "not_late_at":
        return and_(_is_open(), or_(ProductOrder.promised_at.is_(None), ProductOrder.promised_at >= value))
    if name == "below_risk":
        return ~ProductOrder.clocks.any((SlaClock.last_level >= value) & (SlaClock.state != "stopped"))
    if name == "at_risk":
        return ProductOrder.clocks.any((SlaClock.last_level >= value) & (SlaClock.state != "stopped"))
    raise ValueError(f"orders are not filtered by {name}")


def _is_open() -> ColumnElement[bool]:
    """Not final: the time of its end is set when an order gets to a final state, and the index over open orders
    goes by it."""
    return ProductOrder.completed_at.is_(None)


def ids_named(session: Session, actor: Actor, text: str) -> Sequence[str]:
    """Ids of orders in the actor's area that a text names: at most ``MOST`` of them.

    What is named exactly (a number, a phone) wins over what contains the text. Each question is one that an index
    answers; joined by OR to one condition, every order would be read.
    """
    wanted, order = half_width(text), ProductOrder
    mine = select(order.id).where(within(order.area, actor))
    with_product = select(ProductOrderItem.order_id).where(ProductOrderItem.product_id == wanted)
    with_phone = select(Customer.customer_no).where(Customer.phone == wanted)
    named = (
        mine.where(order.number == wanted.upper()),
        mine.where(order.external_id == wanted),
        mine.where(order.customer_no == wanted.upper()),
        mine.where(order.customer_no.in_(with_phone)),
        mine.where(order.id.in_(with_product)),
    )
    found = _ids(session, named)
    if found:
        return found
    customers = [select(Customer.customer_no).where(like).limit(MOST_CUSTOMERS) for like in customers_like(wanted)]
    alike = (
        mine.where(matches_text((order.number, order.external_id, order.description), wanted)),
        *(mine.where(order.customer_no.in_(found)) for found in customers),
    )
    return _ids(session, alike)


def _ids(session: Session, questions: Iterable[Select[str]]) -> Sequence[str]:
    found: set[str] = set()
    for question in questions:
        found.update(session.scalars(question.limit(MOST)))
    return sorted(found)[-MOST:]
