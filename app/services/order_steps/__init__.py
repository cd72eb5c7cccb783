"""The steps of orders and tickets that are done in our own books: what the drawings call `order.*`,
`ticket.*` and `compensation.*`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.services.order_steps.closing import close_order, notify, reject_order
from app.services.order_steps.comparing import compare
from app.services.order_steps.delivering import CompleteItem
from app.services.order_steps.service_dates import service_date
from app.services.order_steps.splitting import SplitOrder
from app.services.order_steps.ticketing import close_ticket, dispatch_ticket, open_ticket, resolve_ticket
from app.services.order_steps.waiting import wait
from app.services.promises.compensation_desk import credited, reversed_credit
from processes.engine import Engine, InProcessHandler

STEPS: Final[Mapping[str, InProcessHandler]] = {
    "order.service_date": service_date,
    "order.compare": compare,
    "order.notify": notify,
    "order.close": close_order,
    "order.reject": reject_order,
    "order.wait": wait,
    "ticket.open": open_ticket,
    "ticket.dispatch": dispatch_ticket,
    "ticket.resolve": resolve_ticket,
    "ticket.close": close_ticket,
    "compensation.credited": credited,
    "compensation.reversed": reversed_credit,
}
SPLIT: Final = "order.split"
COMPLETE_ITEM: Final = "order.complete_item"


def register_order_steps(engine: Engine) -> None:
    """Make the engine do these operations in this process, inside the transaction that records their result."""
    for name, step in STEPS.items():
        engine.handle(name, step)
    engine.handle(SPLIT, SplitOrder(engine))
    engine.handle(COMPLETE_ITEM, CompleteItem(engine))
