"""Work items as JSON."""

from __future__ import annotations

from typing import Final

from marshmallow import fields, validate

from app.api.paging import PageQuery
from app.api.schemas.fields import Anything, Code, In, Instant, Out, Text

TABS: Final = ("mine", "team", "all", "done")
STATES: Final = ("open", "claimed", "paused", "completed", "cancelled")


class WorkItemQuery(PageQuery):
    """Which work items: a tab of the work list, one order, some states."""

    tab = fields.String(validate=validate.OneOf(TABS), load_default="team")
    order = Code()
    state = fields.String(validate=validate.OneOf(STATES))
    kind = fields.String(validate=validate.OneOf(("task", "incident", "difference")))
    team = Code()
    q = Text(100)


class WorkItemOut(Out):
    """One to-do, as a row of a list."""

    id = fields.String(required=True)
    number = fields.String(required=True)
    kind = fields.String()
    state = fields.String(required=True)
    title_zh = fields.String()
    title_en = fields.String()
    order_id = fields.String(allow_none=True)
    order_number = fields.Function(
        lambda item: item.order.number if item.order else None, metadata={"type": "string", "nullable": True}
    )
    ticket_id = fields.String(allow_none=True)
    ticket_number = fields.Function(
        lambda item: item.ticket.number if item.ticket else None, metadata={"type": "string", "nullable": True}
    )
    incident_id = fields.String(allow_none=True)
    work_order_id = fields.String(allow_none=True)
    team_role = fields.String(allow_none=True)
    team_code = fields.String(allow_none=True)
    skill = fields.String(allow_none=True)
    form_key = fields.String(allow_none=True)
    offered_to = fields.String(allow_none=True)
    offered_until = Instant(allow_none=True)
    claimed_by = fields.String(allow_none=True)
    claimed_at = Instant(allow_none=True)
    created_at = Instant()
    due_at = Instant(allow_none=True)
    completed_at = Instant(allow_none=True)
    completed_by = fields.String(allow_none=True)
    area = fields.String()
    priority = fields.Integer()
    version = fields.Integer()


class ContactOut(Out):
    """Whom to call; masked except for who has claimed the item."""

    name = fields.String()
    phone = fields.String()


class PassedRuleOut(Out):
    """A rule that fits and found nobody; ``why`` is a word for machines."""

    rule = fields.String()
    name_zh = fields.String(attribute="zh")
    name_en = fields.String(attribute="en")
    why = fields.String()


class DispatchOut(Out):
    """Why it lies with its team: the rule, how somebody was chosen (``pool``: anybody of the team, ``push``: one person
    is asked first), and all of it as a sentence."""

    rule = fields.String()
    name_zh = fields.String(attribute="zh")
    name_en = fields.String(attribute="en")
    mode = fields.String()
    by = fields.String(metadata={"description": "who gave it there by hand, instead of a rule"})
    declined = fields.List(fields.String())
    passed = fields.List(fields.Nested(PassedRuleOut))
    reason_zh = fields.String()
    reason_en = fields.String()


class WorkItemDetail(WorkItemOut):
    """One to-do with its form and what is known already."""

    dispatch = fields.Nested(DispatchOut, allow_none=True)

    context = Anything()
    contact = fields.Nested(ContactOut)
    result = Anything(allow_none=True)
    form = Anything(allow_none=True, metadata={"description": "the form schema, null when the step has none"})


class WorkItemPage(Out):
    """A part of a list of work items."""

    items = fields.List(fields.Nested(WorkItemOut))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()


class CompleteIn(In):
    """The answers to the form, by the key of each field."""

    result = fields.Dict(keys=fields.String(), values=Anything(allow_none=True), load_default=dict)


class NothingIn(In):
    """An empty object."""
