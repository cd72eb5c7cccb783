"""The order may not begin yet: it is pending until its day has come and the orders before it have ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from adapters.ports import OperationCall
from app.domain.actors import ENGINE
from app.domain.ordering.order_lifecycle import OrderState
from app.domain.promises.calendar import ZONE
from app.domain.words import Words
from app.services.order_steps.closing import order_of
from app.services.ordering.order_state import follow_items


def wait(session: Session, call: OperationCall, now: datetime) -> Mapping[str, Any]:
    """``order.wait``: say what the order waits for; it and its items are pending."""
    order = order_of(session, call)
    why = reason(str(call.inputs.get("starts_at") or ""), [str(row) for row in call.inputs.get("waits_for") or ()])
    for item in order.items:
        if OrderState(item.state) is OrderState.ACKNOWLEDGED:
            item.move_to(OrderState.PENDING, why, ENGINE, now)
    follow_items(order, why, ENGINE, now)
    return {"state": str(order.state)}


def reason(starts_at: str, waits_for: list[str]) -> Words:
    """Why an order waits, in both languages; ``starts_at`` is an instant in ISO text, or empty."""
    zh, en = [], []
    if starts_at:
        day = datetime.fromisoformat(starts_at).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        zh, en = [f"预约 {day} 开工"], [f"to start at {day}"]
    if waits_for:
        zh.append(f"等待订单 {'、'.join(waits_for)}")
        en.append(f"waits for {', '.join(waits_for)}")
    return Words("；".join(zh), "; ".join(en))
