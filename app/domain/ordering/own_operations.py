"""The operations a drawing may name that are done in our own books; `app/services/order_steps` does them.

Apart from them, so that checking a drawing needs no running system.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class OwnOperation:
    """One of them: what it is called, the inputs it reads (all of them have to be given), and the parts of its answer.

    It is done with the step itself, in the same transaction: there is no time limit, no retry and no undo of its own.
    """

    name_zh: str
    name_en: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...] = ("state",)


_ITEM: Final = ("order_id", "item_id", "mode", "item", "assignment", "devices")

OWN_OPERATIONS: Final[Mapping[str, OwnOperation]] = {
    "order.split": OwnOperation(
        "拆单", "Split the order", ("order", "items", "decompositions", "plans", "verdicts"), ("items",)
    ),
    "order.service_date": OwnOperation(
        *("确定竣工日与计费日", "Fix the days of service and charging", ("order_id", "item_id", "rule", "day")),
        ("service_date", "charging_from", "charging_to"),
    ),
    "order.compare": OwnOperation(
        *("订单、网络、账单比对", "Compare order, network and bill"),
        (*_ITEM, "charging_from", "built", "configured", "billed"),
        ("differences", "owner"),
    ),
    "order.complete_item": OwnOperation(
        "订单项竣工", "Complete the item", (*_ITEM, "subscription_no", "monitor_id", "charging_from")
    ),
    "order.notify": OwnOperation("通知客户", "Tell the customer", ("order_id", "event"), ("sent",)),
    "order.close": OwnOperation("订单归档", "Close the order", ("order_id",)),
    "order.reject": OwnOperation("拒绝订单", "Reject the order", ("order_id", "code", "reason")),
    "order.wait": OwnOperation("登记等待", "Note what the order waits for", ("order_id", "starts_at", "waits_for")),
    "ticket.open": OwnOperation(
        *("开故障单", "Open a ticket"),
        ("product_id", "order_id", "item_id", "order_no", "source", "severity", "description", "test_type"),
        ("ticket",),
    ),
    "ticket.dispatch": OwnOperation(
        "派修", "Dispatch the repair", ("ticket_id", "far_ticket_no", "segment", "verdict")
    ),
    "ticket.resolve": OwnOperation("故障恢复", "Resolve the ticket", ("ticket_id", "cause", "measured")),
    "ticket.close": OwnOperation("故障单归档", "Close the ticket", ("ticket_id",)),
    "compensation.credited": OwnOperation(
        "登记补偿入帐", "Note that a compensation is credited", ("compensation_id", "entry_no")
    ),
    "compensation.reversed": OwnOperation(
        "登记补偿冲正", "Note that a compensation is reversed", ("compensation_id", "reversal_no")
    ),
}
