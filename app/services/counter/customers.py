"""Customers: created, changed, looked at for being there twice, and what was done to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from app.deps import Deps
from app.domain.actors import Actor, can, may
from app.domain.counter.customer_rules import (
    ALIKE,
    INTERNAL,
    ContactData,
    CustomerData,
    Likeness,
    contact_row,
    likeness,
    problems_of,
)
from app.domain.counter.found_by import found_by
from app.domain.counter.identity import birth_date_of, normal_document, normal_phone
from app.domain.promises.calendar import ZONE
from app.errors import Conflict, FieldProblem, InvalidInput
from app.persistence.areas import area_path
from app.persistence.counter.customer_records import CustomerEvent
from app.persistence.counter.customer_search import get_customer
from app.persistence.counter.customers import Customer
from app.persistence.numbers import next_number
from app.persistence.scope import scoped
from app.unit_of_work import read, retried, transaction

MOST_CANDIDATES: Final = 50


class CustomerExists(Conflict):
    """Somebody with this document is a customer already."""

    code = "customer-exists"
    title_zh, title_en = "该证件已有客户", "There is a customer with this document"


class PossibleDuplicate(Conflict):
    """Somebody very much like this is a customer already; say that it is meant, and it is done."""

    code = "possible-duplicate"
    title_zh, title_en = "可能是重复客户", "This may be a customer we have"


@dataclass(frozen=True)
class Twin:
    """A customer who may be the same as another one."""

    customer: Customer
    likeness: Likeness


@retried
def create(data: CustomerData, actor: Actor, deps: Deps, *, confirmed: bool = False) -> Customer:
    """Take in a new customer.

    :param confirmed: one that looks like a customer we have is meant to be another one.
    :raises InvalidInput: every wrong field. :raises CustomerExists: the document is known.
    :raises PossibleDuplicate: somebody like this is known, and it was not confirmed.
    """
    may(actor, "customer.edit")
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        data = _checked(session, data, actor, now)
        _refuse_known(session, data, actor)
        twins = twins_of(session, data, actor)
        if twins and not confirmed:
            raise PossibleDuplicate(details=[_twin_problem(twin) for twin in twins[:5]])
        row = Customer(
            customer_no=next_number(session, "C", now),
            credit_score=None,
            blacklisted=False,
            created_on=now.astimezone(ZONE).date(),
            tags=[],
            accounts=[],
            **_columns(data),
        )
        session.add(row)
        session.flush()
        note(session, row, "created", actor, now, detail={"confirmed": confirmed} if twins else {})
    return row


@retried
def change(
    customer_no: str, changes: Mapping[str, Any], actor: Actor, deps: Deps, *, why: str, seen: int | None = None
) -> Customer:
    """Correct what is known of a customer; the whole is checked again.

    :param seen: the last line of the history that the caller has seen, 0 for none; None: whatever it is.
    :raises NotFound: none of the caller's area. :raises InvalidInput, CustomerExists: as at creation.
    :raises Conflict: somebody else has changed the data since.
    """
    may(actor, "customer.edit")
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        row = locked(session, customer_no, actor)
        last = last_change(session, customer_no)
        if seen is not None and last is not None and last.seq != seen:
            raise Conflict(
                "somebody has changed this customer meanwhile: look again", "该客户资料刚被他人修改，请核对后再改"
            )
        before = data_of(row)
        if "id_number" in changes:
            # The day of birth that was read off the old number says nothing about the new one.
            changes = {"birth_date": None, **changes}
        data = _checked(session, replace(before, **changes), actor, now)
        if (data.id_type, data.id_number) != (before.id_type, before.id_number):
            _refuse_known(session, data, actor, besides=customer_no)
        columns = _columns(data)
        changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
        for name in changed:
            setattr(row, name, columns[name])
        row.found_by = found_by(row.name, row.name_en)
        if changed:
            note(session, row, "changed", actor, now, why=why, detail={"fields": changed})
    return row


def duplicates(customer_no: str, actor: Actor, deps: Deps) -> list[Twin]:
    """Customers of the caller's area who may be the same as this one, the likeliest first."""
    may(actor, "customer.view")
    with read(deps.read_sessions) as session:
        row = get_customer(session, actor, customer_no)
        return _twins(session, data_of(row), actor, besides=customer_no)


def history(customer_no: str, actor: Actor, deps: Deps) -> Sequence[CustomerEvent]:
    """What was done to a customer's data, the last first."""
    may(actor, "customer.view")
    with read(deps.read_sessions) as session:
        get_customer(session, actor, customer_no)
        lines = select(CustomerEvent).where(CustomerEvent.customer_no == customer_no)
        return session.scalars(lines.order_by(CustomerEvent.seq.desc()).limit(200)).all()


def last_change(session: Session, customer_no: str) -> CustomerEvent | None:
    """The last line of a customer's history."""
    lines = select(CustomerEvent).where(CustomerEvent.customer_no == customer_no)
    return session.scalars(lines.order_by(CustomerEvent.seq.desc()).limit(1)).first()


def locked(session: Session, customer_no: str, actor: Actor) -> Customer:
    """A customer of the caller's area, locked until the end of the transaction.

    :raises NotFound: there is none. :raises Conflict: it was merged into another one.
    """
    row = get_customer(session, actor, customer_no)
    session.refresh(row, with_for_update={"of": Customer})
    session.refresh(row, ["accounts"])  # whoever shows the customer does so after the transaction
    if row.merged_into is not None:
        raise Conflict(
            f"{customer_no} was merged into {row.merged_into}",
            f"客户 {customer_no} 已并入 {row.merged_into}",
            facts={"merged_into": row.merged_into},
        )
    return row


