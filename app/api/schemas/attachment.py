"""Files of work items as JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from app.api.schemas.fields import In, Instant, Out


class AttachIn(In):
    """A file as a part named ``file`` of a form; ``field`` is the question of the form that it answers."""

    field = fields.String(validate=validate.Length(max=80), load_default="")


class AttachmentOut(Out):
    """One file, without its bytes. ``size`` in bytes; ``width`` and ``height`` in pixels, of images."""

    number = fields.String(required=True)
    name = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer()
    width = fields.Integer(allow_none=True)
    height = fields.Integer(allow_none=True)
    field = fields.String()
    by = fields.String(attribute="login")
    at = Instant()
    removed_at = Instant(allow_none=True)


class AttachmentList(Out):
    """The files of a work item."""

    items = fields.List(fields.Nested(AttachmentOut))
