"""Customers are taken in, corrected, and made one where they were two."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, current_deps, requires
from app.domain.counter.customer_rules import ContactData, CustomerData
from app.domain.counter.identity import normal_document
from app.errors import AppError, Conflict, FieldProblem, InvalidInput
from app.persistence.counter.customer_records import CustomerEvent
from app.persistence.counter.customer_search import find_customers, get_customer
from app.persistence.counter.customers import Customer
from app.persistence.scope import scoped
from app.services.counter import customer_merge, customers
from app.services.counter.customer_merge import Merge
from app.services.counter.customers import CustomerExists, PossibleDuplicate
from app.unit_of_work import read
from app.web.frame import render
from app.web.pages.counter.customer_form import CONTACT, NAMED, customer_form, merge_page
from app.web.reader import current_reader
from app.web.site import ADDRESSES, bp, see

#: Fields that are masked in the form: left empty they stay as they are.
KEPT: Final = ("name", "id_number", "phone", "email")
#: A form that is sent twice within so long was meant once.
SENT_TWICE: Final = timedelta(minutes=5)
MOST_HITS: Final = 8


@bp.get("/customers/new")
@requires("customer.edit")
def new_customer() -> Response:
    """The empty form."""
    with read(current_deps().read_sessions) as session:
        return render("customers/form.html", customer_form(session, current_reader(), ADDRESSES, None))


@bp.post("/customers/new")
@requires("customer.edit")
def take_in_customer() -> Response:
    """Take in the customer; one who looks like somebody we have is asked about first."""
    given = _given()
    person = _new_person(given)
    values: dict[str, Any] = {name: given.get(name, "") for name in NAMED}
    data = CustomerData(**values, contacts=(person,) if person is not None else ())
    try:
        row = customers.create(data, current_actor(), current_deps(), confirmed=bool(given.get("confirmed")))
    except CustomerExists as refusal:
        mine = _just_made(data)
        return see(ADDRESSES.customer(mine), "customer-made") if mine else _refused(None, given, refusal)
    except PossibleDuplicate as refusal:
        return _refused(None, given, refusal, twins=data)
    except InvalidInput as refusal:
        return _refused(None, given, refusal)
    return see(ADDRESSES.customer(row.customer_no), "customer-made")


@bp.get("/customers/<number>/edit")
@requires("customer.edit")
def edit_customer(number: str) -> Response:
    """The data of a customer, what is personal masked."""
    with read(current_deps().read_sessions) as session:
        row = get_customer(session, current_actor(), number)
        return render("customers/form.html", customer_form(session, current_reader(), ADDRESSES, row))


@bp.post("/customers/<number>/edit")
@requires("customer.edit")
def correct_customer(number: str) -> Response:
    """Take over what was changed, with the reason."""
    given = _given()
    why = given.get("why", "")
    seen = given.get("seen", "")
    with read(current_deps().read_sessions) as session:
        before = customers.data_of(get_customer(session, current_actor(), number))
    changes: dict[str, Any] = {name: given[name] for name in NAMED if name in given}
    changes = {name: value for name, value in changes.items() if value or name not in KEPT}
    off = {int(place) for place in request.form.getlist("off") if place.isascii() and place.isdigit()}
    person = _new_person(given)
    if off or person is not None:
        left = [one for place, one in enumerate(before.contacts) if place not in off]
        changes["contacts"] = (*left, *([person] if person is not None else []))
    if not why:
        problem = FieldProblem(path="why", code="required", zh="请写明修改原因", en="say why it is changed")
        return _refused(number, given, InvalidInput(problem.en, problem.zh, details=[problem]))
    try:
        customers.change(
            number,
            changes,
            current_actor(),
            current_deps(),
            why=why[:500],
            seen=int(seen) if seen.isascii() and seen.isdigit() else None,
        )
    except (InvalidInput, Conflict) as refusal:
        return _refused(number, given, refusal)
    return see(ADDRESSES.customer(number), "customer-changed")


@bp.get("/customers/<number>/merge")
@requires("customer.merge")
def choose_twin(number: str) -> Response:
    """Customers who may be the same one, and a search for another."""
    return _merge_page(number)


@bp.post("/customers/<number>/merge")
@requires("customer.merge")
def merge_customer(number: str) -> Response:
    """Search, show what would move, or do it: there is no way back."""
    gone, reason = request.form.get("gone", "").strip().upper()[:32], request.form.get("reason", "").strip()[:500]
    wanted = request.form.get("do", "")
    if wanted == "find" or not gone:
        return _merge_page(number, query=request.form.get("q", "").strip()[:64])
    confirmed = wanted == "merge" and bool(request.form.get("confirmed")) and bool(reason)
    problems: list[FieldProblem] = []
    if wanted == "merge" and not confirmed:
        zh, en = "写明原因并勾选确认后才能合并", "give the reason and confirm that there is no way back"
        problems.append(FieldProblem(path="why", code="required", zh=zh, en=en))
    try:
        merged = customer_merge.merge(number, gone, current_actor(), current_deps(), why=reason, confirmed=confirmed)
    except (InvalidInput, Conflict) as refusal:
        told = list(refusal.details) or [
            FieldProblem(path="", code=refusal.code, zh=refusal.message_zh, en=refusal.message_en)
        ]
        return _merge_page(number, gone=gone, reason=reason, problems=told, status=refusal.http_status)
    if merged.is_done:
        return see(ADDRESSES.customer(number), "merged")
    return _merge_page(
        number, gone=gone, reason=reason, preview=merged, problems=problems, status=422 if problems else 200
    )


def _given() -> dict[str, str]:
    return {name: value.strip()[:200] for name, value in request.form.items()}


def _new_person(given: dict[str, str]) -> ContactData | None:
    said = {name: given.get(f"contact_{name}", "") for name in CONTACT}
    if not (said["name"] or said["phone"] or said["email"]):
        return None
    return ContactData(**{**said, "role": said["role"] or "other"})


def _refused(
    number: str | None, given: dict[str, str], refusal: AppError, *, twins: CustomerData | None = None
) -> Response:
    reader = current_reader()
    with read(current_deps().read_sessions) as session:
        row = get_customer(session, reader.actor, number) if number is not None else None
        alike = customers.twins_of(session, twins, reader.actor) if twins is not None else ()
        page = customer_form(
            session,
            reader,
            ADDRESSES,
            row,
            given=given,
            problems=() if alike else refusal.details,
            twins=alike,
            other="" if refusal.details else refusal.message(reader.language),
        )
        return render("customers/form.html", page, status=refusal.http_status, why=given.get("why", ""))


def _just_made(data: CustomerData) -> str:
    """The number of the customer the caller has just taken in with this document: the form was sent twice."""
    reader = current_reader()
    number = normal_document(data.id_type, data.id_number)
    with read(current_deps().read_sessions) as session:
        mine = (
            scoped(select(Customer.customer_no), Customer, reader.actor)
            .join(CustomerEvent, CustomerEvent.customer_no == Customer.customer_no)
            .where(
                Customer.id_type == data.id_type,
                Customer.id_number == number,
                CustomerEvent.kind == "created",
                CustomerEvent.who == reader.actor.login,
                CustomerEvent.at > reader.now - SENT_TWICE,
            )
        )
        return session.scalars(mine.limit(1)).first() or ""


def _merge_page(
    number: str,
    *,
    query: str = "",
    gone: str = "",
    reason: str = "",
    preview: Merge | None = None,
    problems: list[FieldProblem] | None = None,
    status: int = 200,
) -> Response:
    actor, deps, reader = current_actor(), current_deps(), current_reader()
    likely = [] if query else customers.duplicates(number, actor, deps)
    with read(deps.read_sessions) as session:
        keep = get_customer(session, actor, number)
        found = [(twin.customer, "、".join(reader.words(one) for one in twin.likeness.reasons)) for twin in likely]
        if query:
            found = _searched(session, query, number)
        page = merge_page(
            session,
            reader,
            ADDRESSES,
            keep,
            query=query,
            found=found,
            preview=preview,
            gone=gone,
            reason=reason,
            problems=problems or [],
        )
        return render("customers/merge.html", page, status=status)


def _searched(session: Session, query: str, number: str) -> list[tuple[Customer, str]]:
    rows, _ = find_customers(session, current_actor(), query, limit=MOST_HITS)
    return [(row, "") for row in rows if row.customer_no != number]
