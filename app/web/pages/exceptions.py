"""Exceptions by cause: forty orders that are stuck usually have one."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from app.persistence.incident_search import list_incidents
from app.services.incident_groups import Group, groups
from app.services.incident_view import listed
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.values import without_ids
from app.web.views.exceptions import CaseRow, CauseRow, ExceptionsPage

MOST_CASES: Final = 50


def order_href(name: str, addresses: Addresses) -> str:
    """The page of what people call ``O-2611-000042 #1``; nothing for what is no order."""
    return addresses.order(name.split(" ")[0]) if name.startswith("O-") else ""


def exceptions_page(session: Session, reader: Reader, addresses: Addresses, *, cause: str = "") -> ExceptionsPage:
    """The page; of the cause that is opened, its orders, oldest first."""
    names = Names(session, reader)
    found = groups(session, reader.actor)
    return ExceptionsPage(
        causes=tuple(_cause(session, group, cause, names, reader, addresses) for group in found),
        total=sum(group.count for group in found),
        open_cause=cause,
        may_retry=reader.may("bulk.run") and reader.may("incident.retry"),
    )


def _cause(session: Session, group: Group, opened: str, names: Names, reader: Reader, addresses: Addresses) -> CauseRow:
    is_open = group.cause_key == opened
    return CauseRow(
        key=group.cause_key,
        name=reader.said_in(group.known) or group.cause,
        code=group.code,
        said=group.cause,
        where=", ".join(group.elements[:3]),
        count=group.count,
        orders=group.orders,
        since=reader.time(group.oldest_at),
        owner=names.team_role(group.known["owner_role"]) if group.known["owner_role"] else "",
        advice=group.known["first_action"],
        retry_href=addresses.act("exceptions", group.cause_key, "retry"),
        rows=_cases(session, group, reader, addresses) if is_open else (),
    )


def _cases(session: Session, group: Group, reader: Reader, addresses: Addresses) -> tuple[CaseRow, ...]:
    rows, _ = list_incidents(session, reader.actor, {"state": "open", "cause_key": group.cause_key}, limit=MOST_CASES)
    return tuple(
        CaseRow(
            name=str(row["about"]),
            href=order_href(str(row["about"]), addresses),
            where=str(row["element_id"]),
            said=without_ids(str(row["message"] or "")),
            opened=reader.time(row["opened_at"]),
        )
        for row in listed(session, rows)
    )
