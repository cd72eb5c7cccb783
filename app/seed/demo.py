"""The demonstration: invented staff, customers, addresses and products. Only for demo mode and tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.persistence.bulk.bulk_rows import add_missing
from app.persistence.counter.customers import Account, Address, Contract, Customer, InstalledProduct
from app.persistence.people import ApiToken, TeamMember, User
from app.seed.files import read

#: Everybody's password in the demonstration; demo mode never listens beyond the own machine.
DEMO_PASSWORD: Final = "demo"  # noqa: S105


def demo_token(login: str) -> str:
    """The bearer token of a demonstration user."""
    return f"demo-{login}"


def token_hash(token: str) -> str:
    """What is kept of a bearer token."""
    return sha256(token.encode()).hexdigest()


def load_demo(session: Session, hasher: Callable[[str], str]) -> int:
    """Load people, customers, addresses and installed products; what is there already stays as it is.

    :param hasher: makes the stored form of a password.
    :return: how many rows were new.
    """
    new = _load_people(session, hasher)
    customers = read("customers")
    areas = {row["code"]: row["area"] for row in customers["customers"]}
    new += add_missing(session, Customer, (_customer(row) for row in customers["customers"]))
    # A child account comes after its parent.
    accounts = sorted(customers["accounts"], key=lambda row: "parent" in row)
    new += add_missing(session, Account, (_account(row, areas) for row in accounts))
    new += add_missing(session, Contract, (_contract(row, areas) for row in customers["contracts"]))
    new += add_missing(session, Address, (_address(row) for row in read("addresses")["addresses"]))
    products = sorted(read("installed_products")["installed_products"], key=lambda row: "parent" in row)
    return new + add_missing(session, InstalledProduct, (_product(row) for row in products))


def _load_people(session: Session, hasher: Callable[[str], str]) -> int:
    rows = read("users")["users"]
    known = set(session.scalars(select(User.login)))
    # Hashing is slow on purpose; one hash serves all, because all have the same well-known password.
    password = hasher(DEMO_PASSWORD) if any(row["login"] not in known for row in rows) else ""
    new = add_missing(
        session,
        User,
        (
            {
                "login": row["login"],
                "name_zh": row["name_zh"],
                "name_en": row["name_en"],
                "role": row["role"],
                "area": row["area"],
                "language": row["language"],
                "max_open_items": row["max_open_items"],
                "skills": row.get("skills", []),
                "password_hash": password,
                "active": True,
            }
            for row in rows
        ),
    )
    memberships = ({"team_code": team, "login": row["login"]} for row in rows for team in row.get("teams", []))
    new += add_missing(session, TeamMember, memberships)
    return new + add_missing(session, ApiToken, (_token(row["login"]) for row in rows))


def _token(login: str) -> dict[str, Any]:
    token = demo_token(login)
    # The same id in every demonstration, so that a second run finds it.
    return {
        "id": str(uuid5(NAMESPACE_URL, f"yizhan:{token}")),
        "login": login,
        "token_hash": token_hash(token),
        "label": "demo",
    }


def _customer(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "customer_no": row["code"],
        "name": row["name"],
        "name_en": row.get("name_en", ""),
        "kind": row["kind"],
        "segment": row["segment"],
        "tier": row["tier"],
        "area": row["area"],
        "id_type": row["id_type"],
        "id_number": row["id_number"],
        "phone": row["phone"],
        "email": row["email"],
        "language": row["language"],
        "account_manager": row.get("account_manager"),
        "credit_score": row["credit_score"],
        "blacklisted": False,
        "contact": row.get("contacts", []),
        "birth_date": _day(row.get("birth_date")),
        "created_on": _day(row["created_on"]),
        "tags": row.get("tags", []),
    }


def _account(row: Mapping[str, Any], areas: Mapping[str, str]) -> dict[str, Any]:
    named = ("code", "customer", "parent", "kind", "area", "arrears_cny")
    return {
        "account_no": row["code"],
        "customer_no": row["customer"],
        "parent_account_no": row.get("parent"),
        "kind": row["kind"],
        "area": row.get("area") or areas[row["customer"]],
        "arrears_cny": row["arrears_cny"],
        "body": {name: value for name, value in row.items() if name not in named},
    }


def _contract(row: Mapping[str, Any], areas: Mapping[str, str]) -> dict[str, Any]:
    named = ("code", "customer", "starts_on", "ends_on")
    return {
        "contract_no": row["code"],
        "customer_no": row["customer"],
        "area": areas[row["customer"]],
        "starts_on": _day(row["starts_on"]),
        "ends_on": _day(row["ends_on"]),
        "body": {name: value for name, value in row.items() if name not in named},
    }


def _address(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": row["code"],
        "area": row["area"],
        "area_class": row["area_class"],
        "kind": row["kind"],
        "district_zh": row["district_zh"],
        "district_en": row["district_en"],
        "text_zh": row["full_zh"],
        "text_en": row["full_en"],
        "side": row.get("side"),
        "exchange": row["exchange"],
        "splitter": row.get("splitter"),
        "drop_m": row["drop_m"],
        "feasibility": row["feasibility"],
        "body": {name: row[name] for name in ("road_zh", "number", "building", "room")},
    }


def _product(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "product_id": row["code"],
        "customer_no": row["customer"],
        "account_no": row.get("account"),
        "product": row["product"],
        "offering": row.get("offering"),
        "status": row["status"],
        "area": row["area"],
        "address_code": row.get("address") or _first_place(row),
        "places": list(_places(row)),
        "characteristics": row["characteristics"],
        "parent_product_id": row.get("parent"),
        "subscription_no": row.get("subscription_no"),
        "resources": {**row.get("resources", {}), **_watched(row)},
        "contract_no": row.get("contract"),
        "charging_from": _day(row["charging_from"]),
        "version": 1,
    }


def _watched(row: Mapping[str, Any]) -> dict[str, str]:
    return {"monitor_id": row["monitor_id"]} if "monitor_id" in row else {}


def _places(row: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for place in row.get("places", ()):
        yield {"role": place["role"], "address_code": place["address"]}
    if "address" in row and not row.get("places"):
        yield {"role": "installation", "address_code": row["address"]}


def _first_place(row: Mapping[str, Any]) -> str | None:
    return next((place["address_code"] for place in _places(row)), None)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
