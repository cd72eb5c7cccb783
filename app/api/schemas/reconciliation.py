"""Comparing the books, as JSON."""

from __future__ import annotations

from typing import Final

from marshmallow import fields, validate

from app.api.schemas.fields import Anything, In, Instant, Out

ADAPTERS: Final = ("resource", "provisioning", "billing", "fault")


class ReconcileIn(In):
    """Which neighbour to compare with; all of them without one."""

    adapter = fields.String(validate=validate.OneOf(ADAPTERS), allow_none=True, load_default=None)


class DifferenceOut(Out):
    """One field on which the books do not agree."""

    id = fields.String()
    adapter = fields.String(allow_none=True)
    order_id = fields.String(allow_none=True)
    product_id = fields.String(allow_none=True)
    field = fields.String()
    asked = Anything(allow_none=True)
    built = Anything(allow_none=True)
    billed = Anything(allow_none=True)
    owner_role = fields.String()
    state = fields.String()
    found_at = Instant()
    area = fields.String()


class ReconcileOut(Out):
    """What was compared and what differs."""

    run_id = fields.String()
    compared = fields.Integer()
    unanswered = Anything(metadata={"description": "neighbours that did not answer, with the reason"})
    differences = fields.List(fields.Nested(DifferenceOut))
