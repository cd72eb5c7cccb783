"""The operations a drawing may name that are done in our own books; `app/services/order_steps` does them.

Apart from them, so that checking a drawing needs no running system.
"""

from __future__ import annotations

from typing import Final

OWN_OPERATIONS: Final = frozenset(
    {
        "order.split",
        "order.service_date",
        "order.compare",
        "order.complete_item",
        "order.notify",
        "order.close",
        "order.reject",
        "order.wait",
        "ticket.open",
        "ticket.dispatch",
        "ticket.resolve",
        "ticket.close",
        "compensation.credited",
        "compensation.reversed",
    }
)
