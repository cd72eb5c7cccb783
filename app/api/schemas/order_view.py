"""The whole of an order for the command line and our own programs: plan, waits, clocks, history."""

from __future__ import annotations

from marshmallow import fields

from app.api.schemas.fields import Anything, In, Instant, Out, Text
from app.api.schemas.work_item import WorkItemOut


class OrderItemView(Out):
    """One line of the order."""

    id = fields.String()
    item_no = fields.String()
    action = fields.String()
    order_type = fields.String()
    product = fields.String()
    offering = fields.String(allow_none=True)
    product_id = fields.String(allow_none=True)
    state = fields.String()
    quantity = fields.Integer()
    address_code = fields.String(allow_none=True)
    places = Anything()
    characteristics = Anything()
    prices = Anything()
    plan = fields.String(allow_none=True)
    area = fields.String()
    promised_at = Instant(allow_none=True)
    completed_at = Instant(allow_none=True)


class ServiceOrderView(Out):
    """A technical order made by decomposition."""

    id = fields.String()
    item_no = fields.String(allow_none=True)
    action = fields.String()
    cfs = fields.String()
    rfs = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    state = fields.String()
    resources = Anything()


class WorkOrderView(Out):
    """One step of the plan."""

    id = fields.String()
    item_no = fields.String(allow_none=True)
    type = fields.String()
    element_id = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    kind = fields.String()
    team_role = fields.String(allow_none=True)
    state = fields.String()
    planned_from = Instant(allow_none=True)
    planned_to = Instant(allow_none=True)
    started_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    waits_for_zh = fields.String()
    waits_for_en = fields.String()
    point_of_no_return = fields.String(allow_none=True)


class WaitView(Out):
    """One thing the order waits for, in words."""

    kind = fields.String(metadata={"description": "customer, date, person, neighbour, incident, difference or cancel"})
    text = fields.String()
    text_zh = fields.String()
    text_en = fields.String()
    work_order_id = fields.String(allow_none=True)
    work_item_id = fields.String(allow_none=True)


class PauseView(Out):
    """A spell during which a clock stood still."""

    reason = fields.String()
    evidence = fields.String()
    from_at = Instant()
    to_at = Instant(allow_none=True)
    who = fields.String()


class AlertView(Out):
    """A level a clock has passed."""

    level = fields.Integer()
    percent = fields.Integer()
    jeopardy_type = fields.String()
    at = Instant()
    message_zh = fields.String()
    message_en = fields.String()


class ClockView(Out):
    """A promise and how it stands."""

    id = fields.String()
    policy = fields.String()
    kind = fields.String()
    calendar = fields.String()
    state = fields.String()
    started_at = Instant()
    first_due_at = Instant()
    due_at = Instant()
    stopped_at = Instant(allow_none=True)
    promised_s = fields.Integer(metadata={"description": "working seconds"})
    paused_s = fields.Integer(metadata={"description": "working seconds"})
    last_level = fields.Integer()
    pauses = fields.List(fields.Nested(PauseView))
    alerts = fields.List(fields.Nested(AlertView))


class EventView(Out):
    """One line of the history."""

    seq = fields.Integer()
    at = Instant()
    who = fields.String()
    kind = fields.String()
    from_state = fields.String(allow_none=True)
    to_state = fields.String(allow_none=True)
    why_zh = fields.String()
    why_en = fields.String()
    detail = Anything()


class CancelView(Out):
    """A request to cancel."""

    id = fields.String()
    state = fields.String()
    reason = fields.String()
    requested_by = fields.String()
    at = Instant()
    ended_at = Instant(allow_none=True)
    message = fields.String()


class OrderView(Out):
    """Everything about one order."""

    id = fields.String(required=True)
    number = fields.String(required=True)
    external_id = fields.String(allow_none=True)
    state = fields.String(required=True)
    is_final = fields.Boolean()
    area = fields.String()
    channel = fields.String()
    category = fields.String()
    customer_no = fields.String(allow_none=True)
    account_no = fields.String(allow_none=True)
    description = fields.String()
    priority = fields.String(allow_none=True)
    ordered_at = Instant()
    promised_at = Instant(allow_none=True)
    expected_at = Instant(allow_none=True)
    completed_at = Instant(allow_none=True)
    requested_start_date = Instant(allow_none=True)
    requested_completion_date = Instant(allow_none=True)
    version = fields.Integer()
    checks = Anything()
    items = fields.List(fields.Nested(OrderItemView))
    service_orders = fields.List(fields.Nested(ServiceOrderView))
    work_orders = fields.List(fields.Nested(WorkOrderView))
    work_items = fields.List(fields.Nested(WorkItemOut))
    waits_for = fields.List(fields.Nested(WaitView))
    sla = fields.List(fields.Nested(ClockView))
    cancel_requests = fields.List(fields.Nested(CancelView))
    events = fields.List(fields.Nested(EventView))


class OrderQuery(In):
    """Which fields of an order to show, separated by commas; all of them without it."""

    names = Text(500, data_key="fields", load_default="")
