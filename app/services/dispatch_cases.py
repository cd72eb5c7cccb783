"""What is known of a to-do when it is sent to a team: its order, product and customer, and where it is to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.domain.business_keys import subject_of
from app.domain.calendar import ZONE
from app.domain.dispatch import Case, Sent
from app.persistence.areas import area_paths
from app.persistence.customers import Address, Customer
from app.persistence.orders import ProductOrder, ProductOrderItem
from app.persistence.tickets import TroubleTicket
from app.persistence.work_items import WorkItem
from app.services import dispatching
from app.services.dispatching import About
from processes.store.instances import UserTask

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


ITEM = (
    ProductOrderItem.id.label("item_id"),
    ProductOrderItem.product,
    ProductOrderItem.product_id,
    ProductOrderItem.order_type,
    ProductOrderItem.places,
    ProductOrderItem.characteristics,
)
CUSTOMER = (Customer.tier, Customer.account_manager)
PLACE = (Address.side, Address.area_class)


def cause_of(session: Session, business_key: str, address_code: str | None) -> Cause:
    """What a business key means; a ticket that an order's own test opened belongs to that order.

    :param address_code: where it is done, if the step says so; else where the item of the order is.
    """
    subject = subject_of(business_key)
    if subject.ticket_id is not None:
        return of_ticket(session, subject.ticket_id, address_code)
    if subject.order_id is None:
        return Cause()
    same = (ProductOrderItem.order_id == ProductOrder.id) & (ProductOrderItem.item_no == subject.item_no)
    return of_order(session, subject.order_id, same, address_code)


def of_ticket(session: Session, ticket_id: str, address_code: str | None = None) -> Cause:
    """Of a ticket; nothing where there is none."""
    query = (
        select(
            TroubleTicket.order_id,
            TroubleTicket.product.label("ticket_product"),
            TroubleTicket.product_id.label("ticket_product_id"),
            ProductOrder.priority,
            *ITEM,
            *CUSTOMER,
            *PLACE,
        )
        .select_from(TroubleTicket)
        .outerjoin(ProductOrder, ProductOrder.id == TroubleTicket.order_id)
        .outerjoin(ProductOrderItem, ProductOrderItem.id == TroubleTicket.item_id)
        .outerjoin(Customer, Customer.customer_no == func.coalesce(TroubleTicket.customer_no, ProductOrder.customer_no))
        .outerjoin(Address, Address.code == _first(address_code, ProductOrderItem, TroubleTicket))
        .where(TroubleTicket.id == ticket_id)
    )
    with session.no_autoflush:  # all of this is older than the step
        row = session.execute(query).one_or_none()
    if row is None:
        return Cause()
    return Cause(
        ticket_id=ticket_id,
        order_id=row.order_id,
        **_known(row)
        | {
            "product": row.product or row.ticket_product or "",
            "product_id": row.product_id or row.ticket_product_id,
        },
    )


def of_order(session: Session, order_id: str, same: ColumnElement[bool], address_code: str | None = None) -> Cause:
    """Of an order; ``same`` says which item of it, if one is meant."""
    query = (
        select(ProductOrder.priority, *ITEM, *CUSTOMER, *PLACE)
        .select_from(ProductOrder)
        .outerjoin(ProductOrderItem, same)
        .outerjoin(Customer, Customer.customer_no == ProductOrder.customer_no)
        .outerjoin(Address, Address.code == _first(address_code, ProductOrderItem))
        .where(ProductOrder.id == order_id)
    )
    with session.no_autoflush:  # all of this is older than the step
        row = session.execute(query).one_or_none()
    return Cause(order_id=order_id) if row is None else Cause(order_id=order_id, **_known(row))


def _first(address_code: str | None, *owners: type[ProductOrderItem | TroubleTicket]) -> Any:
    """The address that is given, else the first one that somebody has."""
    if address_code is not None:
        return address_code
    return func.coalesce(*(owner.address_code for owner in owners), None)


def _known(row: Any) -> dict[str, Any]:
    return {
        "item_id": row.item_id,
        "priority": urgency(row.priority),
        "product": row.product or "",
        "product_id": row.product_id,
        "order_type": row.order_type or "",
        "tier": row.tier or "standard",
        "account_manager": row.account_manager or "",
        "side": row.side or "",
        "area_class": row.area_class or "",
        "places": row.places or (),
        "characteristics": row.characteristics or {},
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
    return sent


def again(session: Session, item: WorkItem, now: datetime) -> Sent:
    """Ask anew for a to-do that lies somewhere already, by the role its step names."""
    address = (item.context or {}).get("address_code") or None
    if item.ticket_id is not None:
        cause = of_ticket(session, item.ticket_id, address)
    elif item.order_id is not None:
        cause = of_order(session, item.order_id, ProductOrderItem.id == item.item_id, address)
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
