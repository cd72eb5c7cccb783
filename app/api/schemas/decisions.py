"""Decisions and their versions as JSON."""

from __future__ import annotations

from marshmallow import fields

from app.api.schemas.fields import Instant, Out


class DecisionVersionOut(Out):
    """One version of a decision."""

    key = fields.String()
    version = fields.Integer()
    name = fields.String()
    name_en = fields.String()
    content_hash = fields.String()
    deployed_at = Instant()
    deployed_by = fields.String()
    withdrawn_at = Instant(allow_none=True)
    withdrawn_by = fields.String(allow_none=True)
    in_force = fields.Boolean()


class DecisionList(Out):
    """Every decision, in the version in force."""

    decisions = fields.List(fields.Nested(DecisionVersionOut))


class DecisionDetail(Out):
    """One decision with its versions, the one in force first."""

    key = fields.String()
    versions = fields.List(fields.Nested(DecisionVersionOut))
