"""A preview of an amendment as data: what people are shown, and what is kept of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.services.amending.amend_previews import ItemPreview, Preview
from processes.renewal_plans import RenewalPlan


def summary(shown: Preview) -> dict[str, Any]:
    """A preview as data: what people are shown, and what is kept of it."""
    return {
        "digest": shown.digest,
        "refused": None if shown.refused is None else {"zh": shown.refused.zh, "en": shown.refused.en},
        "needs_approval": shown.needs_approval,
        "fee_cny": f"{shown.fee_cny:.2f}",
        "first_bill_cny": f"{shown.first_bill_cny:.2f}",
        "items": [_item_summary(one) for one in shown.items],
    }


def _item_summary(one: ItemPreview) -> dict[str, Any]:
    before, after = one.one.before, one.one.after
    return {
        "item_no": one.one.item.item_no,
        "kinds": list(one.one.kinds),
        "differs": list(before.differs_in(after)),
        "offer": one.assessment.offer,
        "notes": [{"zh": words.zh, "en": words.en} for words in one.assessment.notes],
        "prices_before": list(before.prices),
        "prices_after": list(after.prices),
        "promised_before": _text(one.one.item.promised_at),
        "promised_after": _text(one.promised_at),
        "steps": [] if one.plan is None else steps_of(one.plan),
    }


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def steps_of(plan: RenewalPlan) -> list[dict[str, Any]]:
    """The steps that were done, or that come along, each with what becomes of it."""
    found: list[dict[str, Any]] = []
    for step in plan.steps:
        if step.record is None and step.act != "new":
            continue
        around = next((one for one in (*step.calls, step.element) if "workOrder" in one.attributes), step.element)
        found.append(
            {
                "path": step.path,
                "name_zh": step.element.name,
                "name_en": step.element.name_en,
                "work_order_zh": around.name,
                "work_order_en": around.name_en,
                "operation": step.element.attributes.get("operation", ""),
                "act": step.act,
                "was_done": step.record is not None and plan.records[step.record].how == "completed",
                "differs": list(step.differs),
            }
        )
    for place in plan.dropped:
        record = plan.records[place]
        found.append(
            {
                "path": record.path,
                "name_zh": record.element_id,
                "name_en": record.element_id,
                "work_order_zh": "",
                "work_order_en": "",
                "operation": record.operation,
                "act": "drop",
                "was_done": record.how == "completed",
                "differs": [],
            }
        )
    return found
