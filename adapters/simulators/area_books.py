"""The pretended installation of another area, which takes sub-orders."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.errors import Rejected
from adapters.simulators.work import Handler, Work

BOOKS: Final = ("suborders",)


def send_suborder(work: Work) -> dict[str, Any]:
    """:raises Rejected: ``area-refused``, the area is not named."""
    if not work.text("area"):
        raise Rejected("area-refused", "no area named")
    number = work.number(f"SUB-{work.text('area')}-", 6)
    names = ("parent_order", "area", "segment", "due_at", "order_type", "characteristics")
    result = {
        "state": "completed",
        "area": work.text("area"),
        "segment": work.inputs.get("segment"),
        "ready_at": work.at,
        "measured": {"optical_power_dbm": -17.9, "bit_error_ratio": 1e-12},
    }
    doc = {name: work.inputs.get(name) for name in names}
    milestones = [{"milestone": name, "at": work.at} for name in ("accepted", "built", "tested")]
    work.store.put("suborders", number, {**doc, "state": "completed", "result": result, "milestones": milestones})
    return {"suborder_no": number, "result": result}


def cancel_suborder(work: Work) -> dict[str, Any]:
    number = work.text("suborder_no")
    doc = work.must_get("suborders", number, "suborder-unknown")
    work.store.put("suborders", number, {**doc, "state": "cancelled", "reason": work.inputs.get("reason")})
    return {"cancelled_at": work.at}


def query_suborder(work: Work) -> dict[str, Any]:
    doc = work.must_get("suborders", work.text("suborder_no"), "suborder-unknown")
    return {"state": doc["state"], "milestones": doc["milestones"]}


HANDLERS: Final[Mapping[str, Handler]] = {
    "area.send_suborder": send_suborder,
    "area.cancel_suborder": cancel_suborder,
    "area.query_suborder": query_suborder,
}
