"""Customers with everything they have: one view, new ones, corrections, duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.access import current_actor, current_deps, current_language
from app.api.door import Door, Reply
from app.api.schemas.customers import (
    AccountIn,
    AccountOut,
    BelongingsOut,
    ContractIn,
    ContractOut,
    CustomerEventOut,
    CustomerHistory,
    CustomerIn,
    CustomerPatch,
    KnownCustomerOut,
    MergeIn,
    MergeOut,
    SiteIn,
    SiteOut,
    TwinList,
    WholeCustomerOut,
)
from app.domain.counter.customer_rules import CustomerData
from app.domain.words import Words
from app.services.counter import customer_belongings, customer_merge, customer_view, customers

door: Final = Door("customers", "/api/v1/customers", "customers")
NO_WAY_BACK: Final = Words("合并不可撤销：请核对后再确认", "a merge cannot be undone: look twice before you confirm it")


@door.route(
    "POST",
    "",
    right="customer.edit",
    summary="Take in a new customer; documents, phones and likenesses are checked",
    body=CustomerIn,
    answers={201: KnownCustomerOut},
    errors=(409, 422),
)
def create_customer(body: Mapping[str, Any]) -> Reply:
    given = dict(body)
    confirmed = given.pop("confirmed")
    data = CustomerData(**{**given, "contacts": tuple(given["contacts"])})
    row = customers.create(data, current_actor(), current_deps(), confirmed=confirmed)
    shown: dict[str, Any] = KnownCustomerOut().dump(row)
    return shown, 201, {"Location": f"{door.prefix}/{row.customer_no}"}


@door.route(
    "GET",
    "/<customer_no>",
    right="customer.view",
    summary="Everything about a customer: accounts, contracts, sites, products, what is under way",
    answers={200: WholeCustomerOut},
    errors=(404,),
)
def get_whole_customer(customer_no: str) -> Reply:
    found = customer_view.whole(customer_no, current_actor(), current_deps())
    shown: dict[str, Any] = {**KnownCustomerOut().dump(found.customer), **BelongingsOut().dump(found)}
    return shown


@door.route(
    "PATCH",
    "/<customer_no>",
    right="customer.edit",
    summary="Correct what is known of a customer",
    body=CustomerPatch,
    answers={200: KnownCustomerOut},
    errors=(404, 409, 422),
)
def patch_customer(customer_no: str, body: Mapping[str, Any]) -> Reply:
    changes = {name: value for name, value in body.items() if name != "why"}
    if "contacts" in changes:
        changes["contacts"] = tuple(changes["contacts"])
    row = customers.change(customer_no, changes, current_actor(), current_deps(), why=body["why"])
    shown: dict[str, Any] = KnownCustomerOut().dump(row)
    return shown


@door.route(
    "GET",
    "/<customer_no>/duplicates",
    right="customer.view",
    summary="Customers who may be the same one",
    answers={200: TwinList},
    errors=(404,),
)
def list_duplicates(customer_no: str) -> Reply:
    twins = customers.duplicates(customer_no, current_actor(), current_deps())
    return {
        "items": [
            {
                "customer": KnownCustomerOut().dump(twin.customer),
                "score": twin.likeness.score,
                "reasons": [_said(words) for words in twin.likeness.reasons],
            }
            for twin in twins
        ]
    }


@door.route(
    "POST",
    "/<customer_no>/merge",
    right="customer.merge",
    summary="Make another customer this one; first told, then done when confirmed",
    body=MergeIn,
    answers={200: MergeOut},
    errors=(404, 409, 422),
)
def merge_customers(customer_no: str, body: Mapping[str, Any]) -> Reply:
    merged = customer_merge.merge(
        customer_no, body["gone"], current_actor(), current_deps(), why=body["why"], confirmed=body["confirmed"]
    )
    shown: dict[str, Any] = MergeOut().dump(
        {
            "keep": merged.keep.customer_no,
            "gone": merged.gone.customer_no,
            "done": merged.is_done,
            "moved": merged.moved,
            "warning": _said(NO_WAY_BACK),
        }
    )
    return shown


@door.route(
    "GET",
    "/<customer_no>/history",
    right="customer.view",
    summary="What was done to a customer's data, and by whom",
    answers={200: CustomerHistory},
    errors=(404,),
)
def get_customer_history(customer_no: str) -> Reply:
    rows = customers.history(customer_no, current_actor(), current_deps())
    return {"items": CustomerEventOut(many=True).dump(rows)}


@door.route(
    "POST",
    "/<customer_no>/accounts",
    right="customer.edit",
    summary="Open an account",
    body=AccountIn,
    answers={201: AccountOut},
    errors=(404, 409, 422),
)
def open_account(customer_no: str, body: Mapping[str, Any]) -> Reply:
    row = customer_belongings.open_account(customer_no, body, current_actor(), current_deps())
    shown: dict[str, Any] = AccountOut().dump(row)
    return shown, 201


@door.route(
    "POST",
    "/<customer_no>/contracts",
    right="customer.edit",
    summary="Write down a framework agreement with a company",
    body=ContractIn,
    answers={201: ContractOut},
    errors=(404, 409, 422),
)
def add_contract(customer_no: str, body: Mapping[str, Any]) -> Reply:
    row = customer_belongings.add_contract(customer_no, body, current_actor(), current_deps())
    shown: dict[str, Any] = ContractOut().dump(row)
    return shown, 201


@door.route(
    "POST",
    "/<customer_no>/sites",
    right="customer.edit",
    summary="Give a place of a customer a name",
    body=SiteIn,
    answers={201: SiteOut},
    errors=(404, 409, 422),
)
def add_site(customer_no: str, body: Mapping[str, Any]) -> Reply:
    row = customer_belongings.add_site(
        customer_no, body["name"], body["address_code"], body["contact"], current_actor(), current_deps()
    )
    shown: dict[str, Any] = SiteOut().dump(row)
    return shown, 201


def _said(words: Words) -> str:
    return words.en if current_language() == "en" else words.zh
