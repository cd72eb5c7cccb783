"""Reference data: what every installation needs, whether it shows a demonstration or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from adapters.operations_file import operations_data
from app.persistence import catalogue
from app.persistence.areas import Area
from app.persistence.catalogue import RuleBook
from app.persistence.people import Team, TeamRole
from app.seed.files import read
from app.seed.rows import replace_all
from processes.store.definitions import OperationDefinition, RetryPolicyDefinition

#: Files that are kept whole, as rules.
RULE_FILES: Final = (
    "calendars",
    "sla",
    "stop_reasons",
    "failures",
    "billing_rules",
    "changes",
    "dispatch",
    "tickets",
    "notifications",
    "work_order_types",
    "services",
)


def load_reference(session: Session) -> int:
    """Load areas, teams, catalogue, operations and rules; a second run brings them up to date.

    People change none of these rows, so the files win. Returns how many rows were new.
    """
    new = replace_all(session, Area, _areas(read("areas")["areas"]))
    new += _load_teams(session)
    new += _load_catalogue(session)
    new += _load_services(session)
    new += _load_operations(session)
    new += replace_all(session, RuleBook, ({"code": name, "body": read(name)} for name in RULE_FILES))
    return new


def _areas(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    parents = {row["code"]: row.get("parent") for row in rows}

    def path(code: str) -> str:
        parent = parents[code]
        return f"{path(parent)}/{code}" if parent else code

    for row in rows:
        number = row.get("long_distance_code")
        yield {
            "code": row["code"],
            "parent_code": row.get("parent"),
            "level": row["level"],
            "name_zh": row["name_zh"],
            "name_en": row["name_en"],
            "path": path(row["code"]),
            "time_zone": row["time_zone"],
            "long_distance_code": None if number is None else str(number),
        }


def _load_teams(session: Session) -> int:
    data = read("teams")
    roles = (_pick(row, "code", "name_zh", "name_en", "level", "default_calendar") for row in data["team_roles"])
    teams = (
        {
            **_pick(row, "code", "role", "area", "name_zh", "name_en", "calendar", "capacity_per_day"),
            "skills": row.get("skills", []),
            "tiers": row.get("tiers", []),
            "districts": [row["districts"]] if "districts" in row else [],
        }
        for row in data["teams"]
    )
    return replace_all(session, TeamRole, roles) + replace_all(session, Team, teams)


NAMED: Final = ("code", "name_zh", "name_en")


def _load_catalogue(session: Session) -> int:
    data = read("catalog")
    new = replace_all(session, catalogue.Segment, (_pick(row, *NAMED) for row in data["segments"]))
    new += replace_all(session, catalogue.Channel, (_pick(row, *NAMED) for row in data["channels"]))
    return new + _load_products(session, data) + _load_prices(session, data)


def _load_products(session: Session, data: Mapping[str, Any]) -> int:
    new = replace_all(
        session,
        catalogue.OrderType,
        (
            {
                **_pick(row, *NAMED, "short_zh", "tmf_action", "product_status"),
                "characteristics": row.get("characteristics", []),
                "position": position,
            }
            for position, row in enumerate(data["order_types"])
        ),
    )
    new += replace_all(
        session,
        catalogue.ProductSpec,
        (
            {**_pick(row, *NAMED), "internal": row.get("internal", False), "position": position, "body": row}
            for position, row in enumerate(data["product_specs"])
        ),
    )
    return new + replace_all(
        session,
        catalogue.Offering,
        (
            {
                **_pick(row, *NAMED, "product", "segments"),
                "fixed_characteristics": row.get("fixed_characteristics", {}),
                "sold_from": date.fromisoformat(row["sold_from"]),
                "sold_until": date.fromisoformat(row["sold_until"]) if row.get("sold_until") else None,
                "contract_months": row.get("contract_months", 0),
                "position": position,
            }
            for position, row in enumerate(data["offerings"])
        ),
    )


def _load_prices(session: Session, data: Mapping[str, Any]) -> int:
    new = replace_all(
        session,
        catalogue.Price,
        (
            {
                **_pick(row, "code", "offering", "kind", "amount_cny", "unit", "name_zh", "tax_percent"),
                "name_en": PRICE_NAMES[row["name_zh"]],
            }
            for row in data["prices"]
        ),
    )
    return new + replace_all(
        session,
        catalogue.Fee,
        (
            {
                **_pick(row, *NAMED, "amount_cny", "unit"),
                "order_types": row.get("order_types", []),
                "products": row.get("products", []),
            }
            for row in data["fees"]
        ),
    )


#: English names of the kinds of prices; the data gives only the Chinese ones.
PRICE_NAMES: Final[Mapping[str, str]] = {
    "月租": "Monthly rent",
    "装机调测费": "Installation and test",
    "装机费": "Installation",
    "国内通话": "Domestic calls",
    "机顶盒调测": "Set-top box set-up",
    "套餐月费": "Monthly plan fee",
    "套外通话": "Calls beyond the plan",
    "套外流量": "Data beyond the plan",
    "电路月租": "Monthly circuit rent",
    "一次性接入费": "One-off access fee",
    "站点月租": "Monthly rent per site",
    "站点接入费": "Access fee per site",
    "桌面月租": "Monthly rent per desktop",
    "数据盘": "Data disk",
    "设备与调测": "Device and set-up",
}


def _load_services(session: Session) -> int:
    data = read("services")
    named = ("code", "name_zh", "name_en")
    services = [
        {**_pick(row, *named), "kind": kind, "resources": row.get("resources", [])}
        for kind in ("cfs", "rfs")
        for row in data[f"{kind}_specs"]
    ]
    resources = (
        {
            **_pick(row, *named, "kind", "unit"),
            "reservation_expiry_hours": row.get("reservation_expiry_hours"),
            "quarantine_days": row.get("quarantine_days"),
        }
        for row in data["resource_specs"]
    )
    return replace_all(session, catalogue.ServiceSpec, services) + replace_all(
        session, catalogue.ResourceSpec, resources
    )


def _load_operations(session: Session) -> int:
    data = operations_data()
    operations = ({"code": row["code"], "body": row} for row in data["operations"])
    policies = ({"code": row["code"], "body": row} for row in data["retry_policies"])
    return replace_all(session, OperationDefinition, operations) + replace_all(session, RetryPolicyDefinition, policies)


def _pick(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}
