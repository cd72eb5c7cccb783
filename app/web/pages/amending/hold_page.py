"""The page on which an order is made to stand still, and to go on: reasons, until when, and all the times before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.actors import ROLE_NAMES, Role
from app.domain.amending.holds import HoldKind, our_reasons, stops_work
from app.domain.ordering.order_lifecycle import CANCEL_STARTS_FROM, OrderState
from app.domain.promises.sla_book import StopReason as ListedReason
from app.persistence.amending.order_holds import OrderHold
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder
from app.persistence.promises.rule_books import current_book
from app.services.amending.order_holds import NOT_WAITING, WAITS_BY_ITSELF
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.ordering.order_head import order_head
from app.web.pages.promises.clocks import Clockwork, is_paused
from app.web.reader import Reader
from app.web.views.order_acts import HoldPage, HoldRow, StopReason
from app.web.views.parts import Choice


def hold_page(session: Session, reader: Reader, number: str, addresses: Addresses) -> HoldPage:
    """The page. :raises NotFound: there is no such order in the reader's area."""
    order = get_order(session, reader.actor, number)
    names = Names(session, reader)
    clockwork = Clockwork(session, reader, names)
    rows = list(
        session.scalars(
            select(OrderHold).where(OrderHold.order_id == order.id).order_by(OrderHold.at.desc(), OrderHold.id.desc())
        )
    )
    book: dict[str, Any] = dict(current_book(session, "stop_reasons"))
    state = OrderState(order.state)
    stands = any(row.ended_at is None for row in rows) or (state is OrderState.PENDING and is_paused(order.clocks))
    why_not = _why_not(order, reader, stands=stands)
    can = not why_not
    act = {name: addresses.act("orders", order.number, name) for name in ("pause", "hold", "resume")}
    can_pause = can and not stands and state in (OrderState.IN_PROGRESS, OrderState.ACKNOWLEDGED)
    return HoldPage(
        head=order_head(order, names, reader, addresses),
        pause_href=act["pause"] if can_pause else "",
        hold_href=act["hold"] if can and not stands and state in (OrderState.IN_PROGRESS, OrderState.HELD) else "",
        resume_href=act["resume"] if can and stands else "",
        why_not=why_not,
        resume_note=_resume_note(rows, reader),
        reasons=tuple(
            _reason(reason, book, reader)
            for reason in clockwork.book.stop_reasons.values()
            if "order" in reason.applies_to and reader.actor.role in {*reason.set_by, reason.approved_by}
        ),
        our_reasons=tuple(Choice(code, reader.words(name)) for code, name in our_reasons(book).items()),
        holds=tuple(_row(row, names, reader, clockwork, book) for row in rows),
    )


def _why_not(order: ProductOrder, reader: Reader, *, stands: bool) -> str:
    t = reader.t
    state = OrderState(order.state)
    if not reader.may("order.hold"):
        return t("Your role may not let orders stand still.")
    if order.is_final:
        return t("The order has ended.")
    if state not in CANCEL_STARTS_FROM:
        return t("A cancel request is being dealt with.")
    if not stands and state is OrderState.PENDING:
        return reader.words(WAITS_BY_ITSELF.get(state, NOT_WAITING))
    return ""


def _reason(reason: ListedReason, book: dict[str, Any], reader: Reader) -> StopReason:
    t = reader.t
    parts = [t("at most {n} working days", n=reason.max_working_days)]
    parts.append(t("nobody works meanwhile") if stops_work(book, reason.code) else t("the work goes on"))
    if reason.approved_by:
        parts.append(t("{who} has to agree", who=reader.words(ROLE_NAMES[Role(reason.approved_by)])))
    glue = ", " if reader.language == "en" else "，"
    return StopReason(code=reason.code, text=reader.words(reason.name), note=glue.join(parts))


def _resume_note(rows: list[OrderHold], reader: Reader) -> str:
    until = next((row.until_at for row in rows if row.ended_at is None and row.until_at), None)
    return reader.t("It goes on by itself on {time}.", time=reader.f.promise(until)) if until else ""


def _row(row: OrderHold, names: Names, reader: Reader, clockwork: Clockwork, book: dict[str, Any]) -> HoldRow:
    t = reader.t
    ours = row.kind == HoldKind.OURS
    listed = clockwork.book.stop_reasons.get(row.reason)
    name = our_reasons(book).get(row.reason) if ours else (listed.name if listed else None)
    ended = reader.f.moment(row.ended_at) if row.ended_at else ""
    return HoldRow(
        kind=t("for us, the clock runs") if ours else t("for the customer, the clock stands"),
        reason=reader.words(name) if name else row.reason,
        note=row.note,
        who=names.person(row.who),
        at=reader.f.moment(row.at),
        until=reader.f.moment(row.until_at) if row.until_at else "–",
        ended=f"{ended} {names.person(row.ended_by)}" if ended else t("still now"),
        is_open=row.ended_at is None,
        stops_work=row.frozen,
    )
