"""The page of one order, put together from its rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.amending.amendments import AmendmentState
from app.domain.ordering.order_lifecycle import CANCEL_STARTS_FROM, OrderState
from app.domain.teamwork.work_lifecycle import WORK_ITEM_OPEN, WorkItemState
from app.persistence.amending.amendments import Amendment
from app.persistence.areas import area_path
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.ordering.reconciliation import Difference
from app.persistence.scope import scoped
from app.persistence.teamwork.tickets import TroubleTicket
from app.services.ordering.orchestration import item_plans
from app.services.teamwork.appointments import BOOKING
from app.services.teamwork.visit_times import FROM
from app.web.addresses import Addresses
from app.web.pages.counter.customer_view import customer_view
from app.web.pages.counter.places import place_label
from app.web.pages.counter.trouble import difference_row, incident_row
from app.web.pages.names import Names
from app.web.pages.ordering.events import event_rows
from app.web.pages.ordering.order_chart import OrderChart
from app.web.pages.ordering.order_head import kind_of
from app.web.pages.ordering.order_list import waits_for
from app.web.pages.ordering.order_surroundings import surroundings
from app.web.pages.promises.clocks import ROUND_THE_CLOCK, Clockwork, deciding_clock, is_paused, paused_for, sla_cell
from app.web.pages.states import order_tag, ticket_tag
from app.web.reader import Reader
from app.web.values import plain
from app.web.views.order_page import Act, IncidentRow, ItemRow, OrderPage, Strip, Surroundings, TicketLink
from app.web.views.parts import Pair
from processes.engine import Engine

#: So many items are shown with every detail; more become a table.
FEW_ITEMS: Final = 3


def order_page(
    session: Session,
    reader: Reader,
    number: str,
    addresses: Addresses,
    engine: Engine,
    *,
    as_table: bool = False,
    whole: bool = True,
) -> OrderPage:
    """Everything about one order.

    :param engine: it knows the plans, which say when the steps that are left are expected.
    :param whole: with what lies around the order; else only what changes by itself.

    :raises NotFound: there is none of that number in the reader's area.
    """
    order = get_order(session, reader.actor, number)
    names = Names(session, reader)
    clockwork = Clockwork(session, reader, names)
    plans = () if order.is_final else item_plans(session, engine, order, reader.now)
    chart = OrderChart(order, names, reader, clockwork, area_path(session, order.area) or "", plans)
    clock = deciding_clock(order.clocks)
    return OrderPage(
        number=order.number,
        href=addresses.order(order.number),
        kind=kind_of(order, names),
        state=order_tag(order.state, reader),
        facts=_facts(order, names, reader, addresses),
        strip=_strip(order, chart, clockwork, reader),
        gantt=chart.gantt(),
        gantt_text=chart.text(),
        work_orders=chart.table(addresses),
        sla=clockwork.panel(clock, is_cancelled=order.state == OrderState.CANCELLED) if clock else None,
        customer=customer_view(order, chart.expected(), reader),
        events=event_rows(order.events, names, reader, order.work_orders),
        event_count=len(order.events),
        differences=_differences(session, order, names, reader),
        incidents=_incidents(order, reader, addresses),
        tickets=_tickets(session, order, reader, addresses),
        acts=_acts(order, reader, addresses),
        items=_items(order, names, reader),
        item_rows=tuple(_item_row(item, names, reader) for item in order.items) if len(order.items) > FEW_ITEMS else (),
        waits_for=_waits(order, names, reader),
        is_final=order.is_final,
        is_cancelled=order.state == OrderState.CANCELLED,
        as_table=as_table,
        may_retry=reader.may("incident.retry"),
        cancel_note=_cancel_note(order, names, reader),
        cancel_href=addresses.act("orders", order.number, "cancel"),
        amend_note=_amend_note(session, order, names, reader),
        amend_href=addresses.act("orders", order.number, "amend"),
        promise_href=addresses.act("orders", order.number, "promise") if order.clocks else "",
        around=surroundings(session, order, names, reader, addresses) if whole else Surroundings(),
    )


def _waits(order: ProductOrder, names: Names, reader: Reader) -> str:
    if order.is_final:
        return ""
    who = waits_for(order.work_orders, names, reader) or _waits_outside_the_plan(order, names)
    return reader.t("waits for {who}", who=who) if who else ""


def _facts(order: ProductOrder, names: Names, reader: Reader, addresses: Addresses) -> tuple[Pair, ...]:
    t = reader.t
    customer = names.customers([order.customer_no]).get(order.customer_no or "")
    href = addresses.customer(order.customer_no) if order.customer_no and reader.may("customer.view") else ""
    placed = f"{reader.f.moment(order.ordered_at)} {names.person(order.client)}"
    facts = [
        Pair(t("Customer"), names.customer(customer), href=href),
        Pair(t("Tier"), names.tier(customer.tier) if customer else "–"),
        Pair(t("Area"), names.area(order.area)),
        Pair(t("Channel"), names.channel(order.channel)),
        Pair(t("Placed"), placed),
    ]
    if order.external_id:
        facts.append(Pair(t("External number"), order.external_id, code=True))
    if order.description:
        facts.append(Pair(t("Note"), order.description))
    return tuple(facts)


def _strip(order: ProductOrder, chart: OrderChart, clockwork: Clockwork, reader: Reader) -> Strip:
    t, f = reader.t, reader.f
    expected, promised = chart.expected(), order.promised_at
    is_cancelled = order.state == OrderState.CANCELLED
    left = sla_cell(
        order.clocks,
        reader,
        promised_at=promised,
        ended_at=order.completed_at,
        is_final=order.is_final,
        is_cancelled=is_cancelled,
    )
    if left.tone in ("", "risk") and promised and not order.is_final:
        # The label beside it says "left" already, and there is room for the minutes.
        left = replace(left, text=f.long_span(promised - reader.now))
    tone, note = "", ""
    if expected and promised and not is_cancelled:
        ahead = promised - expected
        late = ahead < timedelta()
        tone = "bad" if late else "ok"
        if abs(ahead) >= timedelta(minutes=1):
            note = t("{span} late", span=f.span(ahead)) if late else t("{span} early", span=f.span(ahead))
    paused = paused_for(order.clocks, reader.now)
    clock = deciding_clock(order.clocks)
    return Strip(
        promised=f.promise(promised) if promised else t("no promise"),
        left=left,
        left_note=_working_left(order, clockwork, reader),
        expected=f.moment(expected) if expected else t("not known yet"),
        expected_tone=tone,
        expected_note=note,
        paused=f.span(paused) if paused else t("none"),
        paused_note=t("{n} times", n=len(clock.pauses)) if clock and clock.pauses else "",
    )


def _working_left(order: ProductOrder, clockwork: Clockwork, reader: Reader) -> str:
    clock = deciding_clock(order.clocks)
    # A calendar without breaks says the same twice.
    if clock is None or order.is_final or is_paused(order.clocks) or clock.calendar == ROUND_THE_CLOCK:
        return ""
    left = clockwork.running(clock).remaining(reader.now)
    return reader.t("working time {span}", span=reader.f.working(left)) if left > timedelta() else ""


def _waits_outside_the_plan(order: ProductOrder, names: Names) -> str:
    """The team of an open step that is no work order of its own and belongs to none."""
    items = (
        item for item in order.work_items if not item.work_order_id and WorkItemState(item.state) in WORK_ITEM_OPEN
    )
    return next((names.team(item.team_code) for item in items if item.team_code), "")


def _items(order: ProductOrder, names: Names, reader: Reader) -> tuple[tuple[Pair, ...], ...]:
    """The items as columns; a single one is spread over three."""
    columns = [_item(item, names, reader) for item in order.items[:FEW_ITEMS]]
    if len(columns) != 1:
        return tuple(columns)
    pairs = columns[0]
    third = -(-len(pairs) // 3)
    return tuple(pairs[start : start + third] for start in range(0, len(pairs), third))


def _item_row(item: ProductOrderItem, names: Names, reader: Reader) -> ItemRow:
    return ItemRow(
        number=item.item_no,
        product=f"{names.offering(item.offering) or names.product(item.product)} {names.order_type(item.order_type)}",
        product_id=item.product_id or "–",
        address=names.address(item.address_code) or "–",
        state=order_tag(item.state, reader),
    )


def _item(item: ProductOrderItem, names: Names, reader: Reader) -> tuple[Pair, ...]:
    t = reader.t
    rows = [
        Pair(
            t.about("item", "Line {n}", n=item.item_no),
            f"{names.product(item.product)} {names.order_type(item.order_type)}",
        ),
        Pair(t("State"), order_tag(item.state, reader).text),
    ]
    if item.offering:
        rows.append(Pair(t("Offering"), names.offering(item.offering)))
    if item.product_id:
        rows.append(Pair(t("Product number"), item.product_id, code=True))
    for place in item.places:
        label = place_label(str(place.get("role")), reader)
        rows.append(Pair(label, names.address(place.get("address_code"))))
    for code, value in item.characteristics.items():
        if value in (None, "", False, [], {}):
            continue
        shown = names.value(item.product, code, value) if not isinstance(value, dict) else plain(value, reader.language)
        rows.append(Pair(names.characteristic(item.product, code), shown))
    return tuple(rows)


def _differences(session: Session, order: ProductOrder, names: Names, reader: Reader) -> tuple[Any, ...]:
    query = select(Difference).where(Difference.order_id == order.id).order_by(Difference.state, Difference.found_at)
    rows = session.scalars(scoped(query, Difference, reader.actor))
    return tuple(difference_row(row, names, reader) for row in rows)


def _incidents(order: ProductOrder, reader: Reader, addresses: Addresses) -> tuple[IncidentRow, ...]:
    return tuple(
        incident_row(item, reader, addresses, order_number=order.number)
        for item in order.work_items
        if item.kind == "incident" and WorkItemState(item.state) in WORK_ITEM_OPEN
    )


def _tickets(session: Session, order: ProductOrder, reader: Reader, addresses: Addresses) -> tuple[TicketLink, ...]:
    query = select(TroubleTicket).where(TroubleTicket.order_id == order.id).order_by(TroubleTicket.opened_at)
    rows = session.scalars(scoped(query, TroubleTicket, reader.actor))
    return tuple(
        TicketLink(number=row.number, href=addresses.ticket(row.number), state=ticket_tag(row.state, reader))
        for row in rows
    )


def _cancel_note(order: ProductOrder, names: Names, reader: Reader) -> str:
    if not order.cancel_requests:
        return ""
    last = order.cancel_requests[-1]
    asked = reader.t(
        "Cancel asked for by {who}, {time}: {reason}",
        who=names.person(last.requested_by),
        time=reader.f.moment(last.at),
        reason=last.reason,
    )
    return f"{asked} · {last.message}" if last.state == "terminatedWithError" and last.message else asked


def _amend_note(session: Session, order: ProductOrder, names: Names, reader: Reader) -> str:
    """An amendment that somebody has to agree to."""
    if order.is_final:
        return ""
    waits = AmendmentState.AWAITING_APPROVAL.value
    row = session.scalars(select(Amendment).where(Amendment.order_id == order.id, Amendment.state == waits)).first()
    if row is None:
        return ""
    who, time = names.person(row.requested_by), reader.f.moment(row.at)
    return reader.t("A change was asked for by {who}, {time}; a second person has to agree.", who=who, time=time)


def _acts(order: ProductOrder, reader: Reader, addresses: Addresses) -> tuple[Act, ...]:
    """What can be done with the order now; the pages say why something else cannot."""
    t = reader.t
    paper = Act(text=t("Confirmation"), href=addresses.act("orders", order.number, "confirmation"), icon="file")
    page, text = ("repair", t("Repair")) if reader.may("ops.view") else ("diagram", t("Diagram"))
    plan = Act(text=text, href=addresses.act("orders", order.number, page), icon="flow")
    is_open = not order.is_final and OrderState(order.state) in CANCEL_STARTS_FROM
    stands = is_paused(order.clocks) or order.state in (OrderState.PENDING, OrderState.HELD)
    somebody_comes = any(task.form_key == BOOKING or FROM in (task.context or {}) for task in order.work_items)
    known = (
        ("order.share", t("Tell the customer"), "share", "chat"),
        ("order.hold", t("Move the visit"), "visit", "cal"),
        ("order.amend", t("Amend order"), "amend", "draft"),
        ("order.hold", t("Resume") if stands else t("Pause"), "hold", "play" if stands else "pause"),
        ("order.cancel", t("Cancel order"), "cancel", "slash"),
    )
    acts = (
        Act(text=text, href=addresses.act("orders", order.number, page), icon=icon)
        for right, text, page, icon in known
        if reader.may(right) and (is_open or page == "share") and (page != "visit" or somebody_comes)
    )
    return (paper, plan, *acts)
