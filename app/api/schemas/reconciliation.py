"""Comparing the books, as JSON."""

from __future__ import annotations

from typing import Final

from marshmallow import fields, validate

from app.api.schemas.fields import Anything, In, Out

ADAPTERS: Final = ("resource", "provisioning", "billing", "fault")


class ReconcileIn(In):
    """Which neighbour to compare with; all of them without one."""

    adapter = fields.String(validate=validate.OneOf(ADAPTERS), allow_none=True, load_default=None)


class DifferenceOut(Out):
    """One field on which the books do not agree; the values as people read them, "" where there is nothing."""

    adapter = fields.String()
    product_id = fields.String()
    area = fields.String()
    field = fields.String()
    label_zh = fields.String()
    label_en = fields.String()
    asked = fields.String()
    built = fields.String()
    billed = fields.String()
    owner_role = fields.String()


class ReconcileOut(Out):
    """What was compared and what differs."""

    run_id = fields.String()
    compared = fields.Integer()
    unanswered = Anything(metadata={"description": "neighbours that did not answer, with the reason"})
    differences = fields.List(fields.Nested(DifferenceOut))
