"""Incidents and differences as rows, wherever they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.domain.ordering.reconciliation import INSTALLED
from app.persistence.ordering.reconciliation import Difference
from app.persistence.teamwork.work_items import WorkItem
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.reader import Reader
from app.web.values import plain, without_ids
from app.web.views.order_page import DifferenceRow, IncidentRow
from app.web.views.parts import Tag

_LABELS: Final = {rule.name: rule.label for rule in INSTALLED}


def difference_row(
    row: Difference, names: Names, reader: Reader, *, order_number: str = "", order_href: str = ""
) -> DifferenceRow:
    """A field on which the books do not agree."""
    t = reader.t
    label = _LABELS.get(row.field)
    settled = row.state != "open"
    return DifferenceRow(
        product_id=row.product_id or "–",
        field=reader.words(label) if label else row.field,
        asked=plain(row.asked, reader.language),
        built=plain(row.built, reader.language),
        billed=plain(row.billed, reader.language),
        owner=names.team_role(row.owner_role),
        state=Tag(t("settled"), "done", "ok") if settled else Tag(t.about("difference", "open"), "alert", "bad"),
        order_number=order_number,
        order_href=order_href,
        found=reader.f.moment(row.found_at),
    )


def incident_row(item: WorkItem, reader: Reader, addresses: Addresses, *, order_number: str) -> IncidentRow:
    """An incident, told by its work item: the step, and the far system's own words."""
    t = reader.t
    title = reader.said(item, "title")
    for prefix in ("异常：", "Incident: "):
        title = title.removeprefix(prefix)
    context = item.context or {}
    is_open = item.state in ("open", "claimed", "paused")
    return IncidentRow(
        id=item.incident_id or "",
        where=title,
        code=str(context.get("code") or ""),
        message=without_ids(str(context.get("message") or "")),
        opened=reader.f.moment(item.created_at),
        attempts=int(context.get("attempts") or 0),
        order_number=order_number or item.number,
        order_href=addresses.order(order_number) if order_number and reader.may("order.view") else "",
        retry_href=addresses.act("incidents", item.incident_id, "retry") if item.incident_id and is_open else "",
        state=Tag(t.about("incident", "open"), "alert", "bad") if is_open else Tag(t("solved"), "done", "ok"),
    )


def advice(known: Mapping[str, str], reader: Reader) -> str:
    """What the list of failures says to do first; in the other language where it says nothing in the reader's."""
    zh, en = known.get("first_action_zh", ""), known.get("first_action", "")
    return (en or zh) if reader.language == "en" else (zh or en)
