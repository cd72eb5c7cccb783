"""Trouble tickets as JSON."""

from __future__ import annotations

from marshmallow import fields, post_load, validate

from app.api.paging import PageQuery
from app.api.schemas.fields import Code, In, Instant, Out, Text
from app.api.schemas.order_view import ClockView, EventView
from app.api.schemas.work_item import WorkItemOut
from app.domain.commands import OpenTicket


class TicketIn(In):
    """A customer's report that an installed product does not work."""

    product_id = Code(required=True)
    description = Text(1000, least=1, required=True)
    severity = fields.String(validate=validate.OneOf(("low", "normal", "high", "critical")), load_default="normal")
    ticket_type = Code(load_default="fault")
    external_id = Text(64, least=1)

    @post_load
    def as_command(self, data: dict[str, str], **_: object) -> OpenTicket:
        return OpenTicket(**data)


class TicketQuery(PageQuery):
    """Which tickets."""

    state = Code()
    order = Code()
    product_id = Code()
    customer_no = Code()
    q = Text(100)


class TicketOut(Out):
    """One ticket."""

    id = fields.String(required=True)
    number = fields.String(required=True)
    far_ticket_no = fields.String(allow_none=True)
    state = fields.String(required=True)
    ticket_type = fields.String()
    severity = fields.String()
    description = fields.String()
    source = fields.String()
    order_id = fields.String(allow_none=True)
    product_id = fields.String(allow_none=True)
    customer_no = fields.String(allow_none=True)
    area = fields.String()
    opened_at = Instant()
    resolved_at = Instant(allow_none=True)
    closed_at = Instant(allow_none=True)
    cause = fields.String(allow_none=True)
    version = fields.Integer()


class TicketDetail(TicketOut):
    """One ticket with its work items, clocks and history."""

    work_items = fields.List(fields.Nested(WorkItemOut))
    sla = fields.List(fields.Nested(ClockView), attribute="clocks")
    events = fields.List(fields.Nested(EventView))


class TicketPage(Out):
    """A part of the list of tickets."""

    items = fields.List(fields.Nested(TicketOut))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()
