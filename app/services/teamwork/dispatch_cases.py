"""What is known of a to-do when it is sent to a team: its order, product and customer, and where it is to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, String, and_, bindparam, func, select
from sqlalchemy.orm import Session

from app.domain.business_keys import subject_of
from app.domain.promises.calendar import ZONE
from app.domain.teamwork.dispatch import Case, Sent
from app.persistence.areas import area_paths
from app.persistence.counter.customers import Address, Customer
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem
from app.services.teamwork import dispatching
from app.services.teamwork.dispatching import About
from processes.store.instances import UserTask
from processes.store.rows import table_of
from processes.store.sentences import Sentence

#: So many parts of a path name the province.
PROVINCE: Final = 2


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What a to-do is about, by the ids of our rows, how urgent that is (higher is sooner), and what dispatch asks."""

    order_id: str | None = None
    item_id: str | None = None
    ticket_id: str | None = None
    priority: int = 0
    product: str = ""
    product_id: str | None = None
    order_type: str = ""
    tier: str = "standard"
    account_manager: str = ""
    side: str = ""
    area_class: str = ""
    places: Sequence[Mapping[str, Any]] = ()
    characteristics: Mapping[str, Any] = field(default_factory=dict)


ITEM_FACTS: Final = ("product", "product_id", "order_type", "places", "characteristics")
CUSTOMER_FACTS: Final = ("tier", "account_manager")
PLACE_FACTS: Final = ("side", "area_class")
NAMES: Final = ("priority", "item_id", *ITEM_FACTS, *CUSTOMER_FACTS, *PLACE_FACTS)


def cause_of(session: Session, business_key: str, address_code: str | None) -> Cause:
    """What a business key means; a ticket that an order's own test opened belongs to that order.

    :param address_code: where it is done, if the step says so; else where the item of the order is.
    """
    subject = subject_of(business_key)
    if subject.ticket_id is not None:
        return of_ticket(session, subject.ticket_id, address_code)
    if subject.order_id is None:
        return Cause()
    return of_order(session, subject.order_id, subject.item_no, address_code)


def of_ticket(session: Session, ticket_id: str, address_code: str | None = None) -> Cause:
    """Of a ticket; nothing where there is none."""
    found = OF_TICKET.one(session, ticket_id=ticket_id, address=address_code)
    if found is None:
        return Cause()
    order_id, product, product_id, *facts = found
    known = dict(zip(NAMES, facts, strict=True))
    known["product"] = known["product"] or product
    known["product_id"] = known["product_id"] or product_id
    return Cause(ticket_id=ticket_id, order_id=order_id, **_known(known))


def of_order(session: Session, order_id: str, item_no: str | None, address_code: str | None = None) -> Cause:
    """Of an order, or of the item of that number."""
    found = OF_ORDER.one(session, order_id=order_id, item_no=item_no, address=address_code)
    if found is None:
        return Cause(order_id=order_id)
    return Cause(order_id=order_id, **_known(dict(zip(NAMES, found, strict=True))))


TICKETS: Final = table_of(TroubleTicket)
ORDERS: Final = table_of(ProductOrder)
ITEMS: Final = table_of(ProductOrderItem)
CUSTOMERS: Final = table_of(Customer)
ADDRESSES: Final = table_of(Address)


def _facts() -> list[Any]:
    """The columns of :data:`NAMES`."""
    return [
        ORDERS.c.priority,
        ITEMS.c.id.label("item_id"),
        *(ITEMS.c[name] for name in ITEM_FACTS),
        *(CUSTOMERS.c[name] for name in CUSTOMER_FACTS),
        *(ADDRESSES.c[name] for name in PLACE_FACTS),
    ]


def _of_order() -> Select[*tuple[Any, ...]]:
    same = and_(ITEMS.c.order_id == ORDERS.c.id, ITEMS.c.item_no == bindparam("item_no"))
    place = func.coalesce(bindparam("address", type_=String()), ITEMS.c.address_code)
    joined = (
        ORDERS.outerjoin(ITEMS, same)
        .outerjoin(CUSTOMERS, CUSTOMERS.c.customer_no == ORDERS.c.customer_no)
        .outerjoin(ADDRESSES, ADDRESSES.c.code == place)
    )
    return select(*_facts()).select_from(joined).where(ORDERS.c.id == bindparam("order_id"))


