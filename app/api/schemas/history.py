"""History as JSON: lines of what happened, and sums per element."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate, validates_schema

from app.api.paging import PageQuery
from app.api.schemas.fields import Anything, Code, In, Instant, Out, Text, WholeText

EVENTS = ("entered", "completed", "cancelled", "failed", "begun", "compensated", "migrated", "moved")


class HistoryQuery(PageQuery):
    """Whose history: of an order (id or number), or of one instance; and which lines of it."""

    order = Code(load_default=None)
    instance = Code(load_default=None)
    element = Text(255, load_default=None)
    event = fields.String(validate=validate.OneOf(EVENTS), load_default=None)
    by = Text(120, load_default=None)
    process = Text(120, load_default=None)

    @validates_schema
    def one_of_two(self, data: dict[str, object], **_: object) -> None:
        """An order or an instance, not both."""
        if (data.get("order") is None) == (data.get("instance") is None):
            raise ValidationError("say either order or instance", "order")


class LineOut(Out):
    """One thing that happened to one element. ``data``: what it was given (entered), or what it wrote (completed)."""

    at = Instant()
    instance_id = fields.String()
    seq = fields.Integer()
    process = fields.String()
    version = fields.Integer()
    depth = fields.Integer()
    element_id = fields.String()
    element_name = fields.String()
    element_name_en = fields.String()
    event = fields.String()
    loop_index = fields.Integer(allow_none=True)
    by = fields.String(allow_none=True)
    point_of_no_return = fields.String(allow_none=True)
    data = Anything()


class LinePage(Out):
    """A part of a history."""

    items = fields.List(fields.Nested(LineOut))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()


class CountsQuery(In):
    """Of which version; all, if not given."""

    version = WholeText(1, 1_000_000, load_default=None)


class ElementCountOut(Out):
    """How often an element was entered and left, and how many stand there now."""

    element_id = fields.String()
    type = fields.String()
    name = fields.String()
    name_en = fields.String()
    running = fields.Integer()
    incidents = fields.Integer()
    entered = fields.Integer()
    completed = fields.Integer()
    cancelled = fields.Integer()
    failed = fields.Integer()


class VersionCountsOut(Out):
    """The figures of one version."""

    version = fields.Integer()
    live = fields.Integer()
    elements = fields.List(fields.Nested(ElementCountOut))


class CountsOut(Out):
    """The figures of a process, newest version first."""

    key = fields.String()
    versions = fields.List(fields.Nested(VersionCountsOut))
