"""What lies around an order: other orders it has to do with, files, and what the customer heard and said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.persistence.bulk.bulk_orders import BulkOrder, BulkOrderLine
from app.persistence.ordering.order_waits import OrderWait
from app.persistence.ordering.orders import ProductOrder
from app.persistence.scope import scoped
from app.persistence.teamwork.attachments import attachments_around
from app.services.counter.order_links import links_of, survey_of
from app.services.ordering.order_waits import PREREQUISITE
from app.web.addresses import Addresses
from app.web.pages.counter.share_page import survey_text
from app.web.pages.names import Names
from app.web.pages.ordering.order_head import kind_of
from app.web.pages.ordering.visit_page import visit_panels
from app.web.pages.states import order_tag
from app.web.reader import Reader
from app.web.views.order_page import FileLink, RelatedOrder, Surroundings
from app.web.views.parts import Pair, Tag
from processes.store.jobs import Job

SEND: Final = "area.send_suborder"
MOST: Final = 20
#: How the far installation's answer stands, by the state of our call.
_SENT: Final = {"done": "done", "failed": "alert", "cancelled": "slash"}


def surroundings(
    session: Session, order: ProductOrder, names: Names, reader: Reader, addresses: Addresses
) -> Surroundings:
    """Everything around one order."""
    return Surroundings(
        orders=(*_waits(session, order, names, reader, addresses), *_far(session, order, names, reader)),
        sheet=_sheet(session, order, reader, addresses),
        files=_files(session, order, reader, addresses),
        customer=tuple(_customer(session, order, reader, addresses)),
        said_href=addresses.act("orders", order.number, "share"),
    )


def _waits(
    session: Session, order: ProductOrder, names: Names, reader: Reader, addresses: Addresses
) -> Iterable[RelatedOrder]:
    """Orders that come first, and orders that wait for this one."""
    rows = session.scalars(
        select(OrderWait).where(or_(OrderWait.order_id == order.id, OrderWait.waits_for == order.id)).limit(MOST)
    ).all()
    ids = {row.waits_for if row.order_id == order.id else row.order_id for row in rows}
    if not ids:
        return
    found = session.scalars(scoped(select(ProductOrder), ProductOrder, reader.actor).where(ProductOrder.id.in_(ids)))
    by_id = {one.id: one for one in found}
    t = reader.t
    for row in rows:
        first = row.order_id == order.id
        other = by_id.get(row.waits_for if first else row.order_id)
        if other is None:
            continue
        before = t("has to be completed first") if row.kind == PREREQUISITE else t("has to end first")
        yield RelatedOrder(
            number=other.number,
            href=addresses.order(other.number),
            what=kind_of(other, names),
            how=before if first else t("waits for this"),
            state=order_tag(other.state, reader),
        )


def _far(session: Session, order: ProductOrder, names: Names, reader: Reader) -> Iterable[RelatedOrder]:
    """Sub-orders that other installations have for this order."""
    if order.process_instance_id is None or not any(item.places for item in order.items):
        return
    jobs = session.scalars(
        select(Job).where(Job.root_id == order.process_instance_id, Job.operation == SEND).order_by(Job.id).limit(MOST)
    )
    for job in jobs:
        inputs: Mapping[str, Any] = job.payload.get("inputs") or job.payload
        answer: Mapping[str, Any] = job.payload.get("outputs") or {}
        text = reader.t("done there") if job.state == "done" else reader.t("being built there")
        yield RelatedOrder(
            number=str(answer.get("suborder_no") or inputs.get("parent_order") or ""),
            href="",
            what=names.area(str(inputs.get("area", ""))),
            how=reader.t("sub-order of another installation"),
            state=Tag(text, _SENT.get(job.state, "clock"), "ok" if job.state == "done" else ""),
        )


def _sheet(session: Session, order: ProductOrder, reader: Reader, addresses: Addresses) -> Pair | None:
    """The sheet it came with."""
    row = session.execute(
        select(BulkOrder.number, BulkOrder.file_name, BulkOrderLine.line)
        .join(BulkOrderLine, BulkOrderLine.bulk_id == BulkOrder.id)
        .where(BulkOrderLine.order_id == order.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    href = addresses.sheets(row.number) if reader.may("order.submit") else ""
    return Pair(reader.t("From a sheet"), reader.t("{name}, line {n}", name=row.file_name, n=row.line), href=href)


def _files(session: Session, order: ProductOrder, reader: Reader, addresses: Addresses) -> tuple[FileLink, ...]:
    may = reader.may("item.view")
    return tuple(
        FileLink(
            name=row.name,
            href=addresses.file(row.number) if may else "",
            at=reader.f.moment(row.at),
        )
        for row in attachments_around(session, order_id=order.id, ticket_id=None)
    )


def _customer(session: Session, order: ProductOrder, reader: Reader, addresses: Addresses) -> Iterable[Pair]:
    """When somebody comes, whether the customer has a link and uses it, and what the customer said."""
    t = reader.t
    for panel in visit_panels(session, order, reader, addresses):
        line = f"{panel.line} " if panel.line else ""
        yield Pair(t("Visit"), f"{line}{panel.when or panel.why_not}")
    live = [link for link in links_of(session, order.id) if link.revoked_at is None and link.expires_at > reader.now]
    if live:
        seen = sum(link.seen for link in live)
        yield Pair(t("Link"), t("{n} links, looked at {seen} times", n=len(live), seen=seen))
    survey = survey_of(session, order.id)
    if survey is not None:
        yield Pair(t("What the customer said"), survey_text(survey, reader))
