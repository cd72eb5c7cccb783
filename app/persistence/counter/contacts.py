"""Whom to call about a piece of work: who was named when the visit was booked, else the customer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.masking import mask_person, mask_phone
from app.domain.teamwork.work_lifecycle import WorkItemState
from app.persistence.counter.customers import Customer
from app.persistence.teamwork.work_items import WorkItem


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A name and a phone number; both may be empty."""

    name: str = ""
    phone: str = ""

    def masked(self) -> Contact:
        """The same, as everybody may see it who does not have to call."""
        return Contact(name=mask_person(self.name), phone=mask_phone(self.phone))


def contact_of(session: Session, item: WorkItem) -> Contact:
    """Whom to call about ``item``, in clear: processes carry no people, so it is looked up where it is needed."""
    named = _named(session, item) or Contact()
    customer = _customer(session, item)
    if customer is None:
        return named
    return Contact(name=named.name or customer.name, phone=named.phone or customer.phone)


def _named(session: Session, item: WorkItem) -> Contact | None:
    """From the newest answers about the same order item, or the same ticket, that name somebody."""
    if item.order_id is None and item.ticket_id is None:
        return None
    same = WorkItem.order_id == item.order_id if item.order_id else WorkItem.ticket_id == item.ticket_id
    query = (
        select(WorkItem.result)
        .where(same, WorkItem.state == WorkItemState.COMPLETED)
        .order_by(WorkItem.completed_at.desc())
    )
    if item.item_id is not None:
        query = query.where(WorkItem.item_id == item.item_id)
    for result in session.scalars(query):
        answers = result if isinstance(result, dict) else {}
        if answers.get("contact_phone") or answers.get("contact_name"):
            return Contact(name=str(answers.get("contact_name") or ""), phone=str(answers.get("contact_phone") or ""))
    return None


def _customer(session: Session, item: WorkItem) -> Contact | None:
    owner = item.order or item.ticket
    number = owner.customer_no if owner is not None else None
    if number is None:
        return None
    found = session.execute(select(Customer.name, Customer.phone).where(Customer.customer_no == number)).one_or_none()
    return Contact(name=found.name, phone=found.phone) if found is not None else None
