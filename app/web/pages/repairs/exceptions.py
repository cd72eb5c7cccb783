"""Exceptions by cause: forty orders that are stuck usually have one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.persistence.repairs.incident_search import list_incidents
from app.services.repairs.incident_groups import Group, groups
from app.services.repairs.incident_view import listed
from app.web.addresses import Addresses
from app.web.pages.counter.trouble import advice
from app.web.pages.names import Names
from app.web.pages.repairs.repair_requests import waiting_lines
from app.web.pages.step_names import step_names
from app.web.reader import Reader
from app.web.values import without_ids
from app.web.views.exceptions import CaseRow, CauseRow, ExceptionsPage

MOST_CASES: Final = 50


def repair_href(name: str, instance_id: str, element_id: str, addresses: Addresses) -> str:
    """Where what stands still can be repaired; nothing for what is no order."""
    href = order_href(name, addresses)
    return f"{href}/repair?{urlencode({'at': instance_id, 'step': element_id})}" if href else ""


def order_href(name: str, addresses: Addresses) -> str:
    """The page of what people call ``O-2611-000042 #1``; nothing for what is no order."""
    return addresses.order(name.split(" ")[0]) if name.startswith("O-") else ""


def exceptions_page(session: Session, reader: Reader, addresses: Addresses, *, cause: str = "") -> ExceptionsPage:
    """The page; of the cause that is opened, its orders, oldest first."""
    names = Names(session, reader)
    found = groups(session, reader.actor)
    steps = step_names(session, reader, {key for group in found for key in group.processes})
    return ExceptionsPage(
        causes=tuple(_cause(session, group, cause, names, steps, reader, addresses) for group in found),
        waiting=waiting_lines(session, reader, addresses),
        total=sum(group.count for group in found),
        open_cause=cause,
        may_retry=reader.may("bulk.run") and reader.may("incident.retry"),
    )


def _cause(
    session: Session,
    group: Group,
    opened: str,
    names: Names,
    steps: Mapping[tuple[str, str], str],
    reader: Reader,
    addresses: Addresses,
) -> CauseRow:
    is_open = group.cause_key == opened
    return CauseRow(
        key=group.cause_key,
        name=reader.said_in(group.known) or without_ids(group.cause),
        code=group.code,
        said=without_ids(group.cause),
        where=_where(group, steps, reader),
        count=group.count,
        orders=group.orders,
        since=reader.time(group.oldest_at),
        owner=names.team_role(group.known["owner_role"]) if group.known["owner_role"] else "",
        advice=advice(group.known, reader),
        retry_href=addresses.act("exceptions", group.cause_key, "retry"),
        rows=_cases(session, group, steps, reader, addresses) if is_open else (),
    )


def _where(group: Group, steps: Mapping[tuple[str, str], str], reader: Reader) -> str:
    """The steps at which it happens, by name."""
    places = [(key, element) for element in group.elements[:3] for key in group.processes]
    found = dict.fromkeys(steps[place] for place in places if place in steps)
    return reader.t.about("list", ", ").join(found) or ", ".join(group.elements[:3])


def _cases(
    session: Session, group: Group, steps: Mapping[tuple[str, str], str], reader: Reader, addresses: Addresses
) -> tuple[CaseRow, ...]:
    rows, _ = list_incidents(session, reader.actor, {"state": "open", "cause_key": group.cause_key}, limit=MOST_CASES)
    return tuple(
        CaseRow(
            name=str(row["about"]),
            href=order_href(str(row["about"]), addresses),
            repair_href=repair_href(str(row["about"]), row["instance_id"], row["element_id"], addresses),
            where=steps.get((row["process_key"], row["element_id"]), str(row["element_id"])),
            said=without_ids(str(row["message"] or "")),
            opened=reader.time(row["opened_at"]),
        )
        for row in listed(session, rows)
    )
