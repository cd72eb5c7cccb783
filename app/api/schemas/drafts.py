"""Drafts of drawings as JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from app.api.schemas.fields import In, Instant, Out, Text, Whole
from app.api.schemas.processes import MODEL_NAME, FindingOut


class DraftOut(Out):
    """A file that is kept and does not run; the counts are those of its check when it was saved."""

    id = fields.String()
    name = fields.String()
    note = fields.String()
    errors = fields.Integer()
    warnings = fields.Integer()
    revision = fields.Integer()
    saved_at = Instant()
    saved_by = fields.String()
    kind = fields.String(metadata={"enum": ["bpmn", "dmn", "form"]})
    key = fields.String(metadata={"description": "of the process, decision or form; empty if the file says none"})
    title = fields.String()
    title_en = fields.String()
    base_version = fields.Integer(allow_none=True, metadata={"description": "the version it was begun from"})
    origin = fields.String()
    folder = fields.String(allow_none=True)
    made_by = fields.String()
    locked_by = fields.String(allow_none=True, metadata={"description": "who wrote in it last and has not let go"})
    locked_at = Instant(allow_none=True)


class DraftList(Out):
    """Every draft, the one saved last first."""

    drafts = fields.List(fields.Nested(DraftOut))


class SavedDraft(DraftOut):
    """A draft that was just saved, with what the check says of it."""

    findings = fields.List(fields.Nested(FindingOut))


class DraftIn(In):
    """A file to keep; it need not be one that could run."""

    name = fields.String(required=True, validate=validate.Regexp(MODEL_NAME))
    text = fields.String(required=True)
    note = Text(500, load_default="")


class DraftChange(In):
    """What a draft becomes; ``revision`` is the one that was read."""

    text = fields.String(required=True)
    revision = Whole(1, required=True)
    note = Text(500, load_default=None, allow_none=True)
