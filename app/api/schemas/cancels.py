"""Cancelling an order: what it would mean, who agreed to it."""

from __future__ import annotations

from marshmallow import fields

from app.api.schemas.amendments import AmendmentWordsOut
from app.api.schemas.fields import In, Instant, Out, Text, Truth


class CancelDecisionIn(In):
    """Whether somebody agrees, and why."""

    agreed = Truth(required=True)
    reason = Text(500, least=1, required=True)


class CancelUndoOut(Out):
    """One effect, and the operation that takes it back; ``""`` where nothing can."""

    seq = fields.Integer()
    process_key = fields.String()
    element_id = fields.String()
    operation = fields.String()
    undo_operation = fields.String()
    name_zh = fields.String()
    name_en = fields.String()


class CancelEndOut(Out):
    """Something that is waited for now and will not be any more."""

    kind = fields.String()
    element_id = fields.String()
    process_key = fields.String()
    what = fields.String()


class CancelAssessmentOut(Out):
    """What cancelling an order would mean now. ``undo``: in the order in which it happens; ``outstanding``: calls whose
    answer is waited for first; ``approver``: the role that has to agree; ``offer``: the order type to place instead."""

    phase = fields.String()
    phase_zh = fields.String()
    phase_en = fields.String()
    refused = fields.Nested(AmendmentWordsOut, allow_none=True)
    offer = fields.String()
    approver = fields.String()
    fee_cny = fields.String()
    notes = fields.List(fields.Nested(AmendmentWordsOut))
    outstanding = fields.List(fields.String())
    undo = fields.List(fields.Nested(CancelUndoOut))
    stays = fields.List(fields.Nested(CancelUndoOut))
    ends = fields.List(fields.Nested(CancelEndOut))
    digest = fields.String()


class CancelRequestOut(Out):
    """A request to cancel. While somebody has to agree it is ``acknowledged`` and ``awaits_approval``."""

    id = fields.String()
    state = fields.String()
    reason = fields.String()
    requested_by = fields.String()
    at = Instant()
    ended_at = Instant(allow_none=True)
    message = fields.String()
    approver = fields.String(allow_none=True)
    awaits_approval = fields.Boolean()
    decided_by = fields.String(allow_none=True)
    fee_cny = fields.String(allow_none=True)
    assessment = fields.Nested(CancelAssessmentOut, allow_none=True)


class CancelRequestsOut(Out):
    """The requests to cancel an order, the newest first."""

    items = fields.List(fields.Nested(CancelRequestOut))
