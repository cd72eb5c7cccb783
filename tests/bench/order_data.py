"""What the orders of order-8 carry, what their steps answer, what people fill in: the same for every system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ROOM = "x" * 48


def order_data(number: int) -> dict[str, Any]:
    """The data of one order, about 2 kB."""
    items = [
        {"id": f"{number}-{index}", "offering": f"offering-{index}", "quantity": 1, "characteristics": {"note": ROOM}}
        for index in range(12)
    ]
    return {
        "order": {
            "id": f"O-{number:08d}",
            "address_code": f"SH-PD-{number % 997:04d}",
            "product": "home-bundle",
            "channel": "counter",
            "items": items,
        }
    }


RESULTS: Mapping[str, Mapping[str, Any]] = {
    "order.reserve": {"port": "OLT-7/1/3/12"},
    "order.access": {"work_order": "W-access"},
    "order.voice": {"work_order": "W-voice"},
    "order.device": {"work_order": "W-device"},
    "order.bill": {"account": "A-1"},
}
FORMS: Mapping[str, Any] = {"accepted": True, "meter": 17, "satisfied": True}