def data_of(row: Customer) -> CustomerData:
    """A customer's row as the rules see it."""
    return CustomerData(
        name=row.name,
        name_en=row.name_en,
        kind=row.kind,
        segment=row.segment,
        tier=row.tier,
        area=row.area,
        id_type=row.id_type,
        id_number=row.id_number,
        phone=row.phone,
        email=row.email,
        language=row.language,
        account_manager=row.account_manager,
        birth_date=row.birth_date,
        contacts=tuple(
            ContactData(**{name: str(one.get(name) or "") for name in ("name", "role", "phone", "email")})
            for one in row.contact
        ),
    )


def _checked(session: Session, data: CustomerData, actor: Actor, now: datetime) -> CustomerData:
    """The data in its normal form. :raises InvalidInput: every wrong field."""
    data = replace(data, id_number=normal_document(data.id_type, data.id_number), name=data.name.strip())
    today: date = now.astimezone(ZONE).date()
    found = problems_of(data, today)
    if data.segment == INTERNAL and not can(actor, "customer.internal"):
        zh, en = "公司内部的客户由运营经理建立", "parts of the company are taken in by an operations manager"
        found.append(FieldProblem(path="segment", code="not-allowed", zh=zh, en=en))
    path = area_path(session, data.area)
    if path is None or not can(actor, "customer.edit", area_path=path):
        found.append(FieldProblem(path="area", code="area-outside", zh="不在您的区域内", en="this is not in your area"))
    if found:
        raise InvalidInput(
            "; ".join(f"{one.path}: {one.en}" for one in found[:3]),
            "；".join(f"{one.path}：{one.zh}" for one in found[:3]),
            details=found,
        )
    born = data.birth_date or birth_date_of(data.id_type, data.id_number)
    return replace(data, phone=normal_phone(data.phone) or "", birth_date=born)


def _columns(data: CustomerData) -> dict[str, Any]:
    named = ("name", "name_en", "kind", "segment", "tier", "area", "id_type", "id_number", "phone", "email")
    columns = {name: getattr(data, name) for name in (*named, "language", "account_manager", "birth_date")}
    return columns | {"contact": [contact_row(one) for one in data.contacts]}


def _refuse_known(session: Session, data: CustomerData, actor: Actor, *, besides: str | None = None) -> None:
    """Documents are looked up everywhere: a person is one customer, whoever serves them."""
    rows = session.execute(
        select(Customer.customer_no, Customer.area).where(
            Customer.id_type == data.id_type,
            Customer.id_number == data.id_number,
            Customer.merged_into.is_(None),
            Customer.customer_no != (besides or ""),
        )
    ).first()
    if rows is None:
        return
    # Who it is, only those may know who may see the customer.
    mine = can(actor, "customer.view", area_path=area_path(session, rows.area))
    en = f"customer {rows.customer_no} has this document" if mine else "a customer of another area has this document"
    zh = f"客户 {rows.customer_no} 已使用该证件" if mine else "其他区域的客户已使用该证件"
    raise CustomerExists(en, zh, details=[FieldProblem(path="id_number", code=CustomerExists.code, zh=zh, en=en)])


def _twins(session: Session, data: CustomerData, actor: Actor, *, besides: str | None) -> list[Twin]:
    """Whoever shares a name, a phone, an e-mail or a document, in the caller's area."""
    alike = [Customer.name == data.name, Customer.phone == (normal_phone(data.phone) or data.phone)]
    alike.append(Customer.id_number == data.id_number)
    if data.email:
        alike.append(Customer.email == data.email)
    rows = session.scalars(
        scoped(select(Customer), Customer, actor)
        .where(or_(*alike), Customer.merged_into.is_(None), Customer.customer_no != (besides or ""))
        .options(selectinload(Customer.accounts))
        .order_by(Customer.customer_no)
        .limit(MOST_CANDIDATES)
    ).all()
    twins = [Twin(row, likeness(data, data_of(row))) for row in rows]
    return sorted((twin for twin in twins if twin.likeness.score), key=lambda twin: -twin.likeness.score)


def twins_of(session: Session, data: CustomerData, actor: Actor) -> list[Twin]:
    """Customers of the caller's area whom a new one is very much like."""
    return [twin for twin in _twins(session, data, actor, besides=None) if twin.likeness.score >= ALIKE]


def _twin_problem(twin: Twin) -> FieldProblem:
    number, reasons = twin.customer.customer_no, twin.likeness.reasons
    return FieldProblem(
        path="name",
        code=PossibleDuplicate.code,
        zh=f"与客户 {number} 相似：{'、'.join(words.zh for words in reasons)}",
        en=f"like customer {number}: {', '.join(words.en for words in reasons)}",
    )


def note(
    session: Session,
    row: Customer,
    kind: str,
    actor: Actor,
    now: datetime,
    *,
    why: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    line = CustomerEvent(customer_no=row.customer_no, area=row.area, at=now, who=actor.login, kind=kind, why=why)
    line.detail = dict(detail or {})
    session.add(line)


def refusal(path: str, code: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(en, zh, details=[FieldProblem(path=path, code=code, zh=zh, en=en)])
