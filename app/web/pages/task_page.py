"""The page of one work item: what is to be done, for whom, and the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actors import can
from app.domain.forms import masked_personal
from app.domain.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.errors import FieldProblem
from app.persistence.contacts import contact_of
from app.persistence.customers import Customer
from app.persistence.forms import form_schema
from app.persistence.orders import ProductOrder
from app.persistence.reconciliation import Difference
from app.persistence.tickets import TroubleTicket
from app.persistence.work_item_search import get_item
from app.persistence.work_items import WorkItem
from app.persistence.work_orders import WorkOrder
from app.web.addresses import Addresses
from app.web.form_rendering import FormPage, form_page
from app.web.pages.clocks import sla_cell
from app.web.pages.events import event_rows
from app.web.pages.names import Names
from app.web.pages.states import stop_kind
from app.web.pages.trouble import difference_row, incident_row, input_label
from app.web.pages.work_list import customer_no_of, product_of, work_row
from app.web.reader import Reader
from app.web.values import instant, plain
from app.web.views.order_page import DifferenceRow, EventRow
from app.web.views.parts import Pair, StopKind, Tag
from app.web.views.work import PlanStop, TaskPage, WorkListRow

PLAN_WINDOW: Final = 3
#: Inputs of a step that are shown elsewhere on the page, or say nothing to people.
_HIDDEN_INPUTS: Final = frozenset(
    {"order_id", "item_id", "ticket_id", "area", "address_code", "contact_name", "contact_phone"}
    | {
        "customer_no",
        "address_zh",
        "address_en",
        "business_key",
        "order_number",
        "order_no",
        "ticket_number",
        "product",
        "item_no",
    }
)


def task_page(
    session: Session,
    reader: Reader,
    addresses: Addresses,
    number: str,
    *,
    answers: Mapping[str, Any] | None = None,
    problems: Sequence[FieldProblem] = (),
    why_not: str = "",
) -> TaskPage:
    """The page of one work item; ``answers`` are what was typed when the form came back with problems."""
    item = get_item(session, reader.actor, number)
    names = Names(session, reader)
    customer = names.customers([customer_no_of(item)]).get(customer_no_of(item) or "")
    row = work_row(item, customer, names, reader, addresses)
    can_complete = row.is_mine and can(reader.actor, "item.complete")
    is_incident = item.kind == "incident"
    return TaskPage(
        row=row,
        state=_state(item, names, reader),
        due=reader.t("due {time}", time=reader.f.moment(item.due_at)) if item.due_at and row.is_open else "",
        form=_form(session, item, reader, answers, problems) if row.is_open and not is_incident else None,
        incident=incident_row(item, reader, addresses, order_number=item.order.number if item.order else "")
        if is_incident
        else None,
        difference=_difference(session, item, names, reader),
        inputs=_inputs(item, reader),
        context=_context(session, item, customer, names, reader, addresses),
        plan=_plan(session, item, reader),
        events=_events(item, names, reader),
        result=_result(session, item, reader) if not row.is_open else (),
        complete_href=addresses.act("work", item.number, "complete"),
        can_complete=can_complete,
        why_not=why_not or _why_not(item, row, reader),
        order_href=addresses.order(item.order.number) if item.order and reader.may("order.view") else "",
        retry_href=addresses.act("incidents", item.incident_id, "retry")
        if is_incident and item.incident_id and row.is_open and reader.may("incident.retry")
        else "",
    )


def _state(item: WorkItem, names: Names, reader: Reader) -> Tag:
    t = reader.t
    if item.state == WorkItemState.CLAIMED:
        time = reader.time(item.claimed_at)
        if item.claimed_by == reader.actor.login:
            return Tag(t("I have it, since {time}", time=time), "user", "run")
        return Tag(t("{who} has it, since {time}", who=names.person(item.claimed_by), time=time), "user", "")
    if item.state == WorkItemState.COMPLETED:
        return Tag(t("done at {time}", time=reader.time(item.completed_at)), "done", "ok")
    if item.state == WorkItemState.CANCELLED:
        return Tag(t.about("item", "cancelled"), "slash", "")
    if item.state == WorkItemState.PAUSED:
        return Tag(t.about("item", "paused"), "pause", "")
    return Tag(t("open to claim"), "clock", "")


def _why_not(item: WorkItem, row: WorkListRow, reader: Reader) -> str:
    t = reader.t
    if not row.is_open:
        return t("This item is finished.")
    if row.is_mine or row.claim_href:
        return ""
    if item.claimed_by:
        return t("{who} has this item; it cannot be completed by somebody else.", who=row.owner)
    if not can(reader.actor, "item.claim"):
        return t("Your role may not take work items.")
    return t("The item lies with another team.")


def _form(
    session: Session,
    item: WorkItem,
    reader: Reader,
    answers: Mapping[str, Any] | None,
    problems: Sequence[FieldProblem],
) -> FormPage | None:
    schema = form_schema(session, item.form_key) if item.form_key else None
    if schema is None:
        return None
    return form_page(schema, language=reader.language, answers=answers, inputs=item.context or {}, problems=problems)


def _inputs(item: WorkItem, reader: Reader) -> tuple[Pair, ...]:
    if item.kind == "incident":
        return ()
    return tuple(
        _input(name, value, reader)
        for name, value in (item.context or {}).items()
        if name not in _HIDDEN_INPUTS and value not in (None, "", [], {}) and not isinstance(value, bool)
    )


def _input(name: str, value: object, reader: Reader) -> Pair:
    at = instant(value)
    if at is not None:
        return Pair(input_label(name, reader), reader.f.promise(at))
    return Pair(input_label(name, reader), plain(value, reader.language), code=True)


def _context(
    session: Session,
    item: WorkItem,
    customer: Customer | None,
    names: Names,
    reader: Reader,
    addresses: Addresses,
) -> tuple[Pair, ...]:
    t = reader.t
    # Who has claimed a visit must find the door and reach the customer; everybody else sees masks.
    is_mine = item.claimed_by == reader.actor.login and WorkItemState(item.state) in WORK_ITEM_OPEN
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
    if address := _address_code(item):
        pairs.append(Pair(t("Address"), names.address(address, whole=is_mine)))
    contact = contact_of(session, item)
    if contact.phone:
        shown = contact if is_mine else contact.masked()
        pairs.append(Pair(t("Contact"), f"{shown.name} {shown.phone}".strip()))
    if item.order is not None and item.order.description:
        pairs.append(Pair(t("Note"), item.order.description))
    pairs.append(Pair(t("Team"), names.team(item.team_code) or names.team_role(item.team_role)))
    return tuple(pairs)


def _address_code(item: WorkItem) -> str | None:
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


def _events(item: WorkItem, names: Names, reader: Reader) -> tuple[EventRow, ...]:
    owner: ProductOrder | TroubleTicket | None = item.order or item.ticket
    if owner is None:
        return ()
    steps = owner.work_orders if isinstance(owner, ProductOrder) else ()
    return event_rows(owner.events, names, reader, steps, limit=6)


def _difference(session: Session, item: WorkItem, names: Names, reader: Reader) -> DifferenceRow | None:
    if item.kind != "difference":
        return None
    wanted = (item.context or {}).get("difference_id")
    row = session.get(Difference, str(wanted)) if wanted else None
    return difference_row(row, names, reader) if row else None


def _result(session: Session, item: WorkItem, reader: Reader) -> tuple[Pair, ...]:
    answers = item.result if isinstance(item.result, dict) else {}
    schema = (form_schema(session, item.form_key) if item.form_key else None) or {}
    labels, answers = _labels(schema, reader), masked_personal(schema, answers)
    return tuple(
        Pair(labels.get(name, name.replace("_", " ")), plain(value, reader.language))
        for name, value in answers.items()
        if value not in (None, "", [])
    )


def _labels(schema: Mapping[str, Any], reader: Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in schema.get("components", ()):
        if part.get("key"):
            found[part["key"]] = str((part.get("labelEn") if reader.language == "en" else None) or part.get("label"))
        found |= _labels(part, reader)
    return found
