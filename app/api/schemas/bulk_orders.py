"""Bulk orders as JSON."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import fields, post_dump, validate

from app.access import current_language
from app.api.paging import PageQuery
from app.api.schemas.fields import Code, In, Instant, Out, Truth, Whole
from app.domain.sheets import MAX_LINES
from app.domain.sheets.table import MAX_CELL_CHARS
from app.services.bulk.bulk_orders import USUAL_RATE_PER_S

LINE_STATES: Final = ("bad", "ready", "placed", "refused")


class SheetIn(In):
    """A sheet (.xlsx, or .csv in UTF-8 or GBK) as the file of a form, and through which channel it comes."""

    file = fields.Raw(metadata={"type": "string", "format": "binary"})
    channel = Code(load_default="partner_api")


class SubmitIn(In):
    """How the good lines are to be placed."""

    max_failures = Whole(1, MAX_LINES, load_default=None, allow_none=True)
    rate_per_s = fields.Float(load_default=USUAL_RATE_PER_S, validate=validate.Range(0.1, 200))
    again = Truth(load_default=False)


class CellIn(In):
    """One cell, named as in C7; ``was`` is what whoever changes it has seen there."""

    cell = fields.String(required=True, validate=validate.Length(2, 9))
    was = fields.String(required=True, validate=validate.Length(0, MAX_CELL_CHARS))
    now = fields.String(required=True, validate=validate.Length(0, MAX_CELL_CHARS))


class MendIn(In):
    """Cells to be mended; without any, the sheet is only checked again."""

    cells = fields.List(fields.Nested(CellIn), load_default=list, validate=validate.Length(max=MAX_LINES))


class CellProblemOut(Out):
    """What is wrong with a line; ``cell`` as in C7, empty where the whole line is to blame."""

    line = fields.Integer()
    cell = fields.String()
    heading = fields.String()
    value = fields.String()
    code = fields.String()
    message = fields.String()
    message_zh = fields.String(attribute="zh")
    message_en = fields.String(attribute="en")

    @post_dump
    def in_the_callers_language(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        data["message"] = data["message_en" if current_language() == "en" else "message_zh"]
        return data


class BulkLineOut(Out):
    """One line of the sheet. ``state``: ``bad`` (not to be ordered so), ``ready``, ``placed``, or ``refused`` (good
    when it was checked, not any more when it was placed)."""

    line = fields.Integer()
    state = fields.String()
    cells = fields.List(fields.String())
    problems = fields.List(fields.Nested(CellProblemOut))
    order_number = fields.String(allow_none=True)


class BulkLineList(Out):
    """Lines in the order of the sheet."""

    items = fields.List(fields.Nested(BulkLineOut))


class BulkOrderOut(Out):
    """A bulk order. ``state``: ``checked`` (nothing is submitted), else that of its run: ``running``, ``paused``,
    ``stopped``, ``done``."""

    number = fields.String()
    state = fields.String()
    file_name = fields.String()
    channel = fields.String()
    area = fields.String()
    login = fields.String()
    headings = fields.List(fields.String())
    lines = fields.Integer()
    good = fields.Integer()
    bad = fields.Integer()
    waiting = fields.Integer()
    placed = fields.Integer()
    refused = fields.Integer()
    created_at = Instant()
    submitted_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)


class BulkOrderPage(Out):
    """A part of the list of bulk orders."""

    items = fields.List(fields.Nested(BulkOrderOut))
    total = fields.Integer()
    offset = fields.Integer()
    limit = fields.Integer()


class LineQuery(PageQuery):
    """Which lines."""

    state = fields.String(validate=validate.OneOf(LINE_STATES), load_default=None)
