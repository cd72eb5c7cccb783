"""I7 of our rows: what belongs to an order or ticket lies in its area, and nobody of another area changed it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Select, and_, exists, func, or_, select

from app.domain.actors import contains
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN
from app.persistence.amending.amendments import Amendment
from app.persistence.amending.cancels import CancelRequest
from app.persistence.areas import area_paths
from app.persistence.audit import OrderEvent
from app.persistence.counter.customers import InstalledProduct
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.ordering.service_orders import ServiceOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.people import Team, User
from app.persistence.promises.sla_clocks import JeopardyAlert, SlaClock
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem
from processes.invariants import Look, Violation
from processes.store.instances import ProcessInstance

RULE: Final = "I7"
#: A demonstration user does work items of any team and area; everything else is bound to one's own.
OF_ANY_AREA: Final = "work_item_state"
#: Service orders, work orders and work items on which nobody works any more.
OVER: Final = ("completed", "cancelled", "failed")


def rows_of_another_area(look: Look) -> Iterator[Violation]:
    """What is always in the very area of its order or ticket."""
    order, ticket = ProductOrder.area, TroubleTicket.area
    number, ticket_number = ProductOrder.number, TroubleTicket.number
    kinds: list[tuple[str, Any, Select[*tuple[Any, ...]]]] = [
        (
            "process",
            ProcessInstance,
            _pair(number, ProcessInstance.area, order).join(
                ProcessInstance, ProcessInstance.id == ProductOrder.process_instance_id
            ),
        ),
        (
            "process",
            ProcessInstance,
            _pair(ticket_number, ProcessInstance.area, ticket).join(
                ProcessInstance, ProcessInstance.id == TroubleTicket.process_instance_id
            ),
        ),
        (
            "line of the history",
            OrderEvent,
            _pair(number, OrderEvent.area, order).join(OrderEvent, OrderEvent.order_id == ProductOrder.id),
        ),
        (
            "line of the history",
            OrderEvent,
            _pair(ticket_number, OrderEvent.area, ticket).join(OrderEvent, OrderEvent.ticket_id == TroubleTicket.id),
        ),
        (
            "clock",
            SlaClock,
            _pair(number, SlaClock.area, order)
            .join(SlaClock, SlaClock.order_id == ProductOrder.id)
            .where(SlaClock.work_order_id.is_(None)),
        ),
        (
            "clock",
            SlaClock,
            _pair(number, SlaClock.area, WorkOrder.area)
            .join(SlaClock, SlaClock.work_order_id == WorkOrder.id)
            .join(ProductOrder, ProductOrder.id == WorkOrder.order_id),
        ),
        (
            "clock",
            SlaClock,
            _pair(ticket_number, SlaClock.area, ticket).join(SlaClock, SlaClock.ticket_id == TroubleTicket.id),
        ),
        (
            "alarm",
            JeopardyAlert,
            _pair(func.coalesce(number, ticket_number), JeopardyAlert.area, SlaClock.area, start=SlaClock)
            .join(JeopardyAlert, JeopardyAlert.clock_id == SlaClock.id)
            .outerjoin(ProductOrder, ProductOrder.id == SlaClock.order_id)
            .outerjoin(TroubleTicket, TroubleTicket.id == SlaClock.ticket_id),
        ),
        (
            "request to cancel",
            CancelRequest,
            _pair(number, CancelRequest.area, order).join(CancelRequest, CancelRequest.order_id == ProductOrder.id),
        ),
    ]
    for table in {table for _name, table, _rows in kinds}:
        look.counted(RULE, f"rows of {table.__tablename__}", table)
    for name, _table, rows in kinds:
        for row in look.stream(rows):
            yield Violation(RULE, row.number, f"lies in {row.above}, but a {name} of it lies in {row.area}")


def _pair(number: Any, area: Any, above: Any, *, start: Any = None) -> Select[*tuple[Any, ...]]:
    """Number of the owner and the two areas, where they differ."""
    found = select(number.label("number"), area.label("area"), above.label("above")).where(area != above)
    return found.select_from(start if start is not None else above.class_)


def steps_of_another_area(look: Look) -> Iterator[Violation]:
    """Items, service orders, work orders and work items lie where the item is, at one of its places, where its product
    is, or where the order or ticket is: a line between two areas has steps in both, and a product without a place
    stays where it is when somebody of another area takes it over."""
    own, order = ProductOrderItem.area, ProductOrder.area
    kinds: list[tuple[str, Any, Any]] = [
        ("service order", ServiceOrder, ServiceOrder.rfs),
        ("work order", WorkOrder, WorkOrder.element_id),
        ("work item", WorkItem, WorkItem.number),
    ]
    of_item = (InstalledProduct, InstalledProduct.product_id == ProductOrderItem.product_id)
    items = select(
        ProductOrder.number,
        ProductOrderItem.item_no.label("what"),
        own.label("area"),
        order.label("above"),
        ProductOrderItem.places,
        InstalledProduct.area.label("home"),
    )
    items = items.join(ProductOrder, ProductOrder.id == ProductOrderItem.order_id).outerjoin(*of_item)
    look.counted(RULE, "items", ProductOrderItem)
    yield from _outside(look, "item", items.where(own != order))
    for name, table, what in kinds:
        look.counted(RULE, f"{name}s", table)
        rows = (
            select(
                ProductOrder.number,
                what.label("what"),
                table.area.label("area"),
                order.label("above"),
                ProductOrderItem.places,
                InstalledProduct.area.label("home"),
            )
            .join(ProductOrder, ProductOrder.id == table.order_id)
            .outerjoin(ProductOrderItem, ProductOrderItem.id == table.item_id)
            .outerjoin(*of_item)
            .where(table.area != order, or_(own.is_(None), table.area != own))
        )
        # What an amendment has left behind stays in the books where it was done or withdrawn.
        amended = exists().where(Amendment.order_id == table.order_id)
        yield from _outside(look, name, rows.where(~and_(table.state.in_(OVER), amended)))
    of_ticket = (
        select(
            TroubleTicket.number,
            WorkItem.number.label("what"),
            WorkItem.area.label("area"),
            TroubleTicket.area.label("above"),
        )
        .join(WorkItem, WorkItem.ticket_id == TroubleTicket.id)
        .where(WorkItem.order_id.is_(None), WorkItem.area != TroubleTicket.area)
    )
    for row in look.stream(of_ticket):
        yield Violation(RULE, row.number, f"lies in {row.above}, but work item {row.what} of it in {row.area}")


def _outside(look: Look, name: str, rows: Select[*tuple[Any, ...]]) -> Iterator[Violation]:
    for row in look.stream(rows):
        if row.area not in {row.home, *(place.get("area") for place in row.places or ())}:
            text = f"lies in {row.above}, but {name} {row.what} of it in {row.area}, where it has no place"
            yield Violation(RULE, row.number, text)


def work_with_a_foreign_team(look: Look) -> Iterator[Violation]:
    """A work item lies with a team of its area, or of one above."""
    paths = area_paths(look.session)
    pairs = select(WorkItem.area, Team.code, Team.area.label("home")).join(Team, Team.code == WorkItem.team_code)
    for row in look.session.execute(pairs.distinct()).all():
        if contains(paths.get(row.home, ""), paths.get(row.area, "")):
            continue
        open_states = [state.value for state in WORK_ITEM_OPEN]
        items = select(WorkItem.number, WorkItem.state).where(WorkItem.area == row.area, WorkItem.team_code == row.code)
        for item in look.stream(items):
            where = "lies" if item.state in open_states else "lay"
            yield Violation(RULE, item.number, f"is of {row.area}, but {where} with {row.code} of {row.home}")


def written_by_strangers(look: Look) -> Iterator[Violation]:
    """Whoever changed an order or ticket has it in his or her area."""
    paths = area_paths(look.session)
    pairs = (
        select(OrderEvent.who, OrderEvent.area, User.area.label("home"))
        .join(User, User.login == OrderEvent.who)
        .where(OrderEvent.kind != OF_ANY_AREA)
    )
    for row in look.session.execute(pairs.distinct()).all():
        if not contains(paths.get(row.home, ""), paths.get(row.area, "")):
            yield from _lines_of(look, row.who, row.area, row.home)
    requests = select(CancelRequest.requested_by, CancelRequest.area, User.area.label("home")).join(
        User, User.login == CancelRequest.requested_by
    )
    for row in look.session.execute(requests.distinct()).all():
        if not contains(paths.get(row.home, ""), paths.get(row.area, "")):
            text = f"{row.requested_by} of {row.home} asked to cancel orders of {row.area}"
            yield Violation(RULE, row.requested_by, text)


def _lines_of(look: Look, who: str, area: str, home: str) -> Iterator[Violation]:
    rows = (
        select(func.coalesce(ProductOrder.number, TroubleTicket.number).label("number"), OrderEvent.kind)
        .outerjoin(ProductOrder, ProductOrder.id == OrderEvent.order_id)
        .outerjoin(TroubleTicket, TroubleTicket.id == OrderEvent.ticket_id)
        .where(OrderEvent.who == who, OrderEvent.area == area, OrderEvent.kind != OF_ANY_AREA)
    )
    for row in look.stream(rows):
        yield Violation(RULE, row.number, f"lies in {area}, but {who} of {home} changed it ({row.kind})")


def areas_that_do_not_exist(look: Look) -> Iterator[Violation]:
    """Every area named by an order, a ticket or a process exists."""
    known: Mapping[str, str] | Collection[str] = area_paths(look.session)
    for table, number in ((ProductOrder, ProductOrder.number), (TroubleTicket, TroubleTicket.number)):
        for area in look.session.scalars(select(table.area).distinct()).all():
            if area not in known:
                for found in look.stream(select(number).where(table.area == area)):
                    yield Violation(RULE, found[0], f"lies in {area}, which is no area")
