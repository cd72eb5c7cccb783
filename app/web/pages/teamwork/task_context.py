"""What stands beside the form of a work item: order, history, drawing, files, the customer's other orders."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import FINAL
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.persistence.counter.contacts import contact_of
from app.persistence.counter.customers import Customer
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.scope import scoped
from app.persistence.teamwork.attachments import attachments_around, attachments_of
from app.persistence.teamwork.tickets import TroubleTicket
from app.persistence.teamwork.work_items import WorkItem
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.ordering.diagrams import task_diagram
from app.web.pages.ordering.events import event_rows
from app.web.pages.ordering.order_list import product_text
from app.web.pages.promises.clocks import sla_cell
from app.web.pages.states import order_tag, stop_kind
from app.web.pages.step_facts import step_facts
from app.web.pages.teamwork.task_files import files_around
from app.web.pages.teamwork.work_list import customer_no_of, product_of
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.order_page import EventRow
from app.web.views.parts import Pair, StopKind, Tab
from app.web.views.task import OtherOrder, PlanStop, TaskContext

PLAN_WINDOW: Final = 3
MOST_ORDERS: Final = 20
TABS: Final = (
    ("order", Sentence("Order")),
    ("history", Sentence("History")),
    ("diagram", Sentence("Process", "tab")),
    ("files", Sentence("Attachments")),
    ("customer", Sentence("Same customer")),
)


def task_context(
    session: Session,
    item: WorkItem,
    customer: Customer | None,
    names: Names,
    reader: Reader,
    addresses: Addresses,
    tab: str,
) -> TaskContext:
    """The panel with one tab open; what the others would show is only counted."""
    current = tab if tab in {name for name, _ in TABS} else "order"
    is_mine = item.claimed_by == reader.actor.login and WorkItemState(item.state) in WORK_ITEM_OPEN
    others = _others(item, reader)
    counts = {
        "history": len(_owner_events(item)),
        "files": len(attachments_around(session, order_id=item.order_id, ticket_id=item.ticket_id))
        or len(attachments_of(session, item.id)),
        "customer": session.scalar(select(func.count()).select_from(others.subquery())) or 0,
    }
    tabs = tuple(
        Tab(reader.t(text), addresses.task(item.number) + f"?tab={name}", name == current, counts.get(name))
        for name, text in TABS
        if item.order is not None or name not in ("diagram",)
    )
    if current == "history":
        return TaskContext(tabs=tabs, tab=current, events=_events(item, names, reader, limit=60))
    if current == "diagram":
        return TaskContext(
            tabs=tabs,
            tab=current,
            diagram=task_diagram(session, reader, item, addresses),
            plan=_plan(session, item, reader),
        )
    if current == "files":
        attach = f"{addresses.task(item.number)}/files" if is_mine and reader.may("item.complete") else ""
        return TaskContext(
            tabs=tabs, tab=current, files=files_around(session, item, names, reader, addresses), attach_href=attach
        )
    if current == "customer":
        return TaskContext(
            tabs=tabs,
            tab=current,
            orders=_other_orders(session, item, names, reader, addresses),
            customer_href=addresses.customer(customer.customer_no) if customer and reader.may("customer.view") else "",
        )
    return TaskContext(
        tabs=tabs,
        tab=current,
        pairs=_pairs(session, item, customer, names, reader, addresses, is_mine=is_mine),
        inputs=step_inputs(item, names, reader),
        plan=_plan(session, item, reader),
        events=_events(item, names, reader, limit=4),
    )


def step_inputs(item: WorkItem, names: Names, reader: Reader, *, without: Collection[str] = ()) -> tuple[Pair, ...]:
    """What the step says to who does it; ``without`` are names of inputs that stand elsewhere on the page."""
    if item.kind == "incident":
        return ()
    said = {name: value for name, value in (item.context or {}).items() if name not in without}
    return step_facts(said, names, reader)


def _pairs(
    session: Session,
    item: WorkItem,
    customer: Customer | None,
    names: Names,
    reader: Reader,
    addresses: Addresses,
    *,
    is_mine: bool,
) -> tuple[Pair, ...]:
    t = reader.t
    pairs = []
    if customer is not None:
        pairs.append(Pair(t("Customer"), f"{names.customer(customer)} · {names.tier(customer.tier)}"))
    if product := product_of(item, names):
        pairs.append(Pair(t("Product"), product))
    if item.order is not None and item.order.promised_at is not None:
        cell = sla_cell(item.order.clocks, reader, promised_at=item.order.promised_at, is_final=item.order.is_final)
        pairs.append(Pair(t("Customer promise"), f"{reader.f.promise(item.order.promised_at)} · {cell.text}"))
    if item.ticket is not None:
        pairs.append(Pair(t("Ticket"), item.ticket.number, href=addresses.ticket(item.ticket.number)))
        pairs.append(Pair(t("What is reported"), item.ticket.description))
    # Who has claimed a visit must find the door and reach the customer; everybody else sees masks.
    if address := address_code(item):
        pairs.append(Pair(t("Address"), names.address(address, whole=is_mine)))
    contact = contact_of(session, item)
    if contact.phone:
        shown = contact if is_mine else contact.masked()
        pairs.append(Pair(t("Contact"), f"{shown.name} {shown.phone}".strip()))
    if item.order is not None and item.order.description:
        pairs.append(Pair(t("Note"), item.order.description))
    pairs.append(Pair(t("Team"), names.team(item.team_code) or names.team_role(item.team_role)))
    if item.follow_up_on is not None:
        pairs.append(Pair(t("Follow-up"), item.follow_up_on.isoformat()))
    return tuple(pairs)


def address_code(item: WorkItem) -> str | None:
    """Where it is done: what the step says, else the ticket, else the item of the order."""
    given = (item.context or {}).get("address_code")
    if given:
        return str(given)
    if item.ticket is not None and item.ticket.address_code:
        return item.ticket.address_code
    mine = [each for each in item.order.items if each.id == item.item_id] if item.order else []
    return mine[0].address_code if mine else None


def _plan(session: Session, item: WorkItem, reader: Reader) -> tuple[PlanStop, ...]:
    if item.order_id is None or item.work_order_id is None:
        return ()
    query = select(WorkOrder).where(WorkOrder.order_id == item.order_id, WorkOrder.state != "cancelled")
    steps = [
        step
        for step in session.scalars(query.order_by(WorkOrder.sequence, WorkOrder.id))
        if item.item_id is None or step.item_id in (None, item.item_id)
    ]
    here = next((n for n, step in enumerate(steps) if step.id == item.work_order_id), None)
    if here is None:
        return ()
    near = steps[max(0, here - PLAN_WINDOW) : here + PLAN_WINDOW + 1]
    return tuple(PlanStop(reader.said(step), _near_kind(step, item)) for step in near)


def _near_kind(step: WorkOrder, item: WorkItem) -> StopKind:
    if step.id == item.work_order_id:
        return "here"
    kind = stop_kind(step.state)
    return "wait" if kind == "here" else kind  # others run beside this one; only one step is where the reader is


def _owner_events(item: WorkItem) -> list[object]:
    owner: ProductOrder | TroubleTicket | None = item.order or item.ticket
    return list(owner.events) if owner is not None else []


def _events(item: WorkItem, names: Names, reader: Reader, *, limit: int) -> tuple[EventRow, ...]:
    owner: ProductOrder | TroubleTicket | None = item.order or item.ticket
    if owner is None:
        return ()
    steps = owner.work_orders if isinstance(owner, ProductOrder) else ()
    return event_rows(owner.events, names, reader, steps, limit=limit)


def _other_orders(
    session: Session, item: WorkItem, names: Names, reader: Reader, addresses: Addresses
) -> tuple[OtherOrder, ...]:
    rows = session.scalars(_others(item, reader).order_by(ProductOrder.id.desc()).limit(MOST_ORDERS)).all()
    shows = reader.may("order.view")
    return tuple(
        OtherOrder(
            number=row.number,
            href=addresses.order(row.number) if shows else "",
            product=product_text(row.items, names),
            state=order_tag(row.state, reader),
            sla=sla_cell(row.clocks, reader, promised_at=row.promised_at),
        )
        for row in rows
    )


def _others(item: WorkItem, reader: Reader) -> Select[ProductOrder]:
    """Open orders of the same customer, without the one the item is of."""
    rows = select(ProductOrder).where(
        ProductOrder.customer_no == (customer_no_of(item) or ""), ProductOrder.state.not_in([str(s) for s in FINAL])
    )
    if item.order_id is not None:
        rows = rows.where(ProductOrder.id != item.order_id)
    return scoped(rows, ProductOrder, reader.actor)