def _of_ticket() -> Select[*tuple[Any, ...]]:
    place = func.coalesce(bindparam("address", type_=String()), ITEMS.c.address_code, TICKETS.c.address_code)
    customer = func.coalesce(TICKETS.c.customer_no, ORDERS.c.customer_no)
    joined = (
        TICKETS.outerjoin(ORDERS, ORDERS.c.id == TICKETS.c.order_id)
        .outerjoin(ITEMS, ITEMS.c.id == TICKETS.c.item_id)
        .outerjoin(CUSTOMERS, CUSTOMERS.c.customer_no == customer)
        .outerjoin(ADDRESSES, ADDRESSES.c.code == place)
    )
    own = [TICKETS.c.order_id, TICKETS.c.product.label("of_ticket"), TICKETS.c.product_id.label("of_ticket_id")]
    return select(*own, *_facts()).select_from(joined).where(TICKETS.c.id == bindparam("ticket_id"))


OF_ORDER: Final = Sentence(_of_order)
OF_TICKET: Final = Sentence(_of_ticket)


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a row, with what counts where one is missing."""
    texts = {name: facts[name] or "" for name in ("product", "order_type", "account_manager", "side", "area_class")}
    return texts | {
        "item_id": facts["item_id"],
        "priority": urgency(facts["priority"]),
        "product_id": facts["product_id"],
        "tier": facts["tier"] or "standard",
        "places": facts["places"] or (),
        "characteristics": facts["characteristics"] or {},
    }


def urgency(priority: str | None) -> int:
    """Work items inherit the urgency of their order: TMF622 priority 0 (highest) to 4 (usual)."""
    return 4 - min(int(priority), 4) if priority is not None and priority.isdigit() else 0


def to_somebody(session: Session, item: WorkItem, cause: Cause, step: str, now: datetime) -> Sent:
    """Send a to-do to a team, by the role that ``item.team_role`` names."""
    case = Case(
        step=step,
        role=item.team_role or "",
        skill=item.skill or "",
        product=cause.product,
        order_type=cause.order_type,
        tier=cause.tier,
        grade=str(cause.characteristics.get("service_grade") or "normal"),
        area_class=cause.area_class or "urban",
        crosses=crossing(session, cause.places),
        side=cause.side,
        account_manager=cause.account_manager,
        on=now.astimezone(ZONE).date(),
    )
    about = About(area=item.area, order_id=cause.order_id, product_id=cause.product_id)
    sent = dispatching.send(session, case, about, now)
    dispatching.put(item, sent, case, now)
    asked_by = str(cause.characteristics.get("asked_by") or "customer")
    item.priority = dispatching.priority_of(session, case, cause.priority, asked_by)
    return sent


def again(session: Session, item: WorkItem, now: datetime) -> Sent:
    """Ask anew for a to-do that lies somewhere already, by the role its step names."""
    address = (item.context or {}).get("address_code") or None
    if item.ticket_id is not None:
        cause = of_ticket(session, item.ticket_id, address)
    elif item.order_id is not None:
        line = session.get(ProductOrderItem, item.item_id) if item.item_id else None
        cause = of_order(session, item.order_id, line.item_no if line else None, address)
    else:
        cause = Cause()
    item.team_role = (item.dispatch or {}).get("role") or item.team_role
    task = session.get(UserTask, item.user_task_id) if item.user_task_id else None
    return to_somebody(session, item, cause, task.element_id if task else "", now)


def crossing(session: Session, places: Sequence[Mapping[str, Any]]) -> str:
    """``areas`` or ``provinces`` where the places of a product lie in several, else nothing."""
    areas = {str(place["area"]) for place in places if place.get("area")}
    if len(areas) < 2:
        return ""
    with session.no_autoflush:
        paths = area_paths(session)
    provinces = {tuple(paths.get(area, area).split("/")[:PROVINCE]) for area in areas}
    return "provinces" if len(provinces) > 1 else "areas"
