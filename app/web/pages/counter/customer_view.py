"""What the customer is told of an order: five stops and one sentence, no names of ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.domain.ordering.order_lifecycle import OrderState
from app.persistence.ordering.orders import ProductOrder
from app.persistence.ordering.work_orders import WorkOrder
from app.services.teamwork.appointments import RESCHEDULED
from app.web.reader import Reader
from app.web.texts import Sentence
from app.web.views.order_page import CustomerStop, CustomerView
from app.web.views.parts import StopKind

STOPS: Final = (
    Sentence("Accepted"),
    Sentence("Preparing"),
    Sentence("Installing"),
    Sentence("Set-up"),
    Sentence("Delivered"),
)
_DESK_WORDS: Final = ("review", "request", "design", "appointment", "survey")
_VISIT_WORDS: Final = ("install", "remove_", "recover", "patch", "build", "repair")
_TEST_WORDS: Final = ("test", "activat", "open_", "configure", "preload", "bind", "voice", "iptv")
_LAST_WORDS: Final = ("charging", "billing", "reconcile", "compare", "occupy", "notify", "close", "acceptance")


def customer_view(order: ProductOrder, expected: datetime | None, reader: Reader) -> CustomerView:
    """The line and the sentence."""
    reached = _reached(order)
    stops = tuple(CustomerStop(reader.t(text), _kind(index, reached, order)) for index, text in enumerate(STOPS))
    return CustomerView(stops=stops, sentence=_sentence(order, reached, expected, reader))


def stage_of(step: WorkOrder) -> int:
    """Which of the five stops a work order belongs to."""
    if any(word in step.type for word in _DESK_WORDS):
        return 1
    if any(word in step.type for word in _VISIT_WORDS):
        return 2
    if any(word in step.type for word in _LAST_WORDS):
        return 4
    return 3 if any(word in step.type for word in _TEST_WORDS) else 1


def _reached(order: ProductOrder) -> int:
    if order.state == OrderState.COMPLETED:
        return len(STOPS)
    active = [stage_of(step) for step in order.work_orders if step.state in ("inProgress", "pending", "held")]
    if active:
        # Several branches run at once; the customer hears of the one where somebody comes to the house.
        return 2 if 2 in active else min(active)
    done = [stage_of(step) for step in order.work_orders if step.state == "completed"]
    return max(done, default=0)


def _kind(index: int, reached: int, order: ProductOrder) -> StopKind:
    if index < reached:
        return "done"
    if index > reached:
        return "next"
    return "fail" if order.state in (OrderState.FAILED, OrderState.REJECTED, OrderState.CANCELLED) else "here"


def _sentence(order: ProductOrder, reached: int, expected: datetime | None, reader: Reader) -> str:
    t = reader.t
    ended = _ended(order, reader)
    if ended:
        return ended
    sentences: Sequence[str] = (
        t("We have your order and are preparing it."),
        t("The network is being prepared for you."),
        t("Our technician is on the way or at work."),
        t("We are setting up and testing your service."),
        t("We are setting up and testing your service."),
    )
    if order.state == OrderState.PENDING:
        why = _stands_still_for(order)
        if why == "future-dated":
            return t("We begin in time for the day you asked for.")
        if why == "customer-defer":
            return t("As you asked, we wait and go on when you are ready.")
        if why != RESCHEDULED:
            return t("We wait for your answer and go on as soon as we have it.")
    sentence = sentences[min(reached, len(sentences) - 1)]
    until = max(filter(None, (expected, order.promised_at)), default=None)
    if until is None or until < reader.now:
        return sentence
    glue = " " if reader.language == "en" else ""
    return sentence + glue + t("We expect to finish by {time}.", time=reader.f.promise(until))


def _stands_still_for(order: ProductOrder) -> str:
    """The listed reason for which the promise clock stands still now; nothing where it does not."""
    spells = (spell for clock in order.clocks for spell in clock.pauses if spell.to_at is None)
    return next((spell.reason for spell in spells), "")


def _ended(order: ProductOrder, reader: Reader) -> str:
    t = reader.t
    is_removal = bool(order.items) and all(item.order_type == "disconnect" for item in order.items)
    endings = {
        OrderState.COMPLETED: t("Your service has been taken down as you asked.")
        if is_removal
        else t("Your service works. Thank you."),
        OrderState.CANCELLED: t("The order was cancelled."),
        OrderState.REJECTED: t("The order could not be accepted."),
        OrderState.FAILED: t("The order ended without being completed."),
        OrderState.PARTIAL: t("The order ended without being completed."),
        OrderState.ASSESSING_CANCELLATION: t("The order is being cancelled."),
        OrderState.PENDING_CANCELLATION: t("The order is being cancelled."),
    }
    return endings.get(OrderState(order.state), "")
