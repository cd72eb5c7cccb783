"""The order list: filters, counts, least time left first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import NAMES, OrderState
from app.persistence.areas import Area
from app.persistence.ordering.order_search import ids_named, list_orders
from app.persistence.ordering.orders import ProductOrder, ProductOrderItem
from app.persistence.ordering.work_orders import WorkOrder
from app.persistence.scope import within
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.promises.clocks import sla_cell
from app.web.pages.states import order_tag, stop_kind
from app.web.reader import Reader
from app.web.views.orders import OrderList, OrderRow
from app.web.views.parts import COUNTED_AT_MOST, Choice, Pages, StationLine, Tab, station_line

PAGE_SIZE: Final = 30
FALLOUT_DESK: Final = "fallout_desk"
SOON: Final = timedelta(hours=24)
VIEWS: Final = ("open", "late", "soon", "paused", "finished", "all", "risk", "course", "completed")
#: From here on a promise is at risk, in per cent of its time.
RISK_LEVEL: Final = 75


@dataclass(frozen=True, kw_only=True)
class OrderFilters:
    """What the reader asked for; ``view`` is one of the counted ones."""

    view: str = "open"
    query: str = ""
    state: str = ""
    area: str = ""
    mine: bool = False
    #: A day of the wall clock, as in ``2026-11-24``: only what was promised for it.
    due: str = ""
    offset: int = 0

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, str]) -> OrderFilters:
        """Read the address; what cannot be read counts as not asked for, except that a state must exist."""
        view = arguments.get("view", "")
        state = arguments.get("state", "")
        searched = bool(arguments.get("q") or state)
        offset = arguments.get("offset", "0")
        return cls(
            view="late" if arguments.get("late") else view if view in VIEWS else "all" if searched else "open",
            query=arguments.get("q", "").strip()[:100],
            state=state if state in set(OrderState) else "",
            area=arguments.get("area", "")[:16],
            mine=arguments.get("mine") == "1",
            due=_day(arguments.get("due", "")),
            offset=int(offset) if offset.isdigit() and len(offset) < 7 else 0,
        )

    def arguments(self, **changed: Any) -> dict[str, str]:
        """The address of the same list with something changed."""
        values = {
            "view": self.view,
            "q": self.query,
            "state": self.state,
            "area": self.area,
            "mine": "1" if self.mine else "",
            "due": self.due,
            **{name: str(value) if value else "" for name, value in changed.items()},
        }
        return {name: value for name, value in values.items() if value}

    @property
    def narrowed(self) -> bool:
        """Whether something beside the counted views limits the list."""
        return bool(self.query or self.state or self.area or self.mine or self.due)


def order_list(session: Session, reader: Reader, wanted: OrderFilters, addresses: Addresses) -> OrderList:
    """The page for these filters."""
    below = _below(session, reader, wanted.area)
    # The text is looked up once, not for every number on the page.
    named = ids_named(session, reader.actor, wanted.query) if wanted.query else None
    filters = view_filters(wanted, reader, below, named)
    rows, total = list_orders(
        session, reader.actor, filters, offset=wanted.offset, limit=PAGE_SIZE, count_at_most=COUNTED_AT_MOST
    )
    return OrderList(
        rows=order_rows(session, rows, reader, addresses),
        counts=_counts(session, reader, wanted, below, named, addresses),
        pages=_pages(wanted, len(rows), total, addresses),
        query=wanted.query,
        state=wanted.state,
        area=wanted.area,
        mine=wanted.mine,
        view=wanted.view,
        due=wanted.due,
        without_day_href=addresses.orders(**wanted.arguments(due="")),
        states=tuple(Choice(state, reader.words(NAMES[state])) for state in OrderState),
        areas=_areas(session, reader),
        filtered=wanted.narrowed,
        can_submit=reader.may("order.submit"),
    )


def order_rows(
    session: Session, rows: Sequence[ProductOrder], reader: Reader, addresses: Addresses
) -> tuple[OrderRow, ...]:
    """Orders as rows, in the given order."""
    names = Names(session, reader)
    customers = names.customers(row.customer_no for row in rows)
    steps = _steps(session, rows)
    return tuple(
        _row(order, steps[order.id], names.customer(customers.get(order.customer_no or "")), names, reader, addresses)
        for order in rows
    )


def product_text(items: Sequence[ProductOrderItem], names: Names) -> str:
    """What an order is about: the first item, and how many more."""
    if not items:
        return "–"
    first = items[0]
    text = names.offering(first.offering) or names.product(first.product)
    return f"{text} ×{len(items)}" if len(items) > 1 else text


def progress(steps: Sequence[WorkOrder], order: ProductOrder, reader: Reader) -> StationLine:
    """Where an order stands: the steps of its plan as stops."""
    state = reader.words(NAMES[OrderState(order.state)])
    planned = [step for step in steps if step.state != "cancelled"]
    if not planned:
        return StationLine(("done",) if order.is_final else ("here",), state)
    stops = [stop_kind(step.state) for step in planned]
    if order.is_final:
        return station_line(stops, state)
    active = [step for step in planned if step.state in ("held", "failed", "pending", "inProgress")]
    worst = next((s for s in active if s.state in ("held", "failed")), active[0] if active else None)
    if worst is None:
        return station_line(stops, state)
    # Twenty sites have twenty current steps; the one that matters most and a number say enough.
    more = f" +{len(active) - 1}" if len(active) > 1 else ""
    return station_line(stops, f"{reader.said(worst)}{more}")


def waits_for(steps: Sequence[WorkOrder], names: Names, reader: Reader) -> str:
    """Whom an order waits for: who mends what is held, else the team in front of the colon of the first that waits."""
    if any(step.state == "held" for step in steps):
        return names.team_role(FALLOUT_DESK)
    for step in steps:
        if step.state in ("inProgress", "pending") and (text := reader.said(step, "waits_for")):
            return text.replace("：", ":").split(":")[0]
    return ""


def _row(
    order: ProductOrder, steps: Sequence[WorkOrder], customer: str, names: Names, reader: Reader, addresses: Addresses
) -> OrderRow:
    return OrderRow(
        number=order.number,
        href=addresses.order(order.number),
        customer=customer,
        product=f"{product_text(order.items, names)} {names.order_type(order.category)}",
        state=order_tag(order.state, reader),
        progress=progress(steps, order, reader),
        waits_for="" if order.is_final else waits_for(steps, names, reader),
        promised=reader.time(order.promised_at),
        sla=sla_cell(
            order.clocks,
            reader,
            promised_at=order.promised_at,
            ended_at=order.completed_at,
            is_final=order.is_final,
            is_cancelled=order.state == OrderState.CANCELLED,
        ),
        area=names.area(order.area),
    )


def _steps(session: Session, orders: Sequence[ProductOrder]) -> Mapping[str, list[WorkOrder]]:
    found: dict[str, list[WorkOrder]] = defaultdict(list)
    ids = [order.id for order in orders]
    query = select(WorkOrder).where(WorkOrder.order_id.in_(ids)).order_by(WorkOrder.sequence, WorkOrder.id)
    for step in session.scalars(query) if ids else ():
        found[step.order_id].append(step)
    return found


def view_filters(
    wanted: OrderFilters, reader: Reader, below: Sequence[str], named: Sequence[str] | None
) -> dict[str, Any]:
    """The filters of the search. ``below``: areas, ``named``: ids that a text names; empty and None do not count."""
    filters: dict[str, Any] = {"sort": "due", **of_view(wanted, reader)}
    if wanted.view in ("finished", "all", "completed"):
        filters["sort"] = "newest"
    if named is not None:
        filters["id"] = list(named)
    if wanted.state:
        filters["state"] = wanted.state
    if below:
        filters["area"] = below
    if wanted.mine:
        filters["client"] = reader.actor.login
    return filters


def of_view(wanted: OrderFilters, reader: Reader) -> dict[str, Any]:
    """The filters of a counted view, and of the day if one is wanted."""
    tests: dict[str, dict[str, Any]] = {
        "open": {"open": True},
        "late": {"late_at": reader.now},
        "soon": {"late_at": reader.now + SOON},
        "paused": {"state": "pending"},
        "finished": {"open": False},
        "all": {},
        "completed": {"state": OrderState.COMPLETED.value},
        "risk": {"not_late_at": reader.now, "at_risk": RISK_LEVEL},
        "course": {"not_late_at": reader.now, "below_risk": RISK_LEVEL},
    }
    return tests[wanted.view] | _of_day(wanted.due, reader)


def _of_day(day: str, reader: Reader) -> dict[str, Any]:
    if not day:
        return {}
    start = datetime.combine(date.fromisoformat(day), time(0), reader.f.local(reader.now).tzinfo)
    return {"due_from": start, "due_before": start + timedelta(days=1)}


def _day(text: str) -> str:
    """A day as it is written in addresses; anything else is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _counts(
    session: Session,
    reader: Reader,
    wanted: OrderFilters,
    below: Sequence[str],
    named: Sequence[str] | None,
    addresses: Addresses,
) -> tuple[Tab, ...]:
    t = reader.t
    sentences = {
        "open": t("in flight"),
        "late": t("late"),
        "soon": t("due within 24 hours"),
        "paused": t("paused for the customer"),
        "finished": t("finished"),
    }
    tabs = []
    for view, text in sentences.items():
        filters = {
            name: value
            for name, value in view_filters(wanted, reader, below, named).items()
            if name not in ("state", "sort")
        }
        for name in ("open", "late_at", "not_late_at", "at_risk", "below_risk"):
            filters.pop(name, None)
        filters |= of_view(replace(wanted, view=view), reader)
        # A number on the page is the number of rows behind its link, with every other filter kept.
        _, count = list_orders(session, reader.actor, filters, limit=0, count_at_most=COUNTED_AT_MOST)
        href = addresses.orders(**wanted.arguments(view=view, state=""))
        tabs.append(Tab(text, href, wanted.view == view, count, bad=view == "late"))
    return tuple(tabs)


def _pages(wanted: OrderFilters, shown: int, total: int, addresses: Addresses) -> Pages:
    def at(offset: int) -> str:
        return addresses.orders(**wanted.arguments(offset=offset))

    return Pages.of(at, offset=wanted.offset, shown=shown, total=total, size=PAGE_SIZE)


def _below(session: Session, reader: Reader, area: str) -> list[str]:
    """The area asked for and those under it, as far as the reader may see them."""
    if not area:
        return []
    top = session.scalar(select(Area.path).where(Area.code == area, within(Area.code, reader.actor)))
    if top is None:
        return [area]  # an area of somebody else finds nothing; it never widens the list
    rows = session.scalars(
        select(Area.code).where((Area.path == top) | Area.path.startswith(f"{top}/", autoescape=True))
    )
    return list(rows)


def _areas(session: Session, reader: Reader) -> tuple[Choice, ...]:
    rows = session.scalars(select(Area).where(within(Area.code, reader.actor)).order_by(Area.path))
    return tuple(Choice(row.code, reader.said(row)) for row in rows)
