"""The orchestration plan of an order."""

from __future__ import annotations

from marshmallow import fields

from app.api.schemas.fields import Instant, Out


class AfterView(Out):
    """A step that has to be done before, and the minutes that have to pass in between."""

    element_id = fields.String()
    delay_min = fields.Float()


class PlannedStepView(Out):
    """A work order in the plan. ``certain``: it is done in every case; durations in minutes, of working time where
    ``calendar`` names one. ``duration_from``: learned, typical, drawn or assumed. ``due_at``: when it has to be done
    for the item to end as promised; null where it is over, or nothing is promised."""

    id = fields.String()
    element_id = fields.String()
    type = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    state = fields.String()
    after = fields.List(fields.Nested(AfterView))
    certain = fields.Boolean()
    calendar = fields.String()
    median_min = fields.Float()
    p90_min = fields.Float()
    duration_from = fields.String()
    started_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    expected_from = Instant()
    expected_to = Instant()
    expected_to_p90 = Instant()
    due_at = Instant(allow_none=True)
    slack_min = fields.Float()
    critical = fields.Boolean()


class PlannedServiceView(Out):
    """A service order of the item."""

    id = fields.String()
    cfs = fields.String()
    rfs = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    action = fields.String()
    state = fields.String()


class ItemPlanView(Out):
    """The plan of one item: its critical path, and when it is expected to be done."""

    item_no = fields.String()
    plan = fields.String(allow_none=True)
    state = fields.String()
    service_orders = fields.List(fields.Nested(PlannedServiceView))
    steps = fields.List(fields.Nested(PlannedStepView))
    critical_path = fields.List(fields.String())
    expected_end = Instant(allow_none=True)
    expected_end_p90 = Instant(allow_none=True)
    promised_at = Instant(allow_none=True)


class OrderPlanView(Out):
    """The plans of all items, computed for this instant from what has begun and ended."""

    order_id = fields.String()
    number = fields.String()
    computed_at = Instant()
    items = fields.List(fields.Nested(ItemPlanView))
