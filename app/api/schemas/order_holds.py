"""Orders that stand still, as JSON."""

from __future__ import annotations

from marshmallow import fields

from app.api.schemas.fields import Code, In, Instant, Out, Text


class PauseIn(In):
    """Why the customer wants to wait: a code of the closed list, and the evidence; ``until``: when it goes on."""

    reason = Code(required=True)
    evidence = Text(500, least=1, required=True)
    until = Instant(load_default=None, allow_none=True)


class HoldIn(In):
    """Why we cannot go on: a code of the closed list (``never_stop`` of the rules of stops); ``until``: when we can."""

    reason = Code(required=True)
    note = Text(500, load_default="")
    until = Instant(load_default=None, allow_none=True)


class HoldOut(Out):
    """One hold. ``kind``: ``customer`` or ``ours``; ``frozen``: nobody works on the order meanwhile."""

    id = fields.String()
    kind = fields.String()
    reason = fields.String()
    note = fields.String()
    who = fields.String()
    at = Instant()
    until_at = Instant(allow_none=True)
    frozen = fields.Boolean()
    ended_at = Instant(allow_none=True)
    ended_by = fields.String(allow_none=True)


class HoldsOut(Out):
    """The holds of an order, the newest first."""

    items = fields.List(fields.Nested(HoldOut))
