"""Whom a product goes to when its owner changes: looked for like any customer, with the account that pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.orm import Session

from app.domain.masking import mask_phone
from app.domain.products.catalogue import OrderType
from app.errors import NotFound
from app.persistence.counter.customer_search import find_customers, get_customer
from app.persistence.counter.customers import Customer
from app.web.counter.order_draft import PREFIX
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.views.new_order import OwnerField
from app.web.views.parts import Choice

CUSTOMER: Final = "customer"
ACCOUNT: Final = "account"
MOST: Final = 8
#: The name of the search among the fields that look for something.
FIELD: Final = "owner"


def picked_keys(kind: OrderType) -> frozenset[str]:
    """The fields of the form that are chosen from what is found instead of typed."""
    return frozenset(f"{PREFIX}{part.code}" for part in kind.characteristics if part.type in (CUSTOMER, ACCOUNT))


def owner_field(
    session: Session, reader: Reader, kind: OrderType, *, query: str, answers: Mapping[str, Any], own: Mapping[str, str]
) -> OwnerField | None:
    """The search for the new owner; None where the order asks for none. ``own``: what is wrong, by field."""
    keys = {part.type: f"{PREFIX}{part.code}" for part in kind.characteristics}
    if CUSTOMER not in keys:
        return None
    chosen = str(answers.get(keys[CUSTOMER]) or "")
    rows = list(find_customers(session, reader.actor, query, limit=MOST)[0]) if query else []
    known = {row.customer_no: row for row in rows}
    if chosen and chosen not in known:
        found = _known(session, reader, chosen)
        known |= {found.customer_no: found} if found is not None else {}
    names = Names(session, reader)
    field = OwnerField(
        key=keys[CUSTOMER],
        query=query,
        hits=tuple(Choice(row.customer_no, names.customer(row), _note(row, names)) for row in known.values()),
        chosen=chosen,
        problem=own.get(f"f-{keys[CUSTOMER]}", ""),
    )
    owner = known.get(chosen)
    if owner is None or ACCOUNT not in keys:
        return field
    accounts = tuple(Choice(account.account_no, account.account_no) for account in owner.accounts)
    paying = str(answers.get(keys[ACCOUNT]) or "") or (accounts[0].value if accounts else "")
    return replace(field, account_key=keys[ACCOUNT], accounts=accounts, account=paying)


def _known(session: Session, reader: Reader, number: str) -> Customer | None:
    try:
        return get_customer(session, reader.actor, number)
    except NotFound:
        return None


def _note(row: Customer, names: Names) -> str:
    return " · ".join((row.customer_no, mask_phone(row.phone), names.area(row.area)))
