"""What a customer is given: accounts that bills go to, framework agreements, places with a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.deps import Deps
from app.domain.actors import Actor, may
from app.domain.counter.customer_rules import ContactData, contact_row, problems_of
from app.domain.promises.calendar import ZONE
from app.errors import InvalidInput
from app.persistence.counter.customer_records import CustomerSite
from app.persistence.counter.customer_search import get_address
from app.persistence.counter.customers import Account, Contract
from app.persistence.numbers import next_number
from app.services.counter.customers import data_of, locked, note, refusal
from app.unit_of_work import retried, transaction


@retried
def open_account(customer_no: str, given: Mapping[str, Any], actor: Actor, deps: Deps) -> Account:
    """Open an account of a customer.

    :raises InvalidInput: its parent is not an account of the same customer.
    """
    may(actor, "customer.edit")
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        row = locked(session, customer_no, actor)
        parent = given.get("parent_account_no")
        if parent is not None and parent not in {account.account_no for account in row.accounts}:
            raise refusal("parent_account_no", "unknown-account", f"没有账户 {parent}", f"there is no account {parent}")
        account = Account(
            account_no=next_number(session, "A", now),
            customer_no=customer_no,
            parent_account_no=parent,
            kind=given["kind"],
            area=row.area,
            arrears_cny="0.00",
            body={name: given[name] for name in ("bill_day", "payment", "bill_format") if name in given},
        )
        session.add(account)
        note(session, row, "account", actor, now, detail={"account_no": account.account_no})
    return account


@retried
def add_contract(customer_no: str, given: Mapping[str, Any], actor: Actor, deps: Deps) -> Contract:
    """Write down a framework agreement. :raises InvalidInput: not with a company, or it ends before it begins."""
    may(actor, "customer.edit")
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        row = locked(session, customer_no, actor)
        if row.kind != "organization":
            raise refusal("customer", "not-a-company", "合同客户须为单位", "only companies have framework agreements")
        if given["ends_on"] < given["starts_on"]:
            raise refusal("ends_on", "before-start", "到期早于生效", "it ends before it begins")
        contract = Contract(
            contract_no=next_number(session, "K", now),
            customer_no=customer_no,
            area=row.area,
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            body={name: given[name] for name in ("name_zh", "auto_renew", "penalty_percent_of_rest") if name in given},
        )
        session.add(contract)
        note(session, row, "contract", actor, now, detail={"contract_no": contract.contract_no})
    return contract


@retried
def add_site(
    customer_no: str, name: str, address_code: str, contact: ContactData | None, actor: Actor, deps: Deps
) -> CustomerSite:
    """Give a place of a customer a name. :raises NotFound: no such address in the caller's area."""
    may(actor, "customer.edit")
    with transaction(deps.sessions) as tx:
        session, now = tx.session, deps.clock(tx.session)
        row = locked(session, customer_no, actor)
        address = get_address(session, actor, address_code)
        if contact is not None:
            wrong = problems_of(replace(data_of(row), contacts=(contact,)), now.astimezone(ZONE).date())
            if wrong := [one for one in wrong if one.path.startswith("contacts.")]:
                raise InvalidInput(wrong[0].en, wrong[0].zh, details=wrong)
        site = CustomerSite(
            customer_no=customer_no,
            name=name,
            address_code=address.code,
            area=address.area,
            contact=contact_row(contact) if contact is not None else {},
        )
        session.add(site)
        note(session, row, "site", actor, now, detail={"site": site.id})
    return site
