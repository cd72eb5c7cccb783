"""The page on which a visit is moved to another time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.domain.teamwork.appointments import Slot
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder
from app.services.teamwork.appointments import Visit, free_slots, visits_of, why_not_movable
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.ordering.order_head import order_head
from app.web.reader import Reader
from app.web.views.order_acts import SlotDay, VisitPage, VisitPanel
from app.web.views.parts import Choice


def visit_page(session: Session, reader: Reader, number: str, addresses: Addresses) -> VisitPage:
    """The page. :raises NotFound: there is no such order in the reader's area."""
    order = get_order(session, reader.actor, number)
    names = Names(session, reader)
    panels = visit_panels(session, order, reader, addresses)
    why_not = ""
    if not reader.may("order.hold"):
        why_not = reader.t("Your role may not move visits.")
    elif not panels:
        words = why_not_movable(order, None)
        why_not = reader.words(words) if words else ""
    can_move = not why_not and any(panel.can_move for panel in panels)
    return VisitPage(
        head=order_head(order, names, reader, addresses),
        action=addresses.act("orders", order.number, "visit") if can_move else "",
        why_not=why_not,
        visits=panels,
        days=slot_days(free_slots(session, order, reader.now), reader) if can_move else (),
    )


def visit_panels(session: Session, order: ProductOrder, reader: Reader, addresses: Addresses) -> tuple[VisitPanel, ...]:
    """Every visit of an order, with what can be done about it."""
    return tuple(_panel(visit, order, reader, addresses) for visit in visits_of(session, order))


def _panel(visit: Visit, order: ProductOrder, reader: Reader, addresses: Addresses) -> VisitPanel:
    why_not = why_not_movable(order, visit)
    to_book = visit.state == "to_book" and visit.task is not None and not order.is_final
    return VisitPanel(
        item_no=visit.item_no,
        line=reader.t.about("item", "Line {n}", n=visit.item_no) if len(order.items) > 1 else "",
        when=slot_text(visit.slot, reader) if visit.slot else "",
        can_move=why_not is None,
        why_not=reader.words(why_not) if why_not else "",
        task_href=addresses.task(visit.task.number) if to_book and visit.task and reader.may("item.view") else "",
    )


def slot_text(slot: Slot, reader: Reader) -> str:
    """A slot on one line: the day, from and to."""
    f = reader.f
    return f"{f.dated(slot.start)} {f.clock(slot.start)}–{f.clock(slot.end)}"


def slot_days(slots: Sequence[Slot], reader: Reader) -> tuple[SlotDay, ...]:
    """Slots by day."""
    days: dict[str, list[Choice]] = {}
    for slot in slots:
        text = f"{reader.f.clock(slot.start)}–{reader.f.clock(slot.end)}"
        days.setdefault(reader.f.dated(slot.start), []).append(Choice(slot.code, text))
    return tuple(SlotDay(day=day, slots=tuple(choices)) for day, choices in days.items())
