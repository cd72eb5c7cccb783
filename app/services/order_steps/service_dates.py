"""From which day to which day is charged: fixed right after the test, so a late bill changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.errors import Rejected
from adapters.ports import OperationCall
from app.persistence.areas import Area


def service_date(session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
    """``order.service_date``: the days of service and of charging, ISO dates in the zone of the area.

    :raises Rejected: ``unknown-billing-rule``.
    """
    zone = session.scalar(select(Area.time_zone).where(Area.code == call.area)) or "Asia/Shanghai"
    today = now.astimezone(ZoneInfo(zone)).date()
    return dates_of(str(call.inputs.get("rule")), today, str(call.inputs.get("day") or ""))


def dates_of(rule: str, today: date, day: str) -> dict[str, str]:
    """The dates by rule; "" where a rule says nothing of one."""
    tomorrow = (today + timedelta(days=1)).isoformat()
    accepted = day or today.isoformat()
    match rule:
        case "from_next_day":
            return {"service_date": today.isoformat(), "charging_from": tomorrow, "charging_to": ""}
        case "from_acceptance_day":
            return {"service_date": accepted, "charging_from": accepted, "charging_to": ""}
        case "from_today":
            return {"service_date": today.isoformat(), "charging_from": today.isoformat(), "charging_to": ""}
        case "from_next_month":
            first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
            return {"service_date": today.isoformat(), "charging_from": first.isoformat(), "charging_to": ""}
        case "to_stop_day":
            return {"service_date": today.isoformat(), "charging_from": "", "charging_to": today.isoformat()}
        case _:
            raise Rejected("unknown-billing-rule", f"no billing rule {rule}")
