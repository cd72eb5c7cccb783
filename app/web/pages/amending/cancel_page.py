"""The page on which an order is cancelled: what would be undone, what it costs, who has to agree, who asked before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from app.deps import Deps
from app.domain.actors import ROLE_NAMES, Role
from app.domain.ordering.order_lifecycle import CANCEL_STARTS_FROM, OrderState
from app.domain.teamwork.work_lifecycle import CancelState
from app.persistence.amending.cancels import CancelRequest
from app.persistence.ordering.order_search import get_order
from app.persistence.ordering.orders import ProductOrder
from app.services.amending.cancel_assessments import as_data, preview_of, terms_of
from app.web.addresses import Addresses
from app.web.pages.names import Names
from app.web.pages.ordering.order_head import order_head
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.order_acts import CancelPage, RequestRow, UndoneStep
from app.web.views.parts import Pair, Tag, Tone
from processes.by_people import PEOPLE

_STATES: Final[Mapping[CancelState, tuple[Sentence, str, Tone]]] = {
    CancelState.ACKNOWLEDGED: (Sentence("Waits for a second person"), "clock", "warn"),
    CancelState.IN_PROGRESS: (Sentence("Being undone"), "undo", "run"),
    CancelState.DONE: (Sentence("Cancelled"), "done", "ok"),
    CancelState.TERMINATED_WITH_ERROR: (Sentence("Not cancelled"), "slash", "bad"),
}


def cancel_page(session: Session, reader: Reader, number: str, addresses: Addresses, deps: Deps) -> CancelPage:
    """The page. :raises NotFound: there is no such order in the reader's area."""
    order = get_order(session, reader.actor, number)
    names = Names(session, reader)
    page = {
        "head": order_head(order, names, reader, addresses),
        "requests": tuple(
            _request(row, order, names, reader, addresses) for row in reversed(list(order.cancel_requests))
        ),
    }
    why_not = _why_not(order, reader)
    if why_not:
        return CancelPage(**page, why_not=why_not)  # type: ignore[arg-type]
    shown = preview_of(session, order)
    data = as_data(shown, deps)
    by_people = {line.seq for line in shown.plan.undo if line.adapter == PEOPLE} if shown.plan else set()
    t = reader.t
    approver = str(data["approver"])
    return CancelPage(
        **page,  # type: ignore[arg-type]
        action=addresses.act("orders", order.number, "cancel"),
        refused=_said(data["refused"], reader) if data["refused"] else "",
        offer=_offer(order, str(data["offer"]), names, reader, addresses) if data["refused"] else None,
        phase=reader.said_in(data, "phase"),
        fee=reader.f.money(data["fee_cny"]) if shown.assessment.fee_cny else t("free of charge"),
        is_free=not shown.assessment.fee_cny,
        approver=reader.words(ROLE_NAMES[Role(approver)]) if approver else "",
        notes=tuple(_said(note, reader) for note in data["notes"]),
        waits_for_answers=bool(data["outstanding"]),
        undo=tuple(UndoneStep(text=reader.said_in(line), by_people=line["seq"] in by_people) for line in data["undo"]),
        stays=_each(reader.said_in(line) for line in data["stays"]),
        ends=_each(
            reader.said(item, "title") for item in order.work_items if item.state in ("open", "claimed", "paused")
        ),
        terms=terms_of(data),
    )


def _why_not(order: ProductOrder, reader: Reader) -> str:
    t = reader.t
    if order.is_final:
        return t("The order has ended, there is nothing to cancel.")
    if OrderState(order.state) not in CANCEL_STARTS_FROM:
        return t("A cancel request is being dealt with.")
    if not reader.may("order.cancel"):
        return t("Your role may not cancel orders.")
    return ""


def _offer(order: ProductOrder, kind: str, names: Names, reader: Reader, addresses: Addresses) -> Pair | None:
    """The order to place instead, where the customer's page offers it."""
    if not kind or order.customer_no is None or not reader.may("customer.view"):
        return None
    return Pair(
        reader.t("Go to the customer's products"), names.order_type(kind), href=addresses.customer(order.customer_no)
    )


def _request(row: CancelRequest, order: ProductOrder, names: Names, reader: Reader, addresses: Addresses) -> RequestRow:
    t = reader.t
    text, icon, tone = _STATES[CancelState(row.state)]
    decide_href, why_not = "", ""
    if row.awaits_approval:
        if not reader.may("order.approve"):
            approver = reader.words(ROLE_NAMES[Role(str(row.approver))])
            why_not = t("{who} has to agree.", who=approver)
        elif row.requested_by == reader.actor.login:
            why_not = t("You asked for it yourself; somebody else has to agree.")
        else:
            decide_href = f"{addresses.order(order.number)}/cancels/{row.id}/decision"
    return RequestRow(
        at=reader.f.moment(row.at),
        who=names.person(row.requested_by),
        reason=row.reason,
        state=Tag(t(text), icon, tone),
        fee=reader.f.money(row.fee_cny) if row.fee_cny and float(row.fee_cny) else "–",
        decided_by=names.person(row.decided_by) if row.decided_by else "",
        message=_answer(row, reader),
        decide_href=decide_href,
        why_not=why_not,
        detail=_undone(row, reader) if row.awaits_approval else (),
    )


def _undone(row: CancelRequest, reader: Reader) -> tuple[Pair, ...]:
    """What whoever decides has to know: how far the order is, and what would be undone."""
    kept = row.assessment or {}
    steps = ", " if reader.language == "en" else "、"
    lines = steps.join(_each(reader.said_in(line) for line in kept.get("undo", ())))
    found = [Pair(reader.t("How far it is"), reader.said_in(kept, "phase"))]
    if lines:
        found.append(Pair(reader.t("What is undone"), lines))
    return tuple(found)


def _answer(row: CancelRequest, reader: Reader) -> str:
    """Why it was not done: in both languages where the rules said no, else as somebody typed it."""
    if row.state != CancelState.TERMINATED_WITH_ERROR:
        return ""
    refused = row.assessment.get("refused") if row.assessment and not row.decided_by else None
    return _said(refused, reader) if refused else row.message


def _said(words: Mapping[str, Any], reader: Reader) -> str:
    return str(words["en" if reader.language == "en" else "zh"])


def _each(texts: Iterable[str]) -> tuple[str, ...]:
    """Every text once, in order."""
    return tuple(dict.fromkeys(texts))
