"""A form filled in by nobody: answers that fit, for trials in which no person sits in front of the screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.domain.forms import FormField, form_fields, is_shown


def filled_in(schema: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Something for each question that has to be answered; the first choice, the least number, the next day.

    The answers pass the check of the form, but for fields with a pattern of their own.

    :param now: aware instant of the trial.
    """
    answers: dict[str, Any] = {}
    for field in form_fields(schema):
        if field.disabled or not is_shown(field, answers):
            continue
        if field.default is not None:
            answers[field.key] = field.default
        elif field.kind == "checkbox":
            answers[field.key] = field.required
        elif field.required:
            answers[field.key] = _answer(field, now)
    return answers


def _answer(field: FormField, now: datetime) -> Any:
    if field.options:
        first = field.options[0].value
        return [first] if field.kind in ("checklist", "taglist") else first
    if field.kind in ("number", "percent"):
        least = field.least if field.least is not None else Decimal(0)
        return int(least) if least == least.to_integral_value() else float(least)
    if field.kind == "money":
        return str((field.least or Decimal(0)).quantize(Decimal("0.01")))
    if field.kind == "datetime":
        tomorrow = now + timedelta(days=1)
        shown = {"date": tomorrow.date().isoformat(), "time": f"{tomorrow:%H:%M}"}
        return shown.get(field.subtype, tomorrow.isoformat(timespec="minutes"))
    if field.kind == "phone":
        return "13800000000"
    if field.kind in ("photo", "file"):
        return ["trial.jpg"]
    text = f"TRIAL-{field.key.upper()}"
    return text[: field.max_length or len(text)].ljust(field.min_length or 0, "0")
