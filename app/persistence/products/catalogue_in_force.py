"""What counts now, in the tables everything reads: brought up to date when a release begins to count."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from app.domain.products.catalogue_entries import SECTIONS, Body
from app.persistence import people
from app.persistence.bulk.bulk_rows import replace_all
from app.persistence.products import catalogue
from app.persistence.products.catalogue_versions import due_releases, entries_at, names_in
from processes.store.base import Base
from processes.store.definitions import OperationDefinition, RetryPolicyDefinition

Row = dict[str, Any]


def apply_due(session: Session, now: datetime) -> list[int]:
    """Bring in what counts by ``now`` (aware UTC) and did not before; returns the numbers of the releases."""
    due = due_releases(session, now)
    if not due:
        return []
    numbers = [release.number for release in due]
    apply_entries(session, names_in(session, numbers), now)
    for release in due:
        release.applied_at = now
    session.flush()
    return numbers


def apply_entries(session: Session, names: Collection[tuple[str, str]], now: datetime) -> None:
    """Write the version that counts now of each of these entries (kind, code)."""
    in_force = entries_at(session, now)
    for kind in SECTIONS.values():
        rows = [body for code, body in in_force[kind].items() if (kind, code) in names]
        if rows:
            entity, row_of, has_position = TABLES[kind]
            made = [row_of(body) for body in rows]
            if has_position:
                keep_positions(session, entity, made)
            replace_all(session, entity, made)


def keep_positions(session: Session, entity: Any, rows: list[Row]) -> None:
    """What is there keeps its place in lists; what is new comes last."""
    known = {row.code: row.position for row in session.execute(select(entity.code, entity.position))}
    last = session.scalar(select(func.coalesce(func.max(cast(entity.position, Integer)), -1))) or 0
    free = iter(range(last + 1 if known else 0, last + 2 + len(rows)))
    for row in rows:
        row["position"] = known[row["code"]] if row["code"] in known else next(free)


def named(body: Body, *more: str) -> Row:
    """Code, names, and further fields as they are."""
    return {name: body[name] for name in ("code", "name_zh", "name_en", *more)}


def order_type(body: Body) -> Row:
    """A row of the order types."""
    own = body.get("characteristics", [])
    return {**named(body, "short_zh", "tmf_action", "product_status"), "characteristics": own}


def product_spec(body: Body) -> Row:
    """A row of the products."""
    return {**named(body), "internal": body.get("internal", False), "body": dict(body)}


def offering(body: Body) -> Row:
    """A row of the offerings."""
    return {
        **named(body, "product", "segments"),
        "fixed_characteristics": body.get("fixed_characteristics", {}),
        "sold_from": date.fromisoformat(body["sold_from"]),
        "sold_until": date.fromisoformat(body["sold_until"]) if body.get("sold_until") else None,
        "contract_months": body.get("contract_months", 0),
    }


def price(body: Body) -> Row:
    """A row of the prices."""
    return named(body, "offering", "kind", "amount_cny", "unit", "tax_percent")


def fee(body: Body) -> Row:
    """A row of the fees."""
    return {
        **named(body, "amount_cny", "unit"),
        "order_types": body.get("order_types", []),
        "products": body.get("products", []),
        "condition": body.get("when", ""),
    }


def cfs_spec(body: Body) -> Row:
    """A row of the services that face customers."""
    return {**named(body), "kind": "cfs", "resources": []}


def rfs_spec(body: Body) -> Row:
    """A row of the services that face resources."""
    return {**named(body), "kind": "rfs", "resources": body.get("resources", [])}


def resource_spec(body: Body) -> Row:
    """A row of the kinds of resources."""
    times = {name: body.get(name) for name in ("reservation_expiry_hours", "quarantine_days")}
    return {**named(body, "kind", "unit"), **times}


def team_role(body: Body) -> Row:
    """A row of the kinds of teams."""
    return named(body, "level", "default_calendar")


def team(body: Body) -> Row:
    """A row of the teams."""
    own = {name: list(body.get(name, [])) for name in ("skills", "tiers")}
    districts = [body["districts"]] if body.get("districts") else []
    return {**named(body, "role", "area", "calendar", "capacity_per_day"), **own, "districts": districts}


def whole(body: Body) -> Row:
    """A row that keeps the entry as it is."""
    return {"code": body["code"], "body": dict(body)}


#: By kind: the table, how its row is made, and whether it has a place in lists.
TABLES: Final[Mapping[str, tuple[type[Base], Callable[[Body], Row], bool]]] = {
    "segment": (catalogue.Segment, named, False),
    "channel": (catalogue.Channel, named, False),
    "order_type": (catalogue.OrderType, order_type, True),
    "product_spec": (catalogue.ProductSpec, product_spec, True),
    "offering": (catalogue.Offering, offering, True),
    "price": (catalogue.Price, price, False),
    "fee": (catalogue.Fee, fee, False),
    "cfs_spec": (catalogue.ServiceSpec, cfs_spec, False),
    "rfs_spec": (catalogue.ServiceSpec, rfs_spec, False),
    "resource_spec": (catalogue.ResourceSpec, resource_spec, False),
    "retry_policy": (RetryPolicyDefinition, whole, False),
    "operation": (OperationDefinition, whole, False),
    "skill": (people.Skill, named, False),
    "team_role": (people.TeamRole, team_role, False),
    "team": (people.Team, team, False),
}
