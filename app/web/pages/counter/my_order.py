"""What a customer sees of one order: progress in plain words, the visit, a question at the end; nothing of ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.ordering.order_lifecycle import OrderState
from app.persistence.ordering.orders import ProductOrder
from app.services.counter.order_links import RATED, survey_of
from app.services.teamwork.appointments import free_slots, visits_of, why_not_movable
from app.web.assets import SHEETS
from app.web.pages.counter.customer_view import customer_view
from app.web.pages.names import Names
from app.web.pages.ordering.order_head import kind_of
from app.web.pages.ordering.visit_page import slot_days, slot_text
from app.web.pages.states import order_tag
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.my_order import MyOrder, MyVisit
from app.web.views.parts import Choice, Fault, Pair

SCORES = (
    Sentence("very unhappy"),
    Sentence("unhappy"),
    Sentence("so so"),
    Sentence("content"),
    Sentence("very content"),
)
#: A customer chooses among the next days.
DAYS = 7


def my_order(
    session: Session,
    order: ProductOrder,
    reader: Reader,
    *,
    link: str,
    other_language_href: str,
    faults: Sequence[Fault] = (),
    notice: str = "",
    chosen: str = "",
    expected: datetime | None = None,
) -> MyOrder:
    """The page of an order, for whoever has a link to it.

    :param expected: when it will be finished as things stand, aware.
    """
    t = reader.t
    names = Names(session, reader)
    survey = survey_of(session, order.id)
    visits = tuple(
        MyVisit(
            item_no=visit.item_no,
            line=t.about("item", "Line {n}", n=visit.item_no) if len(order.items) > 1 else "",
            when=slot_text(visit.slot, reader) if visit.slot else t("We will call you to agree on a time."),
            can_move=why_not_movable(order, visit) is None,
        )
        for visit in visits_of(session, order)
        if visit.state != "over" and not order.is_final
    )
    can_move = any(visit.can_move for visit in visits)
    can_rate = OrderState(order.state) in RATED and survey is None
    return MyOrder(
        language=reader.language,
        other_language_href=other_language_href,
        sheets=SHEETS,
        link=link,
        number=order.number,
        what=kind_of(order, names),
        state=order_tag(order.state, reader).text,
        view=customer_view(order, expected, reader),
        facts=_facts(order, names, reader),
        visits=visits,
        days=slot_days(free_slots(session, order, reader.now), reader)[:DAYS] if can_move else (),
        can_rate=can_rate,
        rated=t("Thank you, we have your answer: {n} of 5.", n=survey.score) if survey else "",
        scores=tuple(Choice(str(n + 1), t(SCORES[n])) for n in range(len(SCORES))) if can_rate else (),
        faults=tuple(faults),
        notice=notice,
        chosen=chosen,
    )


def _facts(order: ProductOrder, names: Names, reader: Reader) -> tuple[Pair, ...]:
    """What was ordered and where, masked."""
    t, f = reader.t, reader.f
    facts = [Pair(t("Ordered"), f.full(order.ordered_at))]
    if order.promised_at is not None and not order.is_final:
        facts.append(Pair(t("Promised for"), f.promise(order.promised_at)))
    if order.completed_at is not None:
        facts.append(Pair(t("Ended"), f.full(order.completed_at)))
    for item in order.items:
        product = names.offering(item.offering) or names.product(item.product)
        facts.append(Pair(t("Product"), f"{product} {names.order_type(item.order_type)}"))
        address = names.address(item.address_code)
        if address:
            facts.append(Pair(t("Address"), address))
    return tuple(dict.fromkeys(facts))
